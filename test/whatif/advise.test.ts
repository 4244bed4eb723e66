import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scaleDevice } from '../../engine/device/scale.js';
import { loadScenario } from '../../engine/files/load.js';
import type { LsmScenario } from '../../engine/lsm/scenario.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import { optionsOf, withOptions } from '../../engine/lsm/with-options.js';
import { adviceDocument, renderAdvice } from '../../engine/report/advise.js';
import { plainStyle } from '../../engine/report/terminal-text.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { parseRequirement } from '../../engine/scenario/requirement.js';
import { advise, type AdviceQuestion } from '../../engine/whatif/advise.js';
import { deviceScale, findBoundary, loadScale, neverHeld } from '../../engine/whatif/bisect.js';
import { compareScores, goalOf } from '../../engine/whatif/objective.js';
import { sampleHost } from '../scenario/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-advise-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const MIB = 1_048_576;
const host = join(directory, 'host.json');
writeFileSync(host, JSON.stringify({ schema: 'putmodel/host/1', ...sampleHost }));
const path = join(directory, 'limited.yaml');
writeFileSync(
  path,
  'kind: lsm\nputs: 300000\nworkload: {num: 300000, value_size: 1024}\n' +
    'lsm: {write_buffer_size: 2097152, max_bytes_for_level_base: 8388608, target_file_size_base: 2097152, compression: none, rate_limiter_bytes_per_sec: 33554432}\n',
);

function load(...set: string[]): LsmScenario {
  return loadScenario(path, { set, host, device: 'read=500MiB/s,write=200MiB/s' }).scenario as LsmScenario;
}

function question(changes: Partial<AdviceQuestion> = {}): AdviceQuestion {
  const limits = { keep: new Set(['rate_limiter_bytes_per_sec', 'compaction_style']), memtableBytesMax: 32 * MIB, eventsMax: 30_000 };
  return { scenario: load(), goal: undefined, requirements: [], limits, ...changes };
}

describe('advice', () => {
  test('is better with every seed, keeps to its limits, says nothing that the run does not hold, and is the same each time', async () => {
    const asked = question({ requirements: [parseRequirement('spaceAmplification<=1.5')] });
    const advice = await advise(asked);
    const { base, best, certainty, options } = advice;
    expect(best.score.violation).toBe(0);
    expect(certainty.best.seeds.min ?? 0).toBeGreaterThan(certainty.base.seeds.max ?? Infinity);
    expect(options.write_buffer_size * options.max_write_buffer_number).toBeLessThanOrEqual(32 * MIB);
    expect(options.compaction_style).toBe('level');
    expect(options.rate_limiter_bytes_per_sec).toBe(33_554_432);
    // The scenario as it was given meets the requirement with the advice as well: space is largest before the tree has settled.
    const given = simulateLsm(withOptions(asked.scenario, best.changes));
    expect(given.spaceAmplification).toBeLessThanOrEqual(1.5);
    expect(advice.required).toMatchObject([{ value: best.result.spaceAmplification, valueAsGiven: best.asGiven?.spaceAmplification }]);
    const again = simulateLsm({ ...withOptions(advice.scenario, best.changes), seed: advice.scenario.seed });
    expect(again.benchmarks[0]?.puts).toBe(base.result.benchmarks[0]?.puts);
    const text = renderAdvice(advice, plainStyle);
    for (const part of ['settledPutRate', 'To paste', 'db_bench --', 'How sure', 'All that decides']) expect(text).toContain(part);
    expect(encodeJson(adviceDocument(await advise(asked)))).toBe(encodeJson(adviceDocument(advice)));
  }, 60_000);

  test('an unreachable requirement is told by its violation', async () => {
    const { best } = await advise(
      question({ requirements: [parseRequirement('writeAmplification<=1')], limits: { ...question().limits, eventsMax: 1 } }),
    );
    expect(best.score.violation).toBeGreaterThan(0);
  }, 30_000);

  test('a requirement that names no figure is refused', async () => {
    await expect(advise(question({ requirements: [parseRequirement('nosuch<=1')] }))).rejects.toThrow('names no figure');
  });
});

describe('a goal', () => {
  test('goes by the load when nobody says', () => {
    expect(goalOf(undefined, load()).name).toBe('settledPutRate');
    expect(goalOf(undefined, load('workload.rate=100', 'duration_seconds=10')).name).toBe('heldSec');
  });

  test('has a direction: its own, or the one that is given', () => {
    expect(goalOf('writeAmplification', load()).better).toBe('less');
    expect(goalOf('less:simulatedSec', load()).better).toBe('less');
    expect(() => goalOf('simulatedSec', load())).toThrow('is more or less simulatedSec better?');
    expect(() => goalOf('putRate.mean', load())).toThrow('no such goal');
  });

  test('requirements come before it', () => {
    const goal = goalOf('settledPutRate', load());
    const [broken, slow, fast] = [
      { violation: 0.1, value: 9 },
      { violation: 0, value: 1 },
      { violation: 0, value: 2 },
    ];
    expect([broken, slow, fast].sort((a, b) => compareScores(goal, a, b))).toEqual([fast, slow, broken]);
  });
});

describe('reverse questions', () => {
  test('how much load: the requirements hold below the boundary and break above it', async () => {
    const scenario = load('duration_seconds=30');
    const { holds, breaks } = await findBoundary(loadScale(scenario, simulateLsm(scenario)), neverHeld, 0.02);
    expect(holds.at).toBeLessThan(breaks.at);
    expect(breaks.at - holds.at).toBeLessThanOrEqual(0.02 * breaks.at);
    expect(holds.result.stall.stoppedSec + holds.result.stall.delayedSec).toBe(0);
    expect(breaks.result.stall.stoppedSec + breaks.result.stall.delayedSec).toBeGreaterThan(0);
  }, 30_000);

  test('how fast a device: the boundary is where it breaks below and holds above', async () => {
    const scenario = withOptions(load('workload.rate=15000', 'duration_seconds=20'), {
      rate_limiter_bytes_per_sec: 0,
      write_buffer_size: 16 * MIB,
    });
    const { holds, breaks } = await findBoundary(deviceScale(scenario), neverHeld, 0.05);
    expect(holds.at).toBeGreaterThan(breaks.at);
  }, 30_000);

  test('when nothing along the scale helps, that is said', async () => {
    const never = [parseRequirement('writeAmplification<=0.5')];
    await expect(findBoundary(deviceScale(load('duration_seconds=5')), never, 0.05)).rejects.toThrow('no boundary');
  }, 30_000);
});

describe('a scenario with other options', () => {
  test('what RocksDB derives follows the change, what was said stays', () => {
    const scenario = load();
    expect(optionsOf(scenario).max_compaction_bytes).toBe(25 * 2 * MIB);
    expect(optionsOf(withOptions(scenario, { target_file_size_base: 4 * MIB })).max_compaction_bytes).toBe(25 * 4 * MIB);
    const said = load('lsm.max_compaction_bytes=1000000000');
    expect(optionsOf(withOptions(said, { target_file_size_base: 4 * MIB })).max_compaction_bytes).toBe(1_000_000_000);
    expect(withOptions(scenario, {})).toEqual(scenario);
  });

  test('what RocksDB refuses is refused', () => {
    expect(() => withOptions(load(), { num_levels: 0 })).toThrow('num_levels');
  });
});

test('a device twice as fast has twice the bandwidths; once is the same', () => {
  const { device } = load();
  expect(scaleDevice(device, 2)).toMatchObject({ readBytesPerSec: 1000 * MIB, writeBytesPerSec: 400 * MIB });
  expect(scaleDevice(device, 1)).toEqual(device);
});
