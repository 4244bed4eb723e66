/**
 * What the workload documents expect, beside what is simulated: both baselines, the nine chaos settings and the two sweeps. Latencies are
 * merged over seeds (12 writes a run have no p99), counts are means a run. Prints a table and writes it.
 *
 *   npx tsx bench/commit-expectations.ts [--out results/reference/commit-expectations.json] [--seeds 200]
 *
 * Tolerances: medians 10 %, p95 and p99 15 %, counts 10 % or the range that the documents give. Exit status 1 when an expectation that does
 * not contradict itself is missed.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mean } from 'd3-array';
import { chaosSettings, commitScenarioOf, sweep15, sweep60 } from './commit-scenarios.js';
import type { CommitResult, RoleName } from '../engine/commit/result.js';
import { simulateCommit } from '../engine/commit/simulate.js';
import type { CommitScenario } from '../engine/commit/scenario.js';
import { mergeHistograms, valueAtPercentile } from '../engine/kernel/histogram.js';
import { configLabel } from '../engine/scenario/commit-result.js';

const { values } = parseArgs({ options: { out: { type: 'string' }, seeds: { type: 'string', default: '200' } } });
const seedCount = Number(values.seeds);

type Role = 'writer' | 'compactor' | 'reader';

/** Runs of many seeds, seen as one. */
interface Crowd {
  readonly results: readonly CommitResult[];
  meanOf(read: (result: CommitResult) => number): number;
  /** Seconds, of all runs together; NaN for none. */
  latencySec(role: RoleName, percent: number): number;
}

function crowdOf(scenario: CommitScenario, seeds: number): Crowd {
  const results = Array.from({ length: seeds }, (_, index) => simulateCommit({ ...scenario, seed: index + 1, limit: null }));
  return {
    results,
    meanOf: (read) => mean(results, read) ?? Number.NaN,
    latencySec: (role, percent) => {
      const merged = mergeHistograms(results.flatMap(({ roles }) => roles[role]?.latencyMicros ?? []));
      return merged === null ? Number.NaN : valueAtPercentile(merged, percent) / 1e6;
    },
  };
}

interface Row {
  readonly what: string;
  readonly document: string;
  readonly expected: readonly [low: number, high: number];
  readonly simulated: number;
  readonly holds: boolean;
  /** Why the documents' figure is not held against the simulation. */
  readonly note: string | null;
}

const rows: Row[] = [];

function expectBetween(what: string, document: string, low: number, high: number, simulated: number, note: string | null = null): void {
  const holds = simulated >= low && simulated <= high;
  rows.push({ what, document, expected: [low, high], simulated, holds, note });
  const verdict = holds ? 'ok' : note === null ? 'MISS' : 'differs';
  console.log(
    `${what.padEnd(44)} ${document.padStart(10)} ${simulated.toPrecision(4).padStart(9)}  ${verdict}${note === null ? '' : ` (${note})`}`,
  );
}

function expectNear(what: string, document: string, value: number, percent: number, simulated: number, note: string | null = null): void {
  expectBetween(what, document, value * (1 - percent / 100), value * (1 + percent / 100), simulated, note);
}

function expectLatency(name: string, crowd: Crowd, role: Role, seconds: readonly (readonly [percent: number, sec: number])[]): void {
  for (const [percent, sec] of seconds) {
    expectNear(`${name}: ${role} p${percent}`, `${sec} s`, sec, percent === 50 ? 10 : 15, crowd.latencySec(role, percent));
  }
}

function baseline(): void {
  const crowd = crowdOf(commitScenarioOf('baseline'), seedCount);
  const of = (role: Role, key: 'operations' | 'succeededCount' | 'preconditionFailureCount') =>
    crowd.meanOf(({ roles }) => roles[role]?.[key] ?? 0);
  const name = 'baseline';
  expectNear(`${name}: writes`, '~12', 12, 10, of('writer', 'succeededCount'));
  expectNear(`${name}: reads`, '~24,000', 24_000, 10, of('reader', 'succeededCount'));
  expectBetween(`${name}: compactions`, '2-4', 2, 4, of('compactor', 'succeededCount'));
  const keysNote = 'with the 2-3 compactions of the first document; 4 fit into 120 s, and keys are writes + compactions';
  expectBetween(
    `${name}: keys at the end`,
    '~14-15',
    14,
    15,
    crowd.meanOf(({ keys }) => keys.liveCount),
    keysNote,
  );
  expectBetween(`${name}: writer precondition failures`, '0-1', 0, 1, of('writer', 'preconditionFailureCount'));
  expectBetween(`${name}: compactor precondition failures`, '0-2', 0, 2, of('compactor', 'preconditionFailureCount'));
  expectLatency(name, crowd, 'writer', [
    [50, 1.5],
    [99, 3],
  ]);
  expectLatency(name, crowd, 'compactor', [
    [50, 7],
    [99, 9],
  ]);
  expectLatency(name, crowd, 'reader', [
    [50, 1],
    [99, 2.5],
  ]);
  expectBetween(`${name}: failed checks`, '0', 0, 0, crowd.meanOf(failedChecks));
}

