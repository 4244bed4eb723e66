/** Lines out of text that comes in pieces. */

/** Takes pieces of text cut anywhere. */
export interface LineReader {
  readonly push: (text: string) => void;
  /** The end; a last line without its end counts. */
  readonly end: () => void;
}

/** Calls `onLine` with each line, without its end, and its number from 1. NULs are dropped; a line above 1 MiB comes in parts. */
export function createLineReader(onLine: (line: string, lineNumber: number) => void): LineReader {
  let rest = '';
  let lineNumber = 0;
  const hand = (line: string): void => {
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line, ++lineNumber);
  };
  return {
    push(text) {
      // A file that was cut short while a program went on writing it has a hole of NULs, millions of them.
      const lines = (rest + text.replaceAll(nuls, '')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hand(line);
      if (rest.length <= 1_048_576) return;
      hand(rest);
      rest = '';
    },
    end() {
      if (rest !== '') hand(rest);
      rest = '';
    },
  };
}

const nuls = /\0+/g;
