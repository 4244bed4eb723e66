/**
 * Latency histograms of many runs added up: over all runs of a sweep, and for each point over its seeds. Counts are whole numbers, so the
 * sums do not depend on the order.
 */
import { join } from 'node:path';
import { openFileAtomic, writeFileAtomic } from '../files/write.js';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import { addSparse, type SparseHistogram } from '../kernel/histogram-sparse.js';
import { createHistogram, maxMicros, meanMicros, totalCount, valueAtPercentile, type Histogram } from '../kernel/histogram.js';
import { csvLine } from './table.js';

/** Histograms go in run by run, the runs of a point one after the other. */
export interface HistogramFiles {
  add(pointIndex: number, label: string, histograms: Readonly<Record<string, SparseHistogram>>): void;
  finish(): void;
  abandon(): void;
}

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

/**
 * Begins the files of a directory: `points.csv` with a row a point and histogram, and for each histogram over all runs `<name>.hdr` and
 * `<name>.hgrm`. None when no run has a histogram.
 */
export function openHistograms(directory: string): HistogramFiles {
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
      table.write(csvLine([name, at.pointIndex, at.label, ...figuresOf(histogram)]));
    }
    ofPoint = new Map();
  };
  return {
    add(pointIndex, label, histograms) {
      if (pointIndex !== at.pointIndex) closePoint();
      at = { pointIndex, label };
      for (const [name, histogram] of Object.entries(histograms)) {
        for (const sums of [whole, ofPoint]) {
          if (!sums.has(name)) sums.set(name, createHistogram(histogram));
          const sum = sums.get(name);
          if (sum !== undefined) addSparse(sum, histogram);
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

function figuresOf(histogram: Histogram): readonly (number | null)[] {
  const count = totalCount(histogram);
  if (count === 0) return [0, null, null, null, null, null, null];
  const at = (percent: number): number => valueAtPercentile(histogram, percent);
  return [count, at(50), at(95), at(99), at(99.9), maxMicros(histogram), meanMicros(histogram)];
}
