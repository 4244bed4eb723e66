/** Object stores by name, each with the source of its figures. */
import type { Distribution, QuantilePoint } from './distribution.js';
import type { Chaos, Prices, StoreModel, Verb, Workload } from './scenario.js';

/** Names of the profiles. */
export const profileNames = ['document', 's3-standard', 'instant'] as const;
export type ProfileName = (typeof profileNames)[number];

/** S3 Standard in us-east-1: $0.005 for 1000 PUT, COPY, POST, LIST; $0.0004 for 1000 GET; DELETE is free. Source: aws.amazon.com/s3/pricing. */
const s3Prices: Prices = { get: 0.0004, put: 0.005, commit: 0.005, list: 0.005, delete: 0 };

/** The same latency for all verbs. */
export function latencyOfAll(distribution: Distribution): Readonly<Record<Verb, Distribution>> {
  return { get: distribution, put: distribution, commit: distribution, list: distribution, delete: distribution };
}

/** Percentiles in milliseconds as quantiles in micros, ascending. */
export function quantilesOf(percentilesMillis: Readonly<Record<string, number>>): QuantilePoint[] {
  return Object.entries(percentilesMillis)
    .map(([percent, millis]) => ({ fraction: Number(percent) / 100, micros: millis * 1000 }))
    .sort((a, b) => a.fraction - b.fraction);
}

/** The same by their names: p50, p99.9. */
export function quantilesByName(percentilesMillis: Readonly<Record<string, number>>): QuantilePoint[] {
  return quantilesOf(Object.fromEntries(Object.entries(percentilesMillis).map(([name, millis]) => [name.slice(1), millis])));
}

/** What all profiles have: nothing queues, nothing is throttled or lost. */
const unlimited = {
  serialMicros: 0,
  capacityOpsPerSec: null,
  throttle: null,
  microsPerMib: 0,
  lossFraction: 0,
  // Default request time-out and number of retries of Apache Arrow's object_store clients.
  timeoutMicros: 30_000_000,
  requestRetryCount: 10,
  prices: s3Prices,
} as const;

const documentLatency: Distribution = { kind: 'lognormal', medianMicros: 480_000, sigma: 0.5 };
const instantLatency: Distribution = { kind: 'constant', micros: 0 };

/** Row of one thread in cas-contention-aws-s3.json: 21,961 conditional PUTs, June 2025. The largest stands for the last half of one. */
const s3Points = quantilesOf({
  5: 54.534,
  25: 59.405,
  50: 64.694,
  75: 73.51,
  90: 82.596,
  95: 90.476,
  99: 111.8628,
  99.9: 167.7226,
  99.9977: 1489.637,
});
const s3Latency: Distribution = { kind: 'quantiles', points: s3Points };
/** What contention.ts finds from the rows of 1 and 2 threads; a test fits again. */
const s3Failed: Distribution = { kind: 'quantiles', points: quantilesOf({ 5: 53.983, 25: 59.205, 50: 64.239, 95: 123.5, 99: 138.436 }) };
const s3DecideFraction = 0.9025;

/** The profiles. */
export const profiles: Readonly<Record<ProfileName, StoreModel>> = {
  document: {
    ...unlimited,
    name: 'document',
    source: "the workload documents' latencies: log-normal, p50 0.48 s, sigma 0.5 for each request",
    latency: latencyOfAll(documentLatency),
    failedLatency: documentLatency,
    decideFraction: 0.5,
  },
  's3-standard': {
    ...unlimited,
    name: 's3-standard',
    source:
      'conditional PUTs on S3 Standard, June 2025 (cdouglas/endive, analysis/distributions.json); other verbs are assumed to take as long',
    latency: latencyOfAll(s3Latency),
    failedLatency: s3Failed,
    decideFraction: s3DecideFraction,
  },
  instant: {
    ...unlimited,
    name: 'instant',
    source: 'no latency at all: what the protocol costs by itself',
    latency: latencyOfAll(instantLatency),
    failedLatency: instantLatency,
    decideFraction: 0.5,
  },
};

/** No chaos. */
export const quiet: Chaos = {
  ...{ extraLatencyMicros: 0, perRequest: false, blockCount: 0, blockMicros: 0, gapMinMicros: 0, gapMaxMicros: 0 },
  ...{ dropTickFraction: 0, stretchFactor: 1 },
};

/** The workload documents' defaults; base and cap of the backoff are our assumption (half of the median commit, doubled up to 5 s). */
export const defaultWorkload: Workload = {
  ...{ writerCount: 1, compactorCount: 0, readerCount: 0, clientCount: 0, writerOpsPerSec: 0.1, readerOpsPerSec: 100 },
  ...{
    compactorPauseMicros: 20_000_000,
    compactorSleepMicros: 5_000_000,
    compactorReadCount: 2,
    compaction: 'random',
    deletesInputs: false,
  },
  ...{ valueBytes: 256, maxRetryCount: 1, backoffBaseMicros: 250_000, backoffCapMicros: 5_000_000, arrivals: 'fixed', inFlightCount: 1 },
  ...{ rateFactors: [], partitionCount: 1, leaseMicros: null, gcIntervalMicros: null, clientIdleMicros: 0, clientRereadMicros: 0 },
};

/** Plain compare-and-swap clients and nobody else. */
export function clientsOnly(clientCount: number): Workload {
  return { ...defaultWorkload, writerCount: 0, clientCount };
}
