/** Small data for every picture; the figures are made up. */
import { drawBlandAltman } from '../../../engine/report/charts/bland-altman.js';
import { drawConflictRates } from '../../../engine/report/charts/conflict-rates.js';
import { drawCurveOverlay } from '../../../engine/report/charts/curve-overlay.js';
import { createHistogram, recordValueWithCount } from '../../../engine/kernel/histogram.js';
import { GIB, MIB } from '../../../engine/kernel/units.js';
import { backlogPictures, type BacklogRun } from '../../../engine/report/charts/backlog-pictures.js';
import type { Canvas, NamedPicture } from '../../../engine/report/charts/drawing.js';
import type { EnvelopeModel } from '../../../engine/device/envelope.js';
import { envelopePictures } from '../../../engine/report/charts/envelope-pictures.js';
import { putRatePictures } from '../../../engine/report/charts/putrate-pictures.js';
import {
  drawCommitBaseline,
  drawCommitChaos,
  drawLatencySweep,
  type CommitPoint,
  type CommitRole,
} from '../../../engine/report/charts/commit-pictures.js';
import { drawCommitSweep } from '../../../engine/report/charts/commit-sweep.js';
import { heatMapPanel } from '../../../engine/report/charts/heat-map.js';
import { drawMainEffects } from '../../../engine/report/charts/main-effects.js';
import { drawnUnit } from '../../../engine/report/charts/metric-unit.js';
import { drawPanels } from '../../../engine/report/charts/panels.js';
import { drawPareto } from '../../../engine/report/charts/pareto.js';
import { lsmPictures, type LsmRun } from '../../../engine/report/charts/lsm-pictures.js';
import { drawPredictedVsMeasured, type ComparedRun } from '../../../engine/report/charts/predicted-vs-measured.js';
import { drawTornado } from '../../../engine/report/charts/tornado.js';

export const sampleRuns: readonly ComparedRun[] = [
  { label: 'small', group: 'the rate limiter', measured: 10_000, predicted: 10_400 },
  { label: 'medium', group: 'the rate limiter', measured: 25_000, predicted: 24_500 },
  { label: 'large & <odd>', group: 'CPU time', measured: 80_000, predicted: 60_000 },
];

const real = Float64Array.from({ length: 60 }, (_, second) => 20_000 + 400 * (second % 7) - (second > 30 ? 12_000 : 0));
const simulated = real.map((value, second) => value + 300 * (second % 3));

/** An hour and forty minutes at 10 s: delays from 600 s on, a stop in the middle, two levels that grow. */
function sampleLsmRun(): LsmRun {
  const count = 600;
  const each = (value: (index: number) => number): Float64Array => Float64Array.from({ length: count }, (_, index) => value(index));
  const state = Uint8Array.from({ length: count }, (_, index) => (index < 60 ? 0 : index >= 300 && index < 320 ? 2 : 1));
  const putLatencyMicros = createHistogram();
  for (const [micros, times] of [[12, 900_000], [30, 90_000], [1000, 9900], [25_000, 99], [400_000, 1]] as const) recordValueWithCount(putLatencyMicros, micros, times); // prettier-ignore
  return {
    name: 'sample',
    meanOpsPerSec: 15_000,
    options: {
      compaction_style: 'level',
      level0_file_num_compaction_trigger: 4,
      level0_slowdown_writes_trigger: 20,
      level0_stop_writes_trigger: 36,
      soft_pending_compaction_bytes_limit: 4 * GIB,
      hard_pending_compaction_bytes_limit: 64 * GIB,
    },
    putLatencyMicros,
    series: {
      intervalSec: 10,
      opsPerSec: each((index) => (state[index] === 0 ? 40_000 : state[index] === 1 ? 14_000 + 100 * (index % 9) : 0)),
      l0Files: each((index) => Math.min(21, Math.floor(index / 3)) - (index % 5)).map((files) => Math.max(0, files)),
      pendingCompactionBytes: each((index) => Math.min(5, index / 60) * GIB),
      delayedWriteRateBytesPerSec: each(() => 16 * MIB),
      state,
      flushBytes: each((index) => 160 * MIB - (index % 4) * 20 * MIB),
      compactionBytes: each((index) => (index < 20 ? 0 : 500 * MIB)),
      flushWrittenBytes: each((index) => 160 * MIB - (index % 4) * 20 * MIB),
      compactionWrittenBytes: each((index) => (index < 20 ? 0 : 500 * MIB)),
      walBytes: each(() => 170 * MIB),
      delayedSec: each((index) => (state[index] === 1 ? 6 : 0)),
      stoppedSec: each((index) => (state[index] === 2 ? 10 : 0)),
      levelBytes: [
        each((index) => (index % 5) * 64 * MIB),
        each((index) => Math.min(300, index * 2) * MIB),
        each((index) => index * 8 * MIB),
        each(() => 0),
      ],
      targetBytes: [each(() => Infinity), each(() => 256 * MIB), each(() => 2560 * MIB), each(() => 25_600 * MIB)],
    },
  };
}

