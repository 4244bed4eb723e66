/**
 * Lines and words of a text that comes in pieces, without a string for each: what the readers of logs and traces are made of. Positions
 * point into the piece at hand, so nothing is copied but the line that a piece's end cuts.
 */

/** A reader that text is pushed into, in pieces cut anywhere; `end` once after the last. Its memory does not grow with the text. */
export interface TextReader<R> {
  readonly push: (text: string) => void;
  readonly end: () => R;
}

/** Gets one line: characters `start` to `end` of `text`, without its end, and its number from 1. */
export type OnLine = (text: string, start: number, end: number, lineNumber: number) => void;

/** A line above this many characters is handed on in parts: no log has such lines, and memory stays bounded. */
const longestLine = 1_048_576;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;

/** Calls `onLine` for every line. A last line without its end counts; `\r` before the end is dropped. */
export function createLineScanner(onLine: OnLine): TextReader<void> {
  let rest = '';
  let lineNumber = 0;
  const hand = (text: string, start: number, end: number): void => {
    onLine(text, start, end > start && text.charCodeAt(end - 1) === RETURN ? end - 1 : end, ++lineNumber);
  };
  return {
    push(text) {
      let start = 0;
      let end = text.indexOf('\n');
      if (rest !== '') {
        rest += end < 0 ? text : text.slice(0, end);
        if (end < 0 && rest.length <= longestLine) return;
        hand(rest, 0, rest.length);
        rest = '';
        if (end < 0) return;
        start = end + 1;
        end = text.indexOf('\n', start);
      }
      for (; end >= 0; start = end + 1, end = text.indexOf('\n', start)) hand(text, start, end);
      rest = text.slice(start);
    },
    end() {
      if (rest !== '') hand(rest, 0, rest.length);
      rest = '';
    },
  };
}

/** Where the words of a line are: word i is characters starts[i] to ends[i]. Words beyond the room are not looked at. */
export interface Words {
  count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Room for `capacity` words. */
export function createWords(capacity: number): Words {
  return { count: 0, starts: new Int32Array(capacity), ends: new Int32Array(capacity) };
}

/** Finds the words of a line: what blanks and tabs separate. */
export function splitWords(text: string, start: number, end: number, words: Words): void {
  const { starts, ends } = words;
  let count = 0;
  let at = start;
  while (count < starts.length) {
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    if (at >= end) break;
    starts[count] = at;
    while (at < end && !isBlank(text.charCodeAt(at))) at++;
    ends[count] = at;
    count++;
  }
  words.count = count;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === NEWLINE;
}

/** The whole number that characters `start` to `end` spell in decimal digits; NaN when they spell none. Exact below 2^53. */
export function wholeNumberAt(text: string, start: number, end: number): number {
  if (start >= end) return NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}
