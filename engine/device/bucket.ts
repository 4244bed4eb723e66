/**
 * A token bucket: the one mechanism behind everything in a device that remembers what was moved before. While there are tokens the
 * device goes at the full rate, without them at the empty rate; moving bytes (or requests) takes tokens, time gives them back.
 *
 *                            capacity  takes    full rate        empty rate       gives back
 *   SLC cache                its size  writes   the cache's      the flash's      when idle (it is folded into the flash)
 *   DRAM write cache         its size  writes   the cache's      the flash's      always, at the flash's rate
 *   burst credits            credits   both     the burst's      the baseline     always, at the baseline
 *   cap on throughput, IOPS  0         both     -                the cap          never
 *
 * Presets of it, each with its source, are in bucket-presets.ts. A bucket that was emptied counts as empty until a hundredth of it has come back (ours:
 * otherwise a device at its limit would change its mind at every request).
 */
import { invariant, PutmodelError, type Issue } from '../kernel/errors.js';

/** A bucket as data. */
export interface BucketModel {
  readonly name: string;
  readonly source: string;
  /** What a token stands for: a byte or a request. */
  readonly counts: 'bytes' | 'requests';
  readonly directions: 'read' | 'write' | 'both';
  /** Tokens in a full bucket; it starts full. 0: always empty, a plain cap. */
  readonly capacityCount: number;
  /** Tokens a second that come back. */
  readonly refillPerSec: number;
  /** `idle`: only after nothing was taken for a second. */
  readonly refills: 'always' | 'idle';
  /** Most tokens a second while there are some; null: whatever the device does without the bucket. */
  readonly fullPerSec: number | null;
  /** Most tokens a second when there are none, above 0. */
  readonly emptyPerSec: number;
}

/** A bucket in use. Plain data: only the functions here change it. */
export interface Bucket {
  readonly model: BucketModel;
  tokens: number;
  isOpen: boolean;
  /** Tokens a second that are taken all the time; 0 where takes come one by one. */
  drawPerSec: number;
  atMicros: number;
  /** When something was taken last. */
  takenAtMicros: number;
}

/** The part of a bucket that has to come back before it opens again. */
const reopenFraction = 0.01;
/** Nothing taken for so long is idle. Our choice: drives do not publish when they begin to fold. */
const idleAfterMicros = 1_000_000;

/** A full bucket at time 0. @throws PutmodelError INPUT_INVALID with every figure that is out of range */
export function createBucket(model: BucketModel): Bucket {
  const issues = bucketIssues(model, '');
  if (issues.length > 0) throw new PutmodelError(issues);
  return { model, tokens: model.capacityCount, isOpen: model.capacityCount > 0, drawPerSec: 0, atMicros: 0, takenAtMicros: 0 };
}

/** What is wrong with a bucket's figures; `path` stands before their names. */
export function bucketIssues(model: BucketModel, path: string): Issue[] {
  const issues: Issue[] = [];
  const check = (name: keyof BucketModel, isGood: boolean, expected: string): void => {
    if (!isGood)
      issues.push({ code: 'INPUT_INVALID', message: 'wrong value', path: `${path}${name}`, found: String(model[name]), expected });
  };
  const isFigure = (value: number): boolean => value >= 0 && value < Infinity;
  check('capacityCount', isFigure(model.capacityCount), 'a number, 0 or more');
  check('refillPerSec', isFigure(model.refillPerSec), 'a number, 0 or more');
  check('fullPerSec', model.fullPerSec === null || (model.fullPerSec > 0 && model.fullPerSec < Infinity), 'a number above 0, or null');
  check('emptyPerSec', model.emptyPerSec > 0 && model.emptyPerSec < Infinity, 'a number above 0');
  return issues;
}

/** Lets time pass to `nowMicros`: what is drawn all the time goes, what comes back comes. */
export function passBucket(bucket: Bucket, nowMicros: number): void {
  invariant(nowMicros >= bucket.atMicros, 'a bucket does not go back in time');
  const { model } = bucket;
  const fromMicros = model.refills === 'idle' ? Math.max(bucket.atMicros, refillStartMicros(bucket)) : bucket.atMicros;
  const back = (Math.max(0, nowMicros - fromMicros) / 1e6) * model.refillPerSec;
  const drawn = ((nowMicros - bucket.atMicros) / 1e6) * bucket.drawPerSec;
  if (bucket.drawPerSec > 0) bucket.takenAtMicros = nowMicros;
  bucket.atMicros = nowMicros;
  setTokens(bucket, bucket.tokens + back - drawn);
}

/** Takes tokens at once; below 0 they stay 0. */
export function takeFromBucket(bucket: Bucket, nowMicros: number, count: number): void {
  passBucket(bucket, nowMicros);
  bucket.takenAtMicros = nowMicros;
  setTokens(bucket, bucket.tokens - count);
}

/** From now on so many tokens a second are taken. */
export function drawFromBucket(bucket: Bucket, nowMicros: number, perSec: number): void {
  passBucket(bucket, nowMicros);
  bucket.drawPerSec = perSec;
}

/** Most tokens a second as it stands; Infinity where it does not limit. */
export function bucketLimitPerSec({ isOpen, model }: Bucket): number {
  return isOpen ? (model.fullPerSec ?? Infinity) : model.emptyPerSec;
}

/** When the limit changes if all goes on like this, micros; Infinity when never. */
export function bucketChangesAtMicros(bucket: Bucket): number {
  const { model } = bucket;
  if (model.capacityCount === 0) return Infinity;
  const isIdle = bucket.drawPerSec === 0;
  const back = model.refills === 'always' || isIdle ? model.refillPerSec : 0;
  const net = back - bucket.drawPerSec;
  if (bucket.isOpen) return net < 0 ? bucket.atMicros + Math.max(1, Math.ceil((bucket.tokens / -net) * 1e6)) : Infinity;
  if (net <= 0) return Infinity;
  const fromMicros = model.refills === 'idle' ? Math.max(bucket.atMicros, refillStartMicros(bucket)) : bucket.atMicros;
  return fromMicros + Math.max(1, Math.ceil(((reopenFraction * model.capacityCount - bucket.tokens) / net) * 1e6));
}

function refillStartMicros(bucket: Bucket): number {
  return bucket.drawPerSec > 0 ? Infinity : bucket.takenAtMicros + idleAfterMicros;
}

function setTokens(bucket: Bucket, tokens: number): void {
  const { capacityCount } = bucket.model;
  bucket.tokens = Math.max(0, Math.min(capacityCount, tokens));
  // A token's billionth is rounding of a time to whole micros.
  if (bucket.isOpen && bucket.tokens <= 1e-9 * capacityCount) bucket.isOpen = false;
  else if (!bucket.isOpen && capacityCount > 0 && bucket.tokens >= reopenFraction * capacityCount * (1 - 1e-9)) bucket.isOpen = true;
}
