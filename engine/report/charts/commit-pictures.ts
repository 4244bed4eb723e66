/**
 * The pictures of the object-store workload, on plain figures: the baseline of one run, latencies over the configurations of a sweep, and
 * how faults degrade a run. Source: workload-phase6.md and workload-phase6-revised.md.
 */
import { MICROS_PER_MILLI } from '../../kernel/units.js';
import { barPanel, stackedBarPanel } from './bars.js';
import type { Canvas, LegendEntry } from './drawing.js';
import { linePanel, type Line } from './lines.js';
import { drawPanels } from './panels.js';
import { seriesColor } from './theme.js';

/** One role of a run. Latencies are of operations that succeeded; null where there was none. */
export interface CommitRole {
  readonly p50Micros: number | null;
  readonly p95Micros: number | null;
  readonly p99Micros: number | null;
  readonly opsPerSec: number;
  /** Conditional PUTs, and those of them whose precondition failed. */
  readonly attemptsPerSec: number;
  readonly preconditionFailuresPerSec: number;
  /** Operations given up after all retries. */
  readonly retryFailuresPerSec: number;
}

/** One run. A role is null where the workload has none. */
export interface CommitPoint {
  readonly label: string;
  readonly numWriters: number;
  /** Operations a second of each client. */
  readonly writerRatePerSec: number;
  readonly numReaders: number;
  readonly readerRatePerSec: number;
  readonly writer: CommitRole | null;
  readonly compactor: CommitRole | null;
  readonly reader: CommitRole | null;
}

/** Milliseconds; null where there is no figure. */
export function millis(micros: number | null | undefined): number | null {
  return micros === null || micros === undefined ? null : micros / MICROS_PER_MILLI;
}

/** The baseline of one run: latencies of writes and reads, failures, throughput. */
export function drawCommitBaseline(title: string, { writer, compactor, reader }: CommitPoint, canvas: Canvas): string {
  const colors = ['p50', 'p99'].map((_, index) => seriesColor(canvas.theme, index));
  const both = (role: CommitRole | null): (number | null)[] => [millis(role?.p50Micros), millis(role?.p99Micros)];
  const single = [seriesColor(canvas.theme, 2)];
  const failureColors = [3, 4, 5].map((index) => seriesColor(canvas.theme, index));
  const percentiles = [reader?.p50Micros, reader?.p95Micros, reader?.p99Micros].map((micros, x) => ({ x, y: millis(micros) }));
  const retries = (writer?.retryFailuresPerSec ?? 0) + (compactor?.retryFailuresPerSec ?? 0);
  return drawPanels(
    {
      title,
      subtitle: 'Latencies of operations that succeeded, retries included; failures and operations in all clients of a role together',
      legend: [
        ...squares(['p50 of writes', 'p99 of writes'], colors),
        ...squares(['writer precondition failures', 'compactor precondition failures', 'retries used up'], failureColors),
      ],
      columns: 2,
      panels: [
        barPanel({
          ...{ title: 'Write latency', label: 'ms', colors },
          groups: [
            { name: 'writer', values: both(writer) },
            { name: 'compactor', values: both(compactor) },
          ],
        }),
        linePanel(
          {
            ...{ title: 'Read latency', xLabel: 'percentile', yLabel: 'ms', xNames: ['p50', 'p95', 'p99'] },
            lines: [{ name: 'reader', color: seriesColor(canvas.theme, 2), points: percentiles }],
          },
          canvas,
        ),
        stackedBarPanel({
          ...{ title: 'Failures', label: 'failures/s', colors: failureColors },
          groups: [{ name: '', values: [writer?.preconditionFailuresPerSec ?? 0, compactor?.preconditionFailuresPerSec ?? 0, retries] }],
        }),
        barPanel({
          ...{ title: 'Throughput', label: 'operations/s', colors: single },
          groups: Object.entries({ writer, compactor, reader }).map(([name, role]) => ({ name, values: [role?.opsPerSec ?? null] })),
        }),
      ],
    },
    canvas,
  );
}

/** Latencies over the configurations of a sweep, in order of the number of writers and then of their rate. */
export function drawLatencySweep(title: string, points: readonly CommitPoint[], canvas: Canvas): string {
  const ordered = [...points].sort((a, b) => a.numWriters - b.numWriters || a.writerRatePerSec - b.writerRatePerSec);
  const line = (role: 'writer' | 'reader', at: 'p50' | 'p99', color: string): Line => ({
    name: `${role} ${at}`,
    color,
    isDashed: at === 'p99',
    points: ordered.map((point, x) => ({ x, y: millis(point[role]?.[`${at}Micros`]) })),
  });
  const { theme } = canvas;
  const lines = (['writer', 'reader'] as const).flatMap((role, index) =>
    (['p50', 'p99'] as const).map((at) => line(role, at, seriesColor(theme, index * 2))),
  );
  const panel = linePanel(
    { title: 'Latency, ms', xLabel: '', yLabel: 'latency, ms', lines, xNames: ordered.map(({ label }) => label) },
    canvas,
  );
  return drawPanels(
    {
      title,
      subtitle: 'Operations that succeeded, retries included. W: writers, WR: operations/s of each; by writers, then by rate',
      legend: lines.map(({ name, color, isDashed }) => ({ label: name, color, shape: isDashed === true ? 'dashed' : 'line' })),
      columns: 1,
      panels: [panel],
    },
    canvas,
  );
}

/** Latencies under each fault against those without, for writers, compactor and readers. */
export function drawCommitChaos(title: string, baseline: CommitPoint, scenarios: readonly CommitPoint[], canvas: Canvas): string {
  const { theme } = canvas;
  const colors = [seriesColor(theme, 0), seriesColor(theme, 1)];
  const panels = (['writer', 'compactor', 'reader'] as const)
    .filter((role) => baseline[role] !== null)
    .map((role) => {
      const ratio = (point: CommitPoint, at: 'p50Micros' | 'p99Micros'): number | null => {
        const [value, base] = [point[role]?.[at] ?? null, baseline[role]?.[at] ?? null];
        return value === null || base === null || base === 0 ? null : value / base;
      };
      return barPanel({
        ...{ title: `${role}: latency against the baseline`, label: 'times as long', colors },
        groups: scenarios.map((point) => ({ name: point.label, values: [ratio(point, 'p50Micros'), ratio(point, 'p99Micros')] })),
        format: (value) => value.toFixed(2),
      });
    });
  return drawPanels(
    {
      title,
      subtitle: `1 is as without faults (${baseline.label}); no bar: no operation of that role succeeded`,
      legend: squares(['p50', 'p99'], colors),
      columns: 1,
      panels,
    },
    canvas,
  );
}

/** Legend entries of these names and colours. */
export function squares(labels: readonly string[], colors: readonly string[]): LegendEntry[] {
  return labels.map((label, index) => ({ label, color: colors[index] ?? '', shape: 'square' }));
}
