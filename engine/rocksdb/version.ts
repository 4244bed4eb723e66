/**
 * RocksDB versions and what changed between them: a version in, named behaviours out, so that no other module compares versions.
 *
 * Source: a fact sheet made from RocksDB's code at tags v7.8.3, v7.10.2, v8.11.4, v9.10.0 and v10.10.1, with spot checks of the tags
 * between; only 7.8.3 was also run. "Since X" is the first tag inspected that has the change; where a tag between two inspected ones may already have had
 * it, the comment says so. Versions outside 5.0 .. 11.0 are accepted and get the nearest known behaviour.
 */
import { PutmodelError } from '../kernel/errors.js';

/** A release of RocksDB. A patch that was not given is 0. */
export interface RocksdbVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/**
 * "7.8", "7.8.3", "v10.10.1" as a version.
 * @throws PutmodelError INPUT_INVALID for any other text; the path of the issue is `path`.
 */
export function parseVersion(text: string, path = 'rocksdb_version'): RocksdbVersion {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?$/.exec(text.trim());
  if (match === null) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      path,
      message: 'not a RocksDB version',
      found: JSON.stringify(text),
      expected: 'major.minor or major.minor.patch, such as 7.8.3',
    });
  }
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? '0') };
}

/** "7.8.3". */
export function formatVersion(version: RocksdbVersion): string {
  return `${String(version.major)}.${String(version.minor)}.${String(version.patch)}`;
}

