/** From what people say to what a run is given: a checked document, and perhaps measured contention, as a `CommitScenario`. */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { formatCount, formatMicros, secToMicros } from '../kernel/units.js';
import { fitContention, type ContentionFit, type ContentionRow } from './contention.js';
import { createSampler, fitDistribution, meanOf, type Distribution } from './distribution.js';
import type { CommitDocument } from './kind.js';
import { clientsOnly, defaultWorkload, profiles, quantilesByName } from './profiles.js';
import type { Chaos, CommitAssumption, CommitScenario, CommitWarning, StoreModel, Verb, Workload } from './scenario.js';

/** Measured contention that the document names, read; `threads` are those of the rows. */
export interface MeasuredContention {
  readonly name: string;
  readonly rows: readonly ContentionRow[];
}

type Said = NonNullable<CommitDocument['workload']>;
type SaidStore = NonNullable<CommitDocument['store']>;
type SaidLatency = NonNullable<SaidStore['latency']>;

/**
 * The scenario that a checked document describes. `fallbackName` is used when it has no name.
 * @throws PutmodelError INPUT_INVALID with the path of every value that passes its own check but not together with the others.
 */
export function commitScenarioFromDocument(
  document: CommitDocument,
  contention: MeasuredContention | null,
  fallbackName: string,
): CommitScenario {
  const said = document.workload ?? {};
  const fit = contention === null ? null : fitContention(contention.rows, contention.name, sourceOf(contention));
  const workload = document.clients === undefined ? workloadOf(said) : clientsOf(document, document.clients, fit);
  const durationMicros = Math.max(1, secToMicros(document.duration_seconds ?? said.duration ?? 120));
  const [store, chaos] = [storeOf(document.store ?? {}, fit), chaosOf(document.chaos ?? {})];
  const issues = [...crowdIssues(workload), ...loopIssues(workload, store, chaos), ...chaosIssues(document)];
  if (issues.length > 0) throw new PutmodelError(issues);
  const { limit } = document;
  const isAsked = limit !== false && workload.writerCount > 0;
  return {
    kind: 'commit',
    name: document.name ?? fallbackName,
    seed: document.seed ?? 1,
    durationMicros,
    workload,
    store,
    chaos,
    limit: isAsked
      ? { targetFraction: limit?.successFraction ?? 0.95, maxCommitterCount: limit?.maxCommitters ?? 64, maxRetryCount: 64 }
      : null,
    assumptions: assumptionsOf(document, workload, fit),
    warnings: [...crowdWarnings(workload), ...unusedWarnings(document, workload)],
  };
}

function sourceOf({ name, rows }: MeasuredContention): string {
  return `fitted to ${name}, rows of ${rows.map(({ threads }) => threads).join(', ')} threads`;
}

function workloadOf(said: Said): Workload {
  const base = defaultWorkload;
  const micros = (sec: number | undefined): number | null => (sec === undefined ? null : secToMicros(sec));
  return {
    writerCount: said.num_writers ?? base.writerCount,
    compactorCount: said.num_compactors ?? base.compactorCount,
    readerCount: said.num_readers ?? base.readerCount,
    clientCount: 0,
    writerOpsPerSec: said.writer_rate ?? base.writerOpsPerSec,
    readerOpsPerSec: said.reader_rate ?? base.readerOpsPerSec,
    compactorPauseMicros: said.compactor_rate === undefined ? base.compactorPauseMicros : secToMicros(1 / said.compactor_rate),
    compactorSleepMicros: micros(said.compactor_sleep_secs) ?? base.compactorSleepMicros,
    compactorReadCount: said.compactor_read_count ?? base.compactorReadCount,
    compaction: said.compaction ?? base.compaction,
    deletesInputs: said.compaction_deletes_inputs ?? base.deletesInputs,
    valueBytes: said.value_size ?? base.valueBytes,
    maxRetryCount: said.max_retry_count ?? base.maxRetryCount,
    backoffBaseMicros: said.backoffBaseMillis === undefined ? base.backoffBaseMicros : Math.round(said.backoffBaseMillis * 1000),
    backoffCapMicros: said.backoffCapMillis === undefined ? base.backoffCapMicros : Math.round(said.backoffCapMillis * 1000),
    arrivals: said.arrivals ?? base.arrivals,
    inFlightCount: said.inFlight ?? base.inFlightCount,
    rateFactors: said.rateFactors ?? base.rateFactors,
    partitionCount: said.partitions ?? base.partitionCount,
    leaseMicros: micros(said.leaseSec),
    gcIntervalMicros: said.gcIntervalSec === undefined ? base.gcIntervalMicros : Math.max(1, secToMicros(said.gcIntervalSec)),
    clientIdleMicros: 0,
    clientRereadMicros: 0,
  };
}

