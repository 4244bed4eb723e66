/**
 * Garbage collection as a write-cost factor: how many bytes the flash writes for each byte it is sent.
 *
 * A trimmed drive has free blocks, and none is collected until as much was written as they hold. From then on the drive copies what is
 * still valid out of the blocks it erases: with uniformly random overwrites and least-recently-written cleaning the factor is
 *
 *   A = a / (a + W(-a e^-a)),   a = physical bytes / live bytes,   W Lambert's function (principal branch)
 *
 * Source: P. Desnoyers, "Analytic Modeling of SSD Write Performance", SYSTOR 2012, LRU cleaning. Writes that fill and leave whole blocks
 * (an LSM's large files, deleted with trim) cost nothing extra; `randomFraction` says what part of the writes is of the other kind, and
 * the factor is the mean of both (ours).
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { exp } from '../kernel/math.js';

/** A drive's flash and how full it is. */
export interface GarbageModel {
  readonly source: string;
  /** What the drive sells. */
  readonly capacityBytes: number;
  /** Flash beyond it, as a fraction of it: 0.07 where 1 TiB of flash is sold as 1 TB and some. */
  readonly spareFraction: number;
  /** Part of the capacity that holds data, 0 to 1. */
  readonly fillFraction: number;
  /** Bytes written since the last trim of the whole drive; beyond the free space collection has begun. */
  readonly writtenSinceTrimBytes: number;
  /** Part of the writes that overwrite at random, 0 to 1. */
  readonly randomFraction: number;
}

/** What is wrong with a model's figures; `path` stands before their names. */
export function garbageIssues(model: GarbageModel, path: string): Issue[] {
  const issues: Issue[] = [];
  const check = (name: Exclude<keyof GarbageModel, 'source'>, low: number, high: number): void => {
    const value = model[name];
    if (value >= low && value <= high) return;
    const expected = high === Infinity ? `${String(low)} or more` : `${String(low)} to ${String(high)}`;
    issues.push({ code: 'INPUT_INVALID', message: 'wrong value', path: `${path}${name}`, found: String(value), expected });
  };
  check('capacityBytes', 1, Number.MAX_SAFE_INTEGER);
  check('spareFraction', 0, 10);
  check('fillFraction', 0, 1);
  check('writtenSinceTrimBytes', 0, Infinity);
  check('randomFraction', 0, 1);
  if (issues.length === 0 && model.spareFraction === 0 && model.fillFraction === 1) {
    const expected = 'spare flash or free space: a drive without either cannot collect';
    issues.push({ code: 'INPUT_INVALID', message: 'no room', path: `${path}spareFraction`, found: '0', expected });
  }
  return issues;
}

/** Bytes that are written before collection begins. @throws PutmodelError INPUT_INVALID for figures out of range */
export function freeFlashBytes(model: GarbageModel): number {
  const issues = garbageIssues(model, '');
  if (issues.length > 0) throw new PutmodelError(issues);
  return model.capacityBytes * (1 + model.spareFraction - model.fillFraction);
}

/** The factor while collection runs, 1 or more. */
export function collectingFactor({ spareFraction, fillFraction, randomFraction }: GarbageModel): number {
  if (fillFraction === 0 || randomFraction === 0) return 1;
  const ratio = (1 + spareFraction) / fillFraction;
  const random = ratio / (ratio + lambertOfRatio(ratio));
  return 1 + randomFraction * (random - 1);
}

/**
 * W(-a e^-a) for a > 1, in (-1, 0): the solution w of w e^w = -a e^-a that is not -a. Newton from above 0 descends to it; 60 steps
 * reach the last bit even at a = 1.000001.
 */
function lambertOfRatio(ratio: number): number {
  const target = -ratio * exp(-ratio);
  let w = 0;
  for (let step = 0; step < 60; step++) {
    const e = exp(w);
    const next = w - (w * e - target) / (e * (1 + w));
    if (!(next > -1) || next === w) break;
    w = next;
  }
  return w;
}
