/** An LSM run on its report page: the answer, the levels in RocksDB's columns, stalls, and what set the pace. */
import { maxMicros, percentileMicros, totalCount } from '../kernel/histogram.js';
import { formatBytes, formatBytesPerSec, formatCount, formatFraction, formatMicros, formatSeconds } from '../kernel/units.js';
import type { Limit, LsmResult } from '../lsm/result.js';
import { createLogReader } from '../rocksdb/log.js';
import { collectLogOptions } from '../rocksdb/log-options.js';
import type { LsmOptions } from '../rocksdb/options.js';
import { referenceVersion } from '../rocksdb/version.js';
import { humanSize, statsTextRows } from '../scenario/rocksdb-log.js';
import type { NamedPicture } from './charts/drawing.js';
import { lsmPictures } from './charts/lsm-pictures.js';
import type { Block, Column, Section } from './html.js';
import type { KindPage, ReportedRun } from './pages.js';
import { readLevelColumns, readTexts } from './reads.js';
import { number } from './terminal-text.js';
import { answerSentences, causeNames, familyName, limitNames } from './words.js';

/** All pictures of the run; limits are those of the options in its LOG. */
export function lsmRunPictures(result: LsmResult, { name, log }: ReportedRun): readonly NamedPicture[] {
  const { putLatencyMicros, series, putRate } = result;
  return lsmPictures({ name, putLatencyMicros, series, meanOpsPerSec: putRate.meanOpsPerSec, options: optionsOf(log) });
}

/** What the page says of the run. */
export function lsmPage(result: LsmResult, { log }: Pick<ReportedRun, 'log'>): KindPage {
  const options = optionsOf(log);
  return {
    lead: answerSentences(result, options ?? { rate_limiter_bytes_per_sec: 0 }).join(' '),
    figures: [{ kind: 'facts', facts: answerFacts(result) }, ...benchmarkBlocks(result)],
    sections: [
      ...readSections(result),
      ...familySections(result),
      levelSection(result),
      ...stallSections(result),
      ...bottleneckSections(result),
    ],
  };
}

/** The store's options as its LOG prints them; null without a LOG. */
function optionsOf(log: string | null): LsmOptions | null {
  if (log === null) return null;
  const collector = collectLogOptions();
  const reader = createLogReader({ onEvent: collector.onEvent });
  reader.push(log);
  reader.end();
  return collector.finish().optionsOf('default', referenceVersion);
}

function answerFacts(result: LsmResult): (readonly [string, string])[] {
  const { putRate, stall, device, space, debt, putLatencyMicros: latency } = result;
  const ratio = (value: number | null): string => (value === null ? 'n/a' : value.toFixed(2));
  const at = (percentile: number): string => formatMicros(percentileMicros(latency, percentile));
  const drain = debt.drainSec === null ? '' : `, ${formatSeconds(debt.drainSec)} to clear`;
  return [
    ['Put rate, mean', `${formatCount(putRate.meanOpsPerSec)} puts/s, ${number(putRate.meanMiBPerSec)} MiB/s`],
    ['Writers stopped', formatSeconds(stall.stoppedSec)],
    ['Writers delayed', formatSeconds(stall.delayedSec)],
    ...(totalCount(latency) === 0
      ? []
      : [['Put latency', `p50 ${at(50)}, p99 ${at(99)}, p99.9 ${at(99.9)}, max ${formatMicros(maxMicros(latency))}`] as const]),
    ['Write amplification', `${ratio(result.writeAmplification)} with WAL, ${ratio(result.writeAmplificationUser)} without`],
    ["RocksDB's own W-Amp", ratio(result.writeAmplificationNoWal)],
    [
      'Device',
      `${formatBytes(device.writtenBytes)} written, ${formatBytes(device.readBytes)} read, busy ${formatFraction(device.busyFraction)}`,
    ],
    ['Space', `peak ${formatBytes(space.peakBytes)} of live files, ${formatBytes(space.peakTransientBytes)} with files in transit`],
    ['Debt at the end', `${formatBytes(debt.pendingCompactionBytes)}${drain}`],
    ['RocksDB', `${result.rocksdbVersion}, compactions scheduled by ${result.policy}`],
  ];
}

const left = (label: string): Column => ({ label, align: 'left' });
const right = (label: string): Column => ({ label, align: 'right' });

/** Only where there are several: the answer is the last one's. */
function benchmarkBlocks({ benchmarks }: LsmResult): Block[] {
  if (benchmarks.length < 2) return [];
  const columns = [left('benchmark'), right('puts'), right('time'), right('puts/s'), right('MiB/s')];
  const rows = benchmarks.map(({ benchmark, puts, seconds, opsPerSec, mibPerSec }) => [
    benchmark,
    formatCount(puts),
    formatSeconds(seconds),
    formatCount(opsPerSec),
    number(mibPerSec),
  ]);
  return [{ kind: 'table', columns, rows, caption: 'The put rate above is that of the last benchmark' }];
}

