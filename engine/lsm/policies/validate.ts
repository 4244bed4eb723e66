/** Checks a policy's task against the tree before anything is locked: a wrong one would lose or reorder data in a real store. */
import type { FamilyState } from '../state.js';
import type { CompactionTask, TaskInput } from '../task.js';
import { BYTES, HI, LO, type Level } from '../tree.js';

/**
 * A copy of the task that a policy gave, or, as text, why it cannot run now. It comes from code of others: nothing of it is believed, and
 * what its writer does to it later changes nothing. Throws what its own getters throw.
 */
export function readTask(family: FamilyState, given: unknown): CompactionTask | string {
  const { levels } = family.tree;
  if (typeof given !== 'object' || given === null) return `a task is an object or null, not ${show(given)}`;
  const { reason, kind, inputs, outputLevel } = given as Record<keyof CompactionTask, unknown>;
  if (kind !== 'merge' && kind !== 'move') return `kind is ${show(kind)}, not 'merge' or 'move'`;
  if (!isLevel(outputLevel, levels.length)) return `outputLevel is ${show(outputLevel)}, not a level`;
  if (!Array.isArray(inputs) || inputs.length === 0) return 'inputs is not a list of levels with their files';
  const read: TaskInput[] = [];
  const seen = new Set<number>();
  for (const input of [...(inputs as readonly unknown[])]) {
    if (typeof input !== 'object' || input === null) return `an input is ${show(input)}, not a level with its files`;
    const { level, ids } = input as Record<keyof TaskInput, unknown>;
    if (!isLevel(level, levels.length)) return `an input's level is ${show(level)}, not a level`;
    if (level <= (read.at(-1)?.level ?? -1)) return 'inputs are not in the order of their levels';
    if (level > outputLevel) return `level ${String(level)} is below the output level ${String(outputLevel)}`;
    if (!Array.isArray(ids) || ids.length === 0) return `level ${String(level)} has no files in the task`;
    const files = [...(ids as readonly number[])];
    const problem = filesProblem(family, levels[level]!, files, seen);
    if (problem !== null) return problem;
    read.push({ level, ids: files });
  }
  const task: CompactionTask = { reason: reason as CompactionTask['reason'], kind, inputs: read, outputLevel };
  return rangeProblem(family, task, seen) ?? (kind === 'move' ? moveProblem(family, task) : null) ?? task;
}

function filesProblem(family: FamilyState, level: Level, ids: readonly number[], seen: Set<number>): string | null {
  const { busy } = family.tree.files;
  const inLevel = new Set(level.ids.subarray(0, level.count));
  for (const id of ids) {
    const name = `file ${show(id)}`;
    if (!inLevel.has(id)) return `${name} is not in level ${String(level.index)}`;
    if (seen.has(id)) return `${name} is given twice`;
    if (busy[id] === 1) return `${name} is an input of a running job`;
    seen.add(id);
  }
  return null;
}

/** Nothing older may stay above what is moved down, nothing that overlaps may stay in the output level, and no running job may write there. */
function rangeProblem(family: FamilyState, task: CompactionTask, seen: ReadonlySet<number>): string | null {
  const { tree, running } = family;
  const { rows } = tree.files;
  let lo = Infinity;
  let hi = -Infinity;
  for (const id of seen) {
    lo = Math.min(lo, rows[(id << 3) + LO]!);
    hi = Math.max(hi, rows[(id << 3) + HI]!);
  }
  const meets = (id: number, from: number, to: number): boolean => rows[(id << 3) + LO]! < to && from < rows[(id << 3) + HI]!;
  // A merge may write a file across a gap between its inputs; a move leaves the files as they are.
  const overlaps = (id: number): boolean =>
    meets(id, lo, hi) &&
    (task.kind === 'merge' || [...seen].some((input) => meets(id, rows[(input << 3) + LO]!, rows[(input << 3) + HI]!)));
  const start = task.inputs[0]!.level;
  if (start === 0) {
    const problem = levelZeroProblem(tree.levels[0]!, task, seen, overlaps);
    if (problem !== null) return problem;
  }
  for (let index = Math.max(1, start + 1); index <= task.outputLevel; index++) {
    const level = tree.levels[index]!;
    for (let i = 0; i < level.count; i++) {
      const id = level.ids[i]!;
      if (!seen.has(id) && overlaps(id)) return `file ${String(id)} of level ${String(index)} overlaps the inputs and is not one of them`;
    }
  }
  for (const job of running) {
    if (job.task.outputLevel > 0 && job.task.outputLevel <= task.outputLevel && job.task.outputLevel > start && job.lo < hi && lo < job.hi)
      return `a running job writes the same keys to level ${String(job.task.outputLevel)}`;
  }
  return null;
}

/** Level 0 is a history: a file may go down only with every older one that overlaps, and only neighbours in age may be merged in place. */
function levelZeroProblem(level: Level, task: CompactionTask, seen: ReadonlySet<number>, overlaps: (id: number) => boolean): string | null {
  let last = -1;
  let first = -1;
  for (let i = 0; i < level.count; i++) {
    if (!seen.has(level.ids[i]!)) continue;
    last = i;
    if (first < 0) first = i;
  }
  for (let i = task.outputLevel === 0 ? first : 0; i < last; i++) {
    const id = level.ids[i]!;
    if (!seen.has(id) && overlaps(id)) return `file ${String(id)} of level 0 is older than an input, overlaps it, and is not one of them`;
  }
  return null;
}

function moveProblem(family: FamilyState, task: CompactionTask): string | null {
  if (task.inputs.length !== 1) return 'a move has files of one level';
  if (task.inputs[0]!.level === task.outputLevel) return 'a move goes to another level';
  if (task.inputs[0]!.level > 0) return null;
  const { rows } = family.tree.files;
  const ids = task.inputs[0]!.ids;
  const overlapping = ids.some((a) =>
    ids.some((b) => a < b && rows[(a << 3) + LO]! < rows[(b << 3) + HI]! && rows[(b << 3) + LO]! < rows[(a << 3) + HI]!),
  );
  return overlapping || ids.some((id) => !(rows[(id << 3) + BYTES]! > 0)) ? 'files that overlap cannot be moved together' : null;
}

function isLevel(value: unknown, levelCount: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < levelCount;
}

/** A value of others in words, whatever it is. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${String(value)}n`;
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}
