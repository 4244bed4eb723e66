/** How large each level of a tree is over time, beside the size that the store wants it to have. */
import * as Plot from '@observablehq/plot';
import { axis, gridMarks, type Canvas } from './drawing.js';
import { drawPanels, type Panel } from './panels.js';
import { seriesColor } from './theme.js';
import { binnedMeans, bytesUnit, extentOf, tickText, timeUnit } from './ticks.js';

/** What is drawn. */
export interface LevelSizesChart {
  readonly title: string;
  readonly intervalSec: number;
  /** levelBytes[level][interval]; levels that never held anything are left out. */
  readonly levelBytes: readonly ArrayLike<number>[];
  /** Infinity where a level has no target. */
  readonly targetBytes: readonly ArrayLike<number>[];
}

/** Points of one line. */
const pointsMax = 400;
/** A target further up than this many times the size is named in the panel's title and not drawn. */
const reach = 4;

/** The SVG's text: a panel a level, each with its own axis. */
export function drawLevelSizes(chart: LevelSizesChart, canvas: Canvas): string {
  const used = chart.levelBytes
    .map((_, level) => level)
    .filter((level) => (extentOf(Array.from(chart.levelBytes[level] ?? []))?.[1] ?? 0) > 0);
  const { theme } = canvas;
  const hasTargets = used.some((level) => Array.from(chart.targetBytes[level] ?? []).some(Number.isFinite));
  return drawPanels(
    {
      title: chart.title,
      subtitle: `One frame a level, each with its own scale. ${hasTargets ? 'Above its target, a level waits for compaction' : 'Levels have no target sizes here'}`,
      legend: [
        { label: 'bytes of files', color: seriesColor(theme, 0), shape: 'line' },
        ...(hasTargets ? [{ label: 'target size', color: seriesColor(theme, 1), shape: 'dashed' } as const] : []),
      ],
      columns: canvas.widthPixels < 700 ? 1 : used.length <= 4 ? 2 : 3,
      panels: used.map((level) => levelPanel(chart, level)),
    },
    canvas,
  );
}

function levelPanel({ levelBytes, targetBytes, intervalSec }: LevelSizesChart, level: number): Panel {
  const sizes = levelBytes[level] ?? [];
  const targets = targetBytes[level] ?? [];
  const time = timeUnit(sizes.length * intervalSec);
  const [, largest] = extentOf(Array.from(sizes)) ?? [0, 1];
  const finite = Array.from(targets).filter((target) => Number.isFinite(target));
  const [lowestTarget, highestTarget] = extentOf(finite) ?? [Infinity, 0];
  const isNear = lowestTarget <= largest * reach;
  const top = Math.max(largest, isNear ? Math.min(highestTarget, largest * reach) : 0);
  const unit = bytesUnit(top);
  const far = finite.length > 0 && !isNear ? `, target ${tickText(lowestTarget / unit.bytes)} ${unit.name}` : '';
  const points = (values: ArrayLike<number>) =>
    binnedMeans(values, pointsMax)
      .filter(({ mean }) => Number.isFinite(mean))
      .map(({ at, mean }) => ({ x: (at * intervalSec) / time.sec, y: Math.min(mean / unit.bytes, (top * 1.08) / unit.bytes) }));
  return {
    title: `L${String(level)}${far}`,
    plot: (canvas) => ({
      x: axis(`time, ${time.name}`, { domain: [0, (Math.max(1, sizes.length) * intervalSec) / time.sec], tickFormat: tickText }),
      y: axis(unit.name, { domain: [0, (top * 1.08) / unit.bytes], tickFormat: tickText }),
      marks: [
        ...gridMarks(canvas),
        Plot.line(points(sizes), { x: 'x', y: 'y', stroke: seriesColor(canvas.theme, 0), strokeWidth: 2 }),
        ...(isNear
          ? [Plot.line(points(targets), { x: 'x', y: 'y', stroke: seriesColor(canvas.theme, 1), strokeWidth: 2, strokeDasharray: '7 5' })]
          : []),
        Plot.ruleY([0], { stroke: canvas.theme.ink }),
      ],
    }),
  };
}
