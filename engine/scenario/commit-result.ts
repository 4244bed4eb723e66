/**
 * The result document of a run against an object store (`putmodel/commit-result/1`), its schema, and the workload documents' two CSV layouts.
 * Adding a field keeps the schema's number, changing or removing one raises it.
 */
import { z } from 'zod';
import { checkNames } from '../commit/checks.js';
import { monthSec } from '../commit/loop.js';
import { latencyName, type Bill, type CommitResult, type RequestCounts, type RoleName, type RoleResult } from '../commit/result.js';
import { verbs, type CommitScenario } from '../commit/scenario.js';
import { decodeV2Base64 } from '../kernel/histogram-codec.js';
import {
  maxMicros,
  boundedMeanMicros,
  mergeHistograms,
  narrowMax,
  totalCount,
  percentileMicros,
  type Histogram,
} from '../kernel/histogram.js';
import type { CsvCells } from './csv.js';
import type { ResultDocument } from './kind.js';
import { commonFields, figure, maybe } from './result-schema.js';
import { encodeValidity, pick, type Validity } from './result.js';

/** Names the document and the number of its schema. */
export const commitResultSchemaName = 'putmodel/commit-result/1';

const roleOrder: readonly RoleName[] = ['writer', 'compactor', 'reader', 'client', 'collector'];

/** The document without its manifest. A role that the scenario cannot have is left out. */
export function encodeCommitResult(result: CommitResult, validity: Validity): ResultDocument {
  const { keys, limit, starvation } = result;
  const roles = roleOrder.flatMap((name) => {
    const role = result.roles[name];
    return role === undefined ? [] : [[name, encodeRole(role, result.simulatedSec)] as const];
  });
  return {
    schema: commitResultSchemaName,
    ...Object.fromEntries(roles),
    assumptions: result.assumptions.map((entry) => pick(entry, ['what', 'value', 'source'])),
    verification: result.verification.map((entry) => pick(entry, ['check', 'passed', 'detail'])),
    verificationFailures: result.verification.filter(({ passed }) => !passed).length,
    keys: {
      allocated: keys.allocatedCount,
      committed: keys.committedCount,
      compacted: keys.compactedCount,
      live: keys.liveCount,
      orphans: keys.orphanCount,
      orphansDeleted: keys.orphansDeletedCount,
    },
    transactions: result.transactionCount,
    inFlight: { atEnd: result.inFlightCount, peak: result.peakInFlightCount },
    coordinatedOmission: result.coordinatedOmission,
    bill: encodeBill(result.bill),
    commitLimit:
      limit === null
        ? null
        : {
            targetFraction: limit.targetFraction,
            maxRetryCount: limit.maxRetryCount,
            committers: limit.committerCount,
            searchEnded: limit.isBound,
            retriesNeeded: limit.neededRetryCount,
            retriesNeededHere: limit.configuredNeededRetryCount,
          },
    starvation:
      starvation === null
        ? null
        : {
            starves: starvation.starves,
            longestFailuresInRow: starvation.longestFailuresInRowCount,
            longestGapSec: starvation.longestGapSec,
          },
    validity: encodeValidity(validity),
    events: result.events,
    simulatedSec: result.simulatedSec,
    warnings: result.warnings.map((entry) => pick(entry, ['code', 'message', 'path'])),
  };
}

function encodeRole(role: RoleResult, simulatedSec: number): ResultDocument {
  const perSec = (count: number): number => count / simulatedSec;
  return {
    clients: role.clientCount,
    operations: role.operations,
    succeeded: role.succeededCount,
    attempts: role.attemptCount,
    preconditionFailures: role.preconditionFailureCount,
    conflicts: role.conflictCount,
    retryFailures: role.retryFailureCount,
    requestFailures: role.requestFailureCount,
    ...(role.inputsLostCount === 0 ? {} : { inputsLost: role.inputsLostCount }),
    recognised: role.recognisedCount,
    ambiguous: role.ambiguousCount,
    waits: role.waitCount,
    droppedTicks: role.droppedTickCount,
    leaseExpirations: role.leaseExpirationCount,
    timeouts: role.timeoutCount,
    slowDowns: role.slowDownCount,
    failureFraction: role.operations === 0 ? null : 1 - role.succeededCount / role.operations,
    preconditionFailureFraction: role.attemptCount === 0 ? null : role.preconditionFailureCount / role.attemptCount,
    opsPerSec: perSec(role.operations),
    succeededOpsPerSec: perSec(role.succeededCount),
    latencyMillis: encodeLatency(role.latencyMicros),
    preconditionFailedMillis: encodeLatency(role.preconditionFailedMicros),
    retryFailedMillis: encodeLatency(role.retryFailedMicros),
  };
}

