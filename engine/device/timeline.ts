/**
 * What a device could do over time, as recorded: the bandwidth that a fio log shows window by window limits the device from then on.
 * A log is of a job that took all it could get; a job that was held back would make the device look slow.
 *
 * Rows of several jobs and of logs with other windows are brought to windows of one length: a row's bytes are spread evenly from the
 * row before it (of the same log and direction) to its own stamp, which is where fio puts it.
 */
import { invariant, PutmodelError } from '../kernel/errors.js';
import { KIB } from '../kernel/units.js';
import type { FioLogRow } from '../fio/log.js';

/** Limits by time: entry i holds from atMicros[i] to the next; the last one for good. */
export interface Timeline {
  readonly source: string;
  /** Ascending, the first 0. */
  readonly atMicros: readonly number[];
  /** Bytes per second, above 0; null: no limit. */
  readonly readBytesPerSec: readonly (number | null)[];
  readonly writeBytesPerSec: readonly (number | null)[];
}

/** Takes rows of fio bandwidth logs; `finish` once. */
export interface TimelineBuilder {
  /** Begins a log; rows that follow are of it. `file` is what messages call it. */
  beginLog(file: string): void;
  /** @throws PutmodelError INPUT_INVALID for a log of more than a day */
  add(row: Pick<FioLogRow, 'timeMillis' | 'value' | 'direction' | 'blockBytes' | 'lineNumber'>): void;
  /** @throws PutmodelError INPUT_INVALID when no row read or wrote anything */
  finish(source: string): Timeline;
}

/** Windows of a timeline: fine enough for a drive that slows down, and few events. */
const windowMillis = 1000;
/** A day of them; longer logs are a mistake or need no such detail. */
const windowsMax = 86_400;

/** A first stamp from here on, the year 2001, is no time since a job began. */
const epochMillisMin = 1e12;

/** An empty builder. */
export function createTimelineBuilder(): TimelineBuilder {
  const bytes: [number[], number[]] = [[], []];
  const endMillis: [number, number] = [0, 0];
  let lastMillis: [number, number] = [0, 0];
  let file = '';
  // Stamps of fio's log_unix_epoch count from 1970: time then begins with the first of them, the same for all logs.
  let originMillis: number | null = null;
  const put = (direction: 0 | 1, window: number, count: number): void => {
    const row = bytes[direction];
    while (row.length <= window) row.push(0);
    row[window]! += count;
  };
  return {
    beginLog(name) {
      file = name;
      lastMillis = [0, 0];
    },
    add({ timeMillis: stampMillis, value, direction, blockBytes, lineNumber }) {
      if (direction === 2) return;
      originMillis ??= stampMillis >= epochMillisMin ? stampMillis : 0;
      const timeMillis = Math.max(0, stampMillis - originMillis);
      if (timeMillis > windowsMax * windowMillis) {
        throw new PutmodelError({
          code: 'INPUT_INVALID',
          message: 'a bandwidth log of more than a day',
          found: `${String(timeMillis)} ms`,
          file,
          line: lineNumber,
        });
      }
      endMillis[direction] = Math.max(endMillis[direction], timeMillis);
      const from = Math.min(lastMillis[direction], timeMillis);
      lastMillis[direction] = Math.max(from, timeMillis);
      if (blockBytes > 0) {
        put(direction, Math.floor(Math.max(0, timeMillis - 1) / windowMillis), blockBytes);
        return;
      }
      spread(from, timeMillis, (window, millis) => {
        put(direction, window, (value * KIB * millis) / 1000);
      });
    },
    finish: (source) => toTimeline(bytes, endMillis, source),
  };
}

/** Hands out the part of a stretch that lies in each window, millis. */
function spread(fromMillis: number, toMillis: number, put: (window: number, millis: number) => void): void {
  for (let at = fromMillis; at < toMillis;) {
    const window = Math.floor(at / windowMillis);
    const next = Math.min(toMillis, (window + 1) * windowMillis);
    put(window, next - at);
    at = next;
  }
}

function toTimeline(bytes: readonly (readonly number[])[], endMillis: readonly number[], source: string): Timeline {
  const windows = Math.max(...bytes.map((row) => row.length));
  if (windows === 0) throw new PutmodelError({ code: 'INPUT_INVALID', message: 'the log holds no reads and no writes', found: source });
  const rates = [0, 1].map((direction) =>
    Array.from({ length: windows }, (_, window) => rateOf(bytes[direction]!, window, endMillis[direction]!)),
  );
  const atMicros: number[] = [];
  const readBytesPerSec: (number | null)[] = [];
  const writeBytesPerSec: (number | null)[] = [];
  for (let window = 0; window < windows; window++) {
    const [read, write] = [rates[0]![window]!, rates[1]![window]!];
    if (window > 0 && read === readBytesPerSec.at(-1) && write === writeBytesPerSec.at(-1)) continue;
    atMicros.push(window * windowMillis * 1000);
    readBytesPerSec.push(read);
    writeBytesPerSec.push(write);
  }
  return { source, atMicros, readBytesPerSec, writeBytesPerSec };
}

/** A direction that the log does not have is not limited; one that paused still moves a byte, or a run on it would never end. */
function rateOf(bytes: readonly number[], window: number, endMillis: number): number | null {
  if (bytes.length === 0) return null;
  // The last window is as long as its rows reach; a stub of it says little and repeats the one before.
  const last = bytes.length - 1;
  const covered = endMillis - last * windowMillis;
  const usable = covered >= windowMillis / 4 || last === 0 ? last : last - 1;
  const at = Math.min(window, usable);
  const millis = at === last ? covered : windowMillis;
  return Math.max(1, ((bytes[at] ?? 0) * 1000) / Math.max(1, millis));
}

/** The entry that holds at a time: the last that began. */
export function timelineIndexAt(timeline: Timeline, nowMicros: number): number {
  const { atMicros } = timeline;
  invariant(atMicros.length > 0, 'a timeline has at least one entry');
  let low = 0;
  let high = atMicros.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (atMicros[middle]! <= nowMicros) low = middle;
    else high = middle - 1;
  }
  return low;
}
