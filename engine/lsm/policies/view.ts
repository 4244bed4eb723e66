/** A family's tree as policies see it: read-only accessors over the state, made once and valid whenever a policy is called. */
import { compactFile, compactLevel } from '../leveled.js';
import type { FamilyState, HostState, StoreState } from '../state.js';
import type { PickerView } from '../task.js';
import { firstEndingAbove, firstStartingAt } from '../key-ranges.js';
import { BYTES, ENTRIES, HI, LARGEST_SEQ, LO, SMALLEST_SEQ } from '../tree.js';
import type { FileView, JobView, LevelView, TreeView } from './policy.js';

/** The view of one family; `pickerView` gives what RocksDB's own picker looks at. */
export function createTreeView(host: HostState, store: StoreState, family: FamilyState, pickerView: () => PickerView): TreeView {
  const fileOf = (level: number, id: number): FileView => {
    const { rows, busy } = family.tree.files;
    const at = id << 3;
    return {
      id,
      level,
      lo: rows[at + LO]!,
      hi: rows[at + HI]!,
      bytes: rows[at + BYTES]!,
      entries: rows[at + ENTRIES]!,
      smallestSeq: rows[at + SMALLEST_SEQ]!,
      largestSeq: rows[at + LARGEST_SEQ]!,
      busy: busy[id] === 1,
    };
  };
  const levelAt = (index: number) => {
    const level = family.tree.levels[index];
    if (level === undefined) throw new RangeError(`level ${String(index)}: there are levels 0 to ${String(family.tree.levels.length - 1)}`);
    return level;
  };
  return {
    get nowMicros() {
      return host.nowMicros;
    },
    get levelCount() {
      return family.tree.levels.length;
    },
    get baseLevel() {
      return family.targets.baseLevel;
    },
    get debtBytes() {
      return family.debtBytes;
    },
    get immutableMemtables() {
      return family.immutables.length;
    },
    get slots() {
      return store.compactionSlots;
    },
    get freeSlots() {
      return store.compactionSlots - store.compactionsScheduled;
    },
    get lastStartLevel() {
      return family.lastStartLevel;
    },
    level(index): LevelView {
      const { count: files, bytes, idleCount: idleFiles, idleBytes } = levelAt(index);
      const targetBytes = index === 0 ? Infinity : family.targets.targetBytes[index]!;
      return { index, files, bytes, idleFiles, idleBytes, targetBytes, score: scoreOf(family, index) };
    },
    files(index) {
      const level = levelAt(index);
      return Array.from(level.ids.subarray(0, level.count), (id) => fileOf(index, id));
    },
    overlapping(index, lo, hi) {
      const level = levelAt(index);
      if (index === 0) return this.files(0).filter((file) => file.lo < hi && lo < file.hi);
      const from = firstEndingAbove(level.ranges, lo);
      const to = firstStartingAt(level.ranges, hi);
      return Array.from(level.ids.subarray(from, to), (id) => fileOf(index, id));
    },
    get jobs() {
      return runningJobs(host, store);
    },
    compactionOf(index) {
      levelAt(index);
      return compactLevel(pickerView(), index);
    },
    compactionOfFile(file) {
      return compactFile(pickerView(), file.level, file.id);
    },
  };
}

function scoreOf({ scores }: FamilyState, index: number): number {
  for (let rank = 0; rank < scores.count; rank++) if (scores.level[rank] === index) return scores.score[rank]!;
  return 0;
}

/** Jobs with threads at work, in the order of their ids. */
function runningJobs(host: HostState, store: StoreState): JobView[] {
  const { threads } = host;
  const views: JobView[] = [];
  for (const job of host.jobs) {
    if (job === null || job.store !== store || job.threadsLeft === 0) continue;
    let remainingBytes = 0;
    for (let i = 0; i < threads.activeCount; i++) {
      const row = threads.active[i]!;
      if (threads.owner[row] === job.id) remainingBytes += threads.remainingBytes[row]!;
    }
    views.push({
      kind: job.kind,
      startLevel: job.running?.startLevel ?? -1,
      outputLevel: job.task?.outputLevel ?? 0,
      totalBytes: job.bytesOut,
      remainingBytes,
      startMicros: job.startMicros,
    });
  }
  return views;
}
