/** Entry `putmodel/policy`: the types of a compaction policy of your own. Types only; nothing of this file exists at run time. */
import type { CompactionTask, PickerView } from './lsm/task.js';

export type { CompactionReason, CompactionTask, PickerView, RunningCompaction, TaskInput } from './lsm/task.js';

/** Chooses what to compact next. It only reads; the engine validates the task, locks its files, runs it and applies it. */
export interface Policy {
  readonly name: string;
  /** Where the rules come from: a paper, a file, "our assumption". */
  readonly source: string;
  /** The next task, or null when there is nothing to do. Called whenever a slot is free and the tree may have changed. */
  choose(view: PickerView): CompactionTask | null;
}
