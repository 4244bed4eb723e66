/**
 * The values of one axis. Lists are as written, and so are the ends of ranges; between, what is no whole number is rounded to 12 significant
 * digits, so that 3 x 0.1 is 0.3 in a label as on paper. Drawn values depend on the design's seed and the axis's own path only: an axis that is added shifts no other.
 */
import { exp, log } from '../kernel/math.js';
import { createStream } from '../kernel/random.js';
import { PutmodelError } from '../kernel/errors.js';
import { maximumAxisValues, type AxisDocument, type LogRangeDocument, type RangeDocument, type SampledDocument } from './sweep-file.js';

/** How the axes of one kind stand to each other: `grid` combines with all others, the drawn ones advance together with their kind. */
export type AxisDesign = 'grid' | 'random' | 'latinHypercube';

/** An axis with its values. Never empty. */
export interface Axis {
  readonly path: string;
  readonly design: AxisDesign;
  readonly values: readonly unknown[];
}

/**
 * Works out the values of an axis.
 * @throws PutmodelError INPUT_INVALID, without a place, when there are too many of them or `to` lies before `from`.
 */
export function createAxis(path: string, document: AxisDocument, designSeed: number): Axis {
  if (Array.isArray(document)) return { path, design: 'grid', values: document };
  if ('range' in document) return { path, design: 'grid', values: rangeValues(document.range) };
  if ('logRange' in document) return { path, design: 'grid', values: logRangeValues(document.logRange) };
  if ('random' in document) return { path, design: 'random', values: randomValues(path, document.random, designSeed) };
  return { path, design: 'latinHypercube', values: latinHypercubeValues(path, document.latinHypercube, designSeed) };
}

function rangeValues({ from, to, step, count, whole }: RangeDocument): readonly number[] {
  if (to < from) throw refused('to lies below from');
  if (count !== undefined)
    return withEnds(
      { from, to, whole },
      spread(count, whole, (part) => from + (to - from) * part),
      count > 1,
    );
  const distance = step ?? 1;
  // What rounding makes of (to - from) / step must not drop the last value.
  const steps = (to - from) / distance;
  const last = Math.floor(steps + 1e-9);
  const values = listOf(last + 1, whole, (index) => from + index * distance);
  return withEnds({ from, to, whole }, values, last > 0 && Math.abs(steps - last) <= 1e-9);
}

function logRangeValues({ from, to, factor, count, whole }: LogRangeDocument): readonly number[] {
  if (to < from) throw refused('to lies below from');
  if (count !== undefined) {
    const [low, high] = [log(from), log(to)];
    const values = spread(count, whole, (part) => exp(low + (high - low) * part));
    return withEnds({ from, to, whole }, values, count > 1);
  }
  const values: number[] = [];
  for (let value = from; value <= to * (1 + 1e-9); value *= factor ?? 2) {
    if (values.length === maximumAxisValues) throw refused(`more than ${String(maximumAxisValues)} values`);
    values.push(tidy(value, whole));
  }
  const reached = (values.at(-1) ?? 0) >= to * (1 - 1e-9) && values.length > 1;
  return withEnds({ from, to, whole }, values, reached);
}

/** The ends as written: exp(log(x)) need not be x, and nobody wants them rounded who did not ask for it. */
function withEnds(
  { from, to, whole }: { readonly from: number; readonly to: number; readonly whole: boolean | undefined },
  values: readonly number[],
  reachesTo: boolean,
): readonly number[] {
  if (whole === true) return values;
  return values.map((value, index) => (index === 0 ? from : reachesTo && index === values.length - 1 ? to : value));
}

function randomValues(path: string, design: SampledDocument, designSeed: number): readonly number[] {
  if (design.to < design.from) throw refused('to lies below from');
  const stream = createStream(designSeed, `sweep-random:${path}`);
  return listOf(design.count, design.whole, () => place(design, stream.uniform()));
}

/**
 * Latin hypercube sampling (McKay, Beckman, Conover 1979): the axis is cut into `count` strata, each is drawn from once, and the order
 * of the strata is shuffled on each axis by itself (Fisher-Yates).
 */
function latinHypercubeValues(path: string, design: SampledDocument, designSeed: number): readonly number[] {
  if (design.to < design.from) throw refused('to lies below from');
  const stream = createStream(designSeed, `sweep-latin-hypercube:${path}`);
  const strata = Array.from({ length: design.count }, (_, index) => index);
  for (let index = strata.length - 1; index > 0; index--) {
    const other = stream.uniformInt(index + 1);
    const [a, b] = [strata[index] ?? 0, strata[other] ?? 0];
    strata[index] = b;
    strata[other] = a;
  }
  return listOf(design.count, design.whole, (index) => place(design, ((strata[index] ?? 0) + stream.uniform()) / design.count));
}

/** The value at a part (0 to 1) of the way from one end to the other. */
function place({ from, to, scale }: SampledDocument, part: number): number {
  if (scale !== 'log') return from + (to - from) * part;
  const [low, high] = [log(from), log(to)];
  return exp(low + (high - low) * part);
}

function spread(count: number, whole: boolean | undefined, at: (part: number) => number): readonly number[] {
  return listOf(count, whole, (index) => at(count === 1 ? 0 : index / (count - 1)));
}

function listOf(count: number, whole: boolean | undefined, at: (index: number) => number): readonly number[] {
  if (count > maximumAxisValues) throw refused(`more than ${String(maximumAxisValues)} values`);
  return Array.from({ length: count }, (_, index) => tidy(at(index), whole));
}

function refused(message: string): PutmodelError {
  return new PutmodelError({ code: 'INPUT_INVALID', message });
}

function tidy(value: number, whole: boolean | undefined): number {
  if (whole === true) return Math.round(value);
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(12));
}