/** Seven levels, one after the other. */
const sampleBacklog: BacklogRun = {
  name: '',
  levelNames: ['L0', 'L1', 'L2', 'L3', 'L4', 'L5', 'L6'],
  backlog: { endBytes: 0, peakBytes: 12 * GIB },
  series: {
    intervalSec: 1,
    backlogBytes: [0, 1, 2, 3, 4, 5, 6].map((level) =>
      Float64Array.from({ length: 100 }, (_, step) => Math.max(0, 20 - Math.abs(step - 25 - 8 * level)) * (GIB / 10)),
    ),
    capacityBytesPerSec: [1, 2, 3, 4, 5, 6, 7].map((share) =>
      Float64Array.from({ length: 100 }, (_, step) => (share * 20 - step / 10) * MIB),
    ),
  },
};

/** Two read shares x two iodepths x two block sizes; the last point was not measured. */
export const sampleEnvelope: EnvelopeModel = {
  schema: 'putmodel/envelope/1',
  name: 'sample',
  source: 'made up',
  inputs: [],
  notes: [],
  surfaces: {
    random: {
      axes: { readPercent: [0, 100], iodepth: [1, 8], numjobs: [1], bsKib: [4, 64] },
      runs: [1, 1, 1, 1, 1, 1, 1, 0],
      spreadFraction: [0, 0, 0, 0, 0, 0, 0, 0],
      columns: { totalBytesPerSec: [100, 900, 800, 1000, 50, 700, 400, null].map((value) => (value === null ? null : value * MIB)) },
    },
  },
};

const role = (p50Millis: number, opsPerSec: number): CommitRole => ({
  p50Micros: p50Millis * 1000,
  p95Micros: p50Millis * 1900,
  p99Micros: p50Millis * 2600,
  opsPerSec,
  attemptsPerSec: opsPerSec * 1.1,
  preconditionFailuresPerSec: opsPerSec / 20,
  retryFailuresPerSec: opsPerSec / 400,
});

/** A writer, a compactor and readers; `slower` times as slow. */
export function commitPoint(label: string, numWriters: number, writerRatePerSec: number, slower: number): CommitPoint {
  const writer = role(1500 * slower, numWriters * writerRatePerSec);
  return {
    label,
    numWriters,
    writerRatePerSec,
    numReaders: 2,
    readerRatePerSec: 2,
    writer,
    compactor: role(7000 * slower, 0.02),
    reader: role(1000 * slower, 4),
  };
}

export const commitSweep: readonly CommitPoint[] = [3, 1, 2].flatMap((writers) =>
  [0.2, 0.02, 0.1].map((rate) => commitPoint(`W${String(writers)}_WR${rate.toFixed(2)}`, writers, rate, 1 + writers * rate)),
);
const faults = ['latency', 'timeouts', 'throttling', 'lost answers', 'crashes', 'skewed clocks', 'all of them'];

function drawn(prefix: string, pictures: readonly NamedPicture[]): Record<string, (canvas: Canvas) => string> {
  return Object.fromEntries(pictures.map(({ name, draw }) => [`${prefix}-${name}`, draw]));
}

