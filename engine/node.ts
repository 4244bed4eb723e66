/** Entry `putmodel/node`: scenarios from files, db_bench commands, result directories. */
export { loadDbBench, loadScenario, type LoadedScenario, type LoadOptions } from './files/load.js';
export { summarize, writeResultDirectory, type FinishedRun, type RunCircumstances } from './files/result-directory.js';
export { runScenario, runScenarioFile, simulateDbBench } from './validation/run.js';
export { loadSweep, type LoadedSweep } from './sweep/load.js';
export { mergeSweeps } from './sweep/merge.js';
export { runMany, type RunManyOptions, type RunOutcome, type RunRequest } from './sweep/run-many.js';
export { runSweep, type RunSweepOptions, type SweepOutcome, type SweepProgress } from './sweep/run-sweep.js';