function baselineLatency(): void {
  const crowd = crowdOf(commitScenarioOf('baseline-latency'), seedCount);
  const name = 'baseline-latency';
  expectNear(
    `${name}: writes`,
    '~12',
    12,
    10,
    crowd.meanOf(({ roles }) => roles.writer?.succeededCount ?? 0),
  );
  expectNear(
    `${name}: reads`,
    '~24,000',
    24_000,
    10,
    crowd.meanOf(({ roles }) => roles.reader?.succeededCount ?? 0),
  );
  expectBetween(
    `${name}: precondition failures`,
    '0',
    0,
    0,
    crowd.meanOf(({ roles }) => roles.writer?.preconditionFailureCount ?? 0),
  );
  expectLatency(name, crowd, 'writer', [
    [50, 1.5],
    [95, 2.5],
    [99, 3],
  ]);
  expectLatency(name, crowd, 'reader', [
    [50, 1],
    [95, 2],
    [99, 2.5],
  ]);
  expectBetween(`${name}: failed checks`, '0', 0, 0, crowd.meanOf(failedChecks));
}

const failedChecks = ({ verification }: CommitResult): number => verification.filter(({ passed }) => !passed).length;

/**
 * The documents' chaos rows, 300 s each. Writers and readers on the configuration of the sweep that fails least: one writer and no compactor,
 * as in the revision; compactors and failures on the first document's baseline. All seeds for writers and compactors, beside slow readers,
 * who do not change them (nothing queues); four seeds for readers at full rate.
 */
function chaos(): Record<string, unknown>[] {
  const tables: Record<string, unknown>[] = [];
  const slip = 'a compactor p99 below the 9 s of the baseline';
  for (const [name, set] of Object.entries(chaosSettings)) {
    const settings = ['duration_seconds=300', ...set];
    const writes = crowdOf(commitScenarioOf('baseline-latency', [...settings, 'workload.reader_rate=1']), seedCount);
    const commits = crowdOf(commitScenarioOf('baseline', [...settings, 'workload.reader_rate=1']), seedCount);
    const reads = crowdOf(commitScenarioOf('baseline-latency', settings), Math.min(4, seedCount));
    const failures = commits.meanOf(
      ({ roles }) => (roles.writer?.preconditionFailureCount ?? 0) + (roles.compactor?.preconditionFailureCount ?? 0),
    );
    const attempts = commits.meanOf(({ roles }) => (roles.writer?.attemptCount ?? 0) + (roles.compactor?.attemptCount ?? 0));
    const table = {
      name,
      writerP50Sec: writes.latencySec('writer', 50),
      writerP99Sec: writes.latencySec('writer', 99),
      writerBesideCompactorP99Sec: commits.latencySec('writer', 99),
      compactorP99Sec: commits.latencySec('compactor', 99),
      readerP50Sec: reads.latencySec('reader', 50),
      readerP99Sec: reads.latencySec('reader', 99),
      readsPerSec: reads.meanOf(({ roles, simulatedSec }) => (roles.reader?.succeededCount ?? 0) / simulatedSec),
      preconditionFailureFraction: failures / attempts,
      retryFailures: commits.meanOf(({ roles }) => (roles.writer?.retryFailureCount ?? 0) + (roles.compactor?.retryFailureCount ?? 0)),
      failedChecks: writes.meanOf(failedChecks) + commits.meanOf(failedChecks) + reads.meanOf(failedChecks),
    };
    tables.push(table);
    expectBetween(`${name}: failed checks`, '0', 0, 0, table.failedChecks);
    const expected = chaosExpectations[name];
    if (expected === undefined) continue;
    expectNear(`${name}: writer p99`, `${expected.writer} s`, expected.writer, 15, table.writerP99Sec);
    const isSlip = expected.compactor < 9;
    expectNear(`${name}: compactor p99`, `${expected.compactor} s`, expected.compactor, 15, table.compactorP99Sec, isSlip ? slip : null);
    expectNear(`${name}: reader p99`, `${expected.reader} s`, expected.reader, 15, table.readerP99Sec);
    if (expected.readsLess !== undefined) {
      const before = (tables[0] as typeof table).readsPerSec;
      expectNear(`${name}: reads/s`, `-${expected.readsLess} %`, before * (1 - expected.readsLess / 100), 10, table.readsPerSec);
    }
  }
  const [none] = tables as { preconditionFailureFraction: number }[];
  const both = tables.find(({ name }) => name === '200 ms + CPU') as { preconditionFailureFraction: number };
  const more = 100 * (both.preconditionFailureFraction / none!.preconditionFailureFraction - 1);
  const note = 'a delay makes the race longer, but missed ticks make racers fewer; the documents give no baseline for it';
  expectBetween('200 ms + CPU: precondition failures', '+50 %', 25, 75, more, note);
  return tables;
}

