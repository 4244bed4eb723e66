/**
 * Cold memory in a LOG: on a virtual machine, pages that were not used lately have to be fetched from the machine below. Large merges take new
 * memory for their outputs before they give back that of their inputs, and small ones get what was given back; so the CPU time of a record in
 * the large ones jumps once the store is larger than the memory that was warm, and stays there.
 */
import { percentile } from './score.js';

/** A merge, and the most bytes that the store's files had had when it ended. */
export interface SizedMerge {
  readonly runs: number;
  readonly records: number;
  readonly cpuMicros: number;
  readonly outputBytes: number;
  readonly storeBytes: number;
}

/** How much memory was warm, and what each byte by which the store outgrew it cost. */
export interface ColdMemory {
  readonly warmBytes: number;
  readonly nanosPerByte: number;
}

const LARGE_BYTES = 256 * 1024 * 1024;
/** Merges on either side of a jump, at least; and how much dearer they must be. */
const FEWEST = 3;
const JUMP_FACTOR = 1.3;

/** True for merges that cold memory shows in: several runs into large outputs. */
export function showsCold({ runs, outputBytes }: Pick<SizedMerge, 'runs' | 'outputBytes'>): boolean {
  return runs > 2 && outputBytes > LARGE_BYTES;
}

/**
 * The jump that leaves the smallest squares about the median on either side, with what the merges behind it took more spread over the bytes
 * that the store grew from there; null where there is none. Merges in the order of their ends.
 */
export function findColdMemory(merges: readonly SizedMerge[]): ColdMemory | null {
  const large = merges.filter(showsCold);
  const costs = large.map(({ cpuMicros, records }) => cpuMicros / records);
  let at = 0;
  let least = Infinity;
  for (let candidate = FEWEST; candidate <= large.length - FEWEST; candidate++) {
    const both = squares(costs.slice(0, candidate)) + squares(costs.slice(candidate));
    if (both >= least) continue;
    least = both;
    at = candidate;
  }
  const last = large[at - 1];
  const end = large.at(-1);
  if (last === undefined || end === undefined || end.storeBytes <= last.storeBytes) return null;
  const usual = median(costs.slice(0, at));
  if (median(costs.slice(at)) < JUMP_FACTOR * usual) return null;
  const extraMicros = large.slice(at).reduce((sum, { cpuMicros, records }) => sum + cpuMicros - usual * records, 0);
  return { warmBytes: last.storeBytes, nanosPerByte: (extraMicros * 1000) / (end.storeBytes - last.storeBytes) };
}

function squares(values: readonly number[]): number {
  const middle = median(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}

function median(values: readonly number[]): number {
  return percentile(values, 50) ?? NaN;
}
