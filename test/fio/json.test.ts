import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFioJson, type FioDocument } from '../../engine/fio/json.js';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { fioJob, fioText } from '../support/fio.js';
import { sharedDir } from '../support/shared.js';

const fixture = (name: string): FioDocument => {
  const url = new URL(`../fixtures/fio/${name}`, import.meta.url);
  return parseFioJson(readFileSync(url, 'utf8'), name);
};

const issuesOf = (text: string): readonly Issue[] => {
  try {
    parseFioJson(text, 'x.json');
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('units follow the keys present, not the version', () => {
  it('2.x: bw and io_bytes are KiB, latencies microseconds', () => {
    const read = fixture('fio-2.17-group.json').entries[0]?.read;
    expect(read?.bytesPerSec).toBe(129386 * 1024);
    expect(read?.bytes).toBe(1294256 * 1024);
    expect(read?.clat?.meanMicros).toBe(238.357679);
    expect(read?.clat?.percentiles.find(({ percent }) => percent === 99)?.micros).toBe(1352);
  });

  it('a 2.18 development build still prints 2.x units', () => {
    const document = fixture('randread-01-01.json');
    expect(document.version).toBe('fio-2.18-59-g618e');
    expect(document.entries[0]?.read?.bytes).toBe(148076 * 1024);
    expect(document.entries[0]?.read?.lat?.maxMicros).toBe(7694);
  });

  it('3.1: nanoseconds and bytes, but bandwidth only as bw in KiB/s', () => {
    const write = fixture('fio-3.1-randwrite.json').entries[0]?.write;
    expect(write?.bytesPerSec).toBe(212 * 1024);
    expect(write?.bytes).toBe(13877248);
    expect(write?.clat?.minMicros).toBe(12108.07);
    expect(write?.clat?.percentiles.find(({ percent }) => percent === 99)?.micros).toBe(8791261.184);
  });

  it('3.2 and later: bw_bytes is used', () => {
    const [entry] = parseFioJson(fioText([fioJob({ readMibPerSec: 3 })]), 'x.json').entries;
    expect(entry?.read).toMatchObject({ bytesPerSec: 3 * 1048576, opsPerSec: 768, requests: 1000, runtimeSec: 10 });
    expect(entry?.read?.clat).toMatchObject({ minMicros: 50, maxMicros: 2000, meanMicros: 100, stddevMicros: 10 });
    expect(entry?.write?.clat).toBeNull();
  });
});

describe('where the JSON is', () => {
  const document = fioText([fioJob({ readMibPerSec: 1 })]);

  it('text before and after it is skipped, also text with braces', () => {
    const text = `fio: {weird} line\nJobs: 1 (f=1): [r(1)]\n${document}\n  read: IOPS=1k {not json}\n`;
    expect(parseFioJson(text, 'x.json').entries).toHaveLength(1);
  });

  it('of several documents the last one counts, and that is said', () => {
    const found = fixture('fio-3.33-status-interval.json');
    expect(found.entries[0]?.write?.bytesPerSec).toBe(1048226);
    expect(found.warnings.map((issue) => issue.message)).toEqual(['2 documents in one file (--status-interval); the last one counts']);
  });

  it('a last document that is cut off gives way to the complete one before it', () => {
    const found = parseFioJson(`${document}\n${document.slice(0, 100)}`, 'x.json');
    expect(found.entries).toHaveLength(1);
    expect(found.warnings[0]?.message).toContain('cut off');
  });

  it('an empty file is an error', () => {
    expect(issuesOf(' \n')[0]).toMatchObject({ code: 'INPUT_SYNTAX', message: 'the file is empty', file: 'x.json' });
  });

  it('a file with only error messages quotes the first', () => {
    expect(issuesOf('fio: engine libaio not loadable\nfio: failed\n')[0]).toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      message: 'fio failed: there is no JSON in its output',
      found: '"fio: engine libaio not loadable"',
    });
  });

  it('a document that is cut off is an error where it ends', () => {
    expect(issuesOf('{\n "jobs": [\n  {"jobname"')[0]).toMatchObject({ code: 'INPUT_SYNTAX', line: 3, column: 13 });
  });

  it('malformed JSON is an error with its place', () => {
    expect(issuesOf('{\n "jobs": [}\n}')[0]).toMatchObject({ code: 'INPUT_SYNTAX', message: 'not valid JSON', line: 2, column: 11 });
  });

  it("JSON that is not fio's is an error", () => {
    expect(issuesOf('{"hello": 1}')[0]).toMatchObject({
      code: 'INPUT_INVALID',
      message: "JSON, but not fio's",
      expected: 'the key "jobs" or "client_stats"',
    });
  });

  it('a document without jobs is an error', () => {
    expect(issuesOf('{"jobs": []}')[0]).toMatchObject({ code: 'INPUT_INVALID', path: 'jobs' });
  });

  it('nan and inf read as not printed', () => {
    const [entry] = parseFioJson(document.replace('"runtime":10000', '"runtime": -nan'), 'x.json').entries;
    expect(entry?.read?.runtimeSec).toBe(0);
  });
});

