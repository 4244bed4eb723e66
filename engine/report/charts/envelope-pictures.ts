/** The pictures of a device's envelope: heat maps of what was measured, and slices of what is looked up between the measured points. */
import * as Plot from '@observablehq/plot';
import {
  axisNames,
  createLookup,
  defaultAxes,
  type AxisName,
  type EnvelopeModel,
  type EnvelopeSurface,
  type Pattern,
} from '../../device/envelope.js';
import { exp, log } from '../../kernel/math.js';
import { MIB } from '../../kernel/units.js';
import { axis, gridMarks, titled, type Canvas, type NamedPicture } from './drawing.js';
import { heatMapPanel } from './heat-map.js';
import { drawLineNames } from './labels.js';
import { drawPanels, type Panel } from './panels.js';
import { seriesColor } from './theme.js';
import { tickText } from './ticks.js';

/** Heat maps and slices of each pattern that was measured. */
export function envelopePictures(model: EnvelopeModel): readonly NamedPicture[] {
  return (['random', 'sequential'] as const).flatMap((pattern) => {
    const surface = model.surfaces[pattern];
    if (surface === undefined) return [];
    return [
      { name: `${pattern}-heat-map`, draw: (canvas: Canvas) => drawHeatMaps(model.name, pattern, surface, canvas) },
      { name: `${pattern}-slices`, draw: (canvas: Canvas) => drawSlices(model, pattern, surface, canvas) },
    ];
  });
}

const axisLabels: Readonly<Record<AxisName, string>> = {
  readPercent: 'reads, % of bytes',
  iodepth: 'iodepth of one job',
  numjobs: 'numjobs',
  bsKib: 'block size, KiB',
};
const bandwidth = 'totalBytesPerSec';

/** A point of the grid, with what was measured there. */
interface Point extends Readonly<Record<AxisName, number>> {
  /** null: not measured. */
  readonly mibPerSec: number | null;
}

/** Every point of the grid, measured or not. */
function pointsOf({ axes, columns }: EnvelopeSurface): Point[] {
  const values = columns[bandwidth] ?? [];
  const points: Point[] = [];
  for (const readPercent of axes.readPercent)
    for (const iodepth of axes.iodepth)
      for (const numjobs of axes.numjobs)
        for (const bsKib of axes.bsKib) {
          const value = values[points.length] ?? null;
          points.push({ readPercent, iodepth, numjobs, bsKib, mibPerSec: value === null ? null : value / MIB });
        }
  return points;
}

const panelsMax = 6;

/** Read share over iodepth, one panel a block size, at the numjobs with the most measured points. */
function drawHeatMaps(name: string, pattern: Pattern, surface: EnvelopeSurface, canvas: Canvas): string {
  const points = pointsOf(surface);
  const measured = (key: AxisName, value: number): number =>
    points.filter((point) => point[key] === value && point.mibPerSec !== null).length;
  const numjobs = mostOf(surface.axes.numjobs, (value) => measured('numjobs', value));
  const shown = points.filter((point) => point.numjobs === numjobs);
  const largest = shown.reduce((max, { mibPerSec }) => Math.max(max, mibPerSec ?? 0), 0);
  const sizes = [...surface.axes.bsKib].sort((a, b) => measured('bsKib', b) - measured('bsKib', a) || a - b).slice(0, panelsMax);
  const panels = sizes
    .sort((a, b) => a - b)
    .map((bsKib) =>
      heatMapPanel({
        title: `${tickText(bsKib)} KiB`,
        xLabel: axisLabels.iodepth,
        xValues: surface.axes.iodepth,
        yLabel: axisLabels.readPercent,
        yValues: surface.axes.readPercent,
        cells: shown
          .filter((point) => point.bsKib === bsKib)
          .map(({ iodepth, readPercent, mibPerSec }) => ({ x: iodepth, y: readPercent, value: mibPerSec })),
        largest,
      }),
    );
  return drawPanels(
    {
      title: titled(name, `bandwidth measured with ${pattern} access`),
      subtitle: `MiB/s of reads and writes together, by block size, at numjobs ${String(numjobs)}; the stronger the colour the faster; "–": not measured, or left out`,
      columns: Math.min(panels.length, 3),
      panels,
    },
    canvas,
  );
}

/** The value with the most; of equals the largest. */
function mostOf(values: readonly number[], countOf: (value: number) => number): number {
  return values.reduce((best, value) => (countOf(value) >= countOf(best) ? value : best), values[0] ?? 0);
}

