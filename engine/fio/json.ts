/**
 * fio's JSON output, versions 2.x to 3.4x, as data in our units.
 *
 * fio changed units under unchanged names, so the keys present decide, never the version string: `*_ns` latencies (or `io_kbytes`)
 * mean 3.x, where `io_bytes` is bytes; plain `slat`, `clat`, `lat` mean 2.x, where they are microseconds and `io_bytes` is KiB. `bw` is
 * KiB/s in both; `bw_bytes` (3.2 and later) is exact and preferred.
 * A file may hold text before and after the JSON (stderr, client banners, `--output-format=json,normal`) and several documents in a
 * row (`--status-interval`), of which the last complete one counts.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { isMap } from '../kernel/maps.js';
import { firstJsonError } from './json-place.js';
import { readFioOptions, type FioOptions } from './options.js';

/** One percentile: `percent` of the requests took at most `micros`. */
export interface FioPercentile {
  readonly percent: number;
  readonly micros: number;
}

/** Latencies of one kind over the run, microseconds. */
export interface FioLatency {
  readonly minMicros: number;
  readonly maxMicros: number;
  readonly meanMicros: number;
  readonly stddevMicros: number;
  /** Ascending by percent; empty when fio printed none. A repeated key counts once, the last time. */
  readonly percentiles: readonly FioPercentile[];
}

/** What one entry moved in one direction. null latencies: not printed, or no request was timed. */
export interface FioTransfer {
  readonly bytes: number;
  readonly bytesPerSec: number;
  readonly opsPerSec: number;
  readonly requests: number;
  readonly runtimeSec: number;
  /** Submission, completion and total latency. */
  readonly slat: FioLatency | null;
  readonly clat: FioLatency | null;
  readonly lat: FioLatency | null;
}

/** One element of `jobs` or `client_stats`. */
export interface FioEntry {
  readonly name: string;
  /** The client's host name; null without client/server. */
  readonly host: string | null;
  /** Entries with the same number ran at the same time. */
  readonly group: number;
  /** errno of the job; 0 when it ended well. */
  readonly error: number;
  /** The entry's own options over the global ones; null when fio printed neither (2.1 and the row "All clients"). */
  readonly options: FioOptions | null;
  readonly read: FioTransfer | null;
  readonly write: FioTransfer | null;
  readonly trim: FioTransfer | null;
  /** unified_rw_reporting: all directions in one. */
  readonly mixed: FioTransfer | null;
  /** Why the figures can't be taken as they stand; empty for a sound entry. */
  readonly problems: readonly Issue[];
}

/** One fio run. */
export interface FioDocument {
  readonly file: string;
  /** As printed, such as `fio-3.28`; empty when missing. */
  readonly version: string;
  /** When fio wrote the document, Unix seconds; null when not printed. */
  readonly timestampSec: number | null;
  /** Without the "All clients" row. */
  readonly entries: readonly FioEntry[];
  /** The sum over all clients, when several reported. */
  readonly allClients: FioEntry | null;
  readonly warnings: readonly Issue[];
}

/**
 * Reads a file's text.
 * @param file its name, for messages
 * @throws PutmodelError INPUT_SYNTAX: empty, cut off, or malformed (with line and column); INPUT_UNSUPPORTED: only fio's error messages
 *   (the first is quoted); INPUT_INVALID: JSON that is not fio's
 */
export function parseFioJson(text: string, file: string): FioDocument {
  const warnings: Issue[] = [];
  const document = lastDocument(text, file, warnings);
  const globalOptions = isMap(document['global options']) ? document['global options'] : undefined;
  const isClients = Array.isArray(document['client_stats']);
  const rows: readonly unknown[] = isClients
    ? (document['client_stats'] as unknown[])
    : Array.isArray(document['jobs'])
      ? document['jobs']
      : [];
  if (rows.length === 0) throw invalid(file, 'jobs', 'the document has no jobs', 'at least one job');
  const all = rows.map((row, index) => {
    const path = `${isClients ? 'client_stats' : 'jobs'}[${String(index)}]`;
    if (!isMap(row)) throw invalid(file, path, 'a job must be an object', 'an object');
    return readEntry(row, globalOptions, file, path, isClients);
  });
  const isTotal = (entry: FioEntry): boolean => isClients && entry.name === 'All clients';
  return {
    file,
    version: typeof document['fio version'] === 'string' ? document['fio version'] : '',
    timestampSec: finite(document['timestamp']),
    entries: all.filter((entry) => !isTotal(entry)),
    allClients: all.find(isTotal) ?? null,
    warnings,
  };
}

