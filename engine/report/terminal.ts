/**
 * An LSM run as text for a terminal, short enough to read at a glance: what was assumed, the put rate and what binds it, stalls, write
 * amplification, the levels in RocksDB's own columns, the put rate over time, and how far to trust it.
 */
import { maxMicros, percentileMicros } from '../kernel/histogram.js';
import { formatBytes, formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { FamilyResult, LsmResult, LsmSeries, StallCause } from '../lsm/result.js';
import { humanSize, statsTextRows, type StatsTextRow } from '../scenario/rocksdb-log.js';
import {
  assumptionLines,
  barChart,
  chartWidth,
  closingLines,
  heading,
  ignoredText,
  joinSections,
  number,
  paint,
  plainStyle,
  row,
  rows,
  stretch,
  type TerminalContext,
  type TerminalStyle,
} from './terminal-text.js';
import { readLines } from './reads.js';
import { causeNames, familyName, limitNames } from './words.js';

/** The whole report, with a final newline. */
export function renderLsmReport(result: LsmResult, context: TerminalContext, style: TerminalStyle = plainStyle): string {
  return joinSections(
    [
      [paint(context.title, 'bold', style)],
      assumptionLines(result.assumptions, style),
      answerLines(result, style),
      readLines(result.reads, style),
      chartLines(result.series, style),
      levelLines(result),
      databaseLines(result, style),
      warningLines(result, style),
      closingLines(result, context, style),
    ],
    style,
  );
}

/**
 * db_bench's own result line (tools/db_bench_tool.cc: Stats::Report): micros/op is thread time over operations. A benchmark that reads counts reads, and
 * readrandomwriterandom its puts too.
 * @param threads threads of the benchmark that are counted
 * @param entryBytes key and value: what a Get that finds its key adds to MB/s
 */
export function dbBenchResultLine(entry: LsmResult['benchmarks'][number], threads: number, entryBytes: number): string {
  if (entry.reads !== undefined) return readsResultLine(entry, threads, entryBytes);
  const micros = entry.puts > 0 ? (entry.seconds * 1e6 * threads) / entry.puts : 0;
  const ops = Math.trunc(entry.opsPerSec);
  return (
    `${entry.benchmark.padEnd(12)} : ${micros.toFixed(3).padStart(11)} micros/op ${String(ops)} ops/sec ` +
    `${entry.seconds.toFixed(3)} seconds ${String(entry.puts)} operations; ${entry.mibPerSec.toFixed(1).padStart(6)} MB/s`
  );
}

function readsResultLine(entry: LsmResult['benchmarks'][number], threads: number, entryBytes: number): string {
  const { benchmark, seconds, puts, reads = 0, foundReads: found = 0 } = entry;
  const both = benchmark === 'readrandomwriterandom';
  const operations = both ? reads + puts : reads;
  const micros = operations > 0 ? (seconds * 1e6 * threads) / operations : 0;
  const opsPerSec = seconds > 0 ? Math.trunc(operations / seconds) : 0;
  const mibPerSec = seconds > 0 ? (found * entryBytes) / 1_048_576 / seconds : 0;
  const tail = both
    ? `( reads:${String(reads)} writes:${String(puts)} total:${String(operations)} found:${String(found)})`
    : `${mibPerSec.toFixed(1).padStart(6)} MB/s (${String(found)} of ${String(reads)} found)`;
  return (
    `${benchmark.padEnd(12)} : ${micros.toFixed(3).padStart(11)} micros/op ${String(opsPerSec)} ops/sec ` +
    `${seconds.toFixed(3)} seconds ${String(operations)} operations; ${tail}`
  );
}

/** Figures of several runs: one entry a run in each list. */
export interface Band {
  readonly seeds: readonly number[];
  /** Speed of the device and of the host, as multiples of what the scenario says. */
  readonly deviceFactors: readonly number[];
  readonly hostFactors: readonly number[];
  readonly metrics: Readonly<
    Record<
      string,
      {
        readonly median: number | null;
        readonly min: number | null;
        readonly max: number | null;
        readonly values: readonly (number | null)[];
      }
    >
  >;
}

/** Median and range of each figure over the runs under a title, with a final newline. */
export function renderBand(band: Band, title: string, style: TerminalStyle = plainStyle): string {
  const width = Math.max(...Object.keys(band.metrics).map((path) => path.length));
  const lines = Object.entries(band.metrics).map(([path, { median, min, max }]) => {
    if (median === null || min === null || max === null) return `  ${path.padEnd(width)}  n/a`;
    return `  ${path.padEnd(width)}  ${number(median)}  (${number(min)} to ${number(max)})`;
  });
  return `${[heading(title, style), ...lines].join('\n')}\n`;
}

function answerLines(result: LsmResult, style: TerminalStyle): string[] {
  const { putRate, stall, bottleneck, device } = result;
  const last = result.benchmarks.at(-1);
  const span = last === undefined ? '' : ` over ${formatSeconds(last.seconds)} (${formatCount(last.puts)} puts${whichOf(result)})`;
  const rate = paint(`${formatCount(putRate.meanOpsPerSec)} puts/s`, 'bold', style);
  return [
    row('Put rate', `${rate}, ${number(putRate.meanMiBPerSec)} MiB/s${span}`),
    ...rows('Bound by', bindingTexts(bottleneck.binding)),
    ...(bottleneck.next === null ? [] : [row('Then by', nextText(bottleneck.next))]),
    row('Stalled', stallText(stall, result.simulatedSec, style)),
    ...rows('  by cause', causeTexts(stall.byCause)),
    row('Write amp.', writeAmplificationText(result)),
    row(
      'Device',
      `${formatBytes(device.writtenBytes)} written, ${formatBytes(device.readBytes)} read, busy ${formatFraction(device.busyFraction)} of the time`,
    ),
    row('Space', spaceText(result)),
    ...rows('Disk', diskTexts(result)),
    ...rows('Compacted', manualTexts(result)),
    row('Put latency', latencyText(result)),
    row('Steady', steadyText(result)),
  ];
}

function whichOf({ benchmarks }: LsmResult): string {
  return benchmarks.length < 2 ? '' : `; ${benchmarks.at(-1)?.benchmark ?? ''}, the last of ${String(benchmarks.length)}`;
}

function bindingTexts(binding: LsmResult['bottleneck']['binding']): string[] {
  const shown = binding.filter((entry) => entry.fraction >= 0.005).slice(0, 3);
  return shown.length === 0
    ? ['nothing: the store kept up']
    : [shown.map((entry) => `${limitNames[entry.limit]} ${formatFraction(entry.fraction)}`).join(', ')];
}

function nextText({ limit, headroomPercent }: NonNullable<LsmResult['bottleneck']['next']>): string {
  return `${limitNames[limit]}, ${number(headroomPercent)} % above this rate`;
}

function stallText(stall: LsmResult['stall'], simulatedSec: number, style: TerminalStyle): string {
  const total = stall.stoppedSec + stall.delayedSec;
  if (total <= 0) return 'never';
  const share = simulatedSec > 0 ? total / simulatedSec : 0;
  const text = `${formatSeconds(total)}, ${formatFraction(share)} of the run: stopped ${formatSeconds(stall.stoppedSec)}, delayed ${formatSeconds(stall.delayedSec)}`;
  return share >= 0.1 ? paint(text, 'yellow', style) : text;
}

function causeTexts(byCause: LsmResult['stall']['byCause']): string[] {
  const causes = (Object.keys(causeNames) as StallCause[]).filter((cause) => byCause[cause] > 0).sort((a, b) => byCause[b] - byCause[a]);
  return causes.length === 0 ? [] : [causes.map((cause) => `${causeNames[cause]} ${formatSeconds(byCause[cause])}`).join(', ')];
}

function writeAmplificationText(result: LsmResult): string {
  const figure = (value: number | null): string => (value === null ? 'n/a' : value.toFixed(2));
  const own = figure(result.writeAmplificationNoWal);
  return `${figure(result.writeAmplification)} with WAL, ${figure(result.writeAmplificationUser)} without; RocksDB's own W-Amp ${own}`;
}

function spaceText({ space, debt, spaceAmplification }: LsmResult): string {
  const amplification = spaceAmplification === null ? '' : `, ${spaceAmplification.toFixed(2)} x the live data`;
  const drain = debt.drainSec === null ? '' : `, ${formatSeconds(debt.drainSec)} to clear`;
  const left = debt.pendingCompactionBytes > 0 ? `; debt at the end ${formatBytes(debt.pendingCompactionBytes)}${drain}` : '';
  return `peak ${formatBytes(space.peakTransientBytes)}${amplification}${left}`;
}

function diskTexts({ disk }: LsmResult): string[] {
  if (disk === undefined) return [];
  const size = formatBytes(disk.capacityBytes);
  if (disk.fullAtSec !== null) return [`full (${size}) after ${formatSeconds(disk.fullAtSec)}: RocksDB takes no more writes`];
  const ahead = disk.fullInSec === null ? 'not growing' : `full ${formatSeconds(disk.fullInSec)} after the end, at the present growth`;
  return [`${formatBytes(disk.peakUsedBytes)} of ${size} used at the most; ${ahead}`];
}

function manualTexts({ manualCompactions = [], databases = [] }: LsmResult): string[] {
  return manualCompactions.map(({ database, startSec, endSec, readBytes, writtenBytes }) => {
    const whose = databases.length > 1 ? `${database}: ` : '';
    const until = endSec === null ? 'not done at the end' : `done after ${formatSeconds(endSec - startSec)}`;
    return `${whose}asked for at ${formatSeconds(startSec)}, ${until}: ${formatBytes(readBytes)} read, ${formatBytes(writtenBytes)} written`;
  });
}

function latencyText({ putLatencyMicros: histogram }: LsmResult): string {
  const at = (percentile: number): string => formatMicros(percentileMicros(histogram, percentile));
  return `p50 ${at(50)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${formatMicros(maxMicros(histogram))}`;
}

function steadyText({ steadyState: steady }: LsmResult): string {
  if (!steady.reached || steady.opsPerSec === null) return 'not reached: a longer run may give another rate';
  const from = steady.atSec === null ? '' : ` from ${formatSeconds(steady.atSec)} on`;
  const amplification = steady.writeAmplification === null ? '' : `, write amplification ${steady.writeAmplification.toFixed(2)}`;
  return `${formatCount(steady.opsPerSec)} puts/s${from}${amplification}`;
}

// ---- put rate over time ----

function chartLines(series: LsmSeries, style: TerminalStyle): string[] {
  const { opsPerSec, state, intervalSec } = series;
  const states = commonest(state, chartWidth(opsPerSec.length, style)).map((one) => stateCell(one, style));
  const lines = barChart('Put rate over time, puts/s', opsPerSec, intervalSec, style, [['stall', states.join('')]]);
  const legend = style.unicode ? '▒ delayed, █ stopped' : '- delayed, # stopped';
  return lines.length > 0 && state.some((one) => one > 0) ? [...lines, `${''.padStart(11)}${legend}`] : lines;
}

function stateCell(state: number, { unicode }: TerminalStyle): string {
  return (unicode ? ' ▒█' : ' -#')[state] ?? ' ';
}

/** The commonest state (0, 1, 2) of each of `width` equal stretches; of equals the worst. */
function commonest(states: Uint8Array, width: number): number[] {
  return Array.from({ length: width }, (_, bin) => {
    const { from, to } = stretch(bin, width, states.length);
    const counts = [0, 0, 0];
    for (const state of states.subarray(from, to)) counts[state] = (counts[state] ?? 0) + 1;
    return counts.lastIndexOf(Math.max(...counts));
  });
}

// ---- levels, in RocksDB's columns ----

function levelLines(result: LsmResult): string[] {
  const rowsOfText = statsTextRows(result).map(levelLine);
  if (rowsOfText.length <= 1) return [];
  return ['Level Files       Size Read(GB) Write(GB) Moved(GB) W-Amp Comp(sec) Comp(cnt)', ...rowsOfText];
}

function levelLine(row: StatsTextRow): string {
  const gib = 1024 * 1024 * 1024;
  return [
    row.name.padStart(5),
    String(row.files).padStart(5),
    humanSize(row.bytes).padStart(10),
    (row.readBytes / gib).toFixed(1).padStart(8),
    (row.writtenBytes / gib).toFixed(1).padStart(9),
    (row.movedBytes / gib).toFixed(1).padStart(9),
    row.writeAmplification.toFixed(1).padStart(5),
    row.compactionSec.toFixed(1).padStart(9),
    String(row.compactions).padStart(9),
  ].join(' ');
}

// ---- databases and column families ----

const familyColumns = '   puts/s  stopped  delayed W-Amp  L0      Size      Debt Device';

/** The device's use is a database's, in the line of its first family. Names that would break the line lose their beginning. */
function databaseLines({ databases = [] }: LsmResult, { columns }: TerminalStyle): string[] {
  if (databases.length === 0) return [];
  const names = databases.flatMap(({ name, families }) => families.map((family) => familyName(name, family.name, databases.length)));
  const width = Math.max(6, Math.min(columns - familyColumns.length - 1, Math.max(...names.map((name) => name.length))));
  const labels = names.map((name) => (name.length <= width ? name.padEnd(width) : `~${name.slice(1 - width)}`));
  const cells = databases.flatMap(({ device, families }) =>
    families.map((family, index) => familyCells(family, index === 0 ? formatFraction(device.fraction) : '')),
  );
  return [`${'Family'.padEnd(width)} ${familyColumns}`, ...cells.map((text, index) => `${labels[index] ?? ''} ${text}`.trimEnd())];
}

function familyCells(family: FamilyResult, device: string): string {
  return [
    formatCount(family.putRate.meanOpsPerSec).padStart(9),
    `${family.stall.stoppedSec.toFixed(1)}s`.padStart(8),
    `${family.stall.delayedSec.toFixed(1)}s`.padStart(8),
    (family.writeAmplificationNoWal ?? 0).toFixed(2).padStart(5),
    String(family.levels[0]?.files ?? 0).padStart(3),
    humanSize(family.bytes).padStart(9),
    humanSize(family.pendingCompactionBytes).padStart(9),
    device.padStart(6),
  ].join(' ');
}

// ---- what else to know ----

function warningLines(result: LsmResult, style: TerminalStyle): string[] {
  const ignored = result.ignoredFlags.length === 0 ? [] : [`  without effect on the model: ${ignoredText(result.ignoredFlags)}`];
  const warnings = result.warnings.map((warning) => `  ${warning.message}`);
  return ignored.length + warnings.length === 0 ? [] : [heading('Mind', style), ...warnings, ...ignored];
}
