/**
 * A fio document as points of a device's envelope: where each run lies on the axes, and everything it measured there. The axes come
 * from the options the file itself echoes; a file name that says otherwise is reported and not believed.
 */
import type { FioDocument, FioEntry, FioLatency, FioTransfer } from '../fio/json.js';
import type { FioOptions } from '../fio/options.js';
import type { Issue } from '../kernel/errors.js';

export type Pattern = 'random' | 'sequential';

/** One measured run. */
export interface EnvelopePoint {
  readonly file: string;
  readonly pattern: Pattern;
  readonly readPercent: number;
  readonly iodepth: number;
  readonly numjobs: number;
  readonly bsKib: number;
  readonly timestampSec: number | null;
  /**
   * Column name to value: `totalBytesPerSec`, `readOpsPerSec`, `writeClatMicros.p99.9`, `readLatMicros.mean`... A direction without
   * requests has rates of 0 and no latencies.
   */
  readonly columns: ReadonlyMap<string, number>;
}

/** The points of one document. Runs that can't be placed or trusted become issues, one each, and no point. */
export function pointsOf(document: FioDocument): { readonly points: readonly EnvelopePoint[]; readonly issues: readonly Issue[] } {
  const points: EnvelopePoint[] = [];
  const issues: Issue[] = [...document.warnings];
  const unusable = (message: string): void => {
    issues.push({ code: 'INPUT_UNSUPPORTED', message: `not used: ${message}`, file: document.file });
  };
  const hosts = new Set(document.entries.map((entry) => entry.host).filter((host) => host !== null));
  if (hosts.size > 1) {
    unusable(`${String(hosts.size)} clients (${[...hosts].join(', ')}) ran at once; an envelope is of one machine's device`);
    return { points, issues };
  }
  for (const group of groupsOf(document.entries)) {
    const problems = group.flatMap((entry) => entry.problems);
    const placed = problems.length > 0 ? null : placeOf(group, unusable);
    for (const problem of problems) issues.push({ ...problem, message: `not used: ${problem.message}` });
    if (placed === null) continue;
    const columns = columnsOf(group, placed.readPercent);
    if ((columns.get('totalBytesPerSec') ?? 0) <= 0) {
      unusable(`job "${group[0]?.name ?? ''}" moved no bytes`);
      continue;
    }
    points.push({ file: document.file, timestampSec: document.timestampSec, ...placed, columns });
  }
  const [point] = points;
  if (point !== undefined && points.length === 1) {
    const contradiction = contradictionOf(point);
    if (contradiction !== null) issues.push({ code: 'INPUT_INVALID', message: contradiction, file: document.file });
  }
  return { points, issues };
}

type Place = Pick<EnvelopePoint, 'pattern' | 'readPercent' | 'iodepth' | 'numjobs' | 'bsKib'>;

/** Entries that ran at the same time. fio starts a new group at each `stonewall` or `new_group`. */
function groupsOf(entries: readonly FioEntry[]): readonly (readonly FioEntry[])[] {
  const groups = new Map<number, FioEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.group);
    if (group === undefined) groups.set(entry.group, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

/** The axes of a group, or null with the reason told. */
function placeOf(group: readonly FioEntry[], unusable: (message: string) => void): Place | null {
  const [first] = group;
  if (first === undefined) return null;
  const name = `job "${first.name}"`;
  const options = first.options;
  if (options === null) {
    unusable(`${name} does not say its options (fio 2.1 prints none), so it has no place on the axes`);
    return null;
  }
  if (group.some((entry) => !sameAxes(entry.options, options))) {
    unusable(`${name} ran at the same time as jobs with other options; their bandwidth can't be told apart`);
    return null;
  }
  const { pattern, readPercent, iodepth, numjobs, blockBytes } = options;
  const missing = [
    pattern === null || readPercent === null ? `rw=${options.echoed['rw'] ?? ''} is not a mix of reads and writes` : null,
    blockBytes === null ? `bs=${options.echoed['bs'] ?? options.echoed['bssplit'] ?? ''} is not one size in bytes` : null,
    iodepth === null ? `iodepth=${options.echoed['iodepth'] ?? ''} is not a whole number above 0` : null,
    numjobs === null ? `numjobs=${options.echoed['numjobs'] ?? ''} is not a whole number above 0` : null,
  ].filter((reason) => reason !== null);
  if (pattern === null || readPercent === null || blockBytes === null || iodepth === null || numjobs === null) {
    unusable(`${name}: ${missing.join('; ')}`);
    return null;
  }
  // One entry for all jobs (group_reporting, which a bare flag does not echo), or one for each.
  if (group.length !== 1 && group.length !== numjobs) {
    unusable(`${name} has ${String(group.length)} entries for numjobs=${String(numjobs)}: some are missing`);
    return null;
  }
  return { pattern, readPercent, iodepth, numjobs, bsKib: blockBytes / 1024 };
}

function sameAxes(a: FioOptions | null, b: FioOptions): boolean {
  return (
    a !== null &&
    a.pattern === b.pattern &&
    a.readPercent === b.readPercent &&
    a.iodepth === b.iodepth &&
    a.numjobs === b.numjobs &&
    a.blockBytes === b.blockBytes
  );
}

function columnsOf(group: readonly FioEntry[], readPercent: number): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  const mixed = transfersOf(group, 'mixed');
  const read = transfersOf(group, 'read');
  const write = transfersOf(group, 'write');
  if (read.length + write.length > 0) {
    // unified_rw_reporting=both prints `mixed` as well: the same bytes again.
    setRates(columns, 'read', read, 1);
    setRates(columns, 'write', write, 1);
    setLatencies(columns, 'read', read);
    setLatencies(columns, 'write', write);
  } else {
    // unified_rw_reporting=mixed: the directions are split as they were asked for; latencies are of both together.
    setRates(columns, 'read', mixed, readPercent / 100);
    setRates(columns, 'write', mixed, 1 - readPercent / 100);
    if (readPercent > 0) setLatencies(columns, 'read', mixed);
    if (readPercent < 100) setLatencies(columns, 'write', mixed);
  }
  for (const unit of ['BytesPerSec', 'OpsPerSec'])
    columns.set(`total${unit}`, (columns.get(`read${unit}`) ?? 0) + (columns.get(`write${unit}`) ?? 0));
  return columns;
}

