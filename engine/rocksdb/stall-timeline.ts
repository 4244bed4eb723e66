/**
 * When writes were held, from a LOG's events: RocksDB decides anew at every memtable switch, flush commit, compaction commit and trivial
 * move (column_family.cc: InstallSuperVersion), and logs a line only where the answer is not "normal". So a state lasts from one of these
 * to the next, and one without a warning of its own thread just before means normal.
 *
 * It is the state, not the writer's waiting: a delayed writer also works, and a stopped one sleeps on until the job that woke it has
 * removed its obsolete files. In the reference runs the two differ by 1 to 5 percent of the run.
 */
import type { LogEvent, LogStallCause } from './log.js';

/** A stretch of time in one stall state, from the LOG. */
export interface StallInterval {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly state: 'normal' | 'delayed' | 'stopped';
  /** null while normal. */
  readonly cause: LogStallCause | null;
  /** The write controller's rate while delayed, where it is printed. */
  readonly delayedRateBytesPerSec: number | null;
}

/** Puts stall intervals together from LOG events. */
export interface StallTimeline {
  /** Every event of the LOG, in its order. */
  add(event: LogEvent): void;
  /** The intervals between two times, in order, without gaps. Empty when the store was not open before `toMicros`. */
  intervals(fromMicros: number, toMicros: number): StallInterval[];
}

/** Collects the states of one open store with one family; keeps a few numbers for each change. */
export function createStallTimeline(): StallTimeline {
  const changes: Change[] = [];
  /** Threads whose latest line was a decision: the commit they log next (with an earlier time) is the one decided on. */
  const decided = new Set<string>();
  let sorted = true;

  const change = (event: LogEvent, state: Change['state'], cause: LogStallCause | null, rate: number | null): void => {
    const before = changes.at(-1);
    if (before !== undefined && before.atMicros > event.atMicros) sorted = false;
    changes.push({ atMicros: event.atMicros, state, cause, rate });
  };

  return {
    add(event) {
      if (event.kind === 'option' || event.kind === 'stats' || event.kind === 'statistics') return;
      if (event.kind === 'stallRecalculated') {
        change(event, event.state, event.cause, event.delayedRateBytesPerSec);
        decided.add(event.thread);
        return;
      }
      const commit = event.kind === 'flushFinished' || event.kind === 'compactionFinished' || event.kind === 'triviallyMoved';
      if (event.kind === 'opened' || event.kind === 'memtableSwitched' || (commit && !decided.has(event.thread))) {
        change(event, 'normal', null, null);
      }
      decided.delete(event.thread);
    },
    intervals(fromMicros, toMicros) {
      if (!sorted) changes.sort((a, b) => a.atMicros - b.atMicros);
      sorted = true;
      const intervals: StallInterval[] = [];
      for (const [index, { atMicros, state, cause, rate }] of changes.entries()) {
        const startMicros = Math.max(atMicros, fromMicros);
        const endMicros = Math.min(changes[index + 1]?.atMicros ?? toMicros, toMicros);
        if (endMicros > startMicros) intervals.push({ startMicros, endMicros, state, cause, delayedRateBytesPerSec: rate });
      }
      return intervals;
    },
  };
}

interface Change {
  readonly atMicros: number;
  readonly state: StallInterval['state'];
  readonly cause: LogStallCause | null;
  readonly rate: number | null;
}
