/**
 * What a compaction writes: the expected union of its inputs' keys, cut into files where RocksDB cuts them.
 *
 * 1. The inputs become segments: ascending, disjoint key ranges, each with a density of puts (key-space.ts). Densities add.
 * 2. The segments are walked in key order; at each grandparent boundary and whenever the file is full, RocksDB's rules decide
 *    whether the file ends there. Source: compaction_outputs.cc ShouldStopBefore and UpdateGrandparentBoundaryInfo (7.8 to 10.10).
 */
import { invariant } from '../kernel/errors.js';
import { distinctFraction, type KeySpace } from './key-space.js';
import { BYTES, HI, LO } from './file-table.js';
import { clearRangeList, copyOverlapping, createRangeList, type KeyRanges, type RangeList } from './key-ranges.js';

/** Key ranges [lo, hi) with puts per key, ascending and disjoint; the first `count` entries are in use. */
export interface Segments {
  count: number;
  lo: Float64Array;
  hi: Float64Array;
  drawsPerKey: Float64Array;
}

/** An empty list with room for `capacity` ranges; it grows. */
export function createSegments(capacity = 64): Segments {
  return { count: 0, lo: new Float64Array(capacity), hi: new Float64Array(capacity), drawsPerKey: new Float64Array(capacity) };
}

/** Appends a range above all the others; neighbours of equal density that touch are joined. */
export function appendSegment(segments: Segments, lo: number, hi: number, drawsPerKey: number): void {
  const last = segments.count - 1;
  if (last >= 0 && segments.hi[last] === lo && segments.drawsPerKey[last] === drawsPerKey) {
    segments.hi[last] = hi;
    return;
  }
  if (segments.count === segments.lo.length) growSegments(segments);
  segments.lo[segments.count] = lo;
  segments.hi[segments.count] = hi;
  segments.drawsPerKey[segments.count] = drawsPerKey;
  segments.count++;
}

/** out = a + b: wherever either has puts, their densities add. `out` is neither of the two. */
export function addSegments(a: Segments, b: Segments, out: Segments): void {
  out.count = 0;
  let i = 0;
  let j = 0;
  let position = -Infinity;
  while (i < a.count || j < b.count) {
    const aLo = i < a.count ? Math.max(a.lo[i]!, position) : Infinity;
    const bLo = j < b.count ? Math.max(b.lo[j]!, position) : Infinity;
    const start = Math.min(aLo, bLo);
    const inA = aLo <= start;
    const inB = bLo <= start;
    const end = Math.min(inA ? a.hi[i]! : aLo, inB ? b.hi[j]! : bLo);
    appendSegment(out, start, end, (inA ? a.drawsPerKey[i]! : 0) + (inB ? b.drawsPerKey[j]! : 0));
    position = end;
    if (inA && a.hi[i]! <= end) i++;
    if (inB && b.hi[j]! <= end) j++;
  }
}

/** When an output file ends. Bytes are file bytes. */
export interface CutRules {
  readonly keySpace: KeySpace;
  /** File bytes for each entry, and once a file (footer, properties). */
  readonly bytesPerEntry: number;
  readonly bytesPerFile: number;
  /** MaxFileSizeForLevel of the output level; Infinity: never cut (an L0 output). */
  readonly targetFileBytes: number;
  readonly maxCompactionBytes: number;
  /** level_compaction_dynamic_file_size with leveled style: align cuts with the grandparents' boundaries. */
  readonly alignToGrandparents: boolean;
}

/** Output files, first `count` entries; entries are expected values, bytes whole. */
export interface Outputs {
  count: number;
  lo: Float64Array;
  hi: Float64Array;
  drawsPerKey: Float64Array;
  entries: Float64Array;
  bytes: Float64Array;
}

/** An empty list with room for `capacity` files; it grows. */
export function createOutputs(capacity = 64): Outputs {
  return {
    count: 0,
    lo: new Float64Array(capacity),
    hi: new Float64Array(capacity),
    drawsPerKey: new Float64Array(capacity),
    entries: new Float64Array(capacity),
    bytes: new Float64Array(capacity),
  };
}

/** Lists that a run reuses for every merge. */
export interface MergeScratch {
  readonly first: Segments;
  readonly second: Segments;
  readonly third: Segments;
  readonly slice: Segments;
  readonly outputs: Outputs;
  readonly walk: GrandparentWalk;
}

/** The lists of one run. */
export function createMergeScratch(): MergeScratch {
  return {
    first: createSegments(),
    second: createSegments(),
    third: createSegments(),
    slice: createSegments(),
    outputs: createOutputs(),
    walk: createWalk(),
  };
}