type JsonRecord = Readonly<Record<string, unknown>>;

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function invalid(file: string, path: string, message: string, expected: string): PutmodelError {
  return new PutmodelError({ code: 'INPUT_INVALID', message, expected, file, path });
}

/** The last complete JSON object that looks like fio's. Text around it is skipped. */
function lastDocument(text: string, file: string, warnings: Issue[]): JsonRecord {
  let found: JsonRecord | null = null;
  let failure: Issue | null = null;
  let count = 0;
  for (let from = findStart(text, 0); from !== -1;) {
    const end = findEnd(text, from);
    if (end === -1) {
      failure = {
        code: 'INPUT_SYNTAX',
        message: 'the JSON is cut off: it ends before its last brace',
        file,
        ...placeOf(text, text.length),
        expected: 'a complete document',
      };
      break;
    }
    const parsed = parseObject(text.slice(from, end));
    if (!parsed.ok) {
      failure = {
        code: 'INPUT_SYNTAX',
        message: 'not valid JSON',
        file,
        ...placeOf(text, from + parsed.offset),
        found: snippet(text, from + parsed.offset),
      };
    } else if ('jobs' in parsed.value || 'client_stats' in parsed.value) {
      found = parsed.value;
      failure = null;
      count++;
    } else {
      failure ??= {
        code: 'INPUT_INVALID',
        message: "JSON, but not fio's",
        file,
        ...placeOf(text, from),
        expected: 'the key "jobs" or "client_stats"',
      };
    }
    from = findStart(text, end);
  }
  if (found === null) throw new PutmodelError(failure ?? nothingFound(text, file));
  if (failure !== null) warnings.push({ ...failure, message: `${failure.message}; the complete document before it is used` });
  if (count > 1) {
    warnings.push({
      code: 'INPUT_UNSUPPORTED',
      message: `${String(count)} documents in one file (--status-interval); the last one counts`,
      file,
    });
  }
  return found;
}

function nothingFound(text: string, file: string): Issue {
  const said = text.split(/\r?\n/).find((line) => line.trim() !== '');
  if (said === undefined)
    return { code: 'INPUT_SYNTAX', message: 'the file is empty', file, expected: 'the output of fio --output-format=json' };
  return {
    code: 'INPUT_UNSUPPORTED',
    message: 'fio failed: there is no JSON in its output',
    file,
    found: JSON.stringify(said.trim().slice(0, 120)),
    expected: 'the output of fio --output-format=json',
  };
}

