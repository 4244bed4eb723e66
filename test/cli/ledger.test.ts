import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, flush, opening, sampleLog } from '../ledger/sample-log.js';
import { runPutmodel } from '../support/cli.js';

const gib = 1024 * 1024 * 1024;
let directory = '';
const inside = (name: string): string => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-ledger-'));
  writeFileSync(inside('LOG'), sampleLog());
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function ledger(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, stdout, stderr } = await runPutmodel(['ledger', ...argv], { style: { columns: 100, unicode: false, color: false } });
  return { status, out: stdout, err: stderr };
}

const fixture = (name: string): string => new URL(`../fixtures/truth/limited/${name}`, import.meta.url).pathname;

describe('putmodel ledger', () => {
  it('a real run with its db_bench output closes: exit 0, the rows and every check in text', async () => {
    const { status, out, err } = await ledger(fixture('LOG'), '--stdout', fixture('stdout.txt'));
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('to the end of the benchmark');
    expect(out).toContain('key and value bytes: ticker number.keys.written x entry size');
    expect(out).toMatch(/^closed flush writes: tickers of db_bench$/m);
    expect(out).toMatch(/\nClosed\.\n$/);
  });

  it('refuses what is no output of db_bench, the LOG itself above all, and a disk of nothing', async () => {
    writeFileSync(inside('empty.txt'), '');
    writeFileSync(inside('random.bin'), Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251)));
    for (const name of ['empty.txt', 'random.bin'])
      expect(await ledger(inside('LOG'), '--stdout', inside(name))).toEqual({
        status: 2,
        out: '',
        err: `${inside(name)}: not output of db_bench: no result line, no ticker, no table (expected fillrandom : 66.088 micros/op ..)\n`,
      });
    expect(await ledger(fixture('LOG'), '--stdout', fixture('LOG'))).toMatchObject({
      status: 2,
      err: expect.stringContaining("this is a LOG, not db_bench's output") as string,
    });
    expect(await ledger(inside('LOG'), '--disk', 'nvme0n1')).toEqual({
      status: 2,
      out: '',
      err: '--disk has no effect without --iostat or --diskstats\n',
    });
  });

  it('--json prints one document, --csv writes the rows', async () => {
    const { status, out } = await ledger(inside('LOG'), '--json', '--csv', inside('ledger.csv'));
    expect(status).toBe(0);
    const document = JSON.parse(out) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 'putmodel/ledger/1',
      rocksdbVersion: '7.8.3',
      until: 'dump',
      closed: true,
      wa_stat: 3,
      inputs: [{ name: 'LOG' }],
      ledger: { userBytes: 3.5 * gib, flushedBytes: 4 * gib },
    });
    expect(readFileSync(inside('ledger.csv'), 'utf8')).toContain(
      `total,0,10,L1,1,${String(4 * gib)},${String(4 * gib)},${String(3 * gib)},0,0,2000,100\n`,
    );
  });

  it('device figures off by more than 10 % are an open ledger: exit 1, said after the report', async () => {
    // The WAL of 3.5 GiB was deleted before it could be written back: 7 GiB are expected.
    expect((await ledger(inside('LOG'), '--device-write-bytes', String(7.5 * gib))).status).toBe(0);
    const { status, out, err } = await ledger(inside('LOG'), '--device-write-bytes', String(9 * gib));
    expect(status).toBe(1);
    expect(out).toMatch(/\nOPEN\.\n$/);
    expect(err).toBe(
      'the ledger is open: device writes (flag) against WAL written back + flush + compaction: found 2.0 GiB off (expected at most 716.8 MiB)\n',
    );
  });

  it('iostat, diskstats and a sampler are read, each with its own meaning of device writes', async () => {
    const block = 'avg-cpu: %user\n 1\n\nDevice tps MB_read/s MB_wrtn/s MB_read MB_wrtn\nsda 1 0.00 651.64 0 651\n\n';
    writeFileSync(inside('iostat.txt'), `Linux x\n${block.replace('651\n', '99999999\n')}${block.repeat(30)}`);
    writeFileSync(inside('sampler.csv'), `secs,disk_read_bytes,disk_write_bytes\n11,5,${String(10.5 * gib)}\n`);
    const diskstats = (sectors: number): string => ` 8 0 sda 1 2 3 4 5 6 ${String(sectors)} 8 9 10 11\n`;
    writeFileSync(inside('diskstats'), diskstats(100) + diskstats(100 + (7 * gib) / 512));
    const { status, out } = await ledger(
      ...[
        inside('LOG'),
        '--iostat',
        inside('iostat.txt'),
        '--sampler',
        inside('sampler.csv'),
        '--diskstats',
        inside('diskstats'),
        '--json',
      ],
    );
    expect(status).toBe(0);
    const { devices } = JSON.parse(out) as { devices: { source: string; writtenBytes: number }[] };
    expect(devices.map(({ source, writtenBytes }) => [source, (writtenBytes / gib).toFixed(2)])).toEqual([
      ['diskstats', '7.00'],
      ['iostat', '7.00'],
      ['sampler', '10.50'],
    ]);
  });

  it('parts of one log are put in order of time; a directory stands for its LOG and LOG.old', async () => {
    const text = sampleLog();
    const half = text.lastIndexOf('\n', text.indexOf('compaction_finished')) + 1;
    const parts = inside('rolled');
    mkdirSync(parts);
    writeFileSync(join(parts, 'LOG.old.1700000000000000.gz'), gzipSync(text.slice(0, half)));
    writeFileSync(join(parts, 'LOG'), at(8.2, 'RocksDB version: 7.8.3') + text.slice(half));
    writeFileSync(join(parts, 'OPTIONS'), 'not a log');
    const whole = JSON.parse((await ledger(inside('LOG'), '--json')).out) as { ledger: unknown };
    for (const args of [[parts], [join(parts, 'LOG'), join(parts, 'LOG.old.1700000000000000.gz')]]) {
      const { status, out } = await ledger(...args, '--json');
      expect(status).toBe(0);
      expect((JSON.parse(out) as { ledger: unknown }).ledger).toEqual(whole.ledger);
    }
  });

  it('logs of two stores, files that are none, and wrong flags are one line each and exit 2', async () => {
    writeFileSync(inside('OTHER'), opening(3) + flush(9, 2, 8, 5));
    expect(await ledger(inside('LOG'), inside('OTHER'))).toMatchObject({
      status: 2,
      err: `${inside('OTHER')}: it begins before ${inside('LOG')} ends: these are not parts of one store's log (expected the LOG.old.* and LOG of one store)\n`,
    });
    expect((await ledger(inside('missing'))).err).toContain('cannot be read: no such file or directory');
    expect((await ledger(fixture('stdout.txt'))).err).toContain('not a RocksDB LOG: no line starts with a time');
    expect((await ledger(inside('LOG'), '--device-write-bytes', '1e9')).err).toContain('wrong value of --device-write-bytes');
    expect((await ledger(directory, '--stdout', inside('missing'))).status).toBe(2);
    expect((await ledger(new URL('../fixtures/options', import.meta.url).pathname)).err).toContain('no LOG in this directory');
  });

  it('lines that could not be read are warnings with their place', async () => {
    writeFileSync(inside('DAMAGED'), sampleLog() + at(12, 'EVENT_LOG_v1 {"time_micros": 1, "jo'));
    const { status, err } = await ledger(inside('DAMAGED'));
    expect(status).toBe(0);
    expect(err).toMatch(/^putmodel: warning: .*DAMAGED:\d+: an event that is cut before its name or job: found /);
  });

  it('without a table there is nothing to check against: said, and exit 0', async () => {
    writeFileSync(inside('SHORT'), opening(0) + flush(3, 2, 8, gib));
    const { status, out } = await ledger(inside('SHORT'));
    expect(status).toBe(0);
    expect(out).toContain(
      'Mind: no table with written bytes to compare the events with\n\nNot checked: there is nothing to compare the ledger with.\n',
    );
  });
});
