/**
 * Recordings of any format as requests and measured latencies. What a file is shows in its content (an iolog's header, blkparse's
 * events) and, for a fio log, in its name (`_clat`, `_lat`, `_clat_hist`). Text is pushed in pieces; only requests and histograms are kept.
 *
 *   iolog (version 2, 3)         requests
 *   blkparse's text              requests (issues to the device, D; what programs queued, Q, where there is no D) and latencies (D to C)
 *   fio latency log, a row a request   latencies; and, where no trace is given, requests: completion less latency
 *   fio histogram log            latencies, to the width of its bins; used where no log has those of single requests
 */
import { createBlkparseReader, isBlockEvent, type BlockEvent } from '../fio/blkparse.js';
import { createFioHistLogReader, type FioHistRow } from '../fio/hist-log.js';
import { createIologReader, isIologHeader } from '../fio/iolog.js';
import { createFioLogReader, fioLogKindOf, type FioLogRow } from '../fio/log.js';
import { PutmodelError } from '../kernel/errors.js';
import { createHistogram, recordValueWithCount } from '../kernel/histogram.js';
import { createRequestBuilder, type RequestStream } from './requests.js';
import type { RecordedFigures } from './scenario.js';

/** What the recordings hold together. */
export interface Recording {
  readonly requests: RequestStream;
  readonly recorded: RecordedFigures | null;
  /** Most requests of one job that were in flight on average while any was (Little's law); null without latencies. */
  readonly meanOutstandingCount: number | null;
  /** In words: from what the requests come. */
  readonly source: string;
}

/** Takes recordings one after the other. */
export interface RecordingReader {
  /** Begins a file; `push` and `end` belong to it until the next. `name` is what messages call it, and tells a fio log's kind. */
  begin(name: string): void;
  push(text: string): void;
  end(): void;
  /** @throws PutmodelError INPUT_INVALID when there is no request in any of the files */
  finish(): Recording;
}

/** Of a file's first characters its format is told. */
const sniffedCharacters = 4096;

interface Open {
  readonly name: string;
  sniffed: string;
  reader: { push(text: string): void; end(): unknown } | null;
}

/** What the files have given so far. */
interface Gathered {
  readonly traces: ReturnType<typeof createRequestBuilder>;
  traceCount: number;
  /** Requests of latency logs, used when there is no trace. */
  readonly logs: ReturnType<typeof createRequestBuilder>;
  readonly logged: LatencyLog[];
  readonly latencies: { readonly clat: Latencies; readonly lat: Latencies; readonly hist: Latencies };
  readonly warnings: string[];
}

/** A latency log among the requests of them all. */
interface LatencyLog {
  readonly number: number;
  readonly kind: 'clat' | 'lat';
  /** What its name leaves without its kind: fio writes a job's requests into one log of each kind. */
  readonly jobName: string;
  requestCount: number;
}

interface Latencies {
  readonly readMicros: ReturnType<typeof createHistogram>;
  readonly writeMicros: ReturnType<typeof createHistogram>;
  count: number;
  sumMicros: number;
  startMicros: number;
  endMicros: number;
}

/** A reader that has read nothing. */
export function createRecordingReader(): RecordingReader {
  const gathered: Gathered = {
    traces: createRequestBuilder(),
    traceCount: 0,
    logs: createRequestBuilder(),
    logged: [],
    latencies: { clat: noLatencies(), lat: noLatencies(), hist: noLatencies() },
    warnings: [],
  };
  let open: Open = { name: '', sniffed: '', reader: null };
  const choose = (): NonNullable<Open['reader']> => {
    open.reader = readerFor(open.name, open.sniffed, gathered);
    open.reader.push(open.sniffed);
    open.sniffed = '';
    return open.reader;
  };
  return {
    begin(name) {
      open = { name, sniffed: '', reader: null };
    },
    push(text) {
      if (open.reader !== null) {
        open.reader.push(text);
        return;
      }
      open.sniffed += text;
      if (open.sniffed.length >= sniffedCharacters) choose();
    },
    end() {
      (open.reader ?? choose()).end();
    },
    finish: () => finishRecording(gathered),
  };
}

