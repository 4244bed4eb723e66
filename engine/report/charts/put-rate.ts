/** A run's put rate over time, with when its writers were held. */
import * as Plot from '@observablehq/plot';
import { formatCount, formatSeconds } from '../../kernel/units.js';
import { axis, drawPicture, gridMarks, type Canvas } from './drawing.js';
import { bandMarks, drawWaiting, stallLegend, waitingRoom, type StallSeries } from './stalls.js';
import { seriesColor } from './theme.js';
import { binnedMeans, extentOf, tickText, timeUnit } from './ticks.js';

/** What is drawn. */
export interface PutRateChart {
  readonly title: string;
  readonly opsPerSec: ArrayLike<number>;
  readonly meanOpsPerSec: number;
  readonly stalls: StallSeries;
}

/** Points of one line: more cannot be told apart on a screen. */
const pointsMax = 1200;

/** The SVG's text: every interval as a faint line, means over windows bold, the whole run's mean dashed. */
export function drawPutRate(chart: PutRateChart, canvas: Canvas): string {
  const { theme } = canvas;
  const { opsPerSec, meanOpsPerSec, stalls } = chart;
  const { intervalSec } = stalls;
  const spanSec = Math.max(intervalSec, opsPerSec.length * intervalSec);
  const time = timeUnit(spanSec);
  const windowSec = windowOf(spanSec);
  const points = (count: number) => binnedMeans(opsPerSec, count).map(({ at, mean }) => ({ x: (at * intervalSec) / time.sec, y: mean }));
  const all = points(pointsMax);
  const [, top] = extentOf([...all.map(({ y }) => y), meanOpsPerSec]) ?? [0, 1];
  const color = seriesColor(theme, 0);
  return drawPicture(
    {
      title: chart.title,
      subtitle: `Mean ${formatCount(meanOpsPerSec)} puts/s. Bold: means over ${formatSeconds(windowSec)}. Strip: part of the time in which writers waited`,
      legend: [
        { label: 'put rate', color, shape: 'line' },
        { label: 'mean of the run', color: theme.ink, shape: 'dashed' },
        ...stallLegend(canvas),
      ],
      roomAbove: waitingRoom,
      plot: {
        x: axis(`time, ${time.name}`, { domain: [0, spanSec / time.sec], tickFormat: tickText }),
        y: axis('put rate, puts/s', { domain: [0, (top || 1) * 1.05], tickFormat: tickText }),
        marks: [
          ...bandMarks(stalls, time.sec, canvas),
          ...gridMarks(canvas),
          Plot.line(all, { x: 'x', y: 'y', stroke: color, strokeWidth: 1, strokeOpacity: 0.5 }),
          Plot.line(points(Math.ceil(spanSec / windowSec)), { x: 'x', y: 'y', stroke: color, strokeWidth: 2.5 }),
          Plot.ruleY([meanOpsPerSec], { stroke: theme.ink, strokeWidth: 1.5, strokeDasharray: '7 5' }),
          Plot.ruleY([0], { stroke: theme.ink }),
        ],
      },
      overlay: (frame, add) => {
        drawWaiting(stalls, time.sec, frame, canvas, add);
      },
    },
    canvas,
  );
}

/** Windows that people think in; the first that gives 60 points or fewer. */
function windowOf(spanSec: number): number {
  const windows = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  return windows.find((windowSec) => spanSec / windowSec <= 60) ?? 24 * 3600;
}
