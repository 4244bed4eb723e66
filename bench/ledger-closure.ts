/**
 * Do the ledgers of real runs close? For every LOG below the given directories, with db_bench's output, iostat and sampler files where
 * they lie beside it, makes the ledger and all checks, prints a line, and writes everything to results/reference/ledger-closure.json.
 *
 *   npx tsx bench/ledger-closure.ts <directory>... [--out results/reference/ledger-closure.json]
 *
 * Exit status: 0 when no ledger is open, 1 when one is, 2 for input that cannot be read.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PutmodelError } from '../engine/kernel/errors.js';
import { loadLedger, type LedgerPaths } from '../engine/files/ledger-inputs.js';
import type { ClosureCheck } from '../engine/ledger/closure.js';
import { encodeJson } from '../engine/scenario/json.js';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const rows: Record<string, unknown>[] = [];
let open = 0;
try {
  for (const root of positionals) for (const log of logsBelow(root)) rows.push(await closureOf(root, log));
} catch (error) {
  if (!(error instanceof PutmodelError)) throw error;
  console.error(error.message);
  process.exit(2);
}
if (values.out !== undefined) {
  const rule = 'internal: within 1 % or what printing rounds, whichever is larger; device: within 10 % (criterion A1)';
  writeFileSync(values.out, encodeJson({ schema: 'putmodel/ledger-closure/1', rule, runs: rows }));
}
console.log(open === 0 ? `none of ${String(rows.length)} ledgers is open` : `${String(open)} of ${String(rows.length)} ledgers are OPEN`);
process.exitCode = open === 0 ? 0 : 1;

async function closureOf(root: string, log: string): Promise<Record<string, unknown>> {
  const run = join(basename(root), log.slice(root.length));
  const paths = pathsOf(log);
  try {
    const { closed, end, rocksdbVersion, unread } = await loadLedger(paths);
    if (closed.closed === false) open++;
    const deciding = closed.checks.filter(({ decides }) => decides);
    // Where rounding is larger than 1 %, the share says nothing.
    const telling = deciding.filter(
      ({ ledgerBytes, otherBytes, toleranceBytes }) => toleranceBytes <= 0.011 * Math.max(ledgerBytes, otherBytes),
    );
    const largestPercent = Math.max(0, ...telling.map(leftPercent));
    const verdict = closed.closed === null ? 'not checked' : closed.closed ? 'closed' : 'OPEN';
    console.log(
      `${verdict.padEnd(11)} ${run} (${rocksdbVersion ?? '?'}): ${String(deciding.length)} checks, ${String(telling.length)} of them to 1 %: ${largestPercent.toFixed(2)} % left at most`,
    );
    const { checks, notes, amplification } = closed;
    return {
      run,
      rocksdbVersion,
      until: end,
      closed: closed.closed,
      unreadLines: unread.length,
      ...amplification,
      checks: checks.map(checkRow),
      notes,
    };
  } catch (error) {
    // A LOG of 2.x or 3.x is refused by name: part of the reference.
    if (!(error instanceof PutmodelError) || error.code !== 'INPUT_UNSUPPORTED') throw error;
    const refused = error.issues[0]?.message ?? '';
    console.log(`refused     ${run}: ${refused}`);
    return { run, refused };
  }
}

function checkRow(check: ClosureCheck): object {
  return { ...check, leftPercent: Math.round(leftPercent(check) * 1000) / 1000 };
}

/** What is neither explained nor equal, of the larger figure. */
function leftPercent({ differenceBytes, ledgerBytes, otherBytes }: ClosureCheck): number {
  return (100 * Math.abs(differenceBytes)) / Math.max(1, ledgerBytes, otherBytes);
}

/** The files of a run, by their names in truth directories and in collections such as LOG_147 with stdout.txt_147. */
function pathsOf(log: string): LedgerPaths {
  const suffix = /LOG(_\d+)?(?:\.gz)?$/.exec(log)?.[1] ?? '';
  const beside = (name: string): string | undefined =>
    [name, `${name}.gz`].map((one) => join(dirname(log), one)).find((path) => existsSync(path));
  return {
    logs: [log],
    stdout: beside(`stdout.txt${suffix}`),
    iostat: beside(`iostat.txt${suffix}`),
    sampler: beside(`stat_result.csv${suffix}`),
  };
}

function logsBelow(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return names.filter((name) => /(^|\/)LOG[^/]*$/.test(name)).map((name) => join(root, name));
}
