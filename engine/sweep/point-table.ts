/**
 * Figures by point over the runs (seeds) of each: the mean of a metric, and of latency percentiles those of the runs' histograms added up.
 */
import { invariant } from '../kernel/errors.js';
import type { MergedPercent } from '../kernel/run.js';
import type { OpenSweep } from './bundle.js';
import { runAt } from './plan.js';
import type { RunRecord } from './record.js';

/** Collected run by run; eight bytes a point and metric. */
export interface PointTable {
  readonly pointCount: number;
  /** figures[metric path][point]; NaN where no run of the point gave that figure. */
  readonly figures: ReadonlyMap<string, Float64Array>;
}

/** Percentiles of a point's merged histogram, micros; null where it is empty. */
export type MergedMicros = Readonly<Record<MergedPercent, number | null>>;

/** Collects metrics of the records of a sweep, which come in the order of the run index. */
export interface PointCollector {
  add(record: RunRecord): void;
  /** What the histograms of a point's runs add up to, by their name. */
  addMerged(histogram: string, pointIndex: number, micros: MergedMicros): void;
  table(): PointTable;
}

/** A collector of these metrics (paths that the sweep keeps). */
export function createPointCollector({ plan, metrics }: OpenSweep, paths: readonly string[]): PointCollector {
  const numbers = (): Float64Array => new Float64Array(plan.pointCount);
  const columns = [...new Set(paths)].map((path) => {
    const index = metrics.findIndex((metric) => metric.path === path);
    const metric = metrics[index];
    invariant(metric !== undefined, `metric ${path} is not kept`);
    const merge = typeof metric.merge === 'string' ? null : metric.merge;
    const merged = merge === null ? null : numbers().fill(Number.NaN);
    return { path, index, merge, merged, unitMicros: metric.unit === 'millis' ? 1000 : 1, sums: numbers(), counts: numbers() };
  });
  return {
    add(record) {
      if ('error' in record) return;
      const { pointIndex } = runAt(plan, record.runIndex);
      for (const { index, sums, counts } of columns) {
        const value = record.values[index] ?? null;
        if (value === null) continue;
        sums[pointIndex] = (sums[pointIndex] ?? 0) + value;
        counts[pointIndex] = (counts[pointIndex] ?? 0) + 1;
      }
    },
    addMerged(histogram, pointIndex, micros) {
      for (const { merge, merged, unitMicros } of columns) {
        if (merged === null || merge?.histogram !== histogram) continue;
        const value = micros[merge.percent];
        if (value !== null) merged[pointIndex] = value / unitMicros;
      }
    },
    table() {
      const figuresOf = ({ sums, counts, merged }: (typeof columns)[number]): Float64Array =>
        sums.map((sum, point) => {
          const count = counts[point] ?? 0;
          // A percentile of several runs that have no histograms is not known.
          return merged === null || count < 2 ? sum / count : (merged[point] ?? Number.NaN);
        });
      return { pointCount: plan.pointCount, figures: new Map(columns.map((column) => [column.path, figuresOf(column)])) };
    },
  };
}

/** A column of the table. */
export function columnOf({ figures }: PointTable, path: string): Float64Array {
  const column = figures.get(path);
  invariant(column !== undefined, `metric ${path} was not collected`);
  return column;
}
