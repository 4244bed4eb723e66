import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { loadFromLog, loadScenario, readPicture } from '../../engine/files/load.js';
import { expectedUnion } from '../../engine/lsm/log-picture.js';
import type { LsmScenario } from '../../engine/lsm/scenario.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedDir } from '../support/shared.js';

/** The last one holds. */
const flagOf = (directory: string, flag: string): number =>
  Number([...readFileSync(`${directory}/command.txt`, 'utf8').matchAll(new RegExp(`--${flag}=(\\d+)`, 'g'))].at(-1)?.[1]);

test('the union of samples is what inclusion and exclusion say', () => {
  expect(expectedUnion([30, 50], 100)).toBeCloseTo(30 + 50 - 15, 10);
  expect(expectedUnion([100, 50], 100)).toBe(100);
});

describe.skipIf(sharedDir === null)('real LOGs', () => {
  const runs = sharedDir === null ? [] : readdirSync(`${sharedDir}/truth`).filter((name) => /^t\d/.test(name));

  it.each(runs)('%s: keys, sizes and puts are those of its command', async (name) => {
    const directory = `${sharedDir!}/truth/${name}`;
    const { picture } = await readPicture(`${directory}/LOG.gz`);
    expect(picture.distribution).toBe('uniform');
    expect(Math.abs(picture.keyCount / flagOf(directory, 'num') - 1)).toBeLessThan(0.02);
    expect([picture.keySizeBytes, picture.valueSizeBytes]).toEqual([16, flagOf(directory, 'value_size')]);
    const mean = picture.rate.reduce((sum, { opsPerSec }) => sum + opsPerSec, 0) / picture.rate.length;
    expect(mean * picture.spanSec).toBeCloseTo(picture.puts, -3);
  });

  it('the tree at the end holds what the last table and the events say, in bytes of its files', async () => {
    const directory = `${sharedDir!}/truth/t08-r64-open10`;
    const { picture } = await readPicture(`${directory}/LOG.gz`);
    const [files, bytes] = readFileSync(`${directory}/sst.txt`, 'utf8').trim().split(/\s+/).map(Number);
    expect(files).toBeGreaterThan(10);
    expect(Math.abs(picture.levels.reduce((sum, level) => sum + level.bytes, 0) / bytes! - 1)).toBeLessThan(0.05);
  });
});

describe('a scenario that goes on where a LOG ends', () => {
  const log = 'test/fixtures/truth/limited/LOG';
  const asLsm = (scenario: { readonly kind: string }): LsmScenario => scenario as LsmScenario;

  it('has its options, tree and load', async () => {
    const { loaded, notes } = await loadFromLog(log, null);
    const scenario = asLsm(loaded.scenario);
    const { options, initial } = scenario.stores[0]!.families[0]!;
    expect(notes.some((note) => note.includes('rate limiter'))).toBe(true);
    expect(options.write_buffer_size).toBe(flagOf('test/fixtures/truth/limited', 'write_buffer_size'));
    expect(initial.from).toBe('levels');
    expect(loaded.inputs.map(({ name }) => name)).toContain('LOG');
    const [step] = scenario.steps;
    expect(step).toMatchObject({ kind: 'write', benchmark: 'overwrite', fresh: false, workload: { arrival: { kind: 'open' } } });
    expect(simulateLsm({ ...scenario, steps: scenario.steps }).putRate.meanOpsPerSec).toBeGreaterThan(0);
  });

  it('a factor multiplies the load; what a scenario says holds over the LOG', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'putmodel-log-'));
    const file = join(directory, 'over.yaml');
    writeFileSync(file, 'kind: lsm\nduration_seconds: 5\nworkload: {rateFactor: 2}\nlsm: {max_background_jobs: 7}\n');
    const pointsOf = (scenario: LsmScenario) => {
      const [step] = scenario.steps;
      const arrival = step?.kind === 'write' ? step.workload.arrival : null;
      return arrival?.kind === 'open' && arrival.profile.shape === 'piecewise' ? arrival.profile.points : [];
    };
    const plain = asLsm((await loadFromLog(log, null)).loaded.scenario);
    const doubled = asLsm((await loadFromLog(log, file)).loaded.scenario);
    expect(doubled.stores[0]!.options.max_background_jobs).toBe(7);
    expect(doubled.stores[0]!.options.write_buffer_size).toBe(plain.stores[0]!.options.write_buffer_size);
    expect(pointsOf(doubled).map(({ opsPerSec }) => opsPerSec)).toEqual(pointsOf(plain).map(({ opsPerSec }) => 2 * opsPerSec));
  });

  it('initial: {from_log} takes the tree alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'putmodel-log-'));
    const file = join(directory, 'tree.yaml');
    writeFileSync(file, `kind: lsm\nputs: 1000\ninitial: {from_log: ${join(process.cwd(), log)}}\n`);
    const { initial, options } = asLsm(loadScenario(file).scenario).stores[0]!.families[0]!;
    expect(initial.from === 'levels' && initial.levels.length > 0).toBe(true);
    expect(options.write_buffer_size).toBe(67_108_864);
  });
});
