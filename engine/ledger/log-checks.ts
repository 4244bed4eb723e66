/**
 * The internal closure of a log, which needs no device figures: its flush and compaction events against the tables that RocksDB printed
 * at the same moment, and against the tickers of `--statistics`. Writes decide; reads are told with what makes them differ.
 *
 * Checked on 26 real logs of RocksDB 4.9 to 10.9 (results/reference/ledger-closure.json): the 19 with a table that is not empty close, the
 * sums of the larger ones within 0.1 %.
 */
import type { DbBenchOutput } from '../rocksdb/db-bench-output.js';
import { printedBytesHalfUnit, rowNamed, type StatsDump } from '../rocksdb/stats-table.js';
import { levelOf, sumsOf, type Account } from './account.js';
import { closureCheck, internalToleranceFraction, type ClosureCheck } from './closure.js';
import { accountBetween, type Moment, type Opening } from './opening.js';

/** The checks of one opening, and what kept others from being made. */
export interface OpeningChecks {
  readonly checks: readonly ClosureCheck[];
  readonly notes: readonly string[];
}

/**
 * Every check that the text allows. `label` stands before names. `printed`: the output of the db_bench that made this opening, or null.
 * An opening that wrote nothing has none.
 */
export function checkOpening(opening: Opening, label: string, printed: DbBenchOutput | null): OpeningChecks {
  if (sumsOf(opening.account).writtenBytes === 0 && opening.createdBytes === 0) return { checks: [], notes: [] };
  const notes: string[] = [];
  const checks = [...checkDump(opening, label, notes), ...(printed === null ? [] : checkPrinted(opening, label, printed))];
  if (checks.length === 0) notes.push(`${label}no table with written bytes to compare the events with`);
  return { checks: [...checks, checkFiles(opening, label)], notes };
}

/** Events against the last table of the log, and against the tickers that stand behind it. */
function checkDump(opening: Opening, label: string, notes: string[]): ClosureCheck[] {
  const { lastDump, firstDump } = opening;
  if (lastDump === null) return [];
  const uptimeSec = lastDump.dump.db?.uptimeSec ?? null;
  const place = `line ${String(lastDump.dump.line)}${uptimeSec === null ? '' : `, ${uptimeSec.toFixed(1)} s`}`;
  const sinceOpenSec = (lastDump.moment.atMicros - opening.openedAtMicros) / 1e6;
  const base = opening.fromStart ? null : firstDump;
  if (base === lastDump) {
    notes.push(`${label}the log begins while the store is open and has one table: nothing to compare it with`);
    return [];
  }
  if (base === null && uptimeSec !== null && Math.abs(uptimeSec - sinceOpenSec) > 2 + 0.01 * sinceOpenSec) {
    notes.push(`${label}table of ${place}: ${sinceOpenSec.toFixed(1)} s after the opening; parts of the log are missing, not compared`);
    return [];
  }
  const table = tableFigures(lastDump.dump, base?.dump ?? null);
  const moment = base === null ? lastDump.moment : between(base.moment, lastDump.moment);
  const checks = checkTable(table, moment, `${label}table of ${place}`);
  if (lastDump.tickers !== null) {
    const before = firstDump === lastDump ? null : (firstDump?.tickers ?? null);
    const from = before === null || firstDump === null ? lastDump.moment : between(firstDump.moment, lastDump.moment);
    checks.push(...checkTickers(lastDump.tickers, before, from, opening, `${label}tickers at ${place}`));
  }
  return checks;
}

/** Events against the tables and tickers that db_bench printed. */
function checkPrinted(opening: Opening, label: string, printed: DbBenchOutput): ClosureCheck[] {
  const checks: ClosureCheck[] = [];
  const dump = printed.lastDump;
  if (dump !== null && opening.printed !== null && isFilled(dump)) {
    const uptimeSec = dump.db?.uptimeSec ?? dump.families[0]?.uptimeSec ?? 0;
    checks.push(...checkTable(tableFigures(dump, null), opening.printed, `${label}table of db_bench, ${uptimeSec.toFixed(1)} s`));
  }
  if (opening.closing !== null && opening.fromStart) {
    checks.push(...checkTickers(printed.tickers, null, opening.closing, opening, `${label}tickers of db_bench`));
  }
  return checks;
}

function isFilled(dump: StatsDump): boolean {
  return dump.families.some(({ levels }) => (rowNamed(levels, 'Sum')?.writtenBytes ?? 0) > 0);
}

/** A printed figure and what its rounding hides. */
interface Printed {
  readonly bytes: number;
  readonly roundingBytes: number;
}

interface TableFigures {
  readonly flushed: Printed | null;
  readonly written: Printed;
  readonly read: Printed;
  readonly ingestedBytes: number;
  /** By level. */
  readonly levels: ReadonlyMap<number, Printed>;
}

