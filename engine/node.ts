/** Entry `putmodel/node`: scenarios from files, db_bench commands, result directories. */
export { loadDbBench, loadScenario, type LoadedScenario, type LoadOptions } from './files/load.js';
export { summarize, writeResultDirectory, type FinishedRun, type RunCircumstances } from './files/result-directory.js';
export { runScenario, runScenarioFile, simulateDbBench } from './validation/run.js';
