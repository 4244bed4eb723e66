/**
 * fio's I/O traces (`write_iolog`, `read_iolog`), versions 2 and 3.
 *
 *   fio version 2 iolog                     fio version 3 iolog
 *   /dev/sda add | open | close             <stamp> /dev/sda add | open | close
 *   /dev/sda read|write|trim 4096 512       <stamp> /dev/sda read|write|trim 4096 512
 *   /dev/sda sync|datasync 0 0              <stamp> /dev/sda sync|datasync 0 0
 *   /dev/sda wait 1500 0
 *
 * Version 3 stamps are microseconds since the job began (iolog.c writes utime_since_now; the manual says nothing of the unit). Version 2
 * has waits instead: microseconds since the wait before; those below 100 are discarded, as fio does. Source: fio's HOWTO, "Trace File
 * Format", and files of fio 3.33.
 */
import { createLineIssues } from './log-issues.js';
import { createLineScanner, createWords, splitWords, wholeNumberAt, type TextReader } from './scan.js';

export type IologAction = 'read' | 'write' | 'trim' | 'sync' | 'datasync';

/** One request of a trace. The reader hands out the same object each time: take what you need. */
export interface IologRow {
  /** Since the trace began. */
  timeMicros: number;
  action: IologAction;
  /** Which of the trace's files, in the order in which they were added. */
  fileIndex: number;
  offsetBytes: number;
  lengthBytes: number;
  lineNumber: number;
}

/** What was read. */
export interface IologSummary {
  readonly version: 2 | 3;
  readonly rowCount: number;
  readonly files: readonly string[];
}

/** Waits shorter than this are discarded by fio, microseconds. */
const shortestWaitMicros = 100;
const headerExpected = '"fio version 2 iolog" or "fio version 3 iolog"';
const actionExpected = 'add, open, close, or read, write, trim, sync, datasync with offset and length';
const header = /^fio version (\d+) iolog\s*$/;

/** Whether a first line is that of a trace. */
export function isIologHeader(line: string): boolean {
  return header.test(line);
}

/**
 * Starts reading one trace. `onRow` gets every request.
 * @throws PutmodelError INPUT_SYNTAX from `end` with every bad line by number
 */
export function createIologReader(
  onRow: (row: IologRow) => void,
  options: { readonly file?: string | undefined } = {},
): TextReader<IologSummary> {
  const issues = createLineIssues(options.file);
  const words = createWords(6);
  const files = createFileNames();
  const row: IologRow = { timeMicros: 0, action: 'read', fileIndex: 0, offsetBytes: 0, lengthBytes: 0, lineNumber: 0 };
  let version: 0 | 2 | 3 = 0;
  let rowCount = 0;
  let waitedMicros = 0;
  const refuse = (text: string, start: number, end: number, lineNumber: number, message: string, expected: string): void => {
    issues.add(lineNumber, message, text.slice(start, end), expected);
  };
  const lines = createLineScanner((text, start, end, lineNumber) => {
    if (lineNumber === 1) {
      const found = Number(header.exec(text.slice(start, end))?.[1]);
      if (found === 2 || found === 3) version = found;
      else refuse(text, start, end, lineNumber, 'not an I/O trace of a version this program reads', headerExpected);
      return;
    }
    if (version === 0) return;
    splitWords(text, start, end, words);
    if (words.count === 0) return;
    const at = version === 3 ? 1 : 0;
    const stamp = version === 3 ? wholeNumberAt(text, words.starts[0]!, words.ends[0]!) : waitedMicros;
    const numbers = words.count - at - 2;
    if (!isExact(stamp) || (numbers !== 0 && numbers !== 2)) {
      const expected = version === 3 ? 'stamp file action [offset length]' : 'file action [offset length]';
      refuse(text, start, end, lineNumber, 'not a line of an I/O trace', expected);
      return;
    }
    const word = wordAt(text, words.starts[at + 1]!, words.ends[at + 1]!);
    if (word === 'add') files.add(text.slice(words.starts[at], words.ends[at]));
    if (word === 'add' || word === 'open' || word === 'close') return;
    const first = numbers === 2 ? wholeNumberAt(text, words.starts[at + 2]!, words.ends[at + 2]!) : NaN;
    const second = numbers === 2 ? wholeNumberAt(text, words.starts[at + 3]!, words.ends[at + 3]!) : NaN;
    if (word === null || (word === 'wait' && version === 3) || !isExact(first) || !isExact(second)) {
      refuse(text, start, end, lineNumber, 'not a line of an I/O trace', actionExpected);
      return;
    }
    if (word === 'wait') {
      if (first >= shortestWaitMicros) waitedMicros += first;
      return;
    }
    const fileIndex = files.indexOf(text, words.starts[at]!, words.ends[at]!);
    if (fileIndex < 0) {
      refuse(text, start, end, lineNumber, 'this file was not added to the trace before', 'a line "file add" above');
      return;
    }
    row.timeMicros = stamp;
    row.action = word;
    row.fileIndex = fileIndex;
    row.offsetBytes = first;
    row.lengthBytes = second;
    row.lineNumber = lineNumber;
    rowCount++;
    onRow(row);
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      if (version === 0) issues.add(1, 'not an I/O trace', '', headerExpected);
      issues.throwIfAny();
      return { version: version === 2 ? 2 : 3, rowCount, files: files.names };
    },
  };
}

/** A whole number that a double holds: larger ones are no sizes, offsets or times of anything. */
function isExact(number: number): boolean {
  return number <= Number.MAX_SAFE_INTEGER;
}

type TraceWord = IologAction | 'wait' | 'add' | 'open' | 'close';

/** The action that characters `start` to `end` spell, or null. Its first letter and its length tell which one it could be. */
function wordAt(text: string, start: number, end: number): TraceWord | null {
  const length = end - start;
  const candidate = candidateOf(text.charCodeAt(start), length);
  return candidate !== null && candidate.length === length && text.startsWith(candidate, start) ? candidate : null;
}

function candidateOf(letter: number, length: number): TraceWord | null {
  switch (letter) {
    case 114:
      return 'read';
    case 119:
      return length === 4 ? 'wait' : 'write';
    case 116:
      return 'trim';
    case 115:
      return 'sync';
    case 100:
      return 'datasync';
    case 97:
      return 'add';
    case 111:
      return 'open';
    case 99:
      return 'close';
    default:
      return null;
  }
}

interface FileNames {
  readonly names: readonly string[];
  add(name: string): void;
  /** -1 for a name that was not added. */
  indexOf(text: string, start: number, end: number): number;
}

/** Names in the order in which they came. A trace stays with one file for long: the last one is tried first, without making a string. */
function createFileNames(): FileNames {
  const names: string[] = [];
  let last = 0;
  return {
    names,
    add(name) {
      if (!names.includes(name)) names.push(name);
    },
    indexOf(text, start, end) {
      const guess = names[last];
      if (guess !== undefined && guess.length === end - start && text.startsWith(guess, start)) return last;
      const index = names.indexOf(text.slice(start, end));
      if (index >= 0) last = index;
      return index;
    },
  };
}
