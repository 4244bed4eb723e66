/**
 * What a prediction may be told beside the bandwidth, and the checks on every number that comes in. All problems are reported at once.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import type { PhaseEvidence } from './phase.js';

/** Facts about the run; each absent one takes the default that the model's own text names. */
export interface PutRateContext extends PhaseEvidence {
  /** Bytes written by flush and compaction over user bytes, above 0. */
  readonly writeAmplification?: number | undefined;
  /** Bytes read by compaction over user bytes, from 0. */
  readonly readAmplification?: number | undefined;
  /** The document's "GB", read as GiB like its "MB/s". */
  readonly dbSizeGib?: number | undefined;
  /** Levels of the tree. */
  readonly lsmLevelDepth?: number | undefined;
  /** D_physical: share of the fresh drive's bandwidth that is lost. */
  readonly degradationFraction?: number | undefined;
}

/** A context and the two numbers that every model takes. */
export interface PutRateInputs {
  readonly bandwidthMibPerSec: number;
  readonly recordSizeBytes: number;
  readonly context: PutRateContext;
}

/** Above this a figure is likely to come from a data sheet (decision 7), MiB/s. */
const unlikelyBandwidthMibPerSec = 5000;
/** Above this it is a mistake (decision 7), MiB/s. */
const largestBandwidthMibPerSec = 100_000;

interface Range {
  readonly path: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Whether the minimum itself is refused. */
  readonly above?: true;
  readonly whole?: true;
  readonly expected: string;
}

const bandwidthRange: Range = {
  path: 'bandwidthMibPerSec',
  minimum: 0,
  above: true,
  maximum: largestBandwidthMibPerSec,
  expected: 'MiB/s above 0, at most 100000',
};
const recordSizeRange: Range = {
  path: 'recordSizeBytes',
  minimum: 1,
  maximum: 4_294_967_296,
  whole: true,
  expected: 'a whole number of bytes from 1 to 4294967296',
};
const contextRanges: Readonly<Record<keyof PutRateContext, Omit<Range, 'path'>>> = {
  runtimeMinutes: { minimum: 0, maximum: 1e9, expected: 'minutes from 0' },
  variationFraction: { minimum: 0, maximum: 10, expected: 'a fraction from 0, such as 0.284' },
  writeAmplification: { minimum: 0, above: true, maximum: 10_000, expected: 'a ratio above 0, such as 2.5' },
  readAmplification: { minimum: 0, maximum: 10_000, expected: 'a ratio from 0, such as 0.8' },
  dbSizeGib: { minimum: 0, maximum: 1e9, expected: 'GiB from 0' },
  lsmLevelDepth: { minimum: 1, maximum: 100, whole: true, expected: 'a whole number of levels from 1 to 100' },
  degradationFraction: { minimum: 0, maximum: 1, expected: 'a fraction from 0 to 1, such as 0.739' },
};

/**
 * The warnings about inputs that can be used.
 * @throws PutmodelError INPUT_INVALID with one issue for each number out of its range; `path` is the input's name.
 */
export function checkInputs({ bandwidthMibPerSec, recordSizeBytes, context }: PutRateInputs): readonly string[] {
  const issues = [rangeIssue(bandwidthRange, bandwidthMibPerSec), rangeIssue(recordSizeRange, recordSizeBytes)];
  for (const [name, range] of Object.entries(contextRanges)) {
    const value = context[name as keyof PutRateContext];
    if (value !== undefined) issues.push(rangeIssue({ path: name, ...range }, value));
  }
  const found = issues.filter((issue) => issue !== null);
  if (found.length > 0) throw new PutmodelError(found);
  if (bandwidthMibPerSec <= unlikelyBandwidthMibPerSec) return [];
  return [
    `high bandwidth (${String(bandwidthMibPerSec)} MiB/s): the model wants what is AVAILABLE to the store while it runs, not what a data sheet says`,
  ];
}

function rangeIssue({ path, minimum, maximum, above, whole, expected }: Range, value: number): Issue | null {
  const inside = value <= maximum && (above === true ? value > minimum : value >= minimum);
  if (inside && (whole !== true || Number.isInteger(value))) return null;
  return { code: 'INPUT_INVALID', path, message: 'wrong value', found: String(value), expected };
}
