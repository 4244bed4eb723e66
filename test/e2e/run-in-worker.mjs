/** A worker thread that runs a scenario file as `workerData` says and posts 'done' (determinism.test.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { runScenarioFile } from '../../dist/node.js';

runScenarioFile(workerData.path, workerData.options);
parentPort.postMessage('done');
