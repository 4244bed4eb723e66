/**
 * Latency histograms of many runs added up: over all runs of a sweep, and for each point over its seeds. Counts are whole numbers, so the
 * sums do not depend on the order.
 */
import { join } from 'node:path';
import { existsSync, readText } from '../files/read.js';
import { openFileAtomic, writeFileAtomic } from '../files/write.js';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import { addSparse, type SparseHistogram } from '../kernel/histogram-sparse.js';
import {
  addHistogram,
  createHistogram,
  maxMicros,
  boundedMeanMicros,
  percentileMicros,
  totalCount,
  type Histogram,
} from '../kernel/histogram.js';
import type { MergedMicros } from './point-table.js';
import { csvLine, csvRows } from './table.js';

/** Histograms go in run by run, the runs of a point one after the other. */
export interface HistogramFiles {
  add(pointIndex: number, label: string, histograms: Readonly<Record<string, SparseHistogram>>): void;
  finish(): void;
  abandon(): void;
}

/** The directory of these files in that of a sweep. */
export const histogramsName = 'histograms';

const columns = [
  'histogram',
  'pointIndex',
  'label',
  'count',
  'p50Micros',
  'p95Micros',
  'p99Micros',
  'p999Micros',
  'maxMicros',
  'meanMicros',
];

/** Is told what the histograms of a point's runs add up to. */
export type PointListener = (histogram: string, pointIndex: number, micros: MergedMicros) => void;

/**
 * Begins the files of a directory: `points.csv` with a row a point and histogram, and for each histogram over all runs `<name>.hdr` and
 * `<name>.hgrm`. None when no run has a histogram.
 */
export function openHistograms(directory: string, onPoint: PointListener): HistogramFiles {
  const whole = new Map<string, Histogram>();
  let ofPoint = new Map<string, Histogram>();
  let at = { pointIndex: -1, label: '' };
  let table: ReturnType<typeof openFileAtomic> | null = null;
  const closePoint = (): void => {
    for (const [name, histogram] of ofPoint) {
      if (table === null) {
        table = openFileAtomic(join(directory, 'points.csv'));
        table.write(csvLine(columns));
      }
      const figures = figuresOf(histogram);
      table.write(csvLine([name, at.pointIndex, at.label, ...figures]));
      onPoint(name, at.pointIndex, mergedOf(figures));
    }
    ofPoint = new Map();
  };
  return {
    add(pointIndex, label, histograms) {
      if (pointIndex !== at.pointIndex) closePoint();
      at = { pointIndex, label };
      for (const [name, histogram] of Object.entries(histograms)) {
        for (const sums of [whole, ofPoint]) {
          const sum = wideEnough(sums.get(name), histogram);
          addSparse(sum, histogram);
          sums.set(name, sum);
        }
      }
    },
    finish() {
      closePoint();
      table?.commit();
      for (const [name, histogram] of whole) {
        writeFileAtomic(join(directory, `${name}.hdr`), `${encodeV2Base64(histogram)}\n`);
        writeFileAtomic(join(directory, `${name}.hgrm`), toHgrm(histogram));
      }
    },
    abandon() {
      table?.abandon();
    },
  };
}

/** A sum that holds what it held and all of one more: runs of other lengths track other latencies. */
function wideEnough(sum: Histogram | undefined, histogram: SparseHistogram): Histogram {
  if (sum !== undefined && sum.highestTrackableMicros >= histogram.highestTrackableMicros) return sum;
  const wider = createHistogram(histogram);
  if (sum !== undefined) addHistogram(wider, sum);
  return wider;
}

function figuresOf(histogram: Histogram): readonly (number | null)[] {
  const count = totalCount(histogram);
  if (count === 0) return [0, null, null, null, null, null, null];
  const at = (percent: number): number => percentileMicros(histogram, percent);
  return [count, at(50), at(95), at(99), at(99.9), maxMicros(histogram), boundedMeanMicros(histogram)];
}

/** Of a row's figures, from `count` on. */
function mergedOf([, p50 = null, p95 = null, p99 = null, p999 = null]: readonly (number | null)[]): MergedMicros {
  return { 50: p50, 95: p95, 99: p99, 99.9: p999 };
}

/** Tells what `points.csv` of a directory holds, where there is one. */
export function readPoints(directory: string, onPoint: PointListener): void {
  const file = join(directory, 'points.csv');
  if (!existsSync(file)) return;
  const rows = csvRows(readText(file));
  rows.next();
  for (const [name = '', pointIndex, , ...figures] of rows) {
    onPoint(name, Number(pointIndex), mergedOf(figures.map((cell) => (cell === '' ? null : Number(cell)))));
  }
}
