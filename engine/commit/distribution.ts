/**
 * Latency distributions as people state them (log-normal, gamma, measured quantiles, one constant), fitted where only percentiles are known,
 * and compiled to one table of quantiles, so that a draw costs one uniform number and one interpolation whatever the shape.
 *
 * The table has 1024 equal cells; the last one, where the tail is, is cut into 1024 again, so that one draw in a million is still resolved:
 *
 *   cell      0 | 1 | ... | 1022 | 1023
 *   tail cell                      0 | 1 | ... | 1023
 */
import { invariant } from '../kernel/errors.js';
import { exp, log, normalQuantile } from '../kernel/math.js';
import { minimize } from '../kernel/nelder-mead.js';

/** A distribution of latencies in micros. `points` of measured quantiles ascend in both columns; fraction in (0, 1). */
export type Distribution =
  | { readonly kind: 'constant'; readonly micros: number }
  | { readonly kind: 'lognormal'; readonly medianMicros: number; readonly sigma: number }
  | { readonly kind: 'gamma'; readonly meanMicros: number; readonly shape: number }
  | { readonly kind: 'quantiles'; readonly points: readonly QuantilePoint[] };

/** `fraction` of all latencies are at or below `micros`. */
export interface QuantilePoint {
  readonly fraction: number;
  readonly micros: number;
}

const cells = 1024;

/** Quantiles at the borders of the cells: 1024 of the body, then 1025 of the tail. */
export type Sampler = Float64Array;

/** The table of a distribution. Its smallest value is the quantile of a quarter of the first cell, its largest that of 1 - 2^-21. */
export function createSampler(distribution: Distribution): Sampler {
  const table = new Float64Array(2 * cells + 1);
  const quantile = quantileFunction(distribution);
  for (let i = 0; i < cells; i++) table[i] = quantile(Math.max(i, 0.25) / cells);
  for (let i = 0; i <= cells; i++) table[cells + i] = quantile(1 - (cells - Math.min(i, cells - 0.5)) / (cells * cells));
  return table;
}

/** The latency at a uniform number from [0, 1), micros, not rounded. */
export function sampleMicros(table: Sampler, uniform: number): number {
  let position = uniform * cells;
  let cell = Math.floor(position);
  if (cell >= cells - 1) {
    position = (position - cells + 1) * cells + cells;
    cell = Math.min(Math.floor(position), 2 * cells - 1);
  }
  const low = table[cell]!;
  return low + (table[cell + 1]! - low) * (position - cell);
}

/** Mean of what `sampleMicros` draws, micros. */
export function meanOf(table: Sampler): number {
  let body = 0;
  for (let i = 0; i < cells - 1; i++) body += table[i]! + table[i + 1]!;
  let tail = 0;
  for (let i = cells; i < 2 * cells; i++) tail += table[i]! + table[i + 1]!;
  return (body + tail / cells) / (2 * cells);
}

/** The distribution with every latency multiplied. */
export function scaleDistribution(distribution: Distribution, factor: number): Distribution {
  switch (distribution.kind) {
    case 'constant':
      return { kind: 'constant', micros: distribution.micros * factor };
    case 'lognormal':
      return { ...distribution, medianMicros: distribution.medianMicros * factor };
    case 'gamma':
      return { ...distribution, meanMicros: distribution.meanMicros * factor };
    case 'quantiles':
      return { kind: 'quantiles', points: distribution.points.map((point) => ({ ...point, micros: point.micros * factor })) };
  }
}

/**
 * The latency at a fraction in (0, 1), as a function. Between measured quantiles, the logarithm of latency is linear in the normal score
 * (a log-normal through each pair); below the first the first pair's line goes on, above the last its value stays.
 */
export function quantileFunction(distribution: Distribution): (fraction: number) => number {
  switch (distribution.kind) {
    case 'constant':
      return () => distribution.micros;
    case 'lognormal':
      return (fraction) => distribution.medianMicros * exp(distribution.sigma * normalQuantile(fraction));
    case 'gamma':
      return (fraction) => (distribution.meanMicros / distribution.shape) * gammaQuantile(distribution.shape, fraction);
    case 'quantiles':
      return quantilesFunction(distribution.points);
  }
}

