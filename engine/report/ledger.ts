/** The closure report: the ledger's rows, the document's ratios, and every check with its verdict, as text or as a JSON document. */
import type { ClosedLedger, ClosureCheck } from '../ledger/closure.js';
import type { LedgerLevel } from '../ledger/ledger.js';
import { formatBytes, formatCount, formatSeconds } from '../kernel/units.js';

/** What stands around the figures. */
export interface LedgerContext {
  readonly title: string;
  /** Where the ledger ends, in words. */
  readonly until: string;
}

/** The report, with a final newline. */
export function renderLedger({ ledger, amplification, checks, closed, notes }: ClosedLedger, context: LedgerContext): string {
  const lines = [
    `${context.title}: ${formatSeconds(ledger.spanSec)}, ${context.until}`,
    '',
    row('User', ledger.userBytes, ledger.userSource),
    row('WAL written', ledger.walWrittenBytes, ''),
    row('WAL on device', ledger.walDeviceBytes, ledger.walSource),
    row('Flush', ledger.flushedBytes, ''),
    row('Compaction', ledger.compactionWrittenBytes, `read ${formatBytes(ledger.compactionReadBytes)}`),
    ...(ledger.unfinishedBytes > 0 ? [row('Unfinished', ledger.unfinishedBytes, 'finished files of jobs that had not ended')] : []),
    '',
    'Level   Jobs       Read  from above    Written      Moved  Records in     Dropped',
    ...ledger.levels.map(levelLine),
    '',
    ...ratioNames.map((name) => `${name.padEnd(23)} ${number(amplification[name])}`),
    '',
    ...checks.map(checkLine),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `Mind: ${note}`)] : []),
    '',
    verdict(closed),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same as plain data: `putmodel/ledger/1`. */
export function ledgerDocument(closedLedger: ClosedLedger, more: Readonly<Record<string, unknown>>): unknown {
  const { ledger, devices, amplification, checks, closed, notes } = closedLedger;
  return { schema: 'putmodel/ledger/1', ...more, closed, ...amplification, ledger, devices, checks, notes };
}

function verdict(closed: boolean | null): string {
  if (closed === null) return 'Not checked: there is nothing to compare the ledger with.';
  return closed ? 'Closed.' : 'OPEN.';
}

function row(label: string, bytes: number | null, remark: string): string {
  return `${label.padEnd(14)} ${(bytes === null ? 'not known' : formatBytes(bytes)).padStart(11)}   ${remark}`.trimEnd();
}

function levelLine(level: LedgerLevel): string {
  const upper = level.readUpperBytes === null ? '-' : formatBytes(level.readUpperBytes);
  return [
    `L${String(level.level)}`.padStart(5),
    String(level.jobs).padStart(6),
    formatBytes(level.readBytes).padStart(10),
    upper.padStart(11),
    formatBytes(level.writtenBytes).padStart(10),
    formatBytes(level.movedBytes).padStart(10),
    formatCount(level.recordsIn).padStart(11),
    formatCount(level.recordsDropped).padStart(11),
  ].join(' ');
}

function checkLine(check: ClosureCheck): string {
  const { name, ledgerBytes, otherBytes, explainedBytes, differenceBytes, toleranceBytes, decides, closed, explanation } = check;
  const mark = !decides ? 'told  ' : closed ? 'closed' : 'OPEN  ';
  const base = Math.max(ledgerBytes, otherBytes);
  const share = base > 0 ? ` (${((100 * differenceBytes) / base).toFixed(2)} %)` : '';
  const explained = explainedBytes === 0 ? '' : `, explained ${signed(explainedBytes)}`;
  const allowed = decides ? `, allowed ${formatBytes(toleranceBytes)}` : '';
  const figures = `ledger ${formatBytes(ledgerBytes)}, there ${formatBytes(otherBytes)}${explained}, left ${signed(differenceBytes)}${share}${allowed}`;
  return `${mark} ${name}\n       ${figures}${explanation === '' ? '' : `\n       ${explanation}`}`;
}

function signed(bytes: number): string {
  return `${bytes > 0 ? '+' : ''}${formatBytes(bytes)}`;
}

/** The document's names. */
const ratioNames = ['wa_stat', 'wa_device', 'ra_comp', 'ra_runtime', 'closure_error', 'closure_error_document'] as const;

function number(value: number | null): string {
  return value === null ? 'not known' : value.toFixed(4);
}