const gib = 1024 * 1024 * 1024;
/** `Flush(GB)` has three decimals, `Cumulative compaction` two, the tables' columns one. */
const flushHalfUnitBytes = 0.0005 * gib;
const cumulativeHalfUnitBytes = 0.005 * gib;

/** The figures of a dump over all families, less those of an earlier one. */
function tableFigures(dump: StatsDump, earlier: StatsDump | null): TableFigures {
  let flushed: Printed | null = { bytes: 0, roundingBytes: 0 };
  let written: Printed = { bytes: 0, roundingBytes: 0 };
  let read: Printed = { bytes: 0, roundingBytes: 0 };
  let ingestedBytes = 0;
  const levels = new Map<number, Printed>();
  const addDump = ({ families }: StatsDump, sign: 1 | -1): void => {
    for (const family of families) {
      const sum = rowNamed(family.levels, 'Sum');
      flushed = flushed === null || family.flushedBytes === null ? null : plus(flushed, sign * family.flushedBytes, flushHalfUnitBytes);
      written = plusPrinted(written, sign, family.writtenBytes, sum?.writtenBytes ?? 0);
      read = plusPrinted(read, sign, family.readBytes, sum?.readBytes ?? 0);
      ingestedBytes += sign * (family.ingestedBytes ?? 0);
      for (const row of family.levels.rows) {
        if (row.level === null) continue;
        const before = levels.get(row.level) ?? { bytes: 0, roundingBytes: 0 };
        levels.set(row.level, plus(before, sign * (row.writtenBytes + (row.blobWrittenBytes ?? 0)), printedBytesHalfUnit));
      }
    }
  };
  addDump(dump, 1);
  if (earlier !== null) addDump(earlier, -1);
  return { flushed, written, read, ingestedBytes, levels };
}

/** The line with two decimals where there is one, else the column with one. */
function plusPrinted(before: Printed, sign: 1 | -1, cumulativeBytes: number | null, columnBytes: number): Printed {
  return cumulativeBytes === null
    ? plus(before, sign * columnBytes, printedBytesHalfUnit)
    : plus(before, sign * cumulativeBytes, cumulativeHalfUnitBytes);
}

function plus(before: Printed, bytes: number, roundingBytes: number): Printed {
  return { bytes: before.bytes + bytes, roundingBytes: before.roundingBytes + roundingBytes };
}

function checkTable(table: TableFigures, moment: Moment, name: string): ClosureCheck[] {
  const events = sumsOf(moment.account);
  const [before, after] = [sumsOf(moment.before), sumsOf(moment.after)];
  const make = (
    what: string,
    key: 'flushedBytes' | 'writtenBytes' | 'readBytes',
    other: Printed,
    decides: boolean,
    addedBytes = 0,
  ): ClosureCheck => {
    const ledgerBytes = events[key];
    const edgeBytes = within(other.bytes - ledgerBytes - addedBytes, -before[key], after[key]);
    return closureCheck({
      kind: 'internal',
      name: `${what}: ${name}`,
      ledgerBytes,
      otherBytes: other.bytes,
      explainedBytes: addedBytes + edgeBytes,
      toleranceFraction: internalToleranceFraction,
      roundingBytes: other.roundingBytes,
      decides,
      explanation: list([
        addedBytes === 0 ? '' : 'files added from outside',
        edgeBytes === 0 ? '' : 'jobs that finished as it was printed',
      ]),
    });
  };
  const levels = [...new Set([...table.levels.keys(), ...moment.account.keys()])].sort((a, b) => a - b);
  const none: Printed = { bytes: 0, roundingBytes: printedBytesHalfUnit };
  return [
    ...(table.flushed === null ? [] : [make('flush writes', 'flushedBytes', table.flushed, true)]),
    make('all writes', 'writtenBytes', table.written, true, table.ingestedBytes),
    // Files from outside stand in the row of the level they went to, which is not said: then the sum alone decides.
    ...(table.ingestedBytes > 0 ? [] : levels.map((level) => checkLevel(level, table.levels.get(level) ?? none, moment, name))),
    make('compaction reads', 'readBytes', table.read, false),
  ];
}

function checkLevel(level: number, other: Printed, moment: Moment, name: string): ClosureCheck {
  const bytesIn = (account: Account): number => (level < account.length ? levelOf(account, level).writtenBytes : 0);
  const ledgerBytes = bytesIn(moment.account);
  const edgeBytes = within(other.bytes - ledgerBytes, -bytesIn(moment.before), bytesIn(moment.after));
  return closureCheck({
    kind: 'internal',
    name: `L${String(level)} writes: ${name}`,
    ledgerBytes,
    otherBytes: other.bytes,
    explainedBytes: edgeBytes,
    toleranceFraction: internalToleranceFraction,
    roundingBytes: other.roundingBytes,
    decides: true,
    explanation: edgeBytes === 0 ? '' : 'jobs that finished as it was printed',
  });
}

