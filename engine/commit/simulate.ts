/** A run against the object store: the event loop, and the questions that take runs of their own. */
import { runToEnd, type Run } from '../kernel/run.js';
import { findCommitLimit } from './limit.js';
import { startLoop, type LoopOptions } from './loop.js';
import type { CommitResult } from './result.js';
import type { CommitScenario } from './scenario.js';

/** The whole run at once. */
export function simulateCommit(scenario: CommitScenario, options: LoopOptions = {}): CommitResult {
  return runToEnd(startCommit(scenario, options));
}

/** A run in slices; one event is one tick, decision, answer or end of a wait. */
export function startCommit(scenario: CommitScenario, options: LoopOptions = {}): Run<CommitResult> {
  const run = startLoop(scenario, options);
  const { limit } = scenario;
  return {
    ...run,
    finish: () => ({ ...run.finish(), limit: limit === null ? null : findCommitLimit(scenario, limit) }),
  };
}
