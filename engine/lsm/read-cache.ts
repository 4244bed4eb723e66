/**
 * Where the blocks of reads are: in the block cache, in the page cache, or on the device; by row of the read path. The block cache fills while reads go on
 * and loses what compactions rewrite (block-cache.ts). The page cache keeps what was written last, as it does for compactions (jobs.ts); what
 * reads themselves bring into it is left out (our assumption: it is small beside what is written, or everything is there anyway).
 */
import type { LsmOptions } from '../rocksdb/options.js';
import { addBlockClass, createBlockClasses, fillBlockCache, type BlockClasses } from './block-cache.js';
import { readFromDeviceBefore } from './jobs.js';
import { blockFraction, type Popularity } from './popularity.js';
import { AGE_GROUPS, createFileAges, measureAges, type FileAges, type ReadRuns } from './read-runs.js';
import type { ReadLoad } from './scenario.js';
import type { FamilyState, HostState, StoreState } from './state.js';

/** Block sizes of the store, bytes. */
export interface BlockSizes {
  readonly entries: number;
  /** As it lies in the block cache, and in a file. */
  readonly rawBytes: number;
  readonly fileBytes: number;
  /** A block's entry in the index: a key and where the block is. */
  readonly indexEntryBytes: number;
}

/** What the caches hold, by row (see ReadRuns). */
export interface ReadCache {
  readonly missFraction: Float64Array;
  readonly tableMissFraction: Float64Array;
  readonly onDevice: Float64Array;
  readonly ages: FileAges[];
  readonly classes: BlockClasses;
  /** Bytes the store had written by the end of each second: the age of a file follows from it. */
  readonly writtenBytes: number[];
  /** Bytes that compactions had read when the cache was looked at last, and when that was. */
  replacedBytes: number;
  lookedAtMicros: number;
}

/** One stream's look-ups, as the cache sees them. */
export interface LookUps {
  readonly opsPerSec: number;
  readonly popularity: Popularity;
  readonly runs: ReadRuns;
  /** Blocks and tables asked for by a read, by row. */
  readonly blocks: Float64Array;
  readonly probed: Float64Array;
}

/** Empty caches for a tree of `levelCount` levels. */
export function createReadCache(levelCount: number): ReadCache {
  const rows = levelCount + 2;
  return {
    missFraction: new Float64Array(rows).fill(1),
    tableMissFraction: new Float64Array(rows),
    onDevice: new Float64Array(rows),
    ages: Array.from({ length: levelCount }, createFileAges),
    classes: createBlockClasses(),
    writtenBytes: [],
    ...{ replacedBytes: 0, lookedAtMicros: 0 },
  };
}

/** Block sizes in the newest files. */
export function blockSizes(family: FamilyState): BlockSizes {
  const shape = family.shapes[0]!;
  const entries = shape.entriesPerBlock;
  // A record in a block: key, sequence number, three lengths, value.
  const rawBytes = entries * (family.keySizeBytes + family.valueSizeBytes + 11);
  return { entries, rawBytes, fileBytes: Math.min(rawBytes, entries * shape.bytesPerEntry), indexEntryBytes: family.keySizeBytes + 8 };
}

/** Looks at the caches again: after a second, or when reading begins. `sinceMicros`: when the first read came. */
export function refreshReadCache(
  cache: ReadCache,
  load: ReadLoad,
  lookUps: readonly LookUps[],
  sizes: BlockSizes,
  { host, store, family, sinceMicros }: { host: HostState; store: StoreState; family: FamilyState; sinceMicros: number },
): void {
  const { tree } = family;
  noteWritten(cache, host);
  const ageOf = (writtenAt: number): number => host.nowMicros / 1e6 - secondOf(cache.writtenBytes, writtenAt);
  const cachedFrom = readFromDeviceBefore(host, store);
  for (const level of tree.levels) {
    if (level.count === 0) continue;
    measureAges(cache.ages[level.index]!, tree, level, cachedFrom, ageOf);
    cache.onDevice[level.index + 1] = cache.ages[level.index]!.onDevice;
  }
  const replacedPerSec = replacement(cache, family, host.nowMicros);
  if ('hitFraction' in load.blockCache) {
    cache.missFraction.fill(1 - load.blockCache.hitFraction);
    cache.tableMissFraction.fill(load.cacheIndexAndFilterBlocks ? 1 - load.blockCache.hitFraction : 0);
    return;
  }
  const elapsedSec = Math.max(0, host.nowMicros - sinceMicros) / 1e6;
  cache.classes.count = 0;
  for (const level of tree.levels) if (level.count > 0) addLevel(cache, level.index, load, lookUps, sizes, family.options);
  fillBlockCache(cache.classes, load.blockCache.bytes, elapsedSec, replacedPerSec);
  let at = 0;
  for (const level of tree.levels) if (level.count > 0) at = readLevel(cache, level.index, load, lookUps, at);
}

