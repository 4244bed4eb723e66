/**
 * What does an event of an object-store run cost, and how does that grow with the requests in flight? The bars: 200 ns (5 million a second)
 * and, with 20,000 in flight, at most twice the time with 200. Checks and histograms are part of every run.
 */
import { commitScenarioOf } from './commit-scenarios.js';
import { measure, runAsProgram, type Report, type Size, type Subject } from './measure.js';
import type { CommitScenario } from '../engine/commit/scenario.js';
import { simulateCommit } from '../engine/commit/simulate.js';

export function benchCommit(size: Size): Report {
  const seconds = (full: number): string => `duration_seconds=${String(size === 'full' ? full : 2)}`;
  const readers = (count: number, rate: number, sec: number): CommitScenario =>
    commitScenarioOf('baseline', [
      `workload.num_readers=${String(count)}`,
      `workload.reader_rate=${String(rate)}`,
      seconds(sec),
      'limit=false',
    ]);
  return measure('commit', size, [
    subject('200 in flight', readers(2, 100, 600)),
    subject('2,000 in flight', readers(20, 100, 60)),
    subject('20,000 in flight', readers(100, 200, 12)),
    subject('16 clients that swap one object', commitScenarioOf('cas-contention', ['clients=16', seconds(1200)])),
  ]);
}

/** Operations are events; their number is that of a first run. */
function subject(name: string, scenario: CommitScenario): Subject {
  return {
    ...{ group: 'an event', name },
    operations: simulateCommit(scenario).events,
    run: () => simulateCommit(scenario).transactionCount,
  };
}

runAsProgram(import.meta.url, benchCommit);
