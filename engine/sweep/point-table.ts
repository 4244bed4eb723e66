/** Figures by point: the mean of a metric over the runs (seeds) of each point that gave one. */
import { invariant } from '../kernel/errors.js';
import type { OpenSweep } from './bundle.js';
import { runAt } from './plan.js';
import type { RunRecord } from './record.js';

/** Collected run by run; eight bytes a point and metric. */
export interface PointTable {
  readonly pointCount: number;
  /** mean[metric path][point]; NaN where no run of the point gave that figure. */
  readonly means: ReadonlyMap<string, Float64Array>;
}

/** Collects metrics of the records of a sweep, which come in the order of the run index. */
export interface PointCollector {
  add(record: RunRecord): void;
  table(): PointTable;
}

/** A collector of these metrics (paths that the sweep keeps). */
export function createPointCollector({ plan, metrics }: OpenSweep, paths: readonly string[]): PointCollector {
  const columns = [...new Set(paths)].map((path) => {
    const index = metrics.findIndex((metric) => metric.path === path);
    invariant(index !== -1, `metric ${path} is not kept`);
    return { path, index, sums: new Float64Array(plan.pointCount), counts: new Uint32Array(plan.pointCount) };
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
    table() {
      const meansOf = (sums: Float64Array, counts: Uint32Array): Float64Array => sums.map((sum, point) => sum / (counts[point] ?? 0));
      return { pointCount: plan.pointCount, means: new Map(columns.map(({ path, sums, counts }) => [path, meansOf(sums, counts)])) };
    },
  };
}

/** A column of the table. */
export function columnOf({ means }: PointTable, path: string): Float64Array {
  const column = means.get(path);
  invariant(column !== undefined, `metric ${path} was not collected`);
  return column;
}