/** The series has what jobs wrote in each second. */
function noteWritten({ writtenBytes }: ReadCache, { recorder }: HostState): void {
  const { series } = recorder;
  for (let i = writtenBytes.length; i < series.count; i++)
    writtenBytes.push((writtenBytes[i - 1] ?? 0) + series.flushBytes[i]! + series.compactionBytes[i]!);
}

/** The second by whose end so many bytes had been written. */
function secondOf(writtenBytes: readonly number[], bytes: number): number {
  let low = 0;
  let high = writtenBytes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (writtenBytes[middle]! < bytes) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Part of all blocks that compactions have replaced in each second since the last look. */
function replacement(cache: ReadCache, { counts, tree }: FamilyState, nowMicros: number): number {
  let replaced = 0;
  for (const bytes of counts.levels.readBytes) replaced += bytes;
  const seconds = (nowMicros - cache.lookedAtMicros) / 1e6;
  const bytesPerSec = seconds > 0 ? Math.max(0, replaced - cache.replacedBytes) / seconds : 0;
  cache.replacedBytes = replaced;
  cache.lookedAtMicros = nowMicros;
  return tree.totalBytes > 0 ? bytesPerSec / tree.totalBytes : 0;
}

/** The stream whose popularity decides which blocks are read more often: the one with most groups. */
function skewed(lookUps: readonly LookUps[]): LookUps {
  return lookUps.reduce((most, one) => (one.popularity.keyFraction.length > most.popularity.keyFraction.length ? one : most));
}

/** Adds a level's data blocks, by age and popularity, and its indexes and filters by age. */
function addLevel(
  { classes, ages }: ReadCache,
  level: number,
  load: ReadLoad,
  lookUps: readonly LookUps[],
  sizes: BlockSizes,
  options: LsmOptions,
): void {
  const row = level + 1;
  const lead = skewed(lookUps);
  const entries = lead.runs.entries[row]!;
  const files = lead.runs.files[row]!;
  const { weight, ageSec } = ages[level]!;
  const blocks = entries / sizes.entries;
  const { keyFraction, readFraction } = lead.popularity;
  for (let age = 0; age < AGE_GROUPS; age++) {
    if (weight[age] === 0) continue;
    for (let group = 0; group < keyFraction.length; group++) {
      const part = keyFraction.length === 1 ? 1 : blockFraction(lead.popularity, group, sizes.entries);
      let readsPerSec = 0;
      for (const one of lookUps) readsPerSec += one.opsPerSec * one.blocks[row]! * (one === lead ? readFraction[group]! : part);
      const count = blocks * part;
      addBlockClass(classes, count * weight[age]!, sizes.rawBytes, count > 0 ? readsPerSec / count : 0, ageSec[age]!);
    }
    if (!load.cacheIndexAndFilterBlocks || files === 0) continue;
    let probes = 0;
    for (const one of lookUps) probes += one.opsPerSec * one.probed[row]!;
    const tableBytes = tableBlockBytes(entries / files, sizes, options);
    addBlockClass(classes, files * weight[age]!, tableBytes, probes / files, ageSec[age]!);
  }
}

/** Index and filter of a file: an entry a block, bloom_bits a key. */
function tableBlockBytes(entries: number, sizes: BlockSizes, { bloom_bits: bloomBits }: LsmOptions): number {
  return (entries / sizes.entries) * sizes.indexEntryBytes + (entries * bloomBits) / 8;
}

/** Reads a level's misses back from its classes, in the order in which `addLevel` made them. Returns where the next level's begin. */
function readLevel(cache: ReadCache, level: number, load: ReadLoad, lookUps: readonly LookUps[], first: number): number {
  const row = level + 1;
  const lead = skewed(lookUps);
  const { keyFraction, readFraction } = lead.popularity;
  const { weight } = cache.ages[level]!;
  const { hitFraction } = cache.classes;
  let at = first;
  let hits = 0;
  let tableHits = 0;
  for (let age = 0; age < AGE_GROUPS; age++) {
    if (weight[age] === 0) continue;
    for (let group = 0; group < keyFraction.length; group++) hits += weight[age]! * readFraction[group]! * hitFraction[at++]!;
    if (load.cacheIndexAndFilterBlocks && lead.runs.files[row]! > 0) tableHits += weight[age]! * hitFraction[at++]!;
  }
  cache.missFraction[row] = 1 - Math.min(1, hits);
  cache.tableMissFraction[row] = load.cacheIndexAndFilterBlocks ? 1 - Math.min(1, tableHits) : 0;
  return at;
}
