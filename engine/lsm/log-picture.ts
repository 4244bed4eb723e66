/**
 * A running store as its LOG shows it: options, sizes of keys and values, how many keys there are, how fast puts came, and the tree at the
 * end. From it a scenario document that goes on from there.
 *
 * How many keys there are is not told; it follows from how many entries disappear when level-0 files, which span all keys, are merged:
 * uniform draws from N keys leave N (1 - prod(1 - n_i / N)) of them. What is left out, and what is assumed, is listed.
 */
import type { LogEvent } from '../rocksdb/log.js';
import { collectLogOptions, type LogOptions } from '../rocksdb/log-options.js';
import { defaultOptions, isOptionKey, type LsmOptions } from '../rocksdb/options.js';
import { formatVersion, referenceVersion, type RocksdbVersion } from '../rocksdb/version.js';

/** Bytes in a level. */
export interface LevelBytes {
  readonly level: number;
  readonly bytes: number;
}

/** What a LOG shows of one column family, the one with the most flushes. */
export interface LogPicture {
  readonly version: RocksdbVersion;
  readonly family: string;
  readonly options: LsmOptions;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly distribution: 'uniform' | 'sequential' | 'unique';
  readonly keyCount: number;
  /** Seconds from the first to the last line that counts, and the puts that were flushed in them. */
  readonly spanSec: number;
  readonly puts: number;
  /** Puts/s over even stretches of the span, from its start. */
  readonly rate: readonly { readonly atSec: number; readonly opsPerSec: number }[];
  readonly usesWal: boolean;
  /** Levels that hold files at the end, level 0 first. */
  readonly levels: readonly LevelBytes[];
  /** What the LOG does not tell and is assumed here, in words. */
  readonly notes: readonly string[];
}

/** Hears a LOG's events; `finish` gives the picture, or null when no flush tells sizes. */
export interface LogPictureCollector {
  readonly onEvent: (event: LogEvent) => void;
  readonly finish: () => LogPicture | null;
}

/** Stretches that the span is cut into for the rate. */
const RATE_STRETCHES = 60;

interface Merge {
  /** Entries of each sorted run; level-0 files span all keys, and a level they are merged into is taken to. */
  readonly runs: readonly number[];
  readonly recordsIn: number;
  readonly recordsOut: number;
}

interface FamilyPicture {
  readonly levelBytes: Map<number, number>;
  readonly flushes: { readonly atMicros: number; readonly entries: number }[];
  readonly merges: Merge[];
  mergedRecords: number;
}

interface FileFacts {
  readonly bytes: number;
  readonly entries: number | null;
}

/** Starts collecting. `untilMicros`: what comes later is not looked at (a back-test's first part). */
export function collectLogPicture(untilMicros = Infinity): LogPictureCollector {
  const options = collectLogOptions();
  const files = new Map<number, FileFacts>();
  const families = new Map<string, FamilyPicture>();
  const seen = { firstMicros: Infinity, lastMicros: 0, keyBytes: 0, valueBytes: 0, sizedEntries: 0, usesWal: true };
  const familyOf = (name: string | null): FamilyPicture => {
    const key = name ?? 'default';
    const found = families.get(key) ?? { levelBytes: new Map(), flushes: [], merges: [], mergedRecords: 0 };
    families.set(key, found);
    return found;
  };
  const add = (family: FamilyPicture, level: number, bytes: number): void => {
    family.levelBytes.set(level, Math.max(0, (family.levelBytes.get(level) ?? 0) + bytes));
  };
  const onEvent = (event: LogEvent): void => {
    if (event.atMicros > untilMicros) return;
    options.onEvent(event);
    if (event.kind !== 'option') {
      seen.firstMicros = Math.min(seen.firstMicros, event.atMicros);
      seen.lastMicros = Math.max(seen.lastMicros, event.atMicros);
    }
    switch (event.kind) {
      case 'fileCreated':
        files.set(event.file, { bytes: event.bytes, entries: event.entries });
        if (event.keyBytes !== null && event.valueBytes !== null && event.entries !== null) {
          seen.keyBytes += event.keyBytes * event.entries;
          seen.valueBytes += event.valueBytes * event.entries;
          seen.sizedEntries += event.entries;
        }
        break;
      case 'fileDeleted':
        files.delete(event.file);
        break;
      case 'flushFinished':
      case 'recoveryFlushed': {
        const family = familyOf(event.flush.family);
        add(family, 0, event.flush.writtenBytes);
        if (event.kind === 'flushFinished' && event.flush.entries !== null)
          family.flushes.push({ atMicros: event.flush.startedAtMicros ?? event.atMicros, entries: event.flush.entries });
        break;
      }
      case 'compactionFinished': {
        const { compaction } = event;
        const family = familyOf(compaction.family);
        for (const input of compaction.inputs) for (const file of input.files) add(family, input.level, -(files.get(file)?.bytes ?? 0));
        add(family, compaction.outputLevel, compaction.outputBytes);
        family.mergedRecords += compaction.recordsIn ?? 0;
        const merge = mergeOf(compaction.inputs, compaction.recordsOut, files);
        if (merge !== null) family.merges.push(merge);
        break;
      }
      case 'triviallyMoved': {
        // The line does not say where from: the nearest level above that holds as much.
        const family = familyOf(null);
        let from = event.level - 1;
        while (from > 0 && (family.levelBytes.get(from) ?? 0) < event.bytes) from--;
        add(family, from, -event.bytes);
        add(family, event.level, event.bytes);
        break;
      }
      case 'stats':
        if ((event.dump.db?.ingestBytes ?? 0) > 0) seen.usesWal = event.dump.db?.walBytes !== 0;
        for (const stats of event.dump.families) {
          // A table is exact where the events of an older opening are missing.
          const family = familyOf(stats.family);
          for (const row of stats.levels.rows) if (row.level !== null) family.levelBytes.set(row.level, row.sizeBytes);
        }
        break;
      default:
    }
  };
  return { onEvent, finish: () => pictureOf(options.finish(), families, seen) };
}

