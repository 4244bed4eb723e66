import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openJournal, openJournalReader } from '../../engine/files/journal.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-journal-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const linesOf = (path: string): [string, number][] => {
  const lines: [string, number][] = [];
  const reader = openJournalReader(path);
  reader.forEachLine((line, offset) => lines.push([line, offset]));
  reader.close();
  return lines;
};

describe('a journal', () => {
  it('gives back its lines with their offsets, by scanning and by offset, while it grows', () => {
    const path = join(directory, 'deep', 'grows');
    const journal = openJournal(path);
    const offsets = ['eins', 'zwölf', ''].map((text) => journal.append(bytes(`${text}\n`)));
    expect(offsets).toEqual([0, 5, 12]);
    expect(linesOf(path)).toEqual([
      ['eins', 0],
      ['zwölf', 5],
      ['', 12],
    ]);
    const reader = openJournalReader(path);
    expect(reader.lineAt(5)).toBe('zwölf');
    expect(reader.lineAt(journal.append(bytes('later\n')))).toBe('later');
    journal.close();
  });

  it('puts new lines after a torn one on a line of their own', () => {
    const path = join(directory, 'torn');
    writeFileSync(path, 'whole\nto');
    const journal = openJournal(path);
    expect(journal.append(bytes('new\n'))).toBe(9);
    journal.close();
    expect(readFileSync(path, 'utf8')).toBe('whole\nto\nnew\n');
  });

  it('gives the offset in the file as it is, whoever else has written to it', () => {
    const path = join(directory, 'shared');
    const journal = openJournal(path);
    journal.append(bytes('first\n'));
    appendFileSync(path, 'another\n');
    const offset = journal.append(bytes('last\n'));
    journal.close();
    expect(linesOf(path).at(-1)).toEqual(['last', offset]);
  });

  it('does not give a last line that has no end yet', () => {
    const path = join(directory, 'unfinished');
    writeFileSync(path, 'whole\nhalf');
    expect(linesOf(path)).toEqual([['whole', 0]]);
  });

  it('holds lines of any length, also longer than what is read at once', () => {
    const path = join(directory, 'long');
    const long = 'ä'.repeat(400_000);
    writeFileSync(path, `short\n${long}\n`);
    appendFileSync(path, 'end\n');
    expect(linesOf(path).map(([line]) => line)).toEqual(['short', long, 'end']);
    const reader = openJournalReader(path);
    expect(reader.lineAt(6)).toBe(long);
    reader.close();
  });

  it('that cannot be written or read is one clear line', () => {
    expect(() => openJournal('/dev/null/journal')).toThrow(/^\/dev\/null\/journal: cannot be written: E[A-Z]+$/);
    expect(() => openJournalReader(join(directory, 'none'))).toThrow('cannot be read: ENOENT');
  });
});