/** null where nothing was recorded. */
function encodeLatency(histogram: Histogram | null): ResultDocument | null {
  if (histogram === null || totalCount(histogram) === 0) return null;
  const at = (percent: number): number => percentileMicros(histogram, percent) / 1000;
  const [p50, p95, p99, p999] = [at(50), at(95), at(99), at(99.9)];
  return {
    p50,
    p95,
    p99,
    p999,
    max: maxMicros(histogram) / 1000,
    mean: boundedMeanMicros(histogram) / 1000,
    count: totalCount(histogram),
  };
}

function encodeBill({ rows, dollarsPerMonth }: Bill): ResultDocument {
  return { dollarsPerMonth, rows: rows.map((row) => pick(row, ['role', 'verb', 'requestCount', 'dollarsPerMonth'])) };
}

/** Names of the files with the histograms of a role, without their endings. */
export function latencyFileNames(role: RoleName): { readonly succeeded: string; readonly beaten: string } {
  return { succeeded: latencyName(role), beaten: `${role}-precondition-failed` };
}

/**
 * The result that a directory's files hold. The smallest latency is known to its histogram slot only; the latencies of operations
 * given up, which have no file, are gone.
 */
export function decodeCommitResult(document: ResultDocument, readFile: (name: string) => string): CommitResult {
  const written = document as unknown as WrittenCommit;
  const roles = roleOrder.flatMap((name) => {
    const role = written[name];
    return role === undefined ? [] : [[name, decodeRole(name, role, written.bill, readFile)] as const];
  });
  const { keys, bill, commitLimit: limit, starvation } = written;
  return {
    kind: 'commit',
    ...pick(written, ['simulatedSec', 'events', 'verification', 'coordinatedOmission', 'assumptions', 'warnings']),
    roles: Object.fromEntries(roles),
    keys: {
      allocatedCount: keys.allocated,
      committedCount: keys.committed,
      compactedCount: keys.compacted,
      liveCount: keys.live,
      orphanCount: keys.orphans,
      orphansDeletedCount: keys.orphansDeleted,
    },
    transactionCount: written.transactions,
    inFlightCount: written.inFlight.atEnd,
    peakInFlightCount: written.inFlight.peak,
    bill: { ...bill, monthDollarsRatio: monthSec / written.simulatedSec },
    limit:
      limit === null
        ? null
        : {
            ...pick(limit, ['targetFraction', 'maxRetryCount']),
            committerCount: limit.committers,
            isBound: limit.searchEnded,
            neededRetryCount: limit.retriesNeeded,
            configuredNeededRetryCount: limit.retriesNeededHere,
          },
    starvation:
      starvation === null
        ? null
        : { ...pick(starvation, ['starves', 'longestGapSec']), longestFailuresInRowCount: starvation.longestFailuresInRow },
  };
}

type WrittenCommit = z.infer<typeof commitResultSchema> &
  Pick<CommitResult, 'verification' | 'assumptions' | 'warnings'> & { readonly bill: Pick<Bill, 'rows' | 'dollarsPerMonth'> };

function decodeRole(
  name: RoleName,
  written: z.infer<typeof role>,
  bill: Pick<Bill, 'rows'>,
  readFile: (name: string) => string,
): RoleResult {
  const files = latencyFileNames(name);
  const histogram = (file: string, figures: { readonly max: number } | null): Histogram | null => {
    if (figures === null) return null;
    const decoded = decodeV2Base64(readFile(`${file}.hdr`).trim());
    narrowMax(decoded, Math.round(figures.max * 1000));
    return decoded;
  };
  const requestsOf = (verb: string): number => bill.rows.find((row) => row.role === name && row.verb === verb)?.requestCount ?? 0;
  return {
    clientCount: written.clients,
    operations: written.operations,
    succeededCount: written.succeeded,
    attemptCount: written.attempts,
    preconditionFailureCount: written.preconditionFailures,
    conflictCount: written.conflicts,
    retryFailureCount: written.retryFailures,
    requestFailureCount: written.requestFailures,
    inputsLostCount: written.inputsLost ?? 0,
    recognisedCount: written.recognised,
    ambiguousCount: written.ambiguous,
    waitCount: written.waits,
    droppedTickCount: written.droppedTicks,
    leaseExpirationCount: written.leaseExpirations,
    timeoutCount: written.timeouts,
    slowDownCount: written.slowDowns,
    requests: Object.fromEntries(verbs.map((verb) => [verb, requestsOf(verb)])) as RequestCounts,
    latencyMicros: histogram(files.succeeded, written.latencyMillis),
    preconditionFailedMicros: histogram(files.beaten, written.preconditionFailedMillis),
    retryFailedMicros: null,
  };
}