function quantilesFunction(points: readonly QuantilePoint[]): (fraction: number) => number {
  invariant(points.length > 0, 'a distribution by quantiles needs one or more');
  const scores = points.map(({ fraction }) => normalQuantile(fraction));
  const logs = points.map(({ micros }) => log(Math.max(micros, 1)));
  const last = points.length - 1;
  return (fraction) => {
    const score = normalQuantile(fraction);
    if (last === 0 || score >= scores[last]!) return exp(logs[last]!);
    let right = 1;
    while (right < last && scores[right]! < score) right++;
    const share = (score - scores[right - 1]!) / (scores[right]! - scores[right - 1]!);
    return exp(logs[right - 1]! + share * (logs[right]! - logs[right - 1]!));
  };
}

/**
 * The log-normal or gamma distribution nearest to some percentiles: least squares of the logarithms. A log-normal's are linear in the
 * normal score, so its fit is closed; the gamma's shape and mean are searched.
 */
export function fitDistribution(kind: 'lognormal' | 'gamma', points: readonly QuantilePoint[]): Distribution {
  invariant(points.length >= 2, 'fitting a distribution needs two percentiles or more');
  const scores = points.map(({ fraction }) => normalQuantile(fraction));
  const logs = points.map(({ micros }) => log(Math.max(micros, 1)));
  const [meanScore, meanLog] = [mean(scores), mean(logs)];
  const spread = scores.reduce((sum, score) => sum + (score - meanScore) * (score - meanScore), 0);
  const slope = scores.reduce((sum, score, i) => sum + (score - meanScore) * (logs[i]! - meanLog), 0) / spread;
  const lognormal = { kind: 'lognormal', medianMicros: exp(meanLog - slope * meanScore), sigma: Math.max(slope, 0) } as const;
  if (kind === 'lognormal') return lognormal;
  const gammaOf = ([logMean = 0, logShape = 0]: readonly number[]): Distribution => ({
    kind: 'gamma',
    meanMicros: exp(logMean),
    shape: exp(logShape),
  });
  const misfit = (variables: readonly number[]): number => {
    const quantile = quantileFunction(gammaOf(variables));
    return points.reduce((sum, { fraction }, i) => {
      const error = log(Math.max(quantile(fraction), 1e-9)) - logs[i]!;
      return sum + error * error;
    }, 0);
  };
  const startShape = log(1 / Math.max(slope * slope, 1e-4));
  const startMean = log(lognormal.medianMicros) + (slope * slope) / 2;
  const bounds = { lower: [startMean - 3, -3], upper: [startMean + 3, 10] };
  return gammaOf(minimize(misfit, { start: [startMean, Math.min(startShape, 9)], ...bounds, tolerance: 1e-9, evaluationLimit: 600 }).point);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The x with P(shape, x) = fraction, by bisection of ln x; to a relative 1e-12. */
function gammaQuantile(shape: number, fraction: number): number {
  let low = -745 / Math.min(shape, 1);
  let high = log(shape + 40 * Math.sqrt(shape) + 800);
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2;
    if (gammaCumulative(shape, exp(middle)) < fraction) low = middle;
    else high = middle;
  }
  return exp((low + high) / 2);
}

/** Regularised lower incomplete gamma function: its series below shape + 1, Lentz's continued fraction above. Source: DLMF 8.11.4, 8.9.2. */
function gammaCumulative(shape: number, x: number): number {
  if (!(x > 0)) return 0;
  const front = exp(shape * log(x) - x - logGamma(shape));
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; n < 2000 && term > sum * 1e-15; n++) {
      term *= x / (shape + n);
      sum += term;
    }
    return Math.min(1, front * sum);
  }
  const tiny = 1e-300;
  let b = x + 1 - shape;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 2000; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / nonZero(a * d + b, tiny);
    c = nonZero(b + a / c, tiny);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return Math.max(0, 1 - front * h);
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** ln of the gamma function for x above 0, by Stirling's series from 10 on. Source: DLMF 5.11.1. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift += log(z);
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / z;
  return (z - 0.5) * log(z) - z + 0.91893853320467274178 + series - shift;
}