function clientsOf(document: CommitDocument, clients: number, fit: ContentionFit | null): Workload {
  const idleMicros = document.clientIdleMillis === undefined ? (fit?.clientIdleMicros ?? 0) : Math.round(document.clientIdleMillis * 1000);
  return { ...clientsOnly(clients), clientIdleMicros: idleMicros, clientRereadMicros: fit?.clientRereadMicros ?? 0 };
}

/** More clients than a run can hold in memory and time is a slip. */
function crowdIssues({ writerCount, compactorCount, readerCount, clientCount, partitionCount }: Workload): Issue[] {
  const clients = writerCount + compactorCount + readerCount + clientCount;
  if (clients === 0) return [{ code: 'INPUT_INVALID', path: 'workload', message: 'nobody works: there is no writer, compactor or reader' }];
  if (clients * partitionCount <= 20_000_000) return [];
  const found = `${formatCount(clients)} clients on ${formatCount(partitionCount)} key spaces`;
  return [
    { code: 'INPUT_INVALID', path: 'workload.partitions', message: 'too many sessions to keep', found, expected: 'at most 20,000,000' },
  ];
}

/** In closed loop time passes only while operations take some, and there is no rate. */
function loopIssues(workload: Workload, store: StoreModel, chaos: Chaos): Issue[] {
  const { writerCount, readerCount, clientCount, arrivals, rateFactors, clientIdleMicros } = workload;
  if (clientCount === 0 && arrivals !== 'closed') return [];
  const meanMicros = (verb: Verb): number => meanOf(createSampler(store.latency[verb])) * chaos.stretchFactor;
  const commitMicros = store.serialMicros + meanMicros('commit');
  const cycles = [
    ...(clientCount > 0 ? [commitMicros + clientIdleMicros] : []),
    ...(writerCount > 0 ? [meanMicros('get') + meanMicros('put') + commitMicros] : []),
    ...(readerCount > 0 ? [meanMicros('get')] : []),
  ];
  const lineMicros = store.capacityOpsPerSec === null ? 0 : 1e6 / store.capacityOpsPerSec;
  const standsStill = cycles.some((micros) => micros + lineMicros + chaos.extraLatencyMicros < 1);
  const path = clientCount > 0 ? 'clients' : 'workload.arrivals';
  const message = 'clients that go on at once, on a store that takes no time, would never get past one moment';
  const expected = 'requests that take 1 us or more in the mean';
  return [
    ...(standsStill ? [{ code: 'INPUT_INVALID', path, message, expected } as const] : []),
    ...(rateFactors.length > 0
      ? [{ code: 'INPUT_INVALID', path: 'workload.rateFactors', message: 'closed arrivals have no rate to multiply' } as const]
      : []),
  ];
}

function chaosIssues({ chaos }: CommitDocument): Issue[] {
  const gap = chaos?.networkBlocks?.gapSec;
  if (gap === undefined || gap[0] <= gap[1]) return [];
  return [{ code: 'INPUT_INVALID', path: 'chaos.networkBlocks.gapSec', message: 'the shortest gap is longer than the longest' }];
}

function chaosOf(said: NonNullable<CommitDocument['chaos']>): Chaos {
  const { networkBlocks, cpu } = said;
  return {
    extraLatencyMicros: Math.round((said.latencyMillis ?? 0) * 1000),
    perRequest: said.perRequest ?? false,
    blockCount: networkBlocks?.count ?? 0,
    blockMicros: secToMicros(networkBlocks?.lengthSec ?? 0),
    gapMinMicros: secToMicros(networkBlocks?.gapSec[0] ?? 0),
    gapMaxMicros: secToMicros(networkBlocks?.gapSec[1] ?? 0),
    dropTickFraction: cpu?.dropTickFraction ?? 0,
    stretchFactor: cpu?.stretchFactor ?? 1,
  };
}

function storeOf(said: SaidStore, fit: ContentionFit | null): StoreModel {
  const base = fit?.store ?? profiles[said.profile ?? 'document'];
  const all = said.latency === undefined ? null : distributionOf(said.latency);
  const own = (verb: Verb, latency: SaidLatency | undefined): Distribution =>
    latency === undefined ? (all ?? base.latency[verb]) : distributionOf(latency);
  const commit = own('commit', said.commitLatency);
  const isChanged = said.latency !== undefined || said.commitLatency !== undefined;
  const { slowDown, prices } = said;
  return {
    ...base,
    latency: {
      get: own('get', said.getLatency),
      put: own('put', said.putLatency),
      commit,
      list: own('list', said.listLatency),
      delete: own('delete', said.deleteLatency),
    },
    failedLatency: said.failedLatency === undefined ? (isChanged ? commit : base.failedLatency) : distributionOf(said.failedLatency),
    decideFraction: said.decideFraction ?? base.decideFraction,
    serialMicros: said.serialMillis === undefined ? base.serialMicros : Math.round(said.serialMillis * 1000),
    capacityOpsPerSec: said.capacityOpsPerSec ?? base.capacityOpsPerSec,
    throttle:
      slowDown === undefined
        ? base.throttle
        : { readsPerSec: slowDown.readsPerSec, writesPerSec: slowDown.writesPerSec, burstSec: slowDown.burstSec ?? 1 },
    microsPerMib: said.millisPerMib === undefined ? base.microsPerMib : said.millisPerMib * 1000,
    lossFraction: said.lossFraction ?? base.lossFraction,
    timeoutMicros: said.timeoutMillis === undefined ? base.timeoutMicros : Math.round(said.timeoutMillis * 1000),
    requestRetryCount: said.requestRetries ?? base.requestRetryCount,
    prices: {
      get: prices?.get ?? base.prices.get,
      put: prices?.put ?? base.prices.put,
      commit: prices?.commit ?? base.prices.commit,
      list: prices?.list ?? base.prices.list,
      delete: prices?.delete ?? base.prices.delete,
    },
  };
}

