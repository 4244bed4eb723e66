/**
 * blktrace's events as blkparse prints them by default:
 *
 *   8,0    3        1     0.000000000   697  Q   W 223490 + 8 [kjournald]
 *   device CPU sequence   seconds       pid  action RWBS sector + sectors [process]
 *
 * Actions that matter here: Q (queued by a program), D (issued to the device), C (completed). RWBS holds R, W or D (discard), with
 * flags (S sync, A read ahead, M metadata, F flush) around; N is none of them. A sector is 512 bytes. What follows the events
 * ("CPU0 (sda):", "Total (sda):", "Throughput ...") is blkparse's summary and is not read. Source: blkparse(1), "DEFAULT OUTPUT".
 */
import { createLineIssues } from './log-issues.js';
import { createLineScanner, createWords, splitWords, wholeNumberAt, type TextReader, type Words } from './scan.js';

export type BlockAction = 'Q' | 'D' | 'C';

/** One event. The reader hands out the same object each time: take what you need. */
export interface BlockEvent {
  /** Since the trace began; fractions are nanoseconds. */
  timeMicros: number;
  action: BlockAction;
  kind: 'read' | 'write' | 'trim' | 'other';
  /** Major and minor number as one: major x 2^20 + minor. */
  deviceId: number;
  offsetBytes: number;
  /** 0 for a request without data, such as a flush. */
  lengthBytes: number;
  lineNumber: number;
}

/** What was read. */
export interface BlockTraceSummary {
  readonly eventCount: number;
}

const sectorBytes = 512;
const device = /^\s*\d+,\d+\s+\d+\s+\d+\s+\d+\.\d+\s/;

/** Whether a line looks like an event. */
export function isBlockEvent(line: string): boolean {
  return device.test(line);
}

/**
 * Starts reading. `onEvent` gets every Q, D and C; other events are passed over.
 * @throws PutmodelError INPUT_SYNTAX from `end` with every bad line by number; lines after the events are not looked at
 */
export function createBlkparseReader(
  onEvent: (event: BlockEvent) => void,
  options: { readonly file?: string | undefined } = {},
): TextReader<BlockTraceSummary> {
  const issues = createLineIssues(options.file);
  const words = createWords(10);
  const event: BlockEvent = { timeMicros: 0, action: 'Q', kind: 'other', deviceId: 0, offsetBytes: 0, lengthBytes: 0, lineNumber: 0 };
  let eventCount = 0;
  let isOver = false;
  const lines = createLineScanner((text, start, end, lineNumber) => {
    if (isOver || start === end) return;
    splitWords(text, start, end, words);
    if (words.count === 0) return;
    event.deviceId = deviceAt(text, words.starts[0]!, words.ends[0]!);
    if (Number.isNaN(event.deviceId)) {
      // The summary begins; before the first event it is no trace.
      if (eventCount > 0 && /^(CPU\d|Total|Throughput|Events|Skips)/.test(text.slice(words.starts[0], end))) isOver = true;
      else
        issues.add(
          lineNumber,
          'not an event of blkparse',
          text.slice(start, end),
          'major,minor cpu sequence seconds pid action RWBS sector + sectors',
        );
      return;
    }
    event.timeMicros = secondsAt(text, words.starts[3] ?? 0, words.ends[3] ?? 0) * 1e6;
    if (words.count < 6 || !(event.timeMicros >= 0)) {
      issues.add(lineNumber, 'not an event of blkparse', text.slice(start, end), 'major,minor cpu sequence seconds pid action ...');
      return;
    }
    eventCount++;
    if (!fillEvent(event, text, words)) return;
    event.lineNumber = lineNumber;
    onEvent(event);
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      if (eventCount === 0) issues.add(1, 'no event of blkparse', '', 'major,minor cpu sequence seconds pid action ...');
      issues.throwIfAny();
      return { eventCount };
    },
  };
}

/** False for events of other actions. */
function fillEvent(event: BlockEvent, text: string, words: Words): boolean {
  const start = words.starts[5]!;
  const action = words.ends[5]! - start === 1 ? text.charAt(start) : '';
  if (action !== 'Q' && action !== 'D' && action !== 'C') return false;
  event.action = action;
  event.kind = words.count > 6 ? kindOf(text.slice(words.starts[6], words.ends[6])) : 'other';
  const hasData = words.count > 9 && text.charAt(words.starts[8]!) === '+';
  event.offsetBytes = words.count > 7 ? wholeNumberAt(text, words.starts[7]!, words.ends[7]!) * sectorBytes : 0;
  event.lengthBytes = hasData ? wholeNumberAt(text, words.starts[9]!, words.ends[9]!) * sectorBytes : 0;
  if (!(event.offsetBytes >= 0)) event.offsetBytes = 0;
  if (!(event.lengthBytes >= 0)) event.lengthBytes = 0;
  return true;
}

function kindOf(rwbs: string): BlockEvent['kind'] {
  if (rwbs.includes('R')) return 'read';
  if (rwbs.includes('W')) return 'write';
  return rwbs.includes('D') ? 'trim' : 'other';
}

function deviceAt(text: string, start: number, end: number): number {
  const comma = text.indexOf(',', start);
  if (comma < 0 || comma >= end) return NaN;
  return wholeNumberAt(text, start, comma) * 1048576 + wholeNumberAt(text, comma + 1, end);
}

/** "0.009507758"; the parts are whole numbers, so no digit is lost before the division. */
function secondsAt(text: string, start: number, end: number): number {
  const point = text.indexOf('.', start);
  if (point < 0 || point >= end) return NaN;
  let scale = 1;
  for (let at = point + 1; at < end; at++) scale *= 10;
  return wholeNumberAt(text, start, point) + wholeNumberAt(text, point + 1, end) / scale;
}