function readSections({ reads }: LsmResult): Section[] {
  return readTexts(reads).map(({ name, rate, rest, latency, met, from, levels }) => {
    const facts = [
      ['Rate', rate + rest],
      ['Latency', latency],
      ['A read meets', met],
      ['Where from', from],
    ] as const;
    const [first, ...others] = readLevelColumns;
    const columns = [left(first.toLowerCase()), ...others.map((label) => right(label.toLowerCase()))];
    const caption = 'A read, by level: files whose filter or index is searched, data blocks, and where keys are found';
    return {
      heading: name,
      blocks: [
        { kind: 'facts', facts },
        { kind: 'table', columns, rows: levels, caption },
      ],
    };
  });
}

/** Column families and databases, where there are several. */
function familySections({ databases = [] }: LsmResult): Section[] {
  if (databases.length === 0) return [];
  const labels = ['puts/s', 'stopped', 'delayed', 'W-Amp', 'files in L0', 'size', 'debt', 'part of the device'];
  const rows = databases.flatMap(({ name, families, device }) =>
    families.map((family, index) => [
      familyName(name, family.name, databases.length),
      formatCount(family.putRate.meanOpsPerSec),
      formatSeconds(family.stall.stoppedSec),
      formatSeconds(family.stall.delayedSec),
      family.writeAmplificationNoWal?.toFixed(2) ?? 'n/a',
      String(family.levels[0]?.files ?? 0),
      formatBytes(family.bytes),
      formatBytes(family.pendingCompactionBytes),
      index === 0 ? formatFraction(device.fraction) : '',
    ]),
  );
  const caption = 'Stopped and delayed: waiting of the database of which the family was the cause; the device by database';
  return [{ heading: 'Column families', blocks: [{ kind: 'table', columns: [left('family'), ...labels.map(right)], rows, caption }] }];
}

function levelSection(result: LsmResult): Section {
  const columns = [
    left('level'),
    right('files'),
    right('size'),
    right('score'),
    right('read'),
    right('written'),
    right('moved'),
    right('W-Amp'),
    right('job time'),
    right('CPU time'),
    right('jobs'),
  ];
  const rows = statsTextRows(result).map((row) => [
    row.name,
    String(row.files),
    humanSize(row.bytes),
    row.score.toFixed(2),
    formatBytes(row.readBytes),
    formatBytes(row.writtenBytes),
    formatBytes(row.movedBytes),
    row.writeAmplification.toFixed(1),
    formatSeconds(row.compactionSec),
    formatSeconds(row.compactionCpuSec),
    formatCount(row.compactions),
  ]);
  return { heading: 'Levels', blocks: [{ kind: 'table', columns, rows, caption: 'By output level; flushes count for L0' }] };
}

function stallSections({ stall }: LsmResult): Section[] {
  if (stall.episodes.length === 0) return [];
  const columns = [left('cause'), right('from'), right('for'), right('L0 files'), right('debt'), right('delayed rate'), right('jobs')];
  const rows = stall.episodes.map((episode) => [
    causeNames[episode.cause],
    formatSeconds(episode.startSec),
    formatSeconds(episode.endSec - episode.startSec),
    String(episode.l0Files),
    formatBytes(episode.pendingCompactionBytes),
    episode.delayedWriteRateBytesPerSec === null ? 'stopped' : formatBytesPerSec(episode.delayedWriteRateBytesPerSec),
    String(episode.runningJobs),
  ]);
  const caption = `The ${String(rows.length)} longest, with the store as it was when each began`;
  return [{ heading: 'Stalls', blocks: [{ kind: 'table', columns, rows, caption }] }];
}

function bottleneckSections({ bottleneck }: LsmResult): Section[] {
  const name = (limit: Limit): string => limitNames[limit];
  const { binding, table, next } = bottleneck;
  const blocks: Block[] = [];
  if (binding.length > 0) {
    const rows = binding.map(({ limit, fraction }) => [name(limit), formatFraction(fraction)]);
    blocks.push({ kind: 'table', columns: [left('bound by'), right('of the run')], rows });
  }
  if (next !== null) blocks.push({ kind: 'text', text: `Next: ${name(next.limit)}, ${number(next.headroomPercent)} % above this rate.` });
  if (table.length > 0) {
    const rows = table.map(({ cause, limit, seconds }) => [
      cause === 'none' ? 'no stall' : causeNames[cause],
      name(limit),
      formatSeconds(seconds),
    ]);
    const columns = [left('writers held by'), left('while the job in the way waited for'), right('time')];
    blocks.push({ kind: 'table', columns, rows });
  }
  return blocks.length === 0 ? [] : [{ heading: 'What sets the pace', blocks }];
}
