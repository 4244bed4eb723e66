/** The pictures of an LSM run: what is drawn of its result, in the order in which a reader wants to see them. */
import { formatBytes, GIB, MIB } from '../../kernel/units.js';
import type { LsmResult } from '../../lsm/result.js';
import type { LsmOptions } from '../../rocksdb/options.js';
import { titled, type Canvas, type NamedPicture } from './drawing.js';
import { drawLatencyPercentiles } from './latency-percentiles.js';
import { drawLevelOverTime, type NamedLimit } from './level-over-time.js';
import { drawLevelSizes } from './level-sizes.js';
import { drawPutRate } from './put-rate.js';
import { drawStackedArea } from './stacked-area.js';

/** The part of a result that is drawn. */
export type LsmRun = Pick<LsmResult, 'putLatencyMicros' | 'series'> & {
  /** Stands in front of every title; '' for none. */
  readonly name: string;
  readonly meanOpsPerSec: number;
  /** What L0 and debt are compared with; null where it is not known. */
  readonly options: LsmLimits | null;
};

/** RocksDB's options that a run's state is compared with. */
export type LsmLimits = Pick<
  LsmOptions,
  | 'compaction_style'
  | 'level0_file_num_compaction_trigger'
  | 'level0_slowdown_writes_trigger'
  | 'level0_stop_writes_trigger'
  | 'soft_pending_compaction_bytes_limit'
  | 'hard_pending_compaction_bytes_limit'
>;

/** All of them. Debt and level targets are left out where the compaction style has none. */
export function lsmPictures(run: LsmRun): readonly NamedPicture[] {
  const pictures: Readonly<Record<string, ((run: LsmRun, canvas: Canvas) => string) | null>> = {
    'put-rate': drawRunPutRate,
    'l0-files': drawL0Files,
    'pending-bytes': run.options === null || run.options.compaction_style === 'level' ? drawPendingBytes : null,
    'device-writes': drawDeviceWrites,
    'level-sizes': drawRunLevelSizes,
    'put-latency': drawPutLatency,
  };
  return Object.entries(pictures).flatMap(([name, draw]) => (draw === null ? [] : [{ name, draw: (canvas) => draw(run, canvas) }]));
}

/** Puts over time and when writers were held. */
export function drawRunPutRate(run: LsmRun, canvas: Canvas): string {
  const { opsPerSec } = run.series;
  return drawPutRate({ title: titled(run.name, 'put rate'), opsPerSec, meanOpsPerSec: run.meanOpsPerSec, stalls: run.series }, canvas);
}

/** Files in L0 against the options that count them. */
export function drawL0Files(run: LsmRun, canvas: Canvas): string {
  const { options } = run;
  const limits: NamedLimit[] =
    options === null
      ? []
      : [
          { name: 'compaction', value: options.level0_file_num_compaction_trigger },
          { name: 'slowdown', value: options.level0_slowdown_writes_trigger },
          { name: 'stop', value: options.level0_stop_writes_trigger },
        ];
  return drawLevelOverTime(
    {
      title: titled(run.name, 'files in L0'),
      subtitle:
        limits.length === 0
          ? ''
          : 'Dashed: level0_file_num_compaction_trigger, level0_slowdown_writes_trigger and level0_stop_writes_trigger',
      name: 'files in L0',
      label: 'files in L0',
      values: run.series.l0Files,
      limits,
      stalls: run.series,
    },
    canvas,
  );
}

/** Estimated pending compaction bytes against the options that hold writers for them. */
export function drawPendingBytes(run: LsmRun, canvas: Canvas): string {
  const { options, series } = run;
  const soft = options?.soft_pending_compaction_bytes_limit ?? 0;
  const hard = options?.hard_pending_compaction_bytes_limit ?? 0;
  // 0 turns a limit off.
  const limits = [
    { name: 'slowdown', option: 'soft_pending_compaction_bytes_limit', value: soft / GIB },
    { name: 'stop', option: 'hard_pending_compaction_bytes_limit', value: hard / GIB },
  ].filter(({ value }) => value > 0);
  const dashed = limits.length === 2 ? 'soft_ and hard_pending_compaction_bytes_limit' : (limits[0]?.option ?? null);
  return drawLevelOverTime(
    {
      title: titled(run.name, 'pending compaction bytes'),
      subtitle: `What compactions must rewrite until every level is within its target${dashed === null ? '' : `. Dashed: ${dashed}`}`,
      name: 'pending bytes',
      label: 'pending compaction bytes, GiB',
      values: Float64Array.from(series.pendingCompactionBytes, (bytes) => bytes / GIB),
      limits,
      stalls: series,
    },
    canvas,
  );
}

/** What was written, by what it was for. */
export function drawDeviceWrites(run: LsmRun, canvas: Canvas): string {
  const { flushWrittenBytes, compactionWrittenBytes, walBytes, intervalSec } = run.series;
  const parts = [
    { name: 'flush', bytes: flushWrittenBytes },
    { name: 'compaction', bytes: compactionWrittenBytes },
    { name: 'WAL', bytes: walBytes },
  ].map((part) => ({ ...part, total: part.bytes.reduce((sum, bytes) => sum + bytes, 0) }));
  const all = parts.reduce((sum, { total }) => sum + total, 0);
  return drawStackedArea(
    {
      title: titled(run.name, 'writes by flush, compaction and WAL'),
      subtitle: `${formatBytes(all)} in all: finished jobs, each spread over the time it ran; WAL as written (some is deleted before it reaches the device)`,
      label: 'written, MiB/s',
      intervalSec,
      layers: parts
        .filter(({ total }) => total > 0)
        .map(({ name, bytes, total }) => ({
          name: `${name}, ${(all > 0 ? (100 * total) / all : 0).toFixed(1)} %`,
          values: bytes.map((value) => value / MIB / intervalSec),
        })),
    },
    canvas,
  );
}

/** Bytes of each level against its target. */
export function drawRunLevelSizes(run: LsmRun, canvas: Canvas): string {
  const { intervalSec, levelBytes, targetBytes } = run.series;
  return drawLevelSizes({ title: titled(run.name, 'level sizes'), intervalSec, levelBytes, targetBytes }, canvas);
}

/** How long puts took. */
export function drawPutLatency(run: LsmRun, canvas: Canvas): string {
  const curves = [{ name: 'put', histogram: run.putLatencyMicros }];
  return drawLatencyPercentiles({ title: titled(run.name, 'put latency by percentile'), curves }, canvas);
}