/**
 * Cuts `segments` into the output files of `scratch`. `grandparents` are the files of the level below the output level, or null when there is none;
 * `splits` are the key positions, ascending, at which subcompactions begin, each with a file of its own.
 * Leaves at least one file when there is at least one entry.
 */
export function cutOutputs(
  segments: Segments,
  rules: CutRules,
  grandparents: KeyRanges | null,
  splits: readonly number[],
  scratch: MergeScratch,
): void {
  scratch.outputs.count = 0;
  if (splits.length === 0) {
    cutSlice(segments, rules, grandparents, scratch);
    return;
  }
  for (let i = 0; i <= splits.length; i++) {
    sliceSegments(segments, splits[i - 1] ?? -Infinity, splits[i] ?? Infinity, scratch.slice);
    cutSlice(scratch.slice, rules, grandparents, scratch);
  }
}

/** The part of `segments` in [from, to). */
function sliceSegments(segments: Segments, from: number, to: number, out: Segments): void {
  out.count = 0;
  for (let i = 0; i < segments.count; i++) {
    const lo = Math.max(from, segments.lo[i]!);
    const hi = Math.min(to, segments.hi[i]!);
    if (lo < hi) appendSegment(out, lo, hi, segments.drawsPerKey[i]!);
  }
}

function cutSlice(segments: Segments, rules: CutRules, grandparents: KeyRanges | null, scratch: MergeScratch): void {
  const { outputs: out, walk } = scratch;
  const { keySpace, bytesPerEntry } = rules;
  if (segments.count === 0) return;
  const first = segments.lo[0]!;
  const last = segments.hi[segments.count - 1]!;
  startWalk(walk, grandparents, first, last);
  const aligned = rules.alignToGrandparents && walk.files.rows[LO]! < last;
  // A file may grow to twice the target in the hope of a grandparent boundary (Compaction::max_output_file_size_, 7.8).
  const maxBytes = aligned ? 2 * rules.targetFileBytes : rules.targetFileBytes;
  let fileLo = first;
  let draws = 0;
  let entries = 0;
  let position = first;
  for (let s = 0; s < segments.count; s++) {
    const segmentLo = segments.lo[s]!;
    const segmentHi = segments.hi[s]!;
    const drawsPerKey = segments.drawsPerKey[s]!;
    const entriesPerUnit = distinctFraction(keySpace, drawsPerKey) * keySpace.keyCount;
    if (entriesPerUnit <= 0) continue;
    if (segmentLo > position) {
      if (crossGap(walk, segmentLo, rules, entries * bytesPerEntry, aligned) && entries > 0) {
        emit(out, rules, fileLo, position, draws, entries);
        draws = entries = 0;
      }
      if (entries === 0) {
        fileLo = segmentLo;
        restartFile(walk);
      }
      position = segmentLo;
    }
    const bytesPerUnit = entriesPerUnit * bytesPerEntry;
    const spacing = 1 / entriesPerUnit;
    while (position < segmentHi) {
      const boundary = nextBoundary(walk);
      const end = boundary < segmentHi ? boundary : segmentHi;
      // Most boundaries come long before the file can be full: then there is nothing to work out.
      if (entries * bytesPerEntry + (end - position) * bytesPerUnit > 0.99 * maxBytes) {
        const fullAt = position + (maxBytes - entries * bytesPerEntry) / bytesPerUnit;
        // A remainder of less than one entry is no file of its own.
        if (fullAt < end && (end - fullAt) * entriesPerUnit >= 1) {
          entries += (fullAt - position) * entriesPerUnit;
          draws += (fullAt - position) * drawsPerKey;
          emit(out, rules, fileLo, fullAt, draws, entries);
          draws = entries = 0;
          fileLo = position = fullAt;
          restartFile(walk);
          continue;
        }
      }
      entries += (end - position) * entriesPerUnit;
      draws += (end - position) * drawsPerKey;
      position = end;
      if (end !== boundary) continue;
      cross(walk, spacing);
      if (position < last && stopsAtBoundary(walk, rules, entries * bytesPerEntry, aligned)) {
        emit(out, rules, fileLo, position, draws, entries);
        draws = entries = 0;
        fileLo = position;
        restartFile(walk);
      }
    }
  }
  if (entries > 0) emit(out, rules, fileLo, position, draws, entries);
}