function mergeOf(
  inputs: readonly { readonly level: number; readonly files: readonly number[] }[],
  recordsOut: number | null,
  files: ReadonlyMap<number, FileFacts>,
): Merge | null {
  if (recordsOut === null || inputs[0]?.level !== 0) return null;
  const runs: number[] = [];
  for (const { level, files: ids } of inputs) {
    const entries = ids.map((id) => files.get(id)?.entries ?? null);
    if (entries.some((count) => count === null)) return null;
    if (level === 0) runs.push(...(entries as number[]));
    else runs.push((entries as number[]).reduce((sum, count) => sum + count, 0));
  }
  return runs.length < 2 ? null : { runs, recordsIn: runs.reduce((sum, run) => sum + run, 0), recordsOut };
}

function pictureOf(
  options: LogOptions,
  families: ReadonlyMap<string, FamilyPicture>,
  seen: { firstMicros: number; lastMicros: number; keyBytes: number; valueBytes: number; sizedEntries: number; usesWal: boolean },
): LogPicture | null {
  const busiest = [...families].sort(([, a], [, b]) => b.flushes.length - a.flushes.length)[0];
  if (busiest === undefined || busiest[1].flushes.length === 0 || seen.sizedEntries === 0) return null;
  const [name, family] = busiest;
  const version = options.version ?? referenceVersion;
  const notes: string[] = [];
  const others = [...families].filter(([other, { flushes }]) => other !== name && flushes.length > 0).map(([other]) => other);
  if (others.length > 0) notes.push(`column family ${name} only; ${others.join(', ')} are left out`);
  if (options.hasRateLimiter) notes.push('there is a rate limiter, whose rate the LOG does not print: say lsm.rate_limiter_bytes_per_sec');
  if (options.version === null)
    notes.push(`no header: options and rules of RocksDB ${formatVersion(version)} are assumed where the LOG is silent`);
  const puts = family.flushes.reduce((sum, { entries }) => sum + entries, 0);
  const keys = keysOf(family, puts);
  if (keys.note !== null) notes.push(keys.note);
  const levels = [...family.levelBytes].filter(([, bytes]) => bytes > 0).map(([level, bytes]) => ({ level, bytes: Math.round(bytes) }));
  return {
    version,
    family: name,
    options: options.optionsOf(name, version),
    keySizeBytes: Math.max(1, Math.round(seen.keyBytes / seen.sizedEntries)),
    valueSizeBytes: Math.round(seen.valueBytes / seen.sizedEntries),
    distribution: keys.distribution,
    keyCount: keys.count,
    spanSec: (seen.lastMicros - seen.firstMicros) / 1e6,
    puts,
    rate: rateOf(family.flushes, seen.firstMicros, seen.lastMicros),
    usesWal: seen.usesWal,
    levels: levels.sort((a, b) => a.level - b.level),
    notes,
  };
}