/** p99 in seconds as the first document gives them; reads a second in percent less. */
const chaosExpectations: Readonly<Record<string, { writer: number; compactor: number; reader: number; readsLess?: number }>> = {
  'latency 100 ms': { writer: 3.1, compactor: 7.1, reader: 2.6 },
  'latency 500 ms': { writer: 3.5, compactor: 7.5, reader: 3 },
  'CPU 4 x 80 %': { writer: 3.6, compactor: 8.5, reader: 3, readsLess: 30 },
  '200 ms + CPU': { writer: 4, compactor: 8.5, reader: 3.5 },
};

function sweepTable(scenarios: readonly CommitScenario[], seeds: number): Record<string, unknown>[] {
  return scenarios.map((scenario) => {
    const crowd = crowdOf(scenario, seeds);
    const failures = crowd.meanOf(
      ({ roles }) => (roles.writer?.preconditionFailureCount ?? 0) + (roles.compactor?.preconditionFailureCount ?? 0),
    );
    const operations = crowd.meanOf(({ roles }) => (roles.writer?.operations ?? 0) + (roles.compactor?.operations ?? 0));
    return {
      label: configLabel(scenario),
      writes: crowd.meanOf(({ roles }) => roles.writer?.succeededCount ?? 0),
      reads: crowd.meanOf(({ roles }) => roles.reader?.succeededCount ?? 0),
      writerP50Sec: crowd.latencySec('writer', 50),
      writerP99Sec: crowd.latencySec('writer', 99),
      readerP99Sec: crowd.latencySec('reader', 99),
      preconditionFailuresPerOperation: failures / operations,
      failedChecks: crowd.meanOf(failedChecks),
    };
  });
}

baseline();
baselineLatency();
const chaosRows = chaos();
const sweep60Rows = sweepTable(sweep60(), 1);
const sweep15Rows = sweepTable(sweep15(), 20);
expectBetween('sweep-60: failed checks', '0', 0, 0, Math.max(...sweep60Rows.map((row) => row['failedChecks'] as number)));
expectBetween('sweep-60: highest reader p99', '< 3 s', 0, 3, Math.max(...sweep60Rows.map((row) => row['readerP99Sec'] as number)));
const alone = sweep15Rows.filter((row) => String(row['label']).startsWith('W1_'));
const crowdRows = sweep15Rows.filter((row) => !String(row['label']).startsWith('W1_'));
expectBetween(
  'sweep-15: failures of one writer',
  '0',
  0,
  0,
  Math.max(...alone.map((row) => row['preconditionFailuresPerOperation'] as number)),
);
expectBetween(
  'sweep-15: failures/operation of 2-3 writers',
  '> 0',
  0.01,
  3,
  Math.min(...crowdRows.map((row) => row['preconditionFailuresPerOperation'] as number)),
);
const spread = (writers: number): number => {
  const rates = sweep15Rows
    .filter((row) => String(row['label']).startsWith(`W${writers}_`))
    .map((row) => row['preconditionFailuresPerOperation'] as number);
  return Math.max(...rates) / Math.min(...rates);
};
const lockStep = 'false in lock-step, which the harness has: failures per operation depend on the number of writers alone';
expectBetween('sweep-15: failures/op at 10 x the rate, 3 writers', 'more', 1.5, 100, spread(3), lockStep);
const missed = rows.filter(({ holds, note }) => !holds && note === null);
console.log(`${rows.filter(({ holds }) => holds).length} of ${rows.length} hold, ${missed.length} missed`);
if (values.out !== undefined) {
  const document = { schema: 'putmodel/commit-expectations/1', command: 'npx tsx bench/commit-expectations.ts', seeds: seedCount, rows };
  writeFileSync(values.out, `${JSON.stringify({ ...document, chaos: chaosRows, sweep60: sweep60Rows, sweep15: sweep15Rows }, null, 2)}\n`);
}
if (missed.length > 0) process.exitCode = 1;
