/** An LSM run in words: names of what binds and stalls, and the answer in a few sentences. */
import { formatBytesPerSec, formatCount, formatSeconds } from '../kernel/units.js';
import type { Limit, LsmResult, StallCause } from '../lsm/result.js';
import type { LsmOptions } from '../rocksdb/options.js';

/** What binds a run, as people say it. */
export const limitNames: Readonly<Record<Limit, string>> = {
  memtable: 'full memtables waiting for flush',
  l0: 'files in L0',
  pending: 'compaction debt',
  rateLimiter: 'the rate limiter',
  deviceWrite: 'device writes',
  deviceRead: 'device reads',
  sync: 'fsync',
  cpu: 'CPU',
  jobSlots: 'background job slots',
  fileLocks: 'files locked by other jobs',
  client: 'the client itself',
};

/** Why writes are held, as people say it. */
export const causeNames: Readonly<Record<StallCause, string>> = {
  memtable: 'memtables',
  l0Slowdown: 'L0 slowdown',
  l0Stop: 'L0 stop',
  pendingSlowdown: 'debt slowdown',
  pendingStop: 'debt stop',
};

/**
 * The answer in words, most important first: put rate, stalls with their main cause, what binds, write amplification.
 * @param options of the store, for the figures of what binds
 */
export function answerSentences(result: LsmResult, options: Pick<LsmOptions, 'rate_limiter_bytes_per_sec'>): readonly string[] {
  return [rateSentence(result), stallSentence(result), bindingSentence(result, options), amplificationSentence(result)].filter(
    (sentence) => sentence !== null,
  );
}

function rateSentence({ putRate, steadyState, simulatedSec }: LsmResult): string {
  const { reached, opsPerSec, atSec } = steadyState;
  if (!reached || opsPerSec === null) return `Averages ${formatCount(putRate.meanOpsPerSec)} puts/s over ${formatSeconds(simulatedSec)}.`;
  const from = atSec === null || atSec === 0 ? '' : ` from ${formatSeconds(atSec)} on`;
  return `Sustains ${formatCount(opsPerSec)} puts/s${from}.`;
}

function stallSentence({ stall, simulatedSec }: LsmResult): string {
  const stalledSec = stall.stoppedSec + stall.delayedSec;
  if (!(stalledSec > 0) || !(simulatedSec > 0)) return 'Writes are never held back.';
  const causes = (Object.keys(causeNames) as StallCause[]).filter((cause) => stall.byCause[cause] > 0);
  const [main] = causes.sort((a, b) => stall.byCause[b] - stall.byCause[a]);
  const mostly = main === undefined ? '' : `${causes.length > 1 ? ', mostly' : ''} by ${heldBy[main]}`;
  return `Writes are held back ${percent(stalledSec / simulatedSec)} of the time${mostly}.`;
}

const heldBy: Readonly<Record<StallCause, string>> = {
  memtable: 'full memtables that wait for a flush (stopped)',
  l0Slowdown: 'files in L0 (slowed down)',
  l0Stop: 'files in L0 (stopped)',
  pendingSlowdown: 'compaction debt (slowed down)',
  pendingStop: 'compaction debt (stopped)',
};

function bindingSentence({ bottleneck }: LsmResult, options: Pick<LsmOptions, 'rate_limiter_bytes_per_sec'>): string {
  const [main] = bottleneck.binding;
  if (main === undefined || main.fraction < 0.005) return 'Nothing binds: the store keeps up.';
  const limit = options.rate_limiter_bytes_per_sec;
  const figure = main.limit === 'rateLimiter' && limit > 0 ? ` at ${formatBytesPerSec(limit)}` : '';
  return `Bottleneck: ${limitNames[main.limit]}${figure}, ${percent(main.fraction)} of the time.`;
}

function amplificationSentence({ writeAmplification }: LsmResult): string | null {
  return writeAmplification === null ? null : `Write amplification ${writeAmplification.toFixed(1)}.`;
}

function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value >= 0.5 || value === 0 ? value.toFixed(0) : 'under 1'} %`;
}

/** What a column family goes by in a table: with its database's name where there are several. */
export function familyName(database: string, family: string, databases: number): string {
  return databases === 1 ? family : `${database}/${family}`;
}
