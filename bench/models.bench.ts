/**
 * What do the models cost: a simulated minute of an LSM and one of its compactions, a replayed request, a line of a fio log and of a trace?
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { loadScenario } from '../engine/files/load.js';
import { createBlkparseReader } from '../engine/fio/blkparse.js';
import { createIologReader } from '../engine/fio/iolog.js';
import { createFioLogReader } from '../engine/fio/log.js';
import type { LsmResult } from '../engine/lsm/result.js';
import { runToEnd } from '../engine/kernel/run.js';
import { createRecordingReader } from '../engine/replay/recording.js';
import { replayScenarioOf } from '../engine/replay/from-recording.js';
import { simulateReplay } from '../engine/replay/simulate.js';
import { parseDeviceArgument } from '../engine/files/presets.js';
import { measure, runAsProgram, type Report, type Size, type Subject } from './measure.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export function benchModels(size: Size): Report {
  const subjects = [...lsmRuns(size), replay(), ...readers(size)];
  return measure('models', size, subjects);
}

/** Simulated minutes and compactions of one run each; the operations are counted in a first run. */
function lsmRuns(size: Size): Subject[] {
  const seconds = size === 'full' ? 600 : 5;
  return ['fillrandom-nvme', 'rate-limited'].flatMap((name) => {
    const { kind, scenario } = loadScenario(at(`../scenarios/${name}.yaml`), { set: [`duration_seconds=${String(seconds)}`] });
    const run = (): LsmResult => runToEnd(kind.start(scenario)) as LsmResult;
    const compactions = Math.max(
      1,
      run().levels.reduce((sum, { compactions }) => sum + compactions, 0),
    );
    return [
      { name: `lsm ${name}, a simulated minute`, operations: seconds / 60, run: () => run().putRate.meanOpsPerSec },
      { name: `lsm ${name}, a compaction or flush`, operations: compactions, run: () => run().events },
    ];
  });
}

const fixture = (name: string): string => gunzipSync(readFileSync(at(`../test/fixtures/replay/${name}`))).toString();

function replay(): Subject {
  const reader = createRecordingReader();
  reader.begin('mix50-split-qd8.iolog');
  reader.push(fixture('mix50-split-qd8.iolog.gz'));
  reader.end();
  const device = parseDeviceArgument(at('../test/fixtures/replay/envelope_model.json')).model;
  const scenario = replayScenarioOf(reader.finish(), {
    ...{ name: 'bench', seed: 1, timing: 'fast', iodepth: 8, device, deviceNamed: true, deviceWarnings: [] },
  });
  return {
    name: 'replay, a request of 3,000, setting up included',
    operations: scenario.requests.requestCount,
    run: () => simulateReplay(scenario).simulatedSec,
  };
}

/** Nanoseconds a byte: 10 is 100 MB/s. */
function readers(size: Size): Subject[] {
  const copies = size === 'full' ? 5 : 1;
  const [header = '', ...trace] = fixture('mix50-split-qd8.iolog.gz').split('\n');
  const texts = {
    'fio log': fixture('mix50-split-qd8_clat.1.log.gz').repeat(copies),
    iolog: `${header}\n${`${trace.join('\n')}\n`.repeat(copies)}`,
    blkparse: `${readFileSync(at('../test/fixtures/replay/blkparse.txt'), 'utf8').split('\n').slice(0, 14).join('\n')}\n`.repeat(
      100 * copies,
    ),
  };
  const pieces = (text: string): string[] => text.match(/[^]{1,65536}/g) ?? [];
  const subject = (name: keyof typeof texts, read: (push: readonly string[]) => number): Subject => {
    const parts = pieces(texts[name]);
    return { name: `read ${name}, a byte`, operations: texts[name].length, run: () => read(parts) };
  };
  return [
    subject('fio log', (parts) => {
      let sum = 0;
      const reader = createFioLogReader((row) => (sum += row.value));
      for (const part of parts) reader.push(part);
      return sum + reader.end().rowCount;
    }),
    subject('iolog', (parts) => {
      let sum = 0;
      const reader = createIologReader((row) => (sum += row.lengthBytes));
      for (const part of parts) reader.push(part);
      return sum + reader.end().rowCount;
    }),
    subject('blkparse', (parts) => {
      let sum = 0;
      const reader = createBlkparseReader((event) => (sum += event.lengthBytes));
      for (const part of parts) reader.push(part);
      return sum + reader.end().eventCount;
    }),
  ];
}

runAsProgram(import.meta.url, benchModels);
