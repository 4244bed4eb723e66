import { describe, expect, it } from 'vitest';
import { commitScenarioFromDocument } from '../../engine/commit/from-document.js';
import { simulateCommit } from '../../engine/commit/simulate.js';
import type { CommitResult } from '../../engine/commit/result.js';
import { commitSentences } from '../../engine/report/commit-words.js';

type Workload = NonNullable<Parameters<typeof commitScenarioFromDocument>[0]['workload']>;
const run = (workload: Workload): CommitResult =>
  simulateCommit(commitScenarioFromDocument({ kind: 'commit', duration_seconds: 120, workload }, null, 'test'));
const crowded = run({ num_writers: 6, num_compactors: 1, num_readers: 1, reader_rate: 5 });

describe('the answer in words, of an object store', () => {
  it('says successes, conflicts, reads, compactions, checks and the bill, in this order', () => {
    const [writes = '', conflicts = '', reads = '', compactions = '', ...rest] = commitSentences(crowded);
    const { writer, compactor } = crowded.roles;
    expect(writes).toContain(`${(((writer?.succeededCount ?? 0) / (writer?.operations ?? 1)) * 100).toFixed(1)} % of writes succeed`);
    expect(conflicts).toMatch(/^Another commit came first in \d+\.\d % of writers'/);
    expect(reads).toMatch(/^All reads succeed, \d\.\d\d a second: half within/);
    expect(compactions).toContain(`${String(compactor?.succeededCount)} of ${String(compactor?.operations)} compactions succeed`);
    expect(rest.slice(-2)).toEqual([
      'All 12 checks hold.',
      `Requests cost $${crowded.bill.dollarsPerMonth.toFixed(2)} a month at this rate.`,
    ]);
  });

  it('of one writer says that nobody was in its way', () => {
    const sentences = commitSentences(run({ num_writers: 1 }));
    expect(sentences[0]).toMatch(/^All writes succeed/);
    expect(sentences[1]).toBe('No commit meets another.');
    expect(sentences.some((sentence) => sentence.includes('compactions'))).toBe(false);
  });

  it('names a check that is broken', () => {
    const broken = crowded.verification.map((outcome, index) => (index === 0 ? { ...outcome, passed: false } : outcome));
    expect(commitSentences({ ...crowded, verification: broken }).join(' ')).toContain('BROKEN: writerKeysContiguous.');
  });
});
