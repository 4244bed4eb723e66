/** The workload documents' configurations as scenarios, for the benches of kind commit: the two sweeps and the chaos lists. */
import { fileURLToPath } from 'node:url';
import type { CommitScenario } from '../engine/commit/scenario.js';
import { loadScenario } from '../engine/files/load.js';

/** A shipped scenario with settings, each `path=value`. */
export function commitScenarioOf(name: string, set: readonly string[] = [], seed?: number): CommitScenario {
  const path = fileURLToPath(new URL(`../scenarios/${name}.yaml`, import.meta.url));
  return loadScenario(path, { set, seed }).scenario as CommitScenario;
}

/** The first document's 60 configurations: readers x reader rate x writer rate, one writer, one compactor. */
export function sweep60(): CommitScenario[] {
  return [1, 2, 3, 4, 5].flatMap((readers) =>
    [100, 200, 300].flatMap((readerRate) =>
      [0.02, 0.04, 0.06, 0.08].map((writerRate) =>
        commitScenarioOf('baseline', [
          `workload.num_readers=${readers}`,
          `workload.reader_rate=${readerRate}`,
          `workload.writer_rate=${writerRate}`,
        ]),
      ),
    ),
  );
}

/** The revision's 15 configurations: writers x writer rate, two readers, 60 s. */
export function sweep15(): CommitScenario[] {
  return [1, 2, 3].flatMap((writers) =>
    [0.02, 0.05, 0.1, 0.15, 0.2].map((writerRate) =>
      commitScenarioOf('baseline-latency', [
        `workload.num_writers=${writers}`,
        `workload.writer_rate=${writerRate}`,
        'duration_seconds=60',
      ]),
    ),
  );
}

const blocks = 'chaos.networkBlocks={count: 3, lengthSec: 10, gapSec: [30, 90]}';
const cpu = 'chaos.cpu={dropTickFraction: 0.3, stretchFactor: 1.2}';

/** The first seven are chaos-7, all are chaos-9; settings on 300 s of a baseline. Loss and throttle are stated inputs. */
export const chaosSettings: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'latency 100 ms': ['chaos.latencyMillis=100'],
  'latency 200 ms': ['chaos.latencyMillis=200'],
  'latency 500 ms': ['chaos.latencyMillis=500'],
  'network blocked 3 x 10 s': [blocks],
  'CPU 4 x 80 %': [cpu],
  '200 ms + CPU': ['chaos.latencyMillis=200', cpu],
  'packet loss 1 %': ['store.lossFraction=0.01', 'store.timeoutMillis=3000'],
  throttling: ['store.slowDown={readsPerSec: 380, writesPerSec: 2, burstSec: 1}'],
};