function transfersOf(group: readonly FioEntry[], section: 'read' | 'write' | 'mixed'): readonly FioTransfer[] {
  return group.map((entry) => entry[section]).filter((transfer) => transfer !== null);
}

function setRates(columns: Map<string, number>, direction: string, transfers: readonly FioTransfer[], part: number): void {
  columns.set(`${direction}BytesPerSec`, part * transfers.reduce((sum, transfer) => sum + transfer.bytesPerSec, 0));
  columns.set(`${direction}OpsPerSec`, part * transfers.reduce((sum, transfer) => sum + transfer.opsPerSec, 0));
}

/** Several entries (one a job) are merged by their numbers of requests; percentiles of equal jobs too, which is an approximation. */
function setLatencies(columns: Map<string, number>, direction: string, transfers: readonly FioTransfer[]): void {
  for (const kind of ['slat', 'clat', 'lat'] as const) {
    const parts: { readonly latency: FioLatency; readonly weight: number }[] = [];
    for (const transfer of transfers) {
      const latency = transfer[kind];
      if (latency !== null) parts.push({ latency, weight: Math.max(1, transfer.requests) });
    }
    const [first] = parts;
    if (first === undefined) continue;
    const name = `${direction}${kind.charAt(0).toUpperCase()}${kind.slice(1)}Micros`;
    const total = parts.reduce((sum, { weight }) => sum + weight, 0);
    const mean = (read: (latency: FioLatency) => number): number =>
      parts.length === 1 ? read(first.latency) : parts.reduce((sum, { latency, weight }) => sum + weight * read(latency), 0) / total;
    const meanMicros = mean((latency) => latency.meanMicros);
    columns.set(`${name}.min`, Math.min(...parts.map(({ latency }) => latency.minMicros)));
    columns.set(`${name}.max`, Math.max(...parts.map(({ latency }) => latency.maxMicros)));
    columns.set(`${name}.mean`, meanMicros);
    // Variance of a union: the parts' own, and that of their means.
    const variance = mean(
      (latency) => latency.stddevMicros * latency.stddevMicros + (latency.meanMicros - meanMicros) * (latency.meanMicros - meanMicros),
    );
    columns.set(`${name}.stddev`, parts.length === 1 ? first.latency.stddevMicros : Math.sqrt(variance));
    first.latency.percentiles.forEach(({ percent }) => {
      if (!parts.every(({ latency }) => percentileOf(latency, percent) !== undefined)) return;
      columns.set(
        `${name}.p${String(percent)}`,
        mean((latency) => percentileOf(latency, percent) ?? 0),
      );
    });
  }
}

function percentileOf(latency: FioLatency, percent: number): number | undefined {
  return latency.percentiles.find((entry) => entry.percent === percent)?.micros;
}

/** What a file's name claims against its options, for the two naming schemes in use; null when they agree or the name claims nothing. */
function contradictionOf(point: EnvelopePoint): string | null {
  const name = point.file.slice(Math.max(point.file.lastIndexOf('/'), point.file.lastIndexOf('\\')) + 1);
  const claims: [string, number, number][] = [];
  const grid = /^result_(\d+)_(\d+)_(\d+)_(\d+)\.json$/.exec(name);
  if (grid !== null) {
    claims.push(['rwmixread', Number(grid[1]), point.readPercent], ['iodepth', Number(grid[2]), point.iodepth]);
    claims.push(['numjobs', Number(grid[3]), point.numjobs], ['bs (KiB)', Number(grid[4]), point.bsKib]);
  }
  const fioPlot = /^(?:rand)?(read|write)-(\d+)-(\d+)\.json$/.exec(name);
  if (fioPlot !== null) {
    claims.push(['read percent', fioPlot[1] === 'read' ? 100 : 0, point.readPercent]);
    claims.push(['iodepth', Number(fioPlot[2]), point.iodepth], ['numjobs', Number(fioPlot[3]), point.numjobs]);
  }
  const wrong = claims.filter(([, claimed, actual]) => claimed !== actual);
  if (wrong.length === 0) return null;
  const list = wrong.map(([axis, claimed, actual]) => `${axis} ${String(claimed)}, its options ${String(actual)}`);
  return `the file name says ${list.join('; ')}: the options count`;
}
