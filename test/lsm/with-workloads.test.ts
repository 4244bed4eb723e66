/** Loads of a resolved scenario, changed: of one family, of several, and of databases with loads of their own. */
import { describe, expect, test } from 'vitest';
import type { LsmScenario } from '../../engine/lsm/scenario.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import { withClosedLoop, withRate, withWorkloads, workloadsOf } from '../../engine/lsm/with-workloads.js';
import { readDocument } from '../../engine/scenario/document.js';
import { resolveLsm } from '../../engine/scenario/lsm-kind.js';
import { sampleMachine } from '../scenario/sample.js';

const small =
  'kind: lsm\nduration_seconds: 5\nworkload: {num: 100000, value_size: 1000}\nlsm: {write_buffer_size: 1048576, compression: none}\n';
const resolve = (text: string): LsmScenario => resolveLsm(readDocument(`${small}${text}`, 'a.yaml'), sampleMachine);
const cases = {
  'one family': resolve(''),
  'two families': resolve('families: [{name: hot, share: 3}, {name: cold}]'),
  'two databases that share a load': resolve('databases: [{name: a}, {name: b}]'),
  'a database with its own load': resolve('databases: [{name: steady, workload: {rate: 500}}, {name: bulk}]'),
};

describe.each(Object.entries(cases))('%s', (_, scenario) => {
  const result = simulateLsm(scenario);

  test('puts at the rate that is set', () => {
    const slow = simulateLsm(withRate(scenario, 1000, result));
    expect(slow.benchmarks[0]?.puts).toBeGreaterThan(4990);
    expect(slow.benchmarks[0]?.puts).toBeLessThan(5010);
  });

  test('puts as fast as it can in a closed loop, and for as long as is said', () => {
    const loop = withClosedLoop(withRate(scenario, 1000, result));
    expect(workloadsOf(loop).every(({ arrival }) => arrival.kind === 'closed')).toBe(true);
    const short = simulateLsm(withWorkloads(loop, (workload) => ({ ...workload, durationSec: 2 })));
    // A batch that is held when the time is over still returns.
    expect(short.benchmarks[0]?.seconds).toBeGreaterThan(1.99);
    expect(short.benchmarks[0]?.seconds).toBeLessThan(2.5);
    expect(short.putRate.meanOpsPerSec).toBeGreaterThan(5000);
  });
});

test('loads share a rate as they shared the puts', () => {
  const scenario = cases['a database with its own load'];
  const rates = workloadsOf(withRate(scenario, 1000, simulateLsm(scenario))).map(({ arrival }) =>
    arrival.kind === 'open' && arrival.profile.shape === 'constant' ? arrival.profile.opsPerSec : NaN,
  );
  expect(rates).toHaveLength(2);
  expect(rates[0]! + rates[1]!).toBeCloseTo(1000, 9);
  expect(Math.min(...rates)).toBeLessThan(0.2 * Math.max(...rates));
});
