import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thisMachine, type DriveSources } from '../../engine/files/drive.js';
import { recordRun } from '../../engine/files/record-run.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-record-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const resultLine = 'fillrandom   :      66.088 micros/op 15131 ops/sec 2.030 seconds 30000 operations;   15.0 MB/s';

/** A db_bench that leaves what the real one leaves. */
function fakeSources(status = 0): DriveSources & { readonly seen: string[][] } {
  const seen: string[][] = [];
  return {
    ...thisMachine,
    seen,
    run: (program, args) => {
      seen.push([program, ...args]);
      const store = args.find((argument) => argument.startsWith('--db='))?.slice(5);
      if (store !== undefined) {
        mkdirSync(store, { recursive: true });
        writeFileSync(join(store, 'LOG'), '2026/01/01-00:00:00.000000 1 RocksDB version: 7.8.3\n');
        for (const name of ['OPTIONS-000005', 'OPTIONS-000007']) writeFileSync(join(store, name), name);
        writeFileSync(join(store, '000010.sst'), 'x'.repeat(100));
        writeFileSync(join(store, '000012.sst'), 'x'.repeat(50));
        writeFileSync(args.find((argument) => argument.startsWith('--report_file='))!.slice(14), 'secs_elapsed,interval_qps\n1,15000\n');
      }
      return Promise.resolve({ status, stdout: `${resultLine}\n`, stderr: status === 0 ? '' : 'Unknown flag\n', timedOut: false });
    },
  };
}

describe('recording a run', () => {
  it('keeps command, output, LOG, newest OPTIONS, curve, files at the end and the machine; the store is removed', async () => {
    const sources = fakeSources();
    const target = join(directory, 'truth');
    const recorded = await recordRun({ directory: target, command: ['/opt/db_bench', '--num=5', '--statistics=0', '--x=a b'], sources });
    const names = readdirSync(target).filter((name) => name !== 'diskstats.txt');
    expect(names).toEqual(['LOG', 'OPTIONS', 'command.txt', 'machine.json', 'report.csv', 'sst.txt', 'stdout.txt']);
    const read = (name: string): string => readFileSync(join(target, name), 'utf8');
    expect(read('OPTIONS')).toBe('OPTIONS-000007');
    expect(read('sst.txt')).toBe('2 150\n');
    expect(read('command.txt')).toBe(
      "db_bench --num=5 --statistics=0 '--x=a b' --report_interval_seconds=1 --histogram=1 --stats_dump_period_sec=10 --db=./db --report_file=./report.csv\n",
    );
    expect(JSON.parse(read('machine.json'))).toMatchObject({ rocksdbVersion: '7.8.3', schema: 'putmodel/recorded-machine/1' });
    expect(recorded.resultLine).toBe(resultLine);
    expect(sources.seen[0]!.slice(0, 3)).toEqual(['/opt/db_bench', '--num=5', '--statistics=0']);
  });

  it('refuses another program and a directory that holds something; a failed run leaves no recording', async () => {
    await expect(recordRun({ directory: join(directory, 'a'), command: ['fio'], sources: fakeSources() })).rejects.toThrow(
      'not a db_bench command',
    );
    writeFileSync(join(directory, 'mine'), '');
    await expect(recordRun({ directory, command: ['db_bench'], sources: fakeSources() })).rejects.toThrow('it holds something already');
    const failed = recordRun({ directory: join(directory, 'b'), command: ['db_bench'], sources: fakeSources(1) });
    await expect(failed).rejects.toThrow('db_bench failed: Unknown flag');
    expect(existsSync(join(directory, 'b', 'command.txt'))).toBe(false);
  });
});
