/** What a run writes is read back: the same document comes out of the result that its files hold. */
import { describe, expect, it } from 'vitest';
import { loadReplay } from '../../engine/files/recordings.js';
import { loadScenario } from '../../engine/files/load.js';
import { runToEnd } from '../../engine/kernel/run.js';
import type { Kind, Result, Scenario } from '../../engine/scenario/kind.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { notValidated } from '../../engine/scenario/result.js';

function readBack(kind: Kind, scenario: Scenario): { readonly before: Result; readonly after: Result } {
  const before = runToEnd(kind.start(scenario));
  const files = kind.files(scenario, before);
  const document = JSON.parse(encodeJson(kind.encode(before, notValidated))) as ReturnType<Kind['encode']>;
  const after = kind.decode(document, (name) => files[name] ?? `no file ${name}`);
  return { before, after };
}

const shipped = (name: string): string => new URL(`../../scenarios/${name}.yaml`, import.meta.url).pathname;

/** The document, without the figures that are known to a histogram's slot only and those that have no file. */
function comparable(kind: Kind, result: Result): unknown {
  const inexact = new Set(['max', 'mean', 'retryFailedMillis']);
  return JSON.parse(encodeJson(kind.encode(result, notValidated)), (key, value: unknown) => (inexact.has(key) ? undefined : value));
}

describe('a stored run', () => {
  it.each([
    ['baseline', ['workload.num_writers=4', 'duration_seconds=60']],
    ['cas-contention', ['clients=4', 'duration_seconds=60']],
    ['backlog-nvme', []],
    ['small-memtable-stalls', ['duration_seconds=5']],
  ])('of %s is the run that was written', (name, set) => {
    const { kind, scenario } = loadScenario(shipped(name), { set });
    const { before, after } = readBack(kind, scenario);
    expect(comparable(kind, after)).toEqual(comparable(kind, before));
  });

  it('of a replay, too', async () => {
    const recording = (name: string): string => new URL(`../fixtures/replay/${name}`, import.meta.url).pathname;
    const files = ['mix50-split-qd8.iolog.gz', 'mix50-split-qd8_clat.1.log.gz'].map(recording);
    const { kind, scenario } = await loadReplay({ files, device: recording('envelope_model.json'), timing: 'fast', iodepth: 8, seed: 1 });
    const { before, after } = readBack(kind, scenario);
    expect(comparable(kind, after)).toEqual(comparable(kind, before));
  });
});
