/** `putmodel ledger`: what a real log says was written and read, and whether its figures agree with each other and with the device. */
import type { Command } from 'commander';
import { loadLedger, type LoadedLedger } from '../../files/ledger-inputs.js';
import { writeFileAtomic } from '../../files/write.js';
import { formatIssue, PutmodelError } from '../../kernel/errors.js';
import { ledgerCsv } from '../../ledger/csv.js';
import { formatBytes, maxExactInteger } from '../../kernel/units.js';
import { ledgerDocument, renderLedger } from '../../report/ledger.js';
import { encodeJson } from '../../scenario/json.js';
import { printWarnings, usage, wholeNumber, type CliIo } from '../flags.js';

interface LedgerFlags {
  readonly stdout?: string;
  readonly iostat?: string;
  readonly diskstats?: string;
  readonly sampler?: string;
  readonly disk?: string;
  readonly deviceWriteBytes?: number;
  readonly deviceReadBytes?: number;
  readonly csv?: string;
  readonly json?: true;
}

const help = `
LOGs of one store are read as one, oldest first (LOG.old.* and LOG; a directory stands for those in it); gzip is unpacked.
Without device figures the internal closure decides: events of the log against its tables and tickers.

Examples:
  $ putmodel ledger db/LOG --stdout db_bench.txt --iostat iostat.txt
  $ putmodel ledger db/ --device-write-bytes 134217728000 --csv ledger.csv

Exit status: 0 when every check closes (or there is nothing to check against), 1 when one is open, 2 for bad input.
`;

/** Adds the command. */
export function addLedgerCommand(program: Command, io: CliIo): void {
  program
    .command('ledger')
    .description('account for every byte of a real run: user, WAL, flush, compaction by level, device; exit 1 when it does not close')
    .argument('<log...>', 'LOG files of one store, or its directory')
    .option('--stdout <file>', 'output of the db_bench that wrote the log: exact user bytes, tickers, the last tables')
    .option('--iostat <file>', "iostat's output over the run, such as of `iostat -m 1`")
    .option('--diskstats <file>', 'snapshots of /proc/diskstats, the first before and the last after the run')
    .option('--sampler <file>', 'CSV of one process a second: secs, disk_read_bytes, disk_write_bytes')
    .option('--disk <name>', 'which device of iostat or diskstats, when several moved something')
    .option('--device-write-bytes <n>', 'bytes that the device wrote', wholeNumber('--device-write-bytes', 0, maxExactInteger))
    .option('--device-read-bytes <n>', 'bytes that the device read', wholeNumber('--device-read-bytes', 0, maxExactInteger))
    .option('--csv <file>', 'also write ledger.csv: by level and interval')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (logs: string[], flags: LedgerFlags) => {
      await runLedger(logs, flags, io);
    });
}

const unreadShown = 20;
const untilWords = {
  log: 'to the end of the log',
  benchmark: 'to the end of the benchmark',
  dump: 'to the last dump of the log',
} as const;

async function runLedger(logs: readonly string[], flags: LedgerFlags, io: CliIo): Promise<void> {
  if (flags.disk !== undefined && flags.iostat === undefined && flags.diskstats === undefined)
    throw new PutmodelError(usage('--disk has no effect without --iostat or --diskstats'));
  const loaded = await loadLedger({ logs, ...flags });
  const { closed, unread, rocksdbVersion, end, inputs } = loaded;
  printWarnings(io, unread.slice(0, unreadShown).map(formatIssue));
  if (unread.length > unreadShown) printWarnings(io, [`${String(unread.length - unreadShown)} more lines could not be read`]);
  if (flags.csv !== undefined) writeFileAtomic(flags.csv, ledgerCsv(closed.ledger));
  const title = `Ledger of ${logs.join(', ')} (RocksDB ${rocksdbVersion ?? 'of unknown version'})`;
  io.stdout(
    flags.json === true
      ? encodeJson(ledgerDocument(closed, { rocksdbVersion, until: end, csv: flags.csv ?? null, unreadLines: unread.length, inputs }))
      : renderLedger(closed, { title, until: untilWords[end] }),
  );
  failWhenOpen(loaded);
}

function failWhenOpen({ closed: { checks } }: LoadedLedger): void {
  const open = checks.filter(({ decides, closed }) => decides && !closed);
  if (open.length === 0) return;
  throw new PutmodelError(
    open.map(({ name, differenceBytes, toleranceBytes }) => ({
      code: 'CHECK_FAILED',
      message: `the ledger is open: ${name}`,
      found: `${formatBytes(differenceBytes)} off`,
      expected: `at most ${formatBytes(toleranceBytes)}`,
    })),
  );
}