const linesMax = 5;
const stepsOfLine = 96;

/** Bandwidth along each axis, one line a read share (along read share: an iodepth), the other axes held where most was measured. */
function drawSlices(model: EnvelopeModel, pattern: Pattern, surface: EnvelopeSurface, canvas: Canvas): string {
  const points = pointsOf(surface);
  const held = Object.fromEntries(
    axisNames.map((name) => [
      name,
      mostOf(surface.axes[name], (value) => points.filter((point) => point[name] === value && point.mibPerSec !== null).length),
    ]),
  ) as unknown as Readonly<Record<AxisName, number>>;
  const lookup = createLookup(model, { pattern, column: bandwidth, axes: defaultAxes, outside: 'clamp' });
  const at = (point: Readonly<Record<AxisName, number>>): number =>
    lookup.at(point.readPercent, point.iodepth, point.numjobs, point.bsKib) / MIB;
  const panels = axisNames.filter((name) => surface.axes[name].length > 1).map((name) => slice(name, held, surface, points, at, canvas));
  return drawPanels(
    {
      title: titled(model.name, `bandwidth looked up for ${pattern} access`),
      subtitle:
        'MiB/s of reads and writes together. Lines: looked up between the points; circles: measured. What a panel does not vary is in its title',
      columns: Math.min(2, panels.length),
      panels,
    },
    canvas,
  );
}

function slice(
  along: AxisName,
  held: Readonly<Record<AxisName, number>>,
  { axes }: EnvelopeSurface,
  points: readonly Point[],
  at: (point: Readonly<Record<AxisName, number>>) => number,
  { theme }: Canvas,
): Panel {
  const by: AxisName = along === 'readPercent' ? 'iodepth' : 'readPercent';
  const lines = spreadOver(axes[by], linesMax);
  const isLog = along !== 'readPercent';
  const fixed = axisNames.filter((name) => name !== along && name !== by);
  const knots = axes[along];
  const xs = steps(knots[0] ?? 0, knots.at(-1) ?? 0, isLog);
  const curves = lines.map((line) => xs.map((x) => ({ x, y: at({ ...held, [by]: line, [along]: x }) })));
  const dots = points.filter((point) => fixed.every((name) => point[name] === held[name]) && lines.includes(point[by]));
  const heldText = (name: AxisName): string => (name === 'bsKib' ? `${tickText(held[name])} KiB` : `${name} ${tickText(held[name])}`);
  return {
    title: fixed.map(heldText).join(', '),
    plot: (canvas) => ({
      marginRight: 100,
      x: axis(axisLabels[along], {
        type: isLog ? 'log' : 'linear',
        base: 2,
        domain: [xs[0] ?? 0, xs.at(-1) ?? 1],
        ticks: knots as never,
        tickFormat: tickText,
      }),
      y: axis('MiB/s', { tickFormat: tickText, zero: true }),
      marks: [
        ...gridMarks(canvas).slice(1),
        ...curves.map((curve, index) => Plot.line(curve, { x: 'x', y: 'y', stroke: seriesColor(canvas.theme, index), strokeWidth: 2 })),
        ...lines.map((line, index) =>
          Plot.dot(
            dots.filter((point) => point[by] === line && point.mibPerSec !== null),
            { x: along, y: 'mibPerSec', fill: seriesColor(canvas.theme, index), r: 4 },
          ),
        ),
        Plot.ruleY([0], { stroke: canvas.theme.ink }),
      ],
    }),
    overlay: (frame, add) => {
      const names = lines.map((line, index) => ({
        text: `${by === 'readPercent' ? 'reads' : by} ${tickText(line)}${by === 'readPercent' ? ' %' : ''}`,
        y: frame.y(curves[index]?.at(-1)?.y ?? 0),
        color: seriesColor(theme, index),
      }));
      drawLineNames(names, frame, theme, add);
    },
  };
}

/** At most so many of the values, the first and last among them. */
function spreadOver(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, index) => values[Math.round((index * (values.length - 1)) / (count - 1))] ?? 0);
}

/** Even steps from one value to another, in the logarithm where asked; the ends are exact. */
function steps(from: number, to: number, isLog: boolean): number[] {
  return Array.from({ length: stepsOfLine + 1 }, (_, step) => {
    const share = step / stepsOfLine;
    if (step === 0 || step === stepsOfLine) return step === 0 ? from : to;
    return isLog ? from * exp(log(to / from) * share) : from + (to - from) * share;
  });
}