function readerFor(name: string, start: string, gathered: Gathered): NonNullable<Open['reader']> {
  const firstLine = start.slice(0, start.indexOf('\n') < 0 ? start.length : start.indexOf('\n'));
  if (isIologHeader(firstLine)) return iologReader(name, gathered);
  if (isBlockEvent(firstLine)) return blockReader(name, gathered);
  const kind = fioLogKindOf(name);
  if (kind === 'clat' || kind === 'lat') return latencyReader(name, kind, gathered);
  if (kind === 'hist') return histogramReader(name, gathered);
  const found = kind === null ? undefined : `a ${kind} log`;
  throw new PutmodelError({
    code: 'INPUT_INVALID',
    message: 'no requests can be replayed from this file',
    file: name,
    found,
    expected:
      "an iolog ('fio version 3 iolog'), blkparse's text, a latency log called <name>_clat.<job>.log or <name>_lat.<job>.log, or beside one of these a <name>_clat_hist.<job>.log",
  });
}

function iologReader(file: string, gathered: Gathered): NonNullable<Open['reader']> {
  const { traces } = gathered;
  gathered.traceCount++;
  traces.beginJob();
  return createIologReader(
    (row) => {
      if (row.action === 'read' || row.action === 'write') traces.add(row.timeMicros, row.action === 'read', row.lengthBytes);
      else traces.leaveOut(row.action);
    },
    { file },
  );
}

/** Issues that wait for their completion; a trace that lost completions must not grow without end. */
const pendingMax = 65_536;

function blockReader(file: string, gathered: Gathered): NonNullable<Open['reader']> {
  const { traces } = gathered;
  const queued = createRequestBuilder();
  queued.beginJob();
  gathered.traceCount++;
  traces.beginJob();
  const pending = new Map<string, number>();
  let issued = 0;
  const reader = createBlkparseReader(
    (event: BlockEvent) => {
      if (event.action === 'C') {
        const key = `${String(event.deviceId)}:${String(event.offsetBytes)}`;
        const start = pending.get(key);
        pending.delete(key);
        if (start !== undefined && (event.kind === 'read' || event.kind === 'write')) {
          addLatencies(gathered.latencies.clat, event.kind === 'read', start, event.timeMicros - start);
        }
        return;
      }
      if ((event.kind !== 'read' && event.kind !== 'write') || event.lengthBytes === 0) {
        if (event.action === 'D') traces.leaveOut(event.kind === 'trim' ? 'trim' : 'sync');
        return;
      }
      (event.action === 'D' ? traces : queued).add(event.timeMicros, event.kind === 'read', event.lengthBytes);
      if (event.action === 'Q') return;
      issued++;
      if (pending.size < pendingMax) pending.set(`${String(event.deviceId)}:${String(event.offsetBytes)}`, event.timeMicros);
    },
    { file },
  );
  return {
    push: reader.push,
    end() {
      reader.end();
      if (issued > 0) return;
      const { requestCount, timeMicros, isRead, blockBytes } = queued.finish();
      for (let i = 0; i < requestCount; i++) traces.add(timeMicros[i]!, isRead[i] === 1, blockBytes[i]!);
    },
  };
}

function latencyReader(file: string, kind: 'clat' | 'lat', gathered: Gathered): NonNullable<Open['reader']> {
  const { logs } = gathered;
  const latencies = gathered.latencies[kind];
  const log: LatencyLog = { number: logs.beginJob(), kind, jobName: file.replace(/_c?lat(?=(?:\.\d+)?\.log)/, ''), requestCount: 0 };
  gathered.logged.push(log);
  const reader = createFioLogReader(
    (row: FioLogRow) => {
      if (row.direction === 2 || row.blockBytes === 0) {
        logs.leaveOut(row.direction === 2 ? 'trim' : 'window');
        return;
      }
      const micros = row.value / 1000;
      const issuedMicros = row.timeMillis * 1000 - micros;
      addLatencies(latencies, row.direction === 0, issuedMicros, micros);
      logs.add(Math.max(0, issuedMicros), row.direction === 0, row.blockBytes);
      log.requestCount++;
    },
    { file },
  );
  return {
    push: reader.push,
    end() {
      const summary = reader.end();
      if (!summary.isAveraged) return;
      throw new PutmodelError({
        code: 'INPUT_INVALID',
        message: 'this log holds averages over windows, not requests',
        file,
        expected: 'a log written without log_avg_msec',
      });
    },
  };
}

