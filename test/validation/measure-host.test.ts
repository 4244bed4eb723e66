import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunProgram } from '../../engine/files/process.js';
import { measureHost, withMeasurement, type HostMeasureOptions } from '../../engine/validation/measure-host.js';
import { sampleHost } from '../scenario/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-measure-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A db_bench whose puts cost 1000 ns + 2 ns a byte, and with a WAL 3000 ns + 1 ns a byte more. 1 GiB/s of everything else. */
const fakeBench: RunProgram = (_program, args) => {
  const flag = (name: string): string => args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? '';
  const done = (stdout: string, status = 0) => Promise.resolve({ status, stdout, stderr: '', timedOut: false });
  const line = (name: string, micros: number): string =>
    `${name.padEnd(12)} : ${micros.toFixed(3)} micros/op 1000 ops/sec 1.000 seconds 1000 operations; 1024.0 MB/s`;
  if (flag('compression_type') === 'zlib') return done('');
  if (flag('benchmarks').startsWith('compress')) return done(`${line('compress', 4)} (output: 55.5%)\n${line('uncompress', 1)}\n`);
  if (flag('benchmarks') === 'crc32c') return done(`${line('crc32c', 1)}\n`);
  if (flag('duration') !== '') writeFileSync(join(flag('db'), 'LOG'), '2026/01/01-00:00:00.000000 1 RocksDB version: 7.8.3\n');
  const bytes = 16 + Number(flag('value_size'));
  return done(`${line('fillrandom', (1000 + 2 * bytes + (flag('disable_wal') === '1' ? 0 : 3000 + bytes)) / 1000)}\n`);
};

function options(run: RunProgram, steps: string[] = []): HostMeasureOptions {
  return { run, directory, fillSec: 2, onStep: (step, index, count) => steps.push(`${String(index)}/${String(count)} ${step}`) };
}

describe('measuring this computer', () => {
  test('tells puts, WAL and codecs apart; a codec that db_bench lacks keeps the base figures', async () => {
    const steps: string[] = [];
    const measured = await measureHost(options(fakeBench, steps));
    expect([steps.length, steps[0], steps.at(-1)]).toEqual([12, '1/12 crc32c', '12/12 fill with values of 1000 B']);
    const profile = withMeasurement(sampleHost, measured);
    expect(profile.insertNanosPerRecord).toBeCloseTo(1000, 6);
    expect(profile.insertNanosPerByte).toBeCloseTo(2, 9);
    expect(profile.walNanosPerByte).toBeCloseTo(1, 9);
    expect(profile.walNanosPerRecord + profile.walNanosPerGroup).toBeCloseTo(3000, 6);
    const nanosPerByte = Number((1e9 / 1024 ** 3).toPrecision(4));
    expect(profile.compressNanosPerByte.snappy).toBe(nanosPerByte);
    expect(profile.compressedFraction.snappy).toBe(0.555);
    expect(profile.compressNanosPerByte.zlib).toBe(sampleHost.compressNanosPerByte.zlib);
    expect(measured.logs.map(({ name, sha256 }) => [name, sha256.length])).toEqual([
      ['fill-v100', 64],
      ['fill-v1000', 64],
    ]);
  });

  test('a run that fails is an error that names it', async () => {
    const failing: RunProgram = () => Promise.resolve({ status: 1, stdout: '', stderr: 'open error: no space\n', timedOut: false });
    await expect(measureHost(options(failing))).rejects.toThrow('db_bench failed (crc32c): open error: no space: found status 1');
  });

  test('an interrupt ends it as cancelled', async () => {
    await expect(measureHost({ ...options(fakeBench), signal: AbortSignal.abort() })).rejects.toThrow('interrupted');
  });
});