/** Below 0 when a is older than b, 0 when equal, above 0 when newer. */
export function compareVersions(a: RocksdbVersion, b: RocksdbVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** True when the version is `major.minor` or newer. */
export function isAtLeast(version: RocksdbVersion, major: number, minor: number): boolean {
  return version.major !== major ? version.major > major : version.minor >= minor;
}

/** The version of Debian's db_bench, whose flags `db-bench.ts` knows and whose runs the model is checked against. */
export const referenceVersion: RocksdbVersion = { major: 7, minor: 8, patch: 3 };

/** Releases whose rules are known; others get those of the nearest one. */
const knownFirst: RocksdbVersion = { major: 5, minor: 0, patch: 0 };
const knownLast = { major: 11, minor: 0 };

/** What to mind of a release whose rules are not known; null for the others. */
export function versionWarning(version: RocksdbVersion): string | null {
  const isKnown = compareVersions(version, knownFirst) >= 0 && !isAtLeast(version, knownLast.major, knownLast.minor + 1);
  return isKnown
    ? null
    : `the rules of RocksDB ${formatVersion(version)} are not known: it gets those of the nearest release of 5.0 to 11.0`;
}

/** Whether both do the same wherever this package knows versions to differ. */
export function behaveAlike(a: RocksdbVersion, b: RocksdbVersion): boolean {
  const [one, other] = [behaviours(a), behaviours(b)];
  return (Object.keys(one) as (keyof Behaviours)[]).every((key) => one[key] === other[key]);
}

/** What a version does where versions differ. Infinity means "no limit". */
export interface Behaviours {
  /** Refill interval of the write delay: 1024 until 6.19, 1000 since 6.20 (write_controller.cc, #8064). */
  readonly writeDelayRefillMicros: number;
  /** The delay's debt is carried from one interval into the next. Since 6.20 (write_controller.cc, #8064). */
  readonly writeDelayCarriesDebt: boolean;
  /** SST writes ask the rate limiter as IO_USER while writes are delayed or stopped. Since 7.4 (FlushJob/CompactionJob::GetRateLimiterPriority). */
  readonly userPriorityWhenDelayed: boolean;
  /** Stall conditions are left alone when memtable, immutables and version did not change. Since 7.5 (column_family.cc: InstallSuperVersion). */
  readonly stallRecalculationSkipsNoops: boolean;
  /** With dynamic levels, scores above 1 are multiplied by 10 and divided by the bytes on their way down. Since 7.5 (ComputeCompactionScore). */
  readonly dynamicScoresScaled: boolean;
  /** Files moved by one trivial move of a level above 0: 1 until 7.4, then 4 (compaction_picker_level.cc: kMaxMultiTrivialMove). */
  readonly trivialMoveFilesMax: number;
  /** A trivial move also extends to smaller keys. Since 8.3. */
  readonly trivialMoveExtendsLeft: boolean;
  /** Candidates of kMinOverlappingRatio that are sorted: 50 since 7.5, all before (version_set.cc: kNumberFilesToSort). */
  readonly overlapSortedFilesMax: number;
  /** Files marked for compaction come first in kMinOverlappingRatio's order. By 8.11. */
  readonly markedFilesFirst: boolean;
  /** Output files are also cut at grandparent boundaries. Since 7.8 (compaction_outputs.cc; level_compaction_dynamic_file_size until 8.11). */
  readonly grandparentAlignedOutputs: boolean;
  /**
   * Start-level expansion may grow a job to this many times max_compaction_bytes: 1 until 7.7, unlimited 7.8 .. 9.1
   * (ignore_max_compaction_bytes_for_input, default true), 2 since 9.2 (compaction_picker.cc: SetupOtherInputs).
   */
  readonly startLevelExpansionFactor: number;
  /** Subcompactions are split at anchors inside the input files; before, only where a file begins. Since 7.6 (compaction_job.cc: GenSubcompactionBoundaries). */
  readonly subcompactionAnchors: boolean;
  /** Intra-L0 compaction no longer needs L0 files older than the oldest memtable. Since 7.10. */
  readonly intraL0IgnoresMemtableSeqnos: boolean;
  /** Size-based intra-L0 compaction. Since 9.0 (compaction_picker_level.cc: PickSizeBasedIntraL0Compaction). */
  readonly sizeBasedIntraL0: boolean;
  /** With dynamic levels, levels above the base level are drained. Since 8.3. */
  readonly drainsUnnecessaryLevels: boolean;
  /** level_compaction_dynamic_level_bytes is true by default in the library (never in db_bench's flags). Since 8.4. */
  readonly dynamicLevelDefault: boolean;
  /** The rate limiter grants part of a request and queues the rest. Since 8.3 (rate_limiter.cc). */
  readonly limiterPartialGrants: boolean;
  /** compaction_readahead_size default: 0, 2 MiB since 8.6. */
  readonly compactionReadaheadDefaultBytes: number;
  /** Compaction inputs are released in the MANIFEST callback. Since 8.7. */
  readonly inputsReleasedInManifestCallback: boolean;
  /** Universal size-amplification merges may leave out the newest L0 files. Since 8.7. */
  readonly universalSizeAmpMayExcludeNewest: boolean;
  /** Universal size amplification looks at the longest idle span next to the last run. Since 8.11; before: from the first idle run, none busy. */
  readonly universalSizeAmpLongestSpan: boolean;
  /** compaction_options_universal.max_read_amp exists. Since 9.4. */
  readonly universalMaxReadAmp: boolean;
  /** Default of compaction_options_universal.reduce_file_locking: option since 10.4, true since 11.0. */
  readonly universalReduceFileLockingDefault: boolean;
  /**
   * Debt at which more than one compaction may run: `quarterSoft` = soft/4 (until 8.9); `bottommost` = min(soft/4, bottommost/8)
   * (8.10 .. 9.7); `bottommostFloor` = min(soft/4, max(bottommost/8, 2 x base)) (since 9.8).
   */
  readonly debtPressureRule: 'quarterSoft' | 'bottommost' | 'bottommostFloor';
  /** Two files marked for compaction raise the parallelism too. Since 9.0. */
  readonly markedFilesRaisePressure: boolean;
  /** FIFO's score is the larger of size and file count; later the file count counts only below a size score of 1. The fact sheet has the first rule for 7.8; that 7.10 is where it ends is our assumption. */
  readonly fifoScoreIsMaximum: boolean;
  /** target_file_size_is_upper_bound exists. Since 10.9. */
  readonly targetFileSizeUpperBound: boolean;
  /** The LOG prints stall counts as `stalls` ("Stalls(count)") or `writeStall` ("Write Stall (count)", since 8.1). */
  readonly stallCountLine: 'stalls' | 'writeStall';
  /** The LOG prints "Estimated pending compaction bytes". Since 9.0. */
  readonly logPrintsPendingBytes: boolean;
}

/** The switchboard: every behaviour that differs between versions, for one version. */
export function behaviours(version: RocksdbVersion): Behaviours {
  const since = (major: number, minor: number): boolean => isAtLeast(version, major, minor);
  return {
    writeDelayRefillMicros: since(6, 20) ? 1000 : 1024,
    writeDelayCarriesDebt: since(6, 20),
    userPriorityWhenDelayed: since(7, 4),
    stallRecalculationSkipsNoops: since(7, 5),
    dynamicScoresScaled: since(7, 5),
    trivialMoveFilesMax: since(7, 5) ? 4 : 1,
    trivialMoveExtendsLeft: since(8, 3),
    overlapSortedFilesMax: since(7, 5) ? 50 : Infinity,
    markedFilesFirst: since(8, 11),
    grandparentAlignedOutputs: since(7, 8),
    startLevelExpansionFactor: since(9, 2) ? 2 : since(7, 8) ? Infinity : 1,
    subcompactionAnchors: since(7, 6),
    intraL0IgnoresMemtableSeqnos: since(7, 10),
    sizeBasedIntraL0: since(9, 0),
    drainsUnnecessaryLevels: since(8, 3),
    dynamicLevelDefault: since(8, 4),
    limiterPartialGrants: since(8, 3),
    compactionReadaheadDefaultBytes: since(8, 6) ? 2 * 1024 * 1024 : 0,
    inputsReleasedInManifestCallback: since(8, 7),
    universalSizeAmpMayExcludeNewest: since(8, 7),
    universalSizeAmpLongestSpan: since(8, 11),
    universalMaxReadAmp: since(9, 4),
    universalReduceFileLockingDefault: since(11, 0),
    debtPressureRule: since(9, 8) ? 'bottommostFloor' : since(8, 10) ? 'bottommost' : 'quarterSoft',
    markedFilesRaisePressure: since(9, 0),
    fifoScoreIsMaximum: !since(7, 10),
    targetFileSizeUpperBound: since(10, 9),
    stallCountLine: since(8, 1) ? 'writeStall' : 'stalls',
    logPrintsPendingBytes: since(9, 0),
  };
}
