import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSampler,
  fitDistribution,
  meanOf,
  quantileFunction,
  sampleMicros,
  scaleDistribution,
  type Distribution,
} from '../../engine/commit/distribution.js';
import { createStream } from '../../engine/kernel/random.js';

const lognormal: Distribution = { kind: 'lognormal', medianMicros: 480_000, sigma: 0.5 };
const shapes: readonly Distribution[] = [
  { kind: 'constant', micros: 70 },
  lognormal,
  { kind: 'gamma', meanMicros: 1000, shape: 4 },
  { kind: 'gamma', meanMicros: 1000, shape: 0.5 },
  {
    kind: 'quantiles',
    points: [
      { fraction: 0.5, micros: 100 },
      { fraction: 0.9, micros: 200 },
      { fraction: 0.999, micros: 900 },
    ],
  },
];

describe('quantiles', () => {
  it('of the documents: p50 0.48 s and p99 0.48 e^(2.326 x 0.5) = 1.54 s', () => {
    const quantile = quantileFunction(lognormal);
    expect(quantile(0.5)).toBeCloseTo(480_000, 6);
    expect(quantile(0.99)).toBeCloseTo(1_535_990, -3);
  });

  it('of a gamma: shape 1 is exponential, -ln(1 - p); shape 4 has its known median and p99', () => {
    const exponential = quantileFunction({ kind: 'gamma', meanMicros: 1, shape: 1 });
    for (const fraction of [0.01, 0.5, 0.9, 0.999]) expect(exponential(fraction)).toBeCloseTo(-Math.log(1 - fraction), 9);
    const erlang = quantileFunction({ kind: 'gamma', meanMicros: 4, shape: 4 });
    expect(erlang(0.5)).toBeCloseTo(3.672060749, 8);
    expect(erlang(0.99)).toBeCloseTo(10.04511752, 7);
  });

  it('that were measured are met, between them latencies grow, above the last they stay', () => {
    const quantile = quantileFunction(shapes[4]!);
    expect([quantile(0.5), quantile(0.9), quantile(0.999), quantile(0.999999)].map(Math.round)).toEqual([100, 200, 900, 900]);
    expect(quantile(0.7)).toBeGreaterThan(100);
    expect(quantile(0.7)).toBeLessThan(200);
  });
});

describe('the table', () => {
  it.each(shapes)('of %o draws its quantiles within 1 %, tail included', (shape) => {
    const sampler = createSampler(shape);
    const quantile = quantileFunction(shape);
    for (const fraction of [0.05, 0.3, 0.5, 0.8, 0.99, 0.999, 0.9999, 0.99999]) {
      expect(sampleMicros(sampler, fraction) / quantile(fraction)).toBeCloseTo(1, 2);
    }
  });

  it('never falls, for any shape and any two draws', () => {
    const draw = fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...shapes.map(createSampler)), draw, draw, (sampler, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(sampleMicros(sampler, low)).toBeLessThanOrEqual(sampleMicros(sampler, high) * (1 + 1e-12));
      }),
    );
  });

  it('has the mean of its draws', () => {
    const sampler = createSampler(lognormal);
    const stream = createStream(1, 'test');
    let sum = 0;
    for (let i = 0; i < 200_000; i++) sum += sampleMicros(sampler, stream.uniform());
    expect(sum / 200_000 / meanOf(sampler)).toBeCloseTo(1, 2);
    // median x e^(sigma^2 / 2)
    expect(meanOf(sampler) / (480_000 * Math.exp(0.125))).toBeCloseTo(1, 2);
  });

  it('of a multiplied distribution is multiplied', () => {
    for (const shape of shapes) {
      expect(sampleMicros(createSampler(scaleDistribution(shape, 3)), 0.7)).toBeCloseTo(3 * sampleMicros(createSampler(shape), 0.7), 6);
    }
  });
});

describe('a fit to percentiles', () => {
  const pointsOf = (shape: Distribution) => [0.5, 0.9, 0.99].map((fraction) => ({ fraction, micros: quantileFunction(shape)(fraction) }));

  it('finds the log-normal they come from', () => {
    expect(fitDistribution('lognormal', pointsOf(lognormal))).toMatchObject({
      medianMicros: expect.closeTo(480_000, 3),
      sigma: expect.closeTo(0.5, 9),
    });
  });

  it('finds the gamma they come from', () => {
    const found = fitDistribution('gamma', pointsOf({ kind: 'gamma', meanMicros: 2000, shape: 3 }));
    expect(found).toMatchObject({ kind: 'gamma', meanMicros: expect.closeTo(2000, 0), shape: expect.closeTo(3, 2) });
  });
});
