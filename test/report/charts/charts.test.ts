import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeCanvas } from '../../../engine/report/canvas.js';
import { drawBlandAltman } from '../../../engine/report/charts/bland-altman.js';
import { drawCurveOverlay } from '../../../engine/report/charts/curve-overlay.js';
import type { Canvas } from '../../../engine/report/charts/drawing.js';
import { drawPredictedVsMeasured } from '../../../engine/report/charts/predicted-vs-measured.js';
import { darkTheme } from '../../../engine/report/charts/theme.js';
import { drawTornado } from '../../../engine/report/charts/tornado.js';
import { sampleCharts } from './sample-charts.js';

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
          for (const svg of pictures) expect(svg.replaceAll(/>[^<]*</g, '><')).not.toMatch(/NaN|undefined|Infinity/);
        },
      ),
      { numRuns: 25 },
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