describe('entries', () => {
  it('own options stand over global ones; of a repeated key the last counts', () => {
    const text =
      '{"global options": {"bs": "8k", "iodepth": "2", "bs": "16k"}, "jobs": [{"jobname": "a", "job options": {"iodepth": "4"}, "read": {"bw": 1, "io_bytes": 1}, "write": {"bw": 0, "io_bytes": 0}}]}';
    expect(parseFioJson(text, 'x.json').entries[0]?.options).toMatchObject({ blockBytes: 16384, iodepth: 4 });
  });

  it('no options at all are null, not defaults', () => {
    expect(fixture('fio-2.1.4-no-options.json').entries.map((entry) => entry.options)).toEqual([null, null]);
  });

  it('an errored job is a problem although its figures are filled in', () => {
    const [entry] = fixture('fio-3.13-errored.txt').entries;
    expect(entry?.error).toBe(42);
    expect(entry?.read?.bytes).toBeGreaterThan(0);
    expect(entry?.problems[0]).toMatchObject({ code: 'INPUT_UNSUPPORTED', path: 'jobs[0]' });
    expect(entry?.problems[0]?.message).toContain('error 42');
  });

  it("a modified fio's sections are never read as zero writes", () => {
    const [first, second] = fixture('fio-3.35-fork.json').entries;
    expect(first?.problems[0]?.message).toContain('"finish", "ZNS Reset"');
    expect(second?.read).toBeNull();
    expect(second?.write).toBeNull();
  });

  it('unified reporting is its own section', () => {
    const [entry] = fixture('fio-3.33-unified-mixed.json').entries;
    expect(entry?.mixed?.bytesPerSec).toBeGreaterThan(0);
    expect(entry?.read).toBeNull();
    expect(entry?.problems).toEqual([]);
  });

  it('trim is kept apart from writes', () => {
    const [entry] = fixture('fio-3.33-trim.json').entries;
    expect(entry?.trim?.bytesPerSec).toBeGreaterThan(0);
    expect(entry?.write?.bytesPerSec).toBe(0);
  });

  it('the "All clients" row of client/server output is not one more client', () => {
    const row = (name: string, host: string): object => ({ ...fioJob({ readMibPerSec: 1 }), jobname: name, hostname: host });
    const text = JSON.stringify({ client_stats: [row('job', 'one'), row('job', 'two'), row('All clients', 'two')] });
    const document = parseFioJson(text, 'x.json');
    expect(document.entries.map((entry) => entry.host)).toEqual(['one', 'two']);
    expect(document.allClients?.name).toBe('All clients');
  });

  it('a figure that is no number is a problem with its path', () => {
    const text = fioText([fioJob({ readMibPerSec: 1 })]).replace('"iops":256', '"iops":"many"');
    expect(parseFioJson(text, 'x.json').entries[0]?.problems[0]).toMatchObject({
      path: 'jobs[0].read.iops',
      message: 'a number was expected, found "many"',
    });
  });

  it('2.1.4 repeats the percentile "0.00" for padding: it is left out', () => {
    const text =
      '{"jobs": [{"jobname": "a", "read": {"bw": 1, "io_bytes": 1, "iops": 1, "runtime": 1000, "clat": {"min": 1, "max": 9, "mean": 3, "stddev": 1, "percentile": {"50.000000": 3, "0.00": 0, "0.00": 0}}}, "write": {"bw": 0, "io_bytes": 0}}]}';
    expect(parseFioJson(text, 'x.json').entries[0]?.read?.clat?.percentiles).toEqual([{ percent: 50, micros: 3 }]);
  });
});

describe.skipIf(sharedDir === null)('every real file', () => {
  it.each(sharedDir === null ? [] : readdirSync(`${sharedDir}/data/fio-json`))(
    '%s gives finite figures or an error with the name',
    (name) => {
      const text = readFileSync(`${String(sharedDir)}/data/fio-json/${name}`, 'utf8');
      if (name.startsWith('fio-error')) {
        expect(() => parseFioJson(text, name)).toThrow('fio failed');
        return;
      }
      for (const entry of parseFioJson(text, name).entries) {
        for (const transfer of [entry.read, entry.write, entry.trim, entry.mixed]) {
          if (transfer === null) continue;
          expect(Number.isFinite(transfer.bytesPerSec + transfer.bytes + transfer.opsPerSec)).toBe(true);
          // io_bytes over the run time is bandwidth, whatever the version's units.
          if (transfer.runtimeSec > 1 && transfer.bytesPerSec > 1e6)
            expect(transfer.bytes / transfer.runtimeSec / transfer.bytesPerSec).toBeCloseTo(1, 1);
        }
      }
    },
  );
});
