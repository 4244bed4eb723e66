/** A small LOG written by hand: two flushes, a compaction, a trivial move, a table and tickers, and the closing. Figures are easy to add. */

/** A line at so many seconds after 2026-11-20 22:58:00. */
export function at(second: number, rest: string): string {
  const seconds = second % 60;
  const minutes = 58 + Math.floor(second / 60);
  const clock = `${String(minutes % 60).padStart(2, '0')}:${seconds.toFixed(6).padStart(9, '0')}`;
  return `2026/11/20-${String(22 + Math.floor(minutes / 60))}:${clock} 6135 ${rest}\n`;
}

/** The header and the opening of the store. */
export const opening = (second: number, version = '7.8.3'): string =>
  at(second, `RocksDB version: ${version}`) +
  at(second, '                   Options.wal_bytes_per_sync: 0') +
  at(second, '[db/version_set.cc:5054] Recovering from manifest file: /db/MANIFEST-000001');

const event = (second: number, job: number, rest: string): string =>
  at(second, `EVENT_LOG_v1 {"time_micros": 1, "job": ${String(job)}, ${rest}}`);

/** A memtable switch and the flush of it. `second` is when it ends; it is switched a second before. */
export function flush(second: number, job: number, file: number, bytes: number, entries = 1000): string {
  return (
    at(second - 1, '[db/db_impl/db_impl_write.cc:2089] [default] New memtable created with log file: #8. Immutable memtables: 0.') +
    event(
      second - 1,
      job,
      `"event": "flush_started", "num_memtables": 1, "num_entries": ${String(entries)}, "total_data_size": ${String(bytes)}`,
    ) +
    event(
      second,
      job,
      `"event": "table_file_creation", "cf_name": "default", "file_number": ${String(file)}, "file_size": ${String(bytes)}, "num_entries": ${String(entries)}, "x": 0`,
    ) +
    event(second, job, '"event": "flush_finished", "lsm_state": [1, 0], "immutable_memtables": 0')
  );
}

/** A compaction's start. */
export function compactionStart(second: number, job: number, inputs: Readonly<Record<number, readonly number[]>>, bytes: number): string {
  const lists = Object.entries(inputs).map(([level, files]) => `"files_L${level}": [${files.join(', ')}]`);
  return event(
    second,
    job,
    `"event": "compaction_started", "compaction_reason": "LevelL0FilesNum", ${lists.join(', ')}, "score": 1, "input_data_size": ${String(bytes)}, "x": 0`,
  );
}

/** A file that a job wrote. */
export function created(second: number, job: number, file: number, bytes: number): string {
  return event(
    second,
    job,
    `"event": "table_file_creation", "cf_name": "default", "file_number": ${String(file)}, "file_size": ${String(bytes)}, "num_entries": 1900, "x": 0`,
  );
}

/** A compaction's end. */
export function compactionEnd(second: number, job: number, level: number, bytes: number): string {
  return event(
    second,
    job,
    `"event": "compaction_finished", "compaction_time_micros": 900000, "compaction_time_cpu_micros": 1000, "output_level": ${String(level)}, "num_output_files": 1, "total_output_size": ${String(bytes)}, "num_input_records": 2000, "num_output_records": 1900, "num_subcompactions": 1, "lsm_state": [0, 1]`,
  );
}

const gib = 1024 * 1024 * 1024;
const inGib = (bytes: number, decimals: number): string => (bytes / gib).toFixed(decimals);

/** A dump in 7.8's layout, with tickers. Bytes by output level; flush bytes are part of level 0. */
export function dump(
  second: number,
  uptimeSec: number,
  figures: {
    readonly flushed: number;
    readonly levels: readonly number[];
    readonly read: number;
    readonly ingest: number;
    readonly wal?: number;
    readonly compactTicker?: number;
    readonly flushTicker?: number;
  },
): string {
  const written = figures.levels.reduce((sum, bytes) => sum + bytes, 0);
  const row = (name: string, bytes: number, read: number): string =>
    `  ${name}      1/0   1.00 GB   0.0      ${inGib(read, 1)}     0.0      0.0       ${inGib(bytes, 1)}      0.0       0.0   1.0      0.0     21.4      0.04              0.00         1    0.036    2K      0       0.0       0.0\n`;
  return (
    at(second, '[db/db_impl/db_impl.cc:1105] ------- DUMPING STATS -------') +
    at(second, '[db/db_impl/db_impl.cc:1106] ') +
    '** DB Stats **\n' +
    `Uptime(secs): ${uptimeSec.toFixed(1)} total, 1.0 interval\n` +
    `Cumulative writes: 2K writes, 2K keys, 2K commit groups, 1.0 writes per commit group, ingest: ${inGib(figures.ingest, 2)} GB, 1.00 MB/s\n` +
    `Cumulative WAL: 2K writes, 0 syncs, 2000.00 writes per sync, written: ${inGib(figures.wal ?? 0, 2)} GB, 1.00 MB/s\n` +
    '** Compaction Stats [default] **\n' +
    'Level    Files   Size     Score Read(GB)  Rn(GB) Rnp1(GB) Write(GB) Wnew(GB) Moved(GB) W-Amp Rd(MB/s) Wr(MB/s) Comp(sec) CompMergeCPU(sec) Comp(cnt) Avg(sec) KeyIn KeyDrop Rblob(GB) Wblob(GB)\n' +
    '----------\n' +
    figures.levels.map((bytes, level) => row(`L${String(level)}`, bytes, level === 0 ? 0 : figures.read)).join('') +
    row('Sum', written, figures.read) +
    row('Int', written, figures.read) +
    `Uptime(secs): ${uptimeSec.toFixed(1)} total, 1.0 interval\n` +
    `Flush(GB): cumulative ${inGib(figures.flushed, 3)}, interval 0.000\n` +
    'AddFile(GB): cumulative 0.000, interval 0.000\n' +
    `Cumulative compaction: ${inGib(written, 2)} GB write, 1.00 MB/s write, ${inGib(figures.read, 2)} GB read, 1.00 MB/s read, 1.0 seconds\n` +
    at(second, '[db/db_impl/db_impl.cc:788] STATISTICS:') +
    ` rocksdb.flush.write.bytes COUNT : ${String(figures.flushTicker ?? figures.flushed)}\n` +
    `rocksdb.compact.write.bytes COUNT : ${String(figures.compactTicker ?? written - figures.flushed)}\n`
  );
}

/** Two flushes of 2 GiB, merged into 3 GiB on level 1 within the first ten seconds, a table after it, and the closing. */
export function sampleLog(): string {
  return (
    opening(0) +
    flush(2, 2, 8, 2 * gib) +
    flush(4, 3, 9, 2 * gib) +
    compactionStart(5, 4, { 0: [9, 8] }, 4 * gib) +
    created(8, 4, 10, 3 * gib) +
    compactionEnd(8.5, 4, 1, 3 * gib) +
    event(9, 5, '"event": "trivial_move", "destination_level": 2, "files": 1, "total_files_size": 3221225472') +
    dump(10, 10, { flushed: 4 * gib, levels: [4 * gib, 3 * gib], read: 4 * gib, ingest: 3.5 * gib, wal: 3.5 * gib }) +
    at(11, '[db/db_impl/db_impl.cc:496] Shutdown: canceling all background work') +
    at(11.2, '[db/db_impl/db_impl.cc:704] Shutdown complete')
  );
}
