import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadOptional } from '../../engine/files/optional.js';
import { isDirectory, listFiles, readHashedText, readText, sha256, streamText } from '../../engine/files/read.js';
import { openFileAtomic, writeFileAtomic } from '../../engine/files/write.js';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-files-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});
const inside = (name: string): string => join(directory, name);

const issueOf = (run: () => unknown): Issue | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues[0];
    throw error;
  }
  throw new Error('nothing was thrown');
};

const streamed = async (path: string): Promise<string[]> => {
  const chunks: string[] = [];
  await streamText(path, (text) => chunks.push(text));
  return chunks;
};

describe('reading', () => {
  it('text is UTF-8, a byte order mark is dropped, gzip is unpacked whatever the name', () => {
    writeFileSync(inside('bom.txt'), '\ufeffgrüße\n');
    writeFileSync(inside('packed.txt'), gzipSync('packed'));
    expect(readText(inside('bom.txt'))).toBe('grüße\n');
    expect(readText(inside('packed.txt'))).toBe('packed');
  });

  it('the hash is of the bytes on disk', () => {
    writeFileSync(inside('abc'), 'abc');
    expect(readHashedText(inside('abc'))).toEqual({
      text: 'abc',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(sha256('abc')).toBe(sha256(Buffer.from('abc')));
  });

  it('a missing file, a directory and damaged gzip are clear errors with the path', () => {
    writeFileSync(inside('bad.gz'), Buffer.concat([gzipSync('x'.repeat(1000)).subarray(0, 20), Buffer.from('junk')]));
    expect(issueOf(() => readText(inside('none')))).toEqual({
      code: 'INPUT_MISSING',
      message: 'cannot be read: no such file or directory',
      file: inside('none'),
    });
    expect(issueOf(() => readText(directory))).toMatchObject({
      code: 'INPUT_MISSING',
      message: 'cannot be read: it is a directory; a file was expected',
    });
    expect(issueOf(() => readText(inside('bad.gz')))).toMatchObject({ code: 'INPUT_SYNTAX', message: 'damaged gzip data' });
  });

  it('a stream gives the same text in pieces that break no character', async () => {
    const text = 'größer: 漢字 🚀\n'.repeat(20_000);
    writeFileSync(inside('long'), `\ufeff${text}`);
    writeFileSync(inside('long.gz'), gzipSync(text));
    for (const name of ['long', 'long.gz']) {
      const chunks = await streamed(inside(name));
      expect(chunks.length).toBeGreaterThan(1);
      expect(chunks.join('')).toBe(text);
    }
  });

  it('a stream answers with the hash of the bytes on disk', async () => {
    const packed = gzipSync('abc');
    writeFileSync(inside('hash.gz'), packed);
    expect(await streamText(inside('hash.gz'), () => undefined)).toBe(createHash('sha256').update(packed).digest('hex'));
  });

  it("a stream's errors are clear, and the reader's own come through", async () => {
    await expect(streamed(inside('none'))).rejects.toThrow('cannot be read: no such file or directory');
    await expect(streamed(directory)).rejects.toThrow('it is a directory');
    await expect(streamed(inside('bad.gz'))).rejects.toThrow('damaged gzip data');
    const own = new PutmodelError({ code: 'INPUT_SYNTAX', message: 'line 1 is wrong' });
    await expect(
      streamText(inside('long'), () => {
        throw own;
      }),
    ).rejects.toBe(own);
  });

  it('an empty file streams nothing', async () => {
    writeFileSync(inside('empty'), '');
    expect(await streamed(inside('empty'))).toEqual([]);
  });

  it('a listing has plain files and links to them, in one order everywhere', () => {
    const path = inside('list');
    mkdirSync(join(path, 'sub'), { recursive: true });
    for (const name of ['b', 'B', 'a10', 'a2']) writeFileSync(join(path, name), '');
    symlinkSync(join(path, 'b'), join(path, 'link'));
    symlinkSync(join(path, 'gone'), join(path, 'dangling'));
    expect(listFiles(path)).toEqual(['B', 'a10', 'a2', 'b', 'link']);
    expect(issueOf(() => listFiles(inside('none')))?.code).toBe('INPUT_MISSING');
    expect([isDirectory(path), isDirectory(join(path, 'b')), isDirectory(inside('none'))]).toEqual([true, false, false]);
  });
});

describe('writing', () => {
  it('replaces the file, makes its directory and leaves nothing else', () => {
    const path = inside('out/deep/result.json');
    writeFileAtomic(path, 'one');
    writeFileAtomic(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(inside('out/deep'))).toEqual(['result.json']);
  });

  it('a failure is a clear error, leaves the old file and no temporary one', () => {
    mkdirSync(inside('target/directory'), { recursive: true });
    expect(
      issueOf(() => {
        writeFileAtomic(inside('target/directory'), 'x');
      }),
    ).toMatchObject({ code: 'OUTPUT_FAILED', file: inside('target/directory') });
    expect(readdirSync(inside('target'))).toEqual(['directory']);
  });

  it('a path through a file', () => {
    writeFileSync(inside('plain'), '');
    expect(
      issueOf(() => {
        writeFileAtomic(inside('plain/x'), 'x');
      }),
    ).toMatchObject({ code: 'OUTPUT_FAILED' });
  });
});

describe('optional packages', () => {
  const missing =
    (message: string): (() => Promise<never>) =>
    () =>
      Promise.reject(Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' }));

  it('one that is not installed: the error names the install command', async () => {
    await expect(loadOptional('pg', missing("Cannot find package 'pg' imported from x"))).rejects.toThrow(
      'running a sweep on many machines through PostgreSQL (--queue postgres://...) needs the package pg, which is not installed (expected npm install pg@^8)',
    );
  });

  it('an installed one that fails to load keeps its own error', async () => {
    await expect(loadOptional('pg', missing("Cannot find package 'pg-protocol' imported from pg"))).rejects.toThrow('pg-protocol');
  });

  it('an installed one is handed over', async () => {
    const module = { Pool: 1 };
    expect(await loadOptional('pg', () => Promise.resolve(module))).toBe(module);
  });
});

describe('a file written piece by piece', () => {
  it('takes its place only when it is whole', () => {
    const whole = inside('deep/whole.txt');
    const file = openFileAtomic(whole);
    for (let i = 0; i < 20_000; i++) file.write('0123456789');
    expect(readdirSync(inside('deep'))).not.toContain('whole.txt');
    file.commit();
    expect(readFileSync(whole, 'utf8')).toBe('0123456789'.repeat(20_000));
    expect(readdirSync(inside('deep'))).toEqual(['whole.txt']);
  });

  it('leaves what was there, and nothing else, when it is abandoned', () => {
    writeFileAtomic(inside('kept/a.txt'), 'before');
    const file = openFileAtomic(inside('kept/a.txt'));
    file.write('x');
    file.abandon();
    expect(readFileSync(inside('kept/a.txt'), 'utf8')).toBe('before');
    expect(readdirSync(inside('kept'))).toEqual(['a.txt']);
  });
});
