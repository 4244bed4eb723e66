import { describe, expect, test } from 'vitest';
import { readDocument } from '../../engine/scenario/document.js';
import { kindOf } from '../../engine/scenario/kinds.js';
import { runToEnd } from '../../engine/kernel/run.js';
import { openPool } from '../../engine/sweep/pool.js';
import { runMany, type RunRequest } from '../../engine/sweep/run-many.js';
import { sampleInputs } from '../scenario/sample.js';

/** A small fill with this seed. */
function request(seed: number, more = ''): RunRequest {
  const text = `kind: lsm\nseed: ${seed}\nduration_seconds: 20\nworkload: { num: 1000000, value_size: 1024 }\n${more}lsm: { write_buffer_size: 4194304, compression: none }\n`;
  const document = readDocument(text, 'fill.yaml');
  return { kind: 'lsm', scenario: kindOf(document).resolve(document, sampleInputs) };
}

const alone = (one: RunRequest): unknown => {
  const document = readDocument('kind: lsm\n', 'fill.yaml');
  return runToEnd(kindOf(document).start(one.scenario));
};

describe('runMany', () => {
  const requests = [1, 2, 3, 4, 5].map((seed) => request(seed));

  test('gives the whole results, in the order of the requests: those of one run after the other', async () => {
    const done: number[] = [];
    const outcomes = await runMany(requests, { threads: 2, want: 'result', onDone: (count) => done.push(count) });
    expect(outcomes.map((outcome) => outcome.status === 'done' && outcome.result)).toEqual(requests.map(alone));
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  test('gives metrics by path, without results, unless asked', async () => {
    const [outcome] = await runMany(requests.slice(0, 1));
    expect(outcome).toMatchObject({ status: 'done', result: null, metrics: { simulatedSec: 20 } });
  });

  test('a run that fails is told as such and stops no other', async () => {
    const broken = { ...request(1), scenario: { ...request(1).scenario, stores: [] } } as RunRequest;
    const outcomes = await runMany([broken, request(2)], { threads: 1 });
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'done']);
    expect(outcomes[0]).toHaveProperty('error.message', expect.stringMatching(/./));
  });

  test('stops when asked, long runs too', async () => {
    const interrupt = new AbortController();
    const document = readDocument('kind: lsm\nputs: 4000000000000\nworkload: { num: 1000000 }\n', 'endless.yaml');
    const endless: RunRequest = { kind: 'lsm', scenario: kindOf(document).resolve(document, sampleInputs) };
    setTimeout(() => interrupt.abort(), 300);
    await expect(runMany([endless, endless, endless], { threads: 1, signal: interrupt.signal })).rejects.toThrow('interrupted');
  });

  test('of nothing is nothing', async () => {
    expect(await runMany([])).toEqual([]);
  });
});

test('a pool tells how far a long run is while it is under way', async () => {
  const told: number[] = [];
  const pool = openPool({
    threads: 1,
    onProgress: (task, { nowSec }) => {
      told.push(task, nowSec);
      pool.stop();
    },
  });
  const document = readDocument('kind: lsm\nputs: 4000000000000\nworkload: { num: 1000000 }\n', 'endless.yaml');
  const scenario = kindOf(document).resolve(document, sampleInputs);
  const outcome = await pool.runOfScenario({ task: 42, kind: 'lsm', scenario, want: 'metrics' });
  await pool.close();
  expect(outcome).toMatchObject({ status: 'failed', error: { message: 'interrupted' } });
  expect(told[0]).toBe(42);
  expect(told[1]).toBeGreaterThan(0);
});
