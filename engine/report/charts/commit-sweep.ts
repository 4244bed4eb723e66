/** The nine panels of a sweep of the object-store workload over readers, their rate and the writers' rate. Source: workload-phase6.md. */
import { mean } from 'd3-array';
import { barStripPanel } from './bar-strips.js';
import { barPanel, stackedBarPanel, type BarGroup } from './bars.js';
import { boxPanel } from './box.js';
import { millis, squares, type CommitPoint, type CommitRole } from './commit-pictures.js';
import type { Canvas } from './drawing.js';
import { heatMapPanel } from './heat-map.js';
import { linePanel, type Line } from './lines.js';
import { drawPanels, type Panel } from './panels.js';
import { seriesColor } from './theme.js';
import { tickText } from './ticks.js';

const roles = ['writer', 'compactor', 'reader'] as const;

/** The SVG's text. */
export function drawCommitSweep(title: string, points: readonly CommitPoint[], canvas: Canvas): string {
  const colors = roles.map((_, index) => seriesColor(canvas.theme, index));
  return drawPanels(
    {
      title,
      subtitle:
        'Lines and cells: means over the configurations that share both values. Bars: one a configuration, in the order of the sweep',
      legend: squares(roles, colors),
      columns: 3,
      panels: [
        ...latencyPanels(points, colors, canvas),
        failureMap('writer', points),
        failureMap('compactor', points),
        ...barPanels(points, colors, canvas),
      ],
    },
    canvas,
  );
}

const readers = ({ numReaders }: CommitPoint): number => numReaders;
const readerRate = ({ readerRatePerSec }: CommitPoint): number => readerRatePerSec;
const writerRate = ({ writerRatePerSec }: CommitPoint): number => writerRatePerSec;
const readP99 = ({ reader }: CommitPoint): number | null => millis(reader?.p99Micros);
const writeP99 = ({ writer }: CommitPoint): number | null => millis(writer?.p99Micros);

function latencyPanels(points: readonly CommitPoint[], colors: readonly string[], canvas: Canvas): Panel[] {
  const linesBy = (x: Reading, by: Reading, what: string): Line[] => {
    const means = meansBy(points, x, by, readP99);
    return distinct(means.map(({ y }) => y)).map((value, index) => ({
      name: `${what} ${tickText(value)}`,
      // Other colours than those of the roles.
      color: seriesColor(canvas.theme, roles.length + index),
      points: means.filter(({ y }) => y === value).map((one) => ({ x: one.x, y: one.value })),
    }));
  };
  const writer = meansBy(points, writerRate, () => 0, writeP99).map(({ x, value }) => ({ x, y: value }));
  const compactor = points.map((point) => millis(point.compactor?.p99Micros)).filter((value) => value !== null);
  const writerLine: Line = { name: 'writer', color: colors[0] ?? '', points: writer };
  const yLabel = 'ms';
  return [
    linePanel({ title: 'Read p99 by readers', xLabel: 'readers', yLabel, lines: linesBy(readers, readerRate, 'rate') }, canvas),
    linePanel(
      { title: 'Read p99 by their rate', xLabel: 'op/s of a reader', yLabel, lines: linesBy(readerRate, readers, 'readers') },
      canvas,
    ),
    linePanel({ title: 'Writer p99 by its rate', xLabel: 'op/s of a writer', yLabel, lines: [writerLine] }, canvas),
    boxPanel({ title: 'Compactor p99', label: yLabel, color: colors[1] ?? '', values: compactor }),
  ];
}

function failureMap(role: 'writer' | 'compactor', points: readonly CommitPoint[]): Panel {
  const cells = meansBy(points, writerRate, readers, (point) => failurePercent([point[role]]));
  return heatMapPanel({
    title: `Failed preconditions of ${role}, %`,
    xLabel: 'op/s of a writer',
    xValues: distinct(cells.map(({ x }) => x)),
    yLabel: 'readers',
    yValues: distinct(cells.map(({ y }) => y)),
    cells,
    largest: cells.reduce((max, { value }) => Math.max(max, value ?? 0), 0),
  });
}

function barPanels(points: readonly CommitPoint[], colors: readonly string[], { theme }: Canvas): Panel[] {
  const groups = (valuesOf: (point: CommitPoint) => (number | null)[]): BarGroup[] =>
    points.map((point) => ({ name: point.label, values: valuesOf(point) }));
  return [
    barPanel({
      ...{ title: 'Failed preconditions, both', label: '% of attempts', colors: [seriesColor(theme, 3)] },
      groups: groups(({ writer, compactor }) => [failurePercent([writer, compactor])]),
    }),
    stackedBarPanel({
      ...{ title: 'Retries used up', label: 'failures/min', colors: colors.slice(0, 2) },
      groups: groups(({ writer, compactor }) => [perMinute(writer), perMinute(compactor)]),
    }),
    barStripPanel({
      ...{ title: 'Throughput, each on its own scale', label: 'operations/s' },
      series: roles.map((name, index) => ({ name, color: colors[index] ?? '' })),
      groups: groups((point) => roles.map((role) => point[role]?.opsPerSec ?? null)),
    }),
  ];
}

function perMinute(role: CommitRole | null): number | null {
  return role === null ? null : role.retryFailuresPerSec * 60;
}

/** Of the roles' conditional PUTs; null without any. */
function failurePercent(parts: readonly (CommitRole | null)[]): number | null {
  const attempts = parts.reduce((sum, role) => sum + (role?.attemptsPerSec ?? 0), 0);
  const failures = parts.reduce((sum, role) => sum + (role?.preconditionFailuresPerSec ?? 0), 0);
  return attempts > 0 ? (100 * failures) / attempts : null;
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

type Reading = (point: CommitPoint) => number;

interface MeanAt {
  readonly x: number;
  readonly y: number;
  /** null where none of the points has a figure. */
  readonly value: number | null;
}

/** Means over the points that share both values. */
function meansBy(points: readonly CommitPoint[], xOf: Reading, yOf: Reading, valueOf: (point: CommitPoint) => number | null): MeanAt[] {
  return distinct(points.map(yOf)).flatMap((y) => {
    const row = points.filter((point) => yOf(point) === y);
    return distinct(row.map(xOf)).map((x) => ({
      x,
      y,
      value:
        mean(
          row.filter((point) => xOf(point) === x),
          valueOf,
        ) ?? null,
    }));
  });
}