const count = figure('count', '');
const latency = z.strictObject({
  ...{ p50: figure('ms', ''), p95: figure('ms', ''), p99: figure('ms', ''), p999: figure('ms', '') },
  ...{ max: figure('ms', ''), mean: figure('ms', ''), count },
});
const role = z.strictObject({
  clients: count,
  operations: figure('count', 'that ended: succeeded, or given up'),
  succeeded: count,
  attempts: figure('count', 'conditional PUTs answered'),
  preconditionFailures: figure('count', 'of them: 412 and 409'),
  conflicts: figure('count', 'of those: 409, another commit came during the request'),
  retryFailures: figure('count', 'operations given up after all retries of the commit'),
  requestFailures: figure('count', 'operations given up because a request was refused or lost too often'),
  inputsLost: figure('count', 'compactions given up because another had merged what they had read; absent: none').optional(),
  recognised: figure('count', 'operations that found their own commit in after its answer was lost'),
  ambiguous: figure('count', 'operations given up although their commit may be in'),
  waits: figure('count', 'times when there was nothing to read yet'),
  droppedTicks: figure('count', 'ticks that an overloaded CPU missed'),
  leaseExpirations: figure('count', 'snapshots that were too old to be used'),
  timeouts: figure('count', 'requests whose answer did not come in time'),
  slowDowns: figure('count', 'requests answered 503'),
  failureFraction: maybe('fraction', 'operations that did not succeed; null: there were none'),
  preconditionFailureFraction: maybe('fraction', 'preconditionFailures / attempts'),
  opsPerSec: figure('ops/s', ''),
  succeededOpsPerSec: figure('ops/s', ''),
  latencyMillis: latency.nullable().meta({ description: 'of successes; in open loop from the tick on' }),
  preconditionFailedMillis: latency.nullable().meta({ description: 'from the begin of an operation to a failed precondition' }),
  retryFailedMillis: latency.nullable().meta({ description: 'of operations given up' }),
});

/** The document's schema, for editors and readers. */
export const commitResultSchema = z
  .strictObject({
    schema: z.literal(commitResultSchemaName),
    ...commonFields,
    ...{
      writer: role.optional(),
      compactor: role.optional(),
      reader: role.optional(),
      client: role.optional(),
      collector: role.optional(),
    },
    verification: z.array(
      z.strictObject({ check: z.enum(Object.keys(checkNames) as [string, ...string[]]), passed: z.boolean(), detail: z.string() }),
    ),
    verificationFailures: figure('count', 'checks that did not pass'),
    keys: z.strictObject({
      allocated: figure('count', 'numbers that the registry gave to writers'),
      committed: count,
      compacted: figure('count', 'of those: written by compactors'),
      live: figure('count', 'in the final state'),
      orphans: figure('count', 'objects that no key refers to'),
      orphansDeleted: count,
    }),
    transactions: count,
    inFlight: z.strictObject({ atEnd: count, peak: count }),
    coordinatedOmission: z.enum(['corrected', 'uncorrected']).meta({ description: 'corrected: latencies count from the tick' }),
    bill: z.strictObject({
      dollarsPerMonth: figure('USD', 'of requests, in 30 days at this rate'),
      rows: z.array(z.strictObject({ role: z.string(), verb: z.string(), requestCount: count, dollarsPerMonth: figure('USD', '') })),
    }),
    commitLimit: z
      .strictObject({
        targetFraction: figure('fraction', 'of operations that must succeed'),
        maxRetryCount: figure('count', 'retries of a commit in this scenario'),
        committers: figure('count', 'most writers that keep it'),
        searchEnded: z.boolean().meta({ description: 'the search ended there: there may be more' }),
        retriesNeeded: maybe('count', 'fewest retries with which that many writers keep it'),
        retriesNeededHere: maybe('count', "fewest retries with which the scenario's own writers keep it"),
      })
      .nullable(),
    starvation: z
      .strictObject({
        starves: z.boolean().meta({ description: 'a compactor failed three times or more in a row' }),
        longestFailuresInRow: count,
        longestGapSec: figure('s', 'longest time of a compactor without a success'),
      })
      .nullable(),
  })
  .meta({ title: 'putmodel commit result' });

// ---- CSV ----

