/** The finished jobs of a run as lines of RocksDB 7.8's LOG: `EVENT_LOG_v1` (logging/event_logger.cc) and "Flush lasted" (db/flush_job.cc). */
import type { LoggedJob } from '../lsm/job-log.js';

/** A line's time in micros, and its text behind the time. */
interface TimedLine {
  readonly atMicros: number;
  readonly text: string;
}

/** Every line of these jobs, in the order of their times. `stamp` gives the beginning of a line, from micros. */
export function eventLines(jobs: readonly LoggedJob[], stamp: (micros: number) => string): string[] {
  return jobs
    .flatMap(linesOf)
    .sort((a, b) => a.atMicros - b.atMicros)
    .map(({ atMicros, text }) => `${stamp(atMicros)} ${text}`);
}

function linesOf(job: LoggedJob): TimedLine[] {
  if (job.kind === 'flush') return flushLines(job);
  return job.kind === 'move' ? [movedLine(job)] : mergeLines(job);
}

function flushLines(job: LoggedJob): TimedLine[] {
  const { startMicros, endMicros, recordsIn, keySizeBytes, valueSizeBytes } = job;
  // A memtable's entry: length, key with sequence number and type, length, value (db/memtable.cc).
  const internalKeyBytes = keySizeBytes + 8;
  const entryBytes = varintBytes(internalKeyBytes) + internalKeyBytes + varintBytes(valueSizeBytes) + valueSizeBytes;
  const entries = Math.round(recordsIn);
  const wall = `${String(Math.round(endMicros) - Math.round(startMicros))} microseconds, and ${String(Math.round(job.cpuMicros))} cpu microseconds`;
  return [
    event(startMicros, job, 'flush_started', [
      ['num_memtables', job.memtables],
      ['num_entries', entries],
      ['num_deletes', 0],
      ['total_data_size', entries * entryBytes],
    ]),
    ...createdLines(job),
    { atMicros: Math.round(endMicros), text: `[db/flush_job.cc:1025] [default] [JOB ${String(job.job)}] Flush lasted ${wall}.` },
    event(endMicros, job, 'flush_finished', [['lsm_state', list(job.levelFiles)]]),
  ];
}

function mergeLines(job: LoggedJob): TimedLine[] {
  const { startMicros, endMicros, inputs, outputs } = job;
  return [
    event(startMicros, job, 'compaction_started', [
      ['compaction_reason', `"${job.reason ?? 'Unknown'}"`],
      ...inputs.map(({ level, files }) => [`files_L${String(level)}`, list(files)] as const),
      ['input_data_size', job.inputBytes],
    ]),
    ...createdLines(job),
    event(endMicros, job, 'compaction_finished', [
      ['compaction_time_micros', endMicros - startMicros],
      ['compaction_time_cpu_micros', job.cpuMicros],
      ['output_level', job.outputLevel],
      ['num_output_files', outputs.length],
      ['total_output_size', outputs.reduce((sum, { bytes }) => sum + Math.round(bytes), 0)],
      ['num_input_records', job.recordsIn],
      ['num_output_records', job.recordsOut],
      ['lsm_state', list(job.levelFiles)],
    ]),
  ];
}

function movedLine(job: LoggedJob): TimedLine {
  return event(job.endMicros, job, 'trivial_move', [
    ['destination_level', job.outputLevel],
    ['files', job.inputs.reduce((sum, { files }) => sum + files.length, 0)],
    ['total_files_size', job.inputBytes],
  ]);
}

function createdLines(job: LoggedJob): TimedLine[] {
  const { keySizeBytes, valueSizeBytes } = job;
  return job.outputs.map(({ file, bytes, entries }) => {
    const properties = [
      `"raw_average_key_size": ${String(keySizeBytes + 8)}`,
      `"raw_average_value_size": ${String(valueSizeBytes)}`,
      `"num_entries": ${String(Math.round(entries))}`,
    ].join(', ');
    return event(job.endMicros, job, 'table_file_creation', [
      ['file_number', file],
      ['file_size', bytes],
      ['table_properties', `{${properties}}`],
    ]);
  });
}

function event(micros: number, { job }: LoggedJob, name: string, fields: readonly (readonly [string, number | string])[]): TimedLine {
  const atMicros = Math.round(micros);
  const all = [
    `"time_micros": ${String(atMicros)}`,
    // Where RocksDB prints the family: in the lines of files.
    ...(name === 'table_file_creation' ? ['"cf_name": "default"'] : []),
    `"job": ${String(job)}`,
    `"event": "${name}"`,
    ...fields.map(([key, value]) => `"${key}": ${typeof value === 'number' ? String(Math.round(value)) : value}`),
  ];
  return { atMicros, text: `EVENT_LOG_v1 {${all.join(', ')}}` };
}

function list(values: readonly number[]): string {
  return `[${values.join(', ')}]`;
}

/** Bytes of a length as util/coding.h writes it: seven bits a byte. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