/**
 * Tickers count bytes while a job runs (every 1,000 records), events when it ends. So they stand before or behind the finished files of
 * running compactions by at most one file each, as large as the largest. What an opening wrote from a WAL counts as compaction in them
 * (db_impl_open.cc, WriteLevel0TableForRecovery), as flush in the tables.
 */
function checkTickers(
  tickers: ReadonlyMap<string, number>,
  earlier: ReadonlyMap<string, number> | null,
  moment: Moment,
  opening: Opening,
  name: string,
): ClosureCheck[] {
  const read = (ticker: string): number | null => {
    const value = tickers.get(ticker);
    return value === undefined ? null : value - (earlier?.get(ticker) ?? 0);
  };
  const events = sumsOf(moment.account);
  const { recoveredBytes } = events;
  const checks: ClosureCheck[] = [];
  const flushed = read('rocksdb.flush.write.bytes');
  const compacted = read('rocksdb.compact.write.bytes');
  const readBytes = read('rocksdb.compact.read.bytes');
  const recovery = recoveredBytes === 0 ? '' : 'what the opening wrote from the WAL counts as compaction here';
  // Without --statistics there are none.
  if (flushed !== null && flushed > 0) {
    const lateBytes = within(flushed - events.flushedBytes + recoveredBytes, 0, sumsOf(moment.after).flushedBytes);
    const explanation = list([recovery, lateBytes === 0 ? '' : 'jobs that finished as it was printed']);
    checks.push(tickerCheck(`flush writes: ${name}`, events.flushedBytes, flushed, lateBytes - recoveredBytes, true, explanation));
  }
  if (compacted !== null && compacted > 0) {
    const ledgerBytes = events.writtenBytes - events.flushedBytes;
    const { bytes, explanation } = runningWrites(moment, opening, compacted - ledgerBytes - recoveredBytes);
    checks.push(
      tickerCheck(`compaction writes: ${name}`, ledgerBytes, compacted, recoveredBytes + bytes, true, list([recovery, explanation])),
    );
  }
  if (readBytes !== null && readBytes > 0) {
    const why = 'also counts what running compactions read, opening of tables, index blocks, blobs and verification';
    checks.push(tickerCheck(`compaction reads: ${name}`, events.readBytes, readBytes, 0, false, why));
  }
  return checks;
}

/** Of a difference, what running compactions can account for: their finished files, give or take one file each. */
function runningWrites(moment: Moment, opening: Opening, differenceBytes: number): { bytes: number; explanation: string } {
  const { unfinishedBytes, runningCompactions } = moment;
  const oneEachBytes = runningCompactions * opening.largestFileBytes;
  const leastBytes = unfinishedBytes - Math.min(Math.max(0, unfinishedBytes), oneEachBytes);
  const bytes = within(differenceBytes, leastBytes, unfinishedBytes + oneEachBytes);
  const running = `${String(runningCompactions)} compaction${runningCompactions === 1 ? '' : 's'} still running`;
  return { bytes, explanation: bytes === 0 ? '' : `what unfinished compactions had written (${running})` };
}

function tickerCheck(
  name: string,
  ledgerBytes: number,
  otherBytes: number,
  explainedBytes: number,
  decides: boolean,
  explanation: string,
): ClosureCheck {
  const toleranceFraction = internalToleranceFraction;
  return closureCheck({ kind: 'internal', name, ledgerBytes, otherBytes, explainedBytes, toleranceFraction, decides, explanation });
}

/** Outputs of finished jobs against the files that were created: those of a job that the closing store gave up have no creation event. */
function checkFiles(opening: Opening, label: string): ClosureCheck {
  let unfinishedBytes = 0;
  for (const { createdBytes, blobBytes } of opening.running.values()) unfinishedBytes += createdBytes + blobBytes;
  return closureCheck({
    kind: 'internal',
    name: `${label}files created, whole log`,
    ledgerBytes: sumsOf(opening.account).writtenBytes,
    otherBytes: opening.createdBytes,
    explainedBytes: unfinishedBytes,
    toleranceFraction: internalToleranceFraction,
    decides: false,
    explanation: 'jobs given up at the end wrote files that were never finished, or finished files of jobs that never ended',
  });
}

/** What happened between two moments of one opening. */
function between(first: Moment, last: Moment): Moment {
  return { ...last, account: accountBetween(first.account, last.account), unfinishedBytes: last.unfinishedBytes - first.unfinishedBytes };
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function list(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
