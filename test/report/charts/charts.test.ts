import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createHistogram, recordValueWithCount } from '../../../engine/kernel/histogram.js';
import { nodeCanvas } from '../../../engine/report/canvas.js';
import { barPanel } from '../../../engine/report/charts/bars.js';
import { drawPanels } from '../../../engine/report/charts/panels.js';
import { tickText } from '../../../engine/report/charts/ticks.js';
import { claimComparisons } from '../../../engine/putrate/reproduce.js';
import { drawBlandAltman } from '../../../engine/report/charts/bland-altman.js';
import { drawCurveOverlay } from '../../../engine/report/charts/curve-overlay.js';
import type { Canvas } from '../../../engine/report/charts/drawing.js';
import { drawLatencyPercentiles } from '../../../engine/report/charts/latency-percentiles.js';
import { drawLevelOverTime } from '../../../engine/report/charts/level-over-time.js';
import { drawLevelSizes } from '../../../engine/report/charts/level-sizes.js';
import { drawPredictedVsMeasured } from '../../../engine/report/charts/predicted-vs-measured.js';
import { drawPutRate } from '../../../engine/report/charts/put-rate.js';
import { drawStackedArea } from '../../../engine/report/charts/stacked-area.js';
import { stallBands } from '../../../engine/report/charts/stalls.js';
import { darkTheme, lightTheme, textWidth } from '../../../engine/report/charts/theme.js';
import { drawTornado } from '../../../engine/report/charts/tornado.js';
import { drawCommitChaos } from '../../../engine/report/charts/commit-pictures.js';
import { commitPoint, commitSweep, sampleCharts } from './sample-charts.js';

let canvas: Canvas;
beforeAll(async () => {
  canvas = await nodeCanvas();
});

describe.each(Object.entries(sampleCharts))('%s', (name, draw) => {
  test('is the picture on record, byte for byte', async () => {
    await expect(draw(canvas)).toMatchFileSnapshot(`../../golden/pictures/${name}.svg`);
  });

  test('is the same on another document', async () => {
    expect(draw(await nodeCanvas())).toBe(draw(canvas));
  });

  test('refers to nothing outside of itself and holds no broken number', () => {
    const svg = draw(canvas);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|href|<script| id="/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity|&nbsp;/);
  });

  test('has its own dark colours and size', () => {
    const dark = draw({ ...canvas, theme: darkTheme, widthPixels: 900, heightPixels: 500 });
    expect(dark).toContain(`fill="${darkTheme.surface}"`);
    expect(dark).toContain('width="900" height="500"');
    expect(dark).not.toContain('#ffffff');
  });
});