interface Keys {
  readonly distribution: LogPicture['distribution'];
  readonly count: number;
  readonly note: string | null;
}

/** From what merges dropped. Nothing merged: puts came in order; nothing dropped: each key once. */
function keysOf({ merges, mergedRecords }: FamilyPicture, puts: number): Keys {
  if (mergedRecords === 0)
    return { distribution: 'sequential', count: puts * 4, note: 'nothing was merged: keys are taken to come in order' };
  const dropping = merges.filter(({ recordsIn, recordsOut }) => recordsOut > 0 && recordsOut < recordsIn);
  if (dropping.length === 0)
    return { distribution: 'unique', count: puts * 4, note: 'no merge dropped an entry: each key is taken to be put once' };
  // A merge that was cut short says nonsense, so the middle one counts, each weighted by its records.
  const estimates = dropping.map((merge) => ({ keys: keysOfMerge(merge), weight: merge.recordsIn })).sort((a, b) => a.keys - b.keys);
  const half = estimates.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let below = 0;
  const middle = estimates.find(({ weight }) => (below += weight) >= half);
  return { distribution: 'uniform', count: Math.round(middle?.keys ?? puts), note: null };
}

/** Keys there must be for a merge to leave as many as it did: the more there are, the fewer are met twice. */
function keysOfMerge({ runs, recordsOut }: Merge): number {
  let low = Math.max(...runs);
  let high = low * 1e6;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (expectedUnion(runs, middle) < recordsOut) low = middle;
    else high = middle;
  }
  return high;
}

/** Distinct keys of independent uniform samples of these sizes out of `keys`. */
export function expectedUnion(runs: readonly number[], keys: number): number {
  let missing = 1;
  for (const run of runs) missing *= Math.max(0, 1 - run / keys);
  return keys * (1 - missing);
}

/** A memtable's puts came between the start of the flush before it and that of its own. */
function rateOf(
  flushes: readonly { readonly atMicros: number; readonly entries: number }[],
  firstMicros: number,
  lastMicros: number,
): LogPicture['rate'] {
  const spanMicros = lastMicros - firstMicros;
  if (!(spanMicros > 0)) return [];
  const stretches = Math.max(1, Math.min(RATE_STRETCHES, Math.floor(flushes.length / 2)));
  const widthMicros = spanMicros / stretches;
  const puts = new Float64Array(stretches);
  let from = firstMicros;
  for (const { atMicros, entries } of flushes) {
    const to = Math.max(from + 1, atMicros);
    for (let i = Math.floor((from - firstMicros) / widthMicros); i < stretches && firstMicros + i * widthMicros < to; i++) {
      const start = firstMicros + i * widthMicros;
      const overlap = Math.min(to, start + widthMicros) - Math.max(from, start);
      if (i >= 0 && overlap > 0) puts[i]! += (entries * overlap) / (to - from);
    }
    from = to;
  }
  return Array.from(puts, (count, i) => ({ atSec: (i * widthMicros) / 1e6, opsPerSec: (count * 1e6) / widthMicros }));
}

/**
 * The scenario document that goes on where the LOG ends: its options where they differ from the library's defaults, its tree, and its
 * load once more, open loop, for as long as the LOG is.
 */
export function documentOfPicture(picture: LogPicture): Readonly<Record<string, unknown>> {
  const { version, options, rate, levels, spanSec } = picture;
  const defaults = defaultOptions(version, { dbBench: false });
  const said = Object.entries(options).filter(
    ([key, value]) => isOptionKey(key) && JSON.stringify(value) !== JSON.stringify(defaults[key]),
  );
  return {
    kind: 'lsm',
    rocksdb_version: formatVersion(version),
    duration_seconds: Math.max(1, Math.round(spanSec)),
    workload: {
      benchmark: 'overwrite',
      num: picture.keyCount,
      key_size: picture.keySizeBytes,
      value_size: picture.valueSizeBytes,
      distribution: picture.distribution,
      disable_wal: !picture.usesWal,
      rate: { points: rate.length > 0 ? rate : [{ atSec: 0, opsPerSec: 1 }] },
    },
    lsm: Object.fromEntries(said),
    initial: { levels: levels.filter(({ level }) => level < options.num_levels) },
  };
}