/** The grandparents a merge may meet, and where it stands among them (grandparent_index_, being_grandparent_gap_, counts since the file began). */
export interface GrandparentWalk {
  readonly files: RangeList;
  /** The file that the walk is in, or in the gap before. */
  at: number;
  inGap: boolean;
  boundariesSeen: number;
  overlappedBytes: number;
}

function createWalk(): GrandparentWalk {
  return { files: createRangeList(), at: 0, inGap: true, boundariesSeen: 0, overlappedBytes: 0 };
}

function startWalk(walk: GrandparentWalk, grandparents: KeyRanges | null, first: number, last: number): void {
  if (grandparents === null) clearRangeList(walk.files);
  else copyOverlapping(grandparents, first, last, walk.files);
  walk.at = 0;
  walk.inGap = walk.files.rows[LO]! > first;
  restartFile(walk);
}

/** A new output file starts: counts begin anew, with the grandparent it starts in (GetCurrentKeyGrandparentOverlappedBytes). */
function restartFile(walk: GrandparentWalk): void {
  walk.boundariesSeen = 0;
  walk.overlappedBytes = walk.inGap ? 0 : walk.files.rows[(walk.at << 2) + BYTES]!;
}

function nextBoundary(walk: GrandparentWalk): number {
  return walk.inGap ? walk.files.rows[(walk.at << 2) + LO]! : walk.files.rows[(walk.at << 2) + HI]!;
}

/** Steps over the boundary just reached, and into the next file when it starts within `spacing` (the next key sees both at once). */
function cross(walk: GrandparentWalk, spacing: number): void {
  if (walk.inGap) {
    enter(walk);
    return;
  }
  leave(walk);
  if (walk.files.rows[(walk.at << 2) + LO]! - walk.files.rows[((walk.at - 1) << 2) + HI]! <= spacing) enter(walk);
}

function enter(walk: GrandparentWalk): void {
  walk.inGap = false;
  walk.boundariesSeen++;
  walk.overlappedBytes += walk.files.rows[(walk.at << 2) + BYTES]!;
}

function leave(walk: GrandparentWalk): void {
  walk.inGap = true;
  walk.boundariesSeen++;
  walk.at++;
}

/** Crosses every boundary up to `position`, where the next key is; true when the file must end before that key. */
function crossGap(walk: GrandparentWalk, position: number, rules: CutRules, fileBytes: number, aligned: boolean): boolean {
  const before = walk.overlappedBytes;
  let crossed = 0;
  while (nextBoundary(walk) <= position) {
    if (walk.inGap) enter(walk);
    else leave(walk);
    crossed++;
  }
  if (crossed === 0) return false;
  const skippable = crossed >= (walk.inGap ? 2 : 3) && walk.overlappedBytes - before > rules.targetFileBytes / 8;
  return (aligned && skippable) || stopsAtBoundary(walk, rules, fileBytes, aligned);
}

/** ShouldStopBefore at a grandparent boundary: too much overlap, or big enough for an aligned cut (50 % + 5 % a boundary, at most 90 %). */
function stopsAtBoundary(walk: GrandparentWalk, rules: CutRules, fileBytes: number, aligned: boolean): boolean {
  if (rules.targetFileBytes === Infinity) return false;
  if (walk.overlappedBytes + fileBytes > rules.maxCompactionBytes) return true;
  if (!aligned) return false;
  return fileBytes >= (rules.targetFileBytes / 100) * (50 + Math.min(walk.boundariesSeen * 5, 40));
}

function emit(out: Outputs, rules: CutRules, lo: number, hi: number, draws: number, entries: number): void {
  invariant(hi > lo, 'an output file has a key range');
  if (out.count === out.lo.length) growOutputs(out);
  const i = out.count++;
  out.lo[i] = lo;
  out.hi[i] = hi;
  out.drawsPerKey[i] = draws / (hi - lo);
  out.entries[i] = entries;
  out.bytes[i] = Math.max(1, Math.round(entries * rules.bytesPerEntry + rules.bytesPerFile));
}

function growSegments(segments: Segments): void {
  segments.lo = grow(segments.lo);
  segments.hi = grow(segments.hi);
  segments.drawsPerKey = grow(segments.drawsPerKey);
}

function growOutputs(out: Outputs): void {
  out.lo = grow(out.lo);
  out.hi = grow(out.hi);
  out.drawsPerKey = grow(out.drawsPerKey);
  out.entries = grow(out.entries);
  out.bytes = grow(out.bytes);
}

function grow(array: Float64Array): Float64Array {
  const grown = new Float64Array(array.length * 2);
  grown.set(array);
  return grown;
}
