/** What a device moved over time, from any tool, and its sum over the ledger's stretch. */
import { PutmodelError } from '../kernel/errors.js';
import type { DeviceFigures } from './ledger.js';

/** Bytes moved in one stretch, seconds from the first sample. */
export interface DeviceSample {
  readonly startSec: number;
  readonly endSec: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Samples in order of time, of one device or process. */
export interface DeviceSeries {
  /** As the tool names it. */
  readonly name: string;
  readonly samples: readonly DeviceSample[];
  readonly notes: readonly string[];
}

/**
 * The sum over the first `spanSec` seconds: tools are started with the run, and some go on after it. The sample that the end lies in
 * counts in part. What is left out, and what is missing, is noted. No samples: figures null.
 */
export function figuresOver(
  series: DeviceSeries,
  spanSec: number,
  source: DeviceFigures['source'],
  counts: DeviceFigures['counts'],
): DeviceFigures {
  const { samples, name } = series;
  const notes = [...series.notes];
  let writtenBytes = 0;
  let readBytes = 0;
  for (const sample of samples) {
    const part = Math.max(0, Math.min(1, (spanSec - sample.startSec) / (sample.endSec - sample.startSec)));
    writtenBytes += part * sample.writtenBytes;
    readBytes += part * sample.readBytes;
  }
  const endSec = samples.at(-1)?.endSec ?? 0;
  const [covered, span] = [endSec.toFixed(1), spanSec.toFixed(1)];
  if (endSec > spanSec * 1.02 + 2)
    notes.push(`${source} ${name}: ${covered} s of samples; the first ${span} s count, as long as the ledger is`);
  if (endSec < spanSec * 0.98 - 2) notes.push(`${source} ${name}: only ${covered} s of the ledger's ${span} s were sampled`);
  const known = samples.length > 0;
  return {
    source,
    counts,
    writtenBytes: known ? Math.round(writtenBytes) : null,
    readBytes: known ? Math.round(readBytes) : null,
    notes,
  };
}

/**
 * The device to take: the one that was named, or the only one that moved anything. Partitions of a device in the list, RAM disks and loop
 * devices do not count.
 * @throws PutmodelError INPUT_INVALID when that is not exactly one.
 */
export function chooseDevice(movedBytes: ReadonlyMap<string, number>, wanted: string | null, file: string | undefined): string {
  const names = [...movedBytes.keys()];
  const found = names.join(', ') || 'none';
  if (wanted !== null) {
    if (movedBytes.has(wanted)) return wanted;
    throw new PutmodelError({ code: 'INPUT_INVALID', message: `device ${wanted} is not in it`, file, found });
  }
  const whole = names.filter((name) => !/^(loop|ram|zram)\d/.test(name) && !names.some((other) => isPartition(name, other)));
  const moving = whole.filter((name) => (movedBytes.get(name) ?? 0) > 0);
  const [only] = moving.length === 0 && whole.length === 1 ? whole : moving;
  if (only !== undefined && moving.length <= 1) return only;
  const message = moving.length === 0 ? 'no device moved anything' : 'several devices moved something';
  throw new PutmodelError({ code: 'INPUT_INVALID', message, file, found: moving.join(', ') || found, expected: 'one, named by --disk' });
}

/** sda1 of sda, nvme0n1p2 of nvme0n1. */
function isPartition(name: string, disk: string): boolean {
  return name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length)) && (/\d$/.test(disk) ? name.charAt(disk.length) === 'p' : true);
}