function distributionOf(said: SaidLatency): Distribution {
  if ('constantMillis' in said) return { kind: 'constant', micros: said.constantMillis * 1000 };
  if ('lognormal' in said) return { kind: 'lognormal', medianMicros: said.lognormal.p50Millis * 1000, sigma: said.lognormal.sigma };
  if ('gamma' in said) return { kind: 'gamma', meanMicros: said.gamma.meanMillis * 1000, shape: said.gamma.shape };
  if ('quantilesMillis' in said) return { kind: 'quantiles', points: quantilesByName(said.quantilesMillis) };
  return fitDistribution(said.fit, quantilesByName(said.percentilesMillis));
}

function assumptionsOf(document: CommitDocument, workload: Workload, fit: ContentionFit | null): CommitAssumption[] {
  const { store = {}, workload: said = {} } = document;
  const model = storeOf(store, fit);
  const profile = fit?.store ?? profiles[store.profile ?? 'document'];
  const assumed = (what: string, value: string, source: string, given: unknown): CommitAssumption[] =>
    given === undefined ? [{ what, value, source }] : [];
  const decide = fit === null ? (profile.name === 'document' ? 'the middle: no source' : profile.source) : profile.source;
  const common = [
    ...(store.latency === undefined ? [{ what: 'store', value: profile.name, source: profile.source }] : []),
    ...assumed('decideFraction', model.decideFraction.toFixed(3), decide, store.decideFraction),
  ];
  if (document.clients !== undefined) return common;
  const commits = workload.writerCount + workload.compactorCount > 0;
  return [
    ...common,
    ...assumed('capacity', 'no limit', 'give capacityOpsPerSec to see where reads queue', store.capacityOpsPerSec),
    ...assumed('arrivals', 'fixed', 'ticks in lock-step from time 0, as in the documents', said.arrivals),
    ...(commits ? assumed('value_size', `${workload.valueBytes} B`, "the documents' harness", said.value_size) : []),
    ...(commits ? assumed('max_retry_count', String(workload.maxRetryCount), "the documents' harness", said.max_retry_count) : []),
    ...(commits
      ? assumed('backoff', `from ${formatMicros(workload.backoffBaseMicros)}, doubled`, 'our assumption', said.backoffBaseMillis)
      : []),
  ];
}

function crowdWarnings(workload: Workload): CommitWarning[] {
  const { writerCount, compactorCount, partitionCount, arrivals } = workload;
  const committers = writerCount + compactorCount;
  const warnings: CommitWarning[] = [];
  if (committers > 0 && partitionCount > committers) {
    warnings.push({
      code: 'IDLE_PARTITIONS',
      message: 'there are more key spaces than writers and compactors',
      path: 'workload.partitions',
    });
  }
  if (writerCount > 1 && arrivals === 'fixed' && partitionCount === 1) {
    const message =
      'writers tick in lock-step: failures per operation depend on how many there are, not on their rate (arrivals: phase or poisson)';
    warnings.push({ code: 'LOCK_STEP', message, path: 'workload.arrivals' });
  }
  return warnings;
}

/** What was said and changes nothing. */
function unusedWarnings({ workload: said, chaos }: CommitDocument, workload: Workload): CommitWarning[] {
  const { arrivals, clientCount, readerCount, gcIntervalMicros, leaseMicros } = workload;
  const unused = (path: string, message: string): CommitWarning => ({ code: 'UNUSED', message, path });
  const isClosed = clientCount > 0 || arrivals === 'closed';
  return [
    ...(said?.inFlight !== undefined && (arrivals !== 'closed' || readerCount === 0)
      ? [unused('workload.inFlight', 'inFlight says something of readers with closed arrivals only')]
      : []),
    ...(isClosed && (chaos?.cpu?.dropTickFraction ?? 0) > 0
      ? [unused('chaos.cpu.dropTickFraction', 'clients that go on at once have no ticks to miss')]
      : []),
    ...(gcIntervalMicros !== null && leaseMicros === null
      ? [unused('workload.gcIntervalSec', 'without leaseSec removed objects stay for ever: the garbage collector deletes nothing')]
      : []),
  ];
}
