/**
 * Sums by interval in constant memory: intervals of one second, and whenever there would be more than `intervalsMax`, each two become one.
 * So a short run shows every second and a LOG of weeks still some hundred rows.
 */
import { addAccount, levelRows, sumsOf, type Account } from './account.js';
import type { LedgerInterval } from './ledger.js';

/** Rows kept at most. */
export const intervalsMax = 512;

/** Accounts of equal stretches from `startMicros` on. */
export interface Intervals {
  readonly startMicros: number;
  widthMicros: number;
  readonly accounts: Account[];
}

/** No intervals yet; time counts from here. */
export function createIntervals(startMicros: number): Intervals {
  return { startMicros, widthMicros: 1_000_000, accounts: [] };
}

/** The account of the interval that a time lies in; times before the start belong to the first. */
export function intervalAt(intervals: Intervals, atMicros: number): Account {
  const offsetMicros = Math.max(0, atMicros - intervals.startMicros);
  while (offsetMicros >= intervals.widthMicros * intervalsMax) widen(intervals);
  const index = Math.floor(offsetMicros / intervals.widthMicros);
  while (intervals.accounts.length <= index) intervals.accounts.push([]);
  return intervals.accounts[index] ?? [];
}

/** Adds all intervals of `from`, which starts at the same time, and empties it. */
export function mergeIntervals(into: Intervals, from: Intervals): void {
  while (into.widthMicros < from.widthMicros) widen(into);
  from.accounts.forEach((account, index) => {
    if (account.length > 0) addAccount(intervalAt(into, from.startMicros + index * from.widthMicros), account);
  });
  from.accounts.length = 0;
}

/** Rows in order, `intervalsMax` at most, also those in which nothing happened; the last one ends at `endMicros`. */
export function intervalRows(intervals: Intervals, endMicros: number): LedgerInterval[] {
  const { startMicros } = intervals;
  const spanMicros = Math.max(0, endMicros - startMicros);
  // A store that rests after its last job makes the span long, not the accounts.
  while (spanMicros > intervals.widthMicros * intervalsMax) widen(intervals);
  const { widthMicros } = intervals;
  return Array.from({ length: Math.max(Math.ceil(spanMicros / widthMicros), intervals.accounts.length) }, (_, index) => {
    const account = intervals.accounts[index] ?? [];
    const { flushedBytes, writtenBytes, readBytes } = sumsOf(account);
    const from = index * widthMicros;
    return {
      startSec: from / 1e6,
      endSec: (from < spanMicros ? Math.min(from + widthMicros, spanMicros) : from + widthMicros) / 1e6,
      userBytes: null,
      walWrittenBytes: null,
      flushedBytes,
      compactionReadBytes: readBytes,
      compactionWrittenBytes: writtenBytes - flushedBytes,
      levels: levelRows(account),
    };
  });
}

function widen(intervals: Intervals): void {
  const { accounts } = intervals;
  for (let index = 0; 2 * index < accounts.length; index++) {
    const pair = accounts[2 * index] ?? [];
    addAccount(pair, accounts[2 * index + 1] ?? []);
    accounts[index] = pair;
  }
  accounts.length = Math.ceil(accounts.length / 2);
  intervals.widthMicros *= 2;
}
