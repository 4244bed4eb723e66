/** How a run of an LSM store is shown. */
import { invariant } from '../../kernel/errors.js';
import { type Histogram, maxMicros, percentileMicros } from '../../kernel/histogram.js';
import { formatBytes, formatCount, formatFraction, formatMicros, GIB } from '../../kernel/units.js';
import type { LsmResult, LsmSeries } from '../../lsm/result.js';
import type { LsmScenario } from '../../lsm/scenario.js';
import { drawCurveOverlay, type Curve } from '../../report/charts/curve-overlay.js';
import type { Canvas, NamedPicture } from '../../report/charts/drawing.js';
import { drawLatencyPercentiles } from '../../report/charts/latency-percentiles.js';
import { lsmPictures } from '../../report/charts/lsm-pictures.js';
import { stallBands } from '../../report/charts/stalls.js';
import { answerSentences } from '../../report/words.js';
import type { LsmOptions } from '../../rocksdb/options.js';
import { humanSize, statsTextRows } from '../../scenario/rocksdb-log.js';
import type { PageRun, Tile, View } from './run.js';
import { table } from './table.js';

type LsmRun = PageRun<LsmScenario, LsmResult>;

/** Put rate, stalls, levels and latencies. */
export const lsmView: View<LsmScenario, LsmResult> = {
  sentences: ({ scenario, result }) => answerSentences(result, optionsOf(scenario)),
  tiles: () => tiles,
  pictures: picturesOf,
  tables: ({ result }) => [['Levels, as RocksDB prints them', levelsTable(result)]],
};

function optionsOf({ stores }: LsmScenario): LsmOptions {
  const options = stores[0]?.families[0]?.options;
  invariant(options !== undefined, 'an LSM scenario has a store with a family');
  return options;
}

// ---- figures ----

const stalledFraction = ({ stall, simulatedSec }: LsmResult): number | null =>
  simulatedSec > 0 ? (stall.stoppedSec + stall.delayedSec) / simulatedSec : null;

const tiles: readonly Tile<LsmResult>[] = [
  { label: 'Put rate, puts/s', better: 'more', read: (r) => r.putRate.meanOpsPerSec, format: formatCount },
  { label: 'Time stalled', better: 'less', read: stalledFraction, format: formatFraction },
  { label: 'Write amplification', better: 'less', read: (r) => r.writeAmplification, format: (value) => value.toFixed(2) },
  { label: 'Put latency p99', better: 'less', read: (r) => percentileMicros(r.putLatencyMicros, 99), format: formatMicros },
  { label: 'Slowest put', better: 'less', read: (r) => maxMicros(r.putLatencyMicros), format: formatMicros },
  { label: 'Space, peak', better: 'less', read: (r) => r.space.peakTransientBytes, format: formatBytes },
  { label: 'Compaction debt', better: 'less', read: (r) => r.debt.pendingCompactionBytes, format: formatBytes },
  { label: 'Device busy', better: 'neither', read: (r) => r.device.busyFraction, format: formatFraction },
];

function levelsTable(result: LsmResult): HTMLElement {
  const gib = (bytes: number): string => (bytes / (1024 * 1024 * 1024)).toFixed(1);
  const rows = statsTextRows(result).map((row) => [
    row.name,
    String(row.files),
    humanSize(row.bytes),
    gib(row.readBytes),
    gib(row.writtenBytes),
    gib(row.movedBytes),
    row.writeAmplification.toFixed(1),
    row.compactionSec.toFixed(1),
    String(row.compactions),
  ]);
  return table(
    ['Level', 'Files', 'Size', 'Read(GB)', 'Write(GB)', 'Moved(GB)', 'W-Amp', 'Comp(sec)', 'Comp(cnt)'],
    rows,
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
}

// ---- pictures ----

function picturesOf(run: LsmRun, pinned: LsmRun | null): readonly NamedPicture[] {
  const { scenario, result } = run;
  const own = lsmPictures({ ...result, name: '', meanOpsPerSec: result.putRate.meanOpsPerSec, options: optionsOf(scenario) });
  if (pinned === null) return own;
  const both = [named('this run', run), named('pinned', pinned)];
  return own.map(({ name, draw }) => {
    const overlay = overlays[name];
    return { name, draw: overlay === undefined ? draw : (canvas: Canvas) => overlay(both, canvas) };
  });
}

/** What is laid over the pinned run's; the rest is drawn of this run alone. */
const overlays: Readonly<Record<string, (runs: readonly NamedRun[], canvas: Canvas) => string>> = {
  'put-rate': (runs, canvas) => drawCurveOverlay(putRate(runs), canvas),
  'l0-files': (runs, canvas) =>
    drawCurveOverlay(
      plain('Files in L0', 'files', runs, ({ l0Files }) => l0Files),
      canvas,
    ),
  'pending-bytes': (runs, canvas) => drawCurveOverlay(plain('Compaction debt', 'GiB', runs, debtGib), canvas),
  'put-latency': (runs, canvas) =>
    drawLatencyPercentiles({ title: 'Put latency', curves: runs.map(({ name, histogram }) => ({ name, histogram })) }, canvas),
};

interface NamedRun {
  readonly name: string;
  readonly series: LsmSeries;
  readonly histogram: Histogram;
}

function named(name: string, { result }: LsmRun): NamedRun {
  return { name, series: result.series, histogram: result.putLatencyMicros };
}

function debtGib({ pendingCompactionBytes }: LsmSeries): Float64Array {
  return pendingCompactionBytes.map((bytes) => bytes / GIB);
}

function putRate(runs: readonly NamedRun[]): Parameters<typeof drawCurveOverlay>[0] {
  const intervalSec = runs[0]?.series.intervalSec ?? 1;
  const spanSec = Math.max(...runs.map(({ series }) => series.opsPerSec.length * series.intervalSec));
  const curves = runs.map(({ name, series }): Curve => ({ name, values: series.opsPerSec, stalls: stallBands(series) }));
  return { title: 'Put rate', unit: 'puts/s', intervalSec, curves, windowSec: spanSec >= 120 ? Math.ceil(spanSec / 48) : null };
}

function plain(
  title: string,
  unit: string,
  runs: readonly NamedRun[],
  read: (series: LsmSeries) => ArrayLike<number>,
): Parameters<typeof drawCurveOverlay>[0] {
  const curves = runs.map(({ name, series }): Curve => ({ name, values: read(series), stalls: null }));
  return { title, unit, intervalSec: runs[0]?.series.intervalSec ?? 1, curves, windowSec: null };
}