/** Each picture by name. */
export const sampleCharts: Readonly<Record<string, (canvas: Canvas) => string>> = {
  ...drawn('lsm', lsmPictures(sampleLsmRun())),
  ...drawn('backlog', backlogPictures(sampleBacklog)),
  'conflict-rates': (canvas) =>
    drawConflictRates(
      {
        title: 'Commits that failed',
        roles: [
          { name: 'writers', attemptCount: 1600, preconditionFailureCount: 400, operations: 1300, failedCount: 130 },
          { name: 'compactors', attemptCount: 0, preconditionFailureCount: 0, operations: 7, failedCount: 7 },
        ],
      },
      canvas,
    ),
  ...drawn('envelope', envelopePictures(sampleEnvelope)),
  ...drawn('putrate', putRatePictures()),
  'commit-baseline': (canvas) => drawCommitBaseline('Baseline', commitPoint('baseline', 1, 0.1, 1), canvas),
  'commit-latency-sweep': (canvas) => drawLatencySweep('Latency against configuration', commitSweep, canvas),
  'commit-sweep': (canvas) =>
    drawCommitSweep(
      'Sweep',
      [2, 4, 8].flatMap((numReaders) =>
        [1, 5].flatMap((readerRatePerSec) =>
          [0.02, 0.1, 0.2].map((rate) => {
            const slower = 1 + rate + (numReaders * readerRatePerSec) / 40;
            return { ...commitPoint(`R${String(numReaders)}`, 1, rate, slower), numReaders, readerRatePerSec };
          }),
        ),
      ),
      canvas,
    ),
  'commit-chaos': (canvas) =>
    drawCommitChaos(
      'Faults',
      commitPoint('baseline', 1, 0.1, 1),
      faults.map((name, index) => commitPoint(name, 1, 0.1, 1 + index / 4)),
      canvas,
    ),
  'sweep-pareto': (canvas) =>
    drawPareto(
      {
        title: 'Put rate against stalls',
        x: { name: 'put rate', unit: drawnUnit('opsPerSec', 30_000), better: 'more' },
        y: { name: 'stopped', unit: drawnUnit('sec', 200), better: 'less' },
        points: Array.from({ length: 40 }, (_, index) => {
          const [x, y] = [12_000 + 450 * index, 20 + ((index * 37) % 23) * 5 + index];
          return { label: index % 13 === 5 ? `multiplier=${String(index)} & <odd>` : '', x, y, isOnFront: index % 13 === 5 };
        }),
      },
      canvas,
    ),
  'sweep-effects': (canvas) =>
    drawMainEffects(
      {
        title: 'What each axis does',
        metric: 'put rate',
        unit: drawnUnit('opsPerSec', 30_000),
        effects: [
          {
            axis: 'lsm.write_buffer_size',
            share: '61 % of the variance',
            isOrdered: true,
            levels: [12, 15, 19].map((mean, index) => ({ name: String(4 << index), mean: mean * 1000 })),
          },
          {
            axis: 'device',
            share: '12 % of the variance',
            isOrdered: false,
            levels: ['debian-vm', 'a drive with a name that is much longer than others'].map((name, index) => ({
              name,
              mean: 14_000 + 900 * index,
            })),
          },
        ],
      },
      canvas,
    ),
  'sweep-map': (canvas) =>
    drawPanels(
      {
        title: 'Put rate',
        columns: 1,
        panels: [
          heatMapPanel({
            ...{
              title: '',
              xLabel: 'jobs',
              xValues: [0, 1],
              xNames: ['2', '4'],
              yLabel: 'device',
              yValues: [0, 1],
              yNames: ['debian-vm', 'read=100MiB/s'],
            },
            cells: [
              { x: 0, y: 0, value: 12_000 },
              { x: 1, y: 0, value: 12_100 },
              { x: 0, y: 1, value: 12_050 },
              { x: 1, y: 1, value: null },
            ],
            ...{ smallest: 12_000, largest: 12_100 },
          }),
        ],
      },
      canvas,
    ),
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
