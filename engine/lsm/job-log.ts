/**
 * The finished jobs of a run, one by one, and how often writes were held: what RocksDB's LOG tells of them. Kept up to a stated number
 * of jobs; one more, and none is kept, since a part of them would add up to nothing that is printed elsewhere.
 */
import type { StallCause } from './result.js';
import type { FamilyState, Job } from './state.js';
import { BYTES, ENTRIES } from './tree.js';
import type { CompactionReason } from './task.js';
import type { Token } from './write-controller.js';

/** Runs with more jobs have none of them in their result: a LOG of about 10 MB. */
export const jobsLogged = 4096;
/** The same for runs with more files: 256 a job. */
const filesLogged = 256 * jobsLogged;

/** Number, bytes and entries of a file that a job wrote. */
export interface LoggedFile {
  readonly file: number;
  readonly bytes: number;
  readonly entries: number;
}

/** A job that was committed. Files have numbers of their own, each used once. */
export interface LoggedJob {
  readonly job: number;
  readonly kind: 'flush' | 'merge' | 'move';
  readonly startMicros: number;
  readonly endMicros: number;
  readonly cpuMicros: number;
  readonly reason: CompactionReason | null;
  readonly memtables: number;
  readonly inputs: readonly { readonly level: number; readonly files: readonly number[] }[];
  readonly inputBytes: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly outputLevel: number;
  readonly outputs: readonly LoggedFile[];
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  /** Files a level right after it. */
  readonly levelFiles: readonly number[];
}

/** How many recalculations of the stall conditions ended in each; `l0Busy*`: while a compaction out of level 0 ran. */
export interface StallCountsLog {
  memtableStops: number;
  memtableDelays: number;
  l0Delays: number;
  l0Stops: number;
  l0BusyDelays: number;
  l0BusyStops: number;
  pendingDelays: number;
  pendingStops: number;
}

/** What a run's LOG is written from. */
export interface JobLog {
  /** In the order of their ends; null: there were more than `jobsLogged`. */
  jobs: LoggedJob[] | null;
  readonly stalls: StallCountsLog;
  nextJob: number;
  nextFile: number;
  /** File numbers by the tree's ids, which are used again. */
  readonly fileNumbers: Map<number, number>;
}

/** Nothing has happened. RocksDB's first job is 2 (1 is the opening), its first files are the MANIFEST and the WAL. */
export function createJobLog(): JobLog {
  const stalls = { memtableStops: 0, memtableDelays: 0, l0Delays: 0, l0Stops: 0, l0BusyDelays: 0, l0BusyStops: 0 };
  return { jobs: [], stalls: { ...stalls, pendingDelays: 0, pendingStops: 0 }, nextJob: 2, nextFile: 8, fileNumbers: new Map() };
}

/** Keeps a job that was committed just now; its inputs' ids are not used again yet. */
export function logJob(log: JobLog, job: Job, nowMicros: number): void {
  if (log.jobs === null || job.task?.kind === 'drop') return;
  if (log.jobs.length >= jobsLogged || log.nextFile + job.outputs.length > filesLogged) {
    log.jobs = null;
    log.fileNumbers.clear();
    return;
  }
  const { family, task } = job;
  const { rows } = family.tree.files;
  const inputs = task === null ? [] : task.inputs.map(({ level, ids }) => ({ level, files: ids.map((id) => fileNumber(log, id)) }));
  const outputs = job.outputs.map((id) => {
    const file = log.nextFile++;
    log.fileNumbers.set(id, file);
    return { file, bytes: rows[(id << 3) + BYTES]!, entries: rows[(id << 3) + ENTRIES]! };
  });
  log.jobs.push({
    job: log.nextJob++,
    kind: task === null ? 'flush' : task.kind === 'move' ? 'move' : 'merge',
    startMicros: job.startMicros,
    endMicros: nowMicros,
    cpuMicros: job.cpuMicros,
    reason: task?.reason ?? null,
    memtables: job.memtables.length,
    inputs,
    inputBytes: job.bytesIn,
    recordsIn: job.recordsIn,
    recordsOut: job.recordsOut,
    outputLevel: task?.outputLevel ?? 0,
    outputs,
    keySizeBytes: family.keySizeBytes,
    valueSizeBytes: family.valueSizeBytes,
    levelFiles: family.tree.levels.map((level) => level.count),
  });
}

/** A file of the tree that the run began with gets its number when it is first named. */
function fileNumber(log: JobLog, id: number): number {
  const known = log.fileNumbers.get(id);
  if (known !== undefined) return known;
  const file = log.nextFile++;
  log.fileNumbers.set(id, file);
  return file;
}

/** Counts a recalculation as RocksDB does (column_family.cc, RecalculateWriteStallConditions: AddCFStats). */
export function countStall({ stalls }: JobLog, token: Token, cause: StallCause | null, family: FamilyState): void {
  if (cause === null || (token !== 'stop' && token !== 'delay')) return;
  const isL0Busy = (): boolean => family.running.some(({ startLevel }) => startLevel === 0);
  if (cause === 'memtable') stalls[token === 'stop' ? 'memtableStops' : 'memtableDelays']++;
  else if (cause === 'pendingStop') stalls.pendingStops++;
  else if (cause === 'pendingSlowdown') stalls.pendingDelays++;
  else {
    stalls[cause === 'l0Stop' ? 'l0Stops' : 'l0Delays']++;
    if (isL0Busy()) stalls[cause === 'l0Stop' ? 'l0BusyStops' : 'l0BusyDelays']++;
  }
}

/** The log as it stands now: what comes later is not in it. */
export function copyJobLog({ jobs, stalls }: JobLog): Pick<JobLog, 'jobs' | 'stalls'> {
  return { jobs: jobs === null ? null : [...jobs], stalls: { ...stalls } };
}