/** Where an object begins: a brace followed by a key or by its end. A brace in a banner has neither. */
function findStart(text: string, from: number): number {
  const pattern = /\{\s*["}]/g;
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

/** The index after the brace that closes the one at `from`; -1 when the text ends first. */
function findEnd(text: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let i = from; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b) depth++;
    else if (char === 0x7d && --depth === 0) return i + 1;
  }
  return -1;
}

/** Some versions print a division by zero as nan or inf, which JSON does not know; they are read as "not printed". */
function parseObject(text: string): { readonly ok: true; readonly value: JsonRecord } | { readonly ok: false; readonly offset: number } {
  const clean = text.replace(/(:\s*)[-+]?(?:nan|inf(?:inity)?)\b/gi, '$1null');
  try {
    const value: unknown = JSON.parse(clean);
    return isMap(value) ? { ok: true, value } : { ok: false, offset: 0 };
  } catch {
    return { ok: false, offset: firstJsonError(text) };
  }
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function snippet(text: string, offset: number): string {
  return JSON.stringify(text.slice(offset, offset + 30));
}

/** Sections of a job that hold transfers; anything else of their shape belongs to a fio we do not know. */
const sections = ['read', 'write', 'trim', 'mixed'] as const;

function readEntry(row: JsonRecord, globalOptions: JsonRecord | undefined, file: string, path: string, isClients: boolean): FioEntry {
  const problems: Issue[] = [];
  const problem = (message: string, where = path): void => {
    problems.push({ code: 'INPUT_UNSUPPORTED', message, file, path: where });
  };
  const name = typeof row['jobname'] === 'string' ? row['jobname'] : '';
  const error = finite(row['error']) ?? 0;
  if (error !== 0) problem(`job "${name}" failed with error ${String(error)}; its figures are not those of a whole run`);
  const foreign = Object.keys(row).filter((key) => !sections.some((section) => section === key) && looksLikeTransfer(row[key]));
  if (foreign.length > 0) {
    problem(
      `job "${name}" has sections fio does not have: ${foreign.map((key) => JSON.stringify(key)).join(', ')} (a modified fio); its figures can't be told apart`,
    );
  } else if (!isMap(row['mixed']) && !(isMap(row['read']) && isMap(row['write']))) {
    problem(`job "${name}" has neither "read" and "write" nor "mixed"`);
  }
  const own = isMap(row['job options']) ? row['job options'] : undefined;
  const hasOptions = name !== 'All clients' && (own !== undefined || globalOptions !== undefined);
  const transfer = (section: (typeof sections)[number]): FioTransfer | null => {
    const value = row[section];
    return isMap(value) && foreign.length === 0 ? readTransfer(value, `${path}.${section}`, problem) : null;
  };
  return {
    name,
    host: isClients && typeof row['hostname'] === 'string' ? row['hostname'] : null,
    group: finite(row['groupid']) ?? 0,
    error,
    options: hasOptions ? readFioOptions({ ...globalOptions, ...own }) : null,
    read: transfer('read'),
    write: transfer('write'),
    trim: transfer('trim'),
    mixed: transfer('mixed'),
    problems,
  };
}

function looksLikeTransfer(value: unknown): boolean {
  return isMap(value) && 'io_bytes' in value && 'bw' in value;
}

function readTransfer(section: JsonRecord, path: string, problem: (message: string, where: string) => void): FioTransfer {
  const isMicros = !('slat_ns' in section || 'clat_ns' in section || 'lat_ns' in section || 'io_kbytes' in section);
  const number = (key: string): number => {
    const value = section[key];
    if (value === undefined || value === null) return 0;
    const known = finite(value);
    if (known !== null && known >= 0) return known;
    problem(`a number was expected, found ${JSON.stringify(value)}`, `${path}.${key}`);
    return 0;
  };
  if (!('bw' in section) && !('bw_bytes' in section)) problem('there is no bandwidth', path);
  const runtimeSec = number('runtime') / 1000;
  const opsPerSec = number('iops');
  const latency = (key: string): FioLatency | null => {
    const value = section[isMicros ? key : `${key}_ns`];
    return isMap(value) ? readLatency(value, isMicros ? 1 : 1000) : null;
  };
  return {
    bytes: number('io_bytes') * (isMicros ? 1024 : 1),
    bytesPerSec: 'bw_bytes' in section ? number('bw_bytes') : number('bw') * 1024,
    opsPerSec,
    requests: 'total_ios' in section ? number('total_ios') : Math.round(opsPerSec * runtimeSec),
    runtimeSec,
    slat: latency('slat'),
    clat: latency('clat'),
    lat: latency('lat'),
  };
}

/** null when nothing was timed: fio then prints zeros (3.x with N 0; 2.x with zero mean and maximum). */
function readLatency(value: JsonRecord, unitsPerMicro: number): FioLatency | null {
  const micros = (key: string): number => (finite(value[key]) ?? 0) / unitsPerMicro;
  if (value['N'] === 0 || (micros('max') === 0 && micros('mean') === 0)) return null;
  const percentiles: FioPercentile[] = [];
  if (isMap(value['percentile'])) {
    for (const [key, found] of Object.entries(value['percentile'])) {
      const percent = Number(key);
      const units = finite(found);
      // 2.1.4 pads the list with "0.00": 0.
      if (percent > 0 && percent <= 100 && units !== null) percentiles.push({ percent, micros: units / unitsPerMicro });
    }
    percentiles.sort((a, b) => a.percent - b.percent);
  }
  return { minMicros: micros('min'), maxMicros: micros('max'), meanMicros: micros('mean'), stddevMicros: micros('stddev'), percentiles };
}