/** A request counts as taking the middle of its bin, as in fio's own percentiles, and as made when the job began: the log says no more. */
function histogramReader(file: string, gathered: Gathered): NonNullable<Open['reader']> {
  const latencies = gathered.latencies.hist;
  return createFioHistLogReader(
    ({ timeMillis, direction, counts, edgesNanos }: FioHistRow) => {
      if (direction === 2) return;
      for (let bin = 0; bin < counts.length; bin++) {
        if (counts[bin]! === 0) continue;
        addLatencies(latencies, direction === 0, 0, (edgesNanos[bin]! + edgesNanos[bin + 1]!) / 2000, counts[bin]);
      }
      latencies.endMicros = Math.max(latencies.endMicros, timeMillis * 1000);
    },
    { file },
  );
}

function noLatencies(): Latencies {
  return { readMicros: createHistogram(), writeMicros: createHistogram(), count: 0, sumMicros: 0, startMicros: Infinity, endMicros: 0 };
}

/** `count` requests made at `issuedMicros` that took `micros` each. */
function addLatencies(latencies: Latencies, isRead: boolean, issuedMicros: number, micros: number, count = 1): void {
  recordValueWithCount(isRead ? latencies.readMicros : latencies.writeMicros, Math.max(0, Math.round(micros)), count);
  latencies.count += count;
  latencies.sumMicros += micros * count;
  latencies.startMicros = Math.min(latencies.startMicros, issuedMicros);
  latencies.endMicros = Math.max(latencies.endMicros, issuedMicros + micros);
}

/** Each job once: of its two logs the one of completion latencies, where that has any. */
function jobsOf(logged: readonly LatencyLog[]): ReadonlySet<number> {
  const filled = logged.filter(({ requestCount }) => requestCount > 0);
  const better = filled.filter(({ kind }) => kind === 'clat').map(({ jobName }) => jobName);
  return new Set(filled.filter(({ kind, jobName }) => kind === 'clat' || !better.includes(jobName)).map(({ number }) => number));
}

function finishRecording({ traces, traceCount, logs, logged, latencies }: Gathered): Recording {
  const kept = jobsOf(logged);
  const requests = traceCount > 0 ? traces.finish() : logs.finish((job) => kept.has(job));
  if (requests.requestCount === 0) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'the recordings hold no reads and no writes',
      expected: 'requests to replay',
    });
  }
  // Completion latencies are what an envelope predicts; with submission included they are second best.
  const source = latencies.clat.count > 0 ? 'clat' : latencies.hist.count > 0 ? 'hist' : 'lat';
  const latencyOf = source === 'lat' ? 'lat' : 'clat';
  const chosen = latencies[source];
  const jobs = Math.max(1, requests.jobCount);
  const traceMicros = requests.timeMicros[requests.requestCount - 1] ?? 0;
  // Stamps of a latency log are whole milliseconds; a trace's are finer, and its last request still takes its time.
  const durationMicros = chosen.count === 0 ? traceMicros : Math.max(traceMicros, chosen.endMicros - Math.max(0, chosen.startMicros));
  // A histogram log ends with its last whole window.
  const spanMicros = source === 'hist' ? chosen.endMicros : durationMicros;
  return {
    requests,
    recorded: chosen.count === 0 ? null : { latencyOf, readMicros: chosen.readMicros, writeMicros: chosen.writeMicros, durationMicros },
    meanOutstandingCount: chosen.count === 0 || spanMicros === 0 ? null : chosen.sumMicros / spanMicros / jobs,
    source:
      traceCount > 0
        ? `${String(traceCount)} trace${traceCount > 1 ? 's' : ''}`
        : `${String(kept.size)} latency log${kept.size > 1 ? 's' : ''}`,
  };
}
