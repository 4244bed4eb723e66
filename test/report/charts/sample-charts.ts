/** Small data for every picture; the figures are made up. */
import { drawBlandAltman } from '../../../engine/report/charts/bland-altman.js';
import { drawCurveOverlay } from '../../../engine/report/charts/curve-overlay.js';
import type { Canvas } from '../../../engine/report/charts/drawing.js';
import { drawPredictedVsMeasured, type ComparedRun } from '../../../engine/report/charts/predicted-vs-measured.js';
import { drawTornado } from '../../../engine/report/charts/tornado.js';

export const sampleRuns: readonly ComparedRun[] = [
  { label: 'small', group: 'the rate limiter', measured: 10_000, predicted: 10_400 },
  { label: 'medium', group: 'the rate limiter', measured: 25_000, predicted: 24_500 },
  { label: 'large & <odd>', group: 'CPU time', measured: 80_000, predicted: 60_000 },
];

const real = Float64Array.from({ length: 60 }, (_, second) => 20_000 + 400 * (second % 7) - (second > 30 ? 12_000 : 0));
const simulated = real.map((value, second) => value + 300 * (second % 3));

/** Each picture by name. */
export const sampleCharts: Readonly<Record<string, (canvas: Canvas) => string>> = {
  'predicted-vs-measured': (canvas) =>
    drawPredictedVsMeasured({ title: 'Put rate', unit: 'puts/s', runs: sampleRuns, tolerancePercent: 15 }, canvas),
  'bland-altman': (canvas) =>
    drawBlandAltman({ title: 'Agreement', unit: 'puts/s', runs: sampleRuns, bias: -6700, lowerLimit: -29_000, upperLimit: 15_600 }, canvas),
  'curve-overlay': (canvas) =>
    drawCurveOverlay(
      {
        title: 'Put rate over time',
        unit: 'puts/s',
        intervalSec: 1,
        windowSec: 10,
        curves: [
          { name: 'measured', values: real, stalls: [{ startSec: 31, endSec: 60, state: 'delayed' }] },
          { name: 'predicted', values: simulated, stalls: [{ startSec: 30, endSec: 34, state: 'stopped' }] },
        ],
      },
      canvas,
    ),
  tornado: (canvas) =>
    drawTornado(
      {
        title: 'What moves the put rate',
        answer: 'put rate, from 15,131 puts/s',
        bars: [
          { label: 'max_background_jobs', lowValue: '1', highValue: '4', lowChangePercent: -2, highChangePercent: 0.5 },
          {
            label: 'rate_limiter_bytes_per_sec',
            lowValue: '32 MiB/s',
            highValue: '128 MiB/s',
            lowChangePercent: -45,
            highChangePercent: 63,
          },
          { label: 'write_buffer_size', lowValue: '8 MiB', highValue: '32 MiB', lowChangePercent: -9, highChangePercent: null },
        ],
      },
      canvas,
    ),
};
