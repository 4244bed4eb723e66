/** Entry `putmodel/policy`: the types of a compaction policy of your own. Types only; nothing of this file exists at run time. */
export type { FileView, JobView, LevelView, Policy, TreeView } from './lsm/policies/policy.js';
export type { CompactionReason, CompactionTask, TaskInput } from './lsm/task.js';
export type { LsmOptions } from './rocksdb/options.js';
