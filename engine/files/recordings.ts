/** Recordings from disk, streamed: of files of any size only the requests and the latency histograms stay in memory. */
import { basename } from 'node:path';
import type { LoadedScenario } from './load.js';
import { loadMachine } from './machine.js';
import { streamText } from './read.js';
import { invariant } from '../kernel/errors.js';
import { replayScenarioOf } from '../replay/from-recording.js';
import { createRecordingReader } from '../replay/recording.js';
import type { ReplayResult } from '../replay/result.js';
import type { ReplayScenario, ReplayTiming } from '../replay/scenario.js';
import { deepFreeze } from '../scenario/freeze.js';
import type { InputFile } from '../scenario/kind.js';
import { replayKind } from '../scenario/replay-kind.js';

/** What the command line says. */
export interface ReplayOrder {
  readonly files: readonly string[];
  readonly device: string | undefined;
  readonly timing: ReplayTiming | undefined;
  readonly iodepth: number | undefined;
  readonly seed: number | undefined;
}

/** A replay ready to run. @throws PutmodelError with what is wrong with a file, bad lines by number */
export async function loadReplay(order: ReplayOrder): Promise<LoadedScenario<ReplayScenario, ReplayResult>> {
  const named = order.device === undefined ? null : { name: order.device, directory: '.' };
  const { machine, inputs: machineInputs } = loadMachine(replayKind.machine, { device: named, host: null });
  const { device } = machine;
  invariant(device !== null, 'a replay needs a device');
  const reader = createRecordingReader();
  const inputs: InputFile[] = [];
  for (const path of order.files) {
    reader.begin(path);
    const sha256 = await streamText(path, (text) => {
      reader.push(text);
    });
    reader.end();
    inputs.push({ name: basename(path), sha256 });
  }
  const scenario = replayScenarioOf(reader.finish(), {
    name: nameOf(order.files[0] ?? 'replay'),
    seed: order.seed,
    timing: order.timing,
    iodepth: order.iodepth,
    device: device.model,
    deviceNamed: device.named,
    deviceWarnings: device.warnings,
  });
  return { kind: replayKind, scenario: deepFreeze(scenario), inputs: [...inputs, ...machineInputs], modulePath: null };
}

/** `logs/job.iolog.gz` is called `job`. */
function nameOf(path: string): string {
  const stem = basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.(?:iolog|log|txt)$/, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return /^[A-Za-z0-9]/.test(stem) ? stem.slice(0, 100) : 'replay';
}