/** The revised document's 17 columns, in its order. */
export function latencyRow(scenario: CommitScenario, result: CommitResult): CsvCells {
  const { workload } = scenario;
  const [writer, reader] = [result.roles.writer, result.roles.reader];
  const [writes, reads] = [writer?.succeededCount ?? 0, reader?.succeededCount ?? 0];
  return [
    ['config_label', configLabel(scenario)],
    ['num_writers', workload.writerCount],
    ['num_readers', workload.readerCount],
    ['writer_rate', workload.writerOpsPerSec],
    ['reader_rate', workload.readerOpsPerSec],
    ['duration_secs', scenario.durationMicros / 1e6],
    ['total_writes', writes],
    ['total_reads', reads],
    ['write_tps', writes / result.simulatedSec],
    ['read_tps', reads / result.simulatedSec],
    ...percentileCells('writer', writer?.latencyMicros),
    ...percentileCells('read', reader?.latencyMicros),
    ['precondition_failure_rate', ratio(committed(result, 'preconditionFailureCount'), committed(result, 'attemptCount'))],
  ];
}

/** The first document's columns: every field of its configuration, and all metrics of each role. */
export function wideRow(scenario: CommitScenario, result: CommitResult): CsvCells {
  const { workload } = scenario;
  const { writer, compactor, reader } = result.roles;
  const tps = (role: RoleResult | undefined): number => (role?.succeededCount ?? 0) / result.simulatedSec;
  const failures = (name: string, role: RoleResult | undefined): CsvCells => [
    [`${name}_precond_failures`, role?.preconditionFailureCount ?? 0],
    [`${name}_retry_failures`, role?.retryFailureCount ?? 0],
    [`${name}_failure_rate`, ratio((role?.operations ?? 0) - (role?.succeededCount ?? 0), role?.operations ?? 0)],
  ];
  const operations = committed(result, 'operations');
  const precond = mergedPrecond(result);
  return [
    ['config_label', configLabel(scenario)],
    ['num_writers', workload.writerCount],
    ['num_compactors', workload.compactorCount],
    ['num_readers', workload.readerCount],
    ['writer_rate', workload.writerOpsPerSec],
    ['compactor_rate', 1e6 / workload.compactorPauseMicros],
    ['reader_rate', workload.readerOpsPerSec],
    ['compactor_sleep_secs', workload.compactorSleepMicros / 1e6],
    ['compactor_read_count', workload.compactorReadCount],
    ['value_size', workload.valueBytes],
    ['max_retry_count', workload.maxRetryCount],
    ['duration_secs', scenario.durationMicros / 1e6],
    ['total_writes', writer?.succeededCount ?? 0],
    ['total_compactions', compactor?.succeededCount ?? 0],
    ['total_reads', reader?.succeededCount ?? 0],
    ['writer_tps', tps(writer)],
    ['compactor_tps', tps(compactor)],
    ['read_tps', tps(reader)],
    ...percentileCells('writer', writer?.latencyMicros),
    ...percentileCells('compactor', compactor?.latencyMicros),
    ...percentileCells('read', reader?.latencyMicros),
    ['precond_p50_ms', precond(50)],
    ['precond_p99_ms', precond(99)],
    ...failures('writer', writer),
    ...failures('compactor', compactor),
    ['precondition_failure_rate', ratio(committed(result, 'preconditionFailureCount'), committed(result, 'attemptCount'))],
    ['retry_failure_rate', ratio(committed(result, 'retryFailureCount'), operations)],
    ['avg_retry_count', ratio(committed(result, 'attemptCount') - operations, operations)],
  ];
}

/** W1_WR0.10_RD2_RT100: writers, writer rate, readers, reader rate. */
export function configLabel({ workload }: CommitScenario): string {
  const { writerCount, writerOpsPerSec, readerCount, readerOpsPerSec } = workload;
  return `W${writerCount}_WR${writerOpsPerSec.toFixed(2)}_RD${readerCount}_RT${Number(readerOpsPerSec.toFixed(2))}`;
}

function percentileCells(name: string, histogram: Histogram | null | undefined): CsvCells {
  const isEmpty = histogram == null || totalCount(histogram) === 0;
  return [50, 95, 99].map((percent) => [`${name}_p${percent}_ms`, isEmpty ? '' : percentileMicros(histogram, percent) / 1000]);
}

/** A count over writers and compactors: those who commit. */
function committed(result: CommitResult, count: 'attemptCount' | 'operations' | 'preconditionFailureCount' | 'retryFailureCount'): number {
  const { writer, compactor } = result.roles;
  return (writer?.[count] ?? 0) + (compactor?.[count] ?? 0);
}

/** Percentiles of failed preconditions of writers and compactors together: from their histograms added, never from percentiles. */
function mergedPrecond({ roles }: CommitResult): (percent: number) => number | '' {
  const histograms = [roles.writer, roles.compactor].flatMap((one) => one?.preconditionFailedMicros ?? []);
  const merged = mergeHistograms(histograms);
  return (percent) => (merged === null || totalCount(merged) === 0 ? '' : percentileMicros(merged, percent) / 1000);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