/** Texts of the picture in the order drawn. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? '');
}

describe('conflict rates', () => {
  test('have two bars a role, each with its share; a role without attempts loses none', () => {
    expect(textsOf(sampleCharts['conflict-rates']!(canvas))).toEqual(
      expect.arrayContaining([
        'writers: 25.0 % of 1,600 attempts',
        'writers: 10.0 % of 1,300 operations',
        'compactors: 0.0 % of 0 attempts',
        'compactors: 100.0 % of 7 operations',
      ]),
    );
  });
});

describe('predicted against measured', () => {
  test('names axes with their unit, and every run, escaped', () => {
    const texts = textsOf(sampleCharts['predicted-vs-measured']!(canvas));
    expect(texts).toEqual(expect.arrayContaining(['measured, puts/s', 'predicted, puts/s', 'small', 'medium', 'large &amp; &lt;odd&gt;']));
  });

  test('turns logarithmic from a factor of 20 on: a hundredth of the value is then half way down, not at the bottom', () => {
    const runs = [1, 100, 10_000].map((measured) => ({ label: String(measured), group: 'all', measured, predicted: measured }));
    const svg = drawPredictedVsMeasured({ title: '', unit: 'x', runs, tolerancePercent: 10 }, canvas);
    const [first, second, third] = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map((match) => Number(match[1])).slice(0, 3);
    expect((second ?? 0) - (first ?? 0)).toBeCloseTo((third ?? 0) - (second ?? 0), 1);
  });
});

describe('an envelope', () => {
  test('shows every measured value in its cell, and where there is none', () => {
    const texts = textsOf(sampleCharts['envelope-random-heat-map']!(canvas));
    for (const value of ['100', '900', '800', '1,000', '50', '700', '400', '–']) expect(texts).toContain(value);
    expect(texts).toEqual(expect.arrayContaining(['4 KiB', '64 KiB', 'iodepth of one job', 'reads, % of bytes']));
  });

  test('slices go through the measured points, each marked by a circle', () => {
    const svg = sampleCharts['envelope-random-slices']!(canvas);
    // Three panels of two lines with two points each, held where most was measured: 4 KiB and, by block size, iodepth 1.
    expect(svg.match(/<circle /g)).toHaveLength(12);
    const ends = new Set([...svg.matchAll(/[ML]([\d.]+,[\d.]+)/g)].map((match) => match[1]));
    const rounded = (text: string): string => String(Math.round(Number(text) * 1000) / 1000);
    for (const [, x = '', y = ''] of svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g))
      expect(ends).toContain(`${rounded(x)},${rounded(y)}`);
  });
});

describe('bars', () => {
  const panel = barPanel({ title: 't', label: 'l', colors: ['#000'], groups: [{ name: 'a', values: [-900] }], domain: [-100, 100] });

  test('beyond the domain are cut inside of it, with their value written', () => {
    const svg = drawPanels({ title: '', columns: 1, panels: [panel] }, canvas);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['-900', 'a']));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('the pictures of the object-store workload', () => {
  test('order a sweep by writers, then by their rate', () => {
    const names = textsOf(sampleCharts['commit-latency-sweep']!(canvas)).filter((text) => text.startsWith('W') && text.includes('_'));
    expect(names).toEqual([1, 2, 3].flatMap((writers) => ['0.02', '0.10', '0.20'].map((rate) => `W${String(writers)}_WR${rate}`)));
  });

  test('draw one dot a configuration and line, p99 dashed', () => {
    const svg = sampleCharts['commit-latency-sweep']!(canvas);
    expect(svg.match(/<circle /g)).toHaveLength(4 * commitSweep.length);
    expect(svg.match(/stroke-dasharray="7 4"/g)).toHaveLength(2);
  });

  test('show a sweep in nine panels: failures as percent of attempts, compactors in one box with a circle for each run', () => {
    const svg = sampleCharts['commit-sweep']!(canvas);
    expect(svg.match(/<g transform="translate\(\d+[\d.]* [\d.]+\)" aria-label=/g)).toHaveLength(9);
    // 1 failure in 20 operations, with 1.1 attempts each: 1 / 22 of the attempts, at 3 rates x 3 numbers of readers, for two roles.
    expect(textsOf(svg).filter((text) => text === '4.55')).toHaveLength(18);
    expect(svg.match(/<circle [^>]*r="3"/g)).toHaveLength(18);
  });

  test('show degradation as a ratio to the baseline, and no bar where nothing succeeded', () => {
    const baseline = commitPoint('baseline', 1, 0.1, 1);
    const failed = { ...commitPoint('outage', 1, 0.1, 2), reader: { ...baseline.reader!, p50Micros: null, p99Micros: null } };
    const texts = textsOf(drawCommitChaos('t', baseline, [failed], canvas));
    expect(texts.filter((text) => text === '2.00')).toHaveLength(4);
  });
});

describe('the pictures of the closed-form models', () => {
  test('show what was claimed beside what is reproduced', () => {
    const figure = (value: number): string => tickText(Number(value.toPrecision(3)));
    const texts = textsOf(sampleCharts['putrate-phase-evolution']!(canvas));
    for (const { figure: name, claimed, reproduced } of claimComparisons()) {
      if (/^V4 accuracy, (initial|middle|final)$/.test(name))
        expect(texts).toEqual(expect.arrayContaining([figure(claimed), figure(reproduced!)]));
    }
  });
});

describe('stalls', () => {
  const stalls = (state: number[]) => ({ intervalSec: 2, state, delayedSec: state.map(() => 0), stoppedSec: state.map(() => 0) });

  test('are bands of one state each', () => {
    expect(stallBands(stalls([0, 1, 1, 2, 0, 2]))).toEqual([
      { startSec: 2, endSec: 6, state: 'delayed' },
      { startSec: 6, endSec: 8, state: 'stopped' },
      { startSec: 10, endSec: 12, state: 'stopped' },
    ]);
  });

  test('of a long run are bands of the commonest state, of equals the worst', () => {
    const bands = stallBands(stalls(Array.from({ length: 800 }, (_, index) => (index < 400 ? 1 : index % 2 === 0 ? 2 : 1))));
    expect(bands).toEqual([
      { startSec: 0, endSec: 800, state: 'delayed' },
      { startSec: 800, endSec: 1600, state: 'stopped' },
    ]);
  });

  test('fill the strip by the part of the time that writers waited', () => {
    const half = { intervalSec: 1, state: [1, 1], delayedSec: [0.25, 0.25], stoppedSec: [0.5, 0] };
    const svg = drawPutRate({ title: 't', opsPerSec: [1, 1], meanOpsPerSec: 1, stalls: half }, canvas);
    const heights = (color: string) => [...(new RegExp(`<path d="([^"]*)" fill="${color}"`).exec(svg)?.[1] ?? '').matchAll(/v-([\d.]+)/g)].map(([, height]) => Number(height)); // prettier-ignore
    expect(heights(lightTheme.delayed)).toEqual([30, 10]);
    expect(heights(lightTheme.stopped)).toEqual([20]);
  });
});

describe('limits', () => {
  const stalls = { intervalSec: 1, state: [0, 0], delayedSec: [0, 0], stoppedSec: [0, 0] };
  const limits = [
    { name: 'near', value: 12 },
    { name: 'far', value: 500 },
  ];
  const chart = { title: 't', subtitle: 's', name: 'n', label: 'l', limits, stalls };

  test('that are far above are named and not drawn, so that the curve keeps its room', () => {
    const svg = drawLevelOverTime({ ...chart, values: [10, 8] }, canvas);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['near 12', 'far 500, above']));
    expect(svg.match(/stroke-dasharray="7 5"><line /g)).toHaveLength(1);
    expect(textsOf(svg)).not.toContain('500');
  });
});

describe('latency by percentile', () => {
  test('stands at the percentile that the histogram gives, a nine as wide as the next', () => {
    const histogram = createHistogram();
    recordValueWithCount(histogram, 100, 9900);
    recordValueWithCount(histogram, 5000, 100);
    const svg = drawLatencyPercentiles({ title: 't', curves: [{ name: 'c', histogram }] }, canvas);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['0 %', '90 %', '99 %', '99.9 %', 'p50 100 us', 'p99 100 us', 'p99.9 5 ms']));
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    const [p50 = 0, p99 = 0, p999 = 0, p9999 = 0] = dots;
    expect(p999 - p99).toBeCloseTo(p9999 - p999, 3);
    expect((p99 - p50) / (p999 - p99)).toBeCloseTo(Math.log10(50), 3);
  });
});

describe('level sizes', () => {
  test('have a panel for each level that held something, and name a target that is out of reach', () => {
    const flat = (mib: number) => Float64Array.of(mib, mib).map((value) => value * 1_048_576);
    const svg = drawLevelSizes(
      { title: 't', intervalSec: 1, levelBytes: [flat(10), flat(0), flat(20)], targetBytes: [flat(Infinity), flat(256), flat(2560)] },
      canvas,
    );
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['L0', 'L2, target 2,560 MiB']));
    expect(textsOf(svg)).not.toContain('L1');
  });
});

test('a narrow picture breaks its title and subtitle into lines that fit', () => {
  const narrow = { ...canvas, widthPixels: 360 };
  const texts = textsOf(sampleCharts['lsm-pending-bytes']!(narrow)).filter((text) => /sample|compactions|level is|limit/.test(text));
  expect(texts.length).toBeGreaterThan(3);
  for (const text of texts) expect(textWidth(text, 14)).toBeLessThanOrEqual(360);
});

describe('any data', () => {
  const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  const rate = fc.double({ min: 0, max: 1e9, noNaN: true });
  const name = fc.string({ maxLength: 12 });

  test('gives pictures without broken numbers', () => {
    const run = fc.record({ label: name, group: name, measured: rate, predicted: rate });
    const stall = fc.record({ startSec: rate, endSec: rate, state: fc.constantFrom('delayed' as const, 'stopped' as const) });
    fc.assert(
      fc.property(
        fc.array(run, { maxLength: 6 }),
        fc.array(rate, { maxLength: 30 }),
        fc.array(stall, { maxLength: 3 }),
        value,
        (runs, values, stalls, bias) => {
          const pictures = [
            drawPredictedVsMeasured({ title: 't', unit: 'u', runs, tolerancePercent: 10 }, canvas),
            drawBlandAltman({ title: 't', unit: 'u', runs, bias, lowerLimit: bias - 1, upperLimit: bias + 1 }, canvas),
            drawCurveOverlay({ title: 't', unit: 'u', intervalSec: 1, windowSec: 5, curves: [{ name: 'c', values, stalls }] }, canvas),
            drawTornado(
              {
                title: 't',
                answer: 'a',
                bars: [{ label: 'l', lowValue: '', highValue: '', lowChangePercent: bias, highChangePercent: null }],
              },
              canvas,
            ),
          ];
          const held = { intervalSec: 1, state: values.map(() => 1), delayedSec: values, stoppedSec: values };
          const limits = [{ name: 'l', value: Math.abs(bias) }];
          const histogram = createHistogram();
          for (const micros of values) recordValueWithCount(histogram, Math.round(micros), 1);
          pictures.push(
            drawPutRate({ title: 't', opsPerSec: values, meanOpsPerSec: Math.abs(bias), stalls: held }, canvas),
            drawLevelOverTime({ title: 't', subtitle: 's', name: 'n', label: 'l', values, limits, stalls: held }, canvas),
            drawStackedArea({ title: 't', subtitle: 's', label: 'l', intervalSec: 1, layers: [{ name: 'a', values }, { name: 'b', values }] }, canvas), // prettier-ignore
            drawLevelSizes({ title: 't', intervalSec: 1, levelBytes: [values], targetBytes: [values.map(() => Infinity)] }, canvas),
            drawLatencyPercentiles({ title: 't', curves: [{ name: 'c', histogram }] }, canvas),
          );
          for (const svg of pictures) expect(svg.replaceAll(/>[^<]*</g, '><')).not.toMatch(/NaN|undefined|Infinity/);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('of a tornado has the longest bar on top, whatever the order given', () => {
    const bar = (label: string, change: number) => ({
      label,
      lowValue: 'a',
      highValue: 'b',
      lowChangePercent: -change,
      highChangePercent: change / 2,
    });
    const svg = drawTornado({ title: 't', answer: 'a', bars: [bar('short', 1), bar('long', 9), bar('middle', 4)] }, canvas);
    const texts = textsOf(svg);
    const order = ['long', 'middle', 'short'].map((label) => texts.indexOf(label));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  test('of a curve is averaged until a screen can show it', () => {
    const values = Float64Array.from({ length: 100_000 }, (_, index) => index % 1000);
    const svg = drawCurveOverlay(
      { title: 't', unit: 'u', intervalSec: 1, windowSec: 600, curves: [{ name: 'c', values, stalls: null }] },
      canvas,
    );
    expect(svg.length).toBeLessThan(60_000);
    expect(svg).toContain('time, h');
  });
});
