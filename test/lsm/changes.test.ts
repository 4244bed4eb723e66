/** What changes while a store runs. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../engine/files/load.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import type { Change } from '../../engine/lsm/scenario.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { MiB, optionsOf, scenarioOf, smallStore, writeStep } from './build.js';

const limited: Partial<LsmOptions> = { ...smallStore, rate_limiter_bytes_per_sec: 20 * MiB };
const none = { options: null, compactionsPaused: null, deviceFraction: null };
const twenty = [writeStep({ puts: null, durationSec: 20 })];

function run(changes: readonly Change[], said: Partial<LsmOptions> = limited): LsmResult {
  return simulateLsm(scenarioOf(said, twenty, { changes }));
}

const meanOver = (result: LsmResult, from: number, to: number): number => {
  const rates = Array.from(result.series.opsPerSec).slice(from, to);
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
};

describe('changes', () => {
  it('that change nothing leave every figure as it is', () => {
    const same: Change[] = [{ atSec: 5, options: null, compactionsPaused: false, deviceFraction: 1 }];
    const { events: before, ...plain } = run([]);
    const { events, ...changed } = run(same);
    expect(changed).toEqual(plain);
    expect(events).toBe(before + 1);
  });

  it('a limit raised from a second on raises the rate from there on, and not before', () => {
    const doubled = optionsOf({ ...limited, rate_limiter_bytes_per_sec: 40 * MiB });
    const plain = run([]);
    const changed = run([{ ...none, atSec: 10, options: doubled }]);
    expect(Array.from(changed.series.opsPerSec).slice(0, 9)).toEqual(Array.from(plain.series.opsPerSec).slice(0, 9));
    expect(meanOver(changed, 12, 20)).toBeGreaterThan(1.4 * meanOver(plain, 12, 20));
  });

  it('a pause of compactions lets level 0 grow, and its end brings it down', () => {
    const roomy = { ...limited, level0_slowdown_writes_trigger: 200, level0_stop_writes_trigger: 300 };
    const open = [writeStep({ puts: null, durationSec: 20, arrival: { kind: 'open', profile: { shape: 'constant', opsPerSec: 4000 } } })];
    const paused: Change[] = [
      { ...none, atSec: 4, compactionsPaused: true },
      { ...none, atSec: 12, compactionsPaused: false },
    ];
    const { l0Files } = simulateLsm(scenarioOf(roomy, open, { changes: paused })).series;
    expect(l0Files[11]!).toBeGreaterThan(20 + l0Files[3]!);
    expect(l0Files[19]!).toBeLessThan(l0Files[11]! / 2);
  });

  it('a paused store whose writers are stopped goes on when the pause ends', () => {
    const result = run([
      { ...none, atSec: 1, compactionsPaused: true },
      { ...none, atSec: 15, compactionsPaused: false },
    ]);
    expect(meanOver(result, 16, 20)).toBeGreaterThan(5 * meanOver(result, 10, 14));
  });

  it('less of the device is less for a store that the device holds back', () => {
    const slow = { kind: 'constant', name: 'slow', source: 'made up', readBytesPerSec: 60 * MiB, writeBytesPerSec: 60 * MiB } as const;
    const at = (changes: readonly Change[]) => simulateLsm(scenarioOf(smallStore, twenty, { device: slow, changes }));
    const halved = at([{ ...none, atSec: 10, deviceFraction: 0.5 }]);
    const ratio = meanOver(halved, 11, 20) / meanOver(at([]), 11, 20);
    expect(ratio).toBeGreaterThan(0.35);
    expect(ratio).toBeLessThan(0.7);
  });

  it('more memory and slots are taken up', () => {
    const more = optionsOf({ ...smallStore, write_buffer_size: 4 * MiB, max_background_jobs: 8 });
    const changed = simulateLsm(scenarioOf(smallStore, twenty, { changes: [{ ...none, atSec: 5, options: more }] }));
    const plain = simulateLsm(scenarioOf(smallStore, twenty));
    expect(changed.levels[0]!.compactions / changed.putRate.meanOpsPerSec).toBeLessThan(
      plain.levels[0]!.compactions / plain.putRate.meanOpsPerSec,
    );
  });
});

describe('in a document', () => {
  const load = (changes: string) => {
    const file = join(mkdtempSync(join(tmpdir(), 'putmodel-changes-')), 'a.yaml');
    writeFileSync(file, `kind: lsm\nduration_seconds: 5\nlsm: {rate_limiter_bytes_per_sec: 1000000}\nchanges:\n${changes}\n`);
    return loadScenario(file).scenario as unknown as { readonly changes: readonly Change[] };
  };

  it('each change keeps those before it', () => {
    const { changes } = load(
      '  - {atSec: 1, set: {max_background_jobs: 6}}\n  - {atSec: 2, set: {rate_limiter_bytes_per_sec: 2000000}}\n  - {atSec: 3, deviceFraction: 0.5}',
    );
    expect(changes.map(({ options }) => options?.max_background_jobs)).toEqual([6, 6, undefined]);
    expect(changes[1]!.options!.rate_limiter_bytes_per_sec).toBe(2_000_000);
  });

  it.each([
    ['  - {atSec: 1, set: {num_levels: 3}}', /5:\d+: changes\.0\.set\.num_levels: this option needs a reopen/],
    ['  - {atSec: 1, set: {rate_limiter_bytes_per_sec: 0}}', /cannot be added or removed/],
    ['  - {atSec: 1, set: {max_background_job: 3}}', /max_background_jobs\?/],
    ['  - {atSec: 2}\n  - {atSec: 1}', /ascend/],
    ['  - {atSec: 2, deviceFraction: 0}', /deviceFraction/],
  ])('%s is refused with its place', (changes, message) => expect(() => load(changes)).toThrow(message));
});
