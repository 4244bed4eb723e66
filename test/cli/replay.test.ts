import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPutmodel } from '../support/cli.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-replay-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/replay/${name}`, import.meta.url));

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, stdout, stderr } = await runPutmodel(argv, { style: { columns: 100, unicode: true, color: false } });
  return { status, out: stdout, err: stderr };
}

const job = [fixture('randread-8k-qd8.iolog.gz'), fixture('randread-8k-qd8_clat.1.log.gz'), '--device', fixture('envelope_model.json')];
const fast = ['--timing', 'fast', '--iodepth', '8'];

describe('putmodel replay', () => {
  test('--json prints one document, the same each time, with the recording beside it', async () => {
    const first = await run('replay', ...job, ...fast, '--json');
    expect(first).toMatchObject({ status: 0, err: '' });
    const document = JSON.parse(first.out) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 'putmodel/replay-result/1',
      requests: 3000,
      comparison: { latencyOf: 'clat' },
      assumptions: [],
    });
    expect((await run('replay', ...job, ...fast, '--json')).out).toBe(first.out);
  });

  test('prints what was assumed, the answer, the comparison, and where the results are', async () => {
    const out = join(directory, 'out');
    const { status, out: text } = await run('replay', ...job, '--out', out);
    expect(status).toBe(0);
    expect(text).toMatch(/iodepth +1024 \(nothing says how deep the queue was\)/);
    expect(text).toMatch(/Bandwidth +\d.* MiB\/s/);
    expect(text).toMatch(/Beside the recording \(clat\)/);
    expect(text).toMatch(/read p99 /);
    expect(readFileSync(join(out, 'series.csv'), 'utf8')).toMatch(/^t_sec,read_bytes_per_sec,write_bytes_per_sec,outstanding\n0,/);
    expect(readFileSync(join(out, 'latency.hdr'), 'utf8')).not.toBe('');
  });

  test('no percentile is above the largest latency, and the verdict names what was compared', async () => {
    const { out } = await run('replay', ...job, ...fast, '--json');
    const { latencyMicros, readLatencyMicros, validity } = JSON.parse(out) as Record<string, Record<string, number>>;
    for (const of of [latencyMicros, readLatencyMicros]) expect(of!['p999']).toBeLessThanOrEqual(of!['max']!);
    expect(validity).toMatchObject({ inside: false, outside: [expect.stringContaining('results/reference/replay.json')] });
  });

  test('an error against a recorded 0 is none, and columns stay apart however large it is', async () => {
    const log = join(directory, 'zero_clat.1.log');
    writeFileSync(log, `${Array.from({ length: 40 }, (_, i) => `${String(i)}, ${i < 20 ? '100' : '3000'}, 0, 4096, 0`).join('\n')}\n`);
    const { out } = await run('replay', log, '--device', fixture('envelope_model.json'));
    expect(out).toMatch(/read p1 +0 us +\d+ us +n\/a\n/);
    expect(out).toMatch(/read p75 +3 us +\d+ us +\+\d{4,}\.\d %\n/);
    const { comparison } = JSON.parse((await run('replay', log, '--device', fixture('envelope_model.json'), '--json')).out) as {
      comparison: { quantiles: { errorPercent: number | null }[] };
    };
    expect(comparison.quantiles[0]?.errorPercent).toBeNull();
    writeFileSync(log, '1, 3000, 0, 4096, 0\n');
    expect((await run('replay', log, '--device', fixture('envelope_model.json'))).out).toContain('too few requests for quantiles');
  });

  test('takes the depth of a fast replay from the latency log', async () => {
    const { out } = await run('replay', ...job, '--timing', 'fast', '--json');
    expect(JSON.parse(out)).toMatchObject({ assumptions: [{ what: 'iodepth', value: '8' }] });
  });

  test('is a scenario, too, whose files are found beside it', async () => {
    const path = join(directory, 'replay.yaml');
    const text = `kind: replay\ndevice: ${fixture('envelope_model.json')}\nreplay: {requests: ${fixture('mix70-32k-qd2.iolog.gz')}, timing: fast, iodepth: 2}\n`;
    writeFileSync(path, text);
    const { status, out } = await run('simulate', path, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ schema: 'putmodel/replay-result/1', requests: 3000, comparison: null });
  });

  test('a requirement that is not met is exit 1; bad files are exit 2 with every bad line', async () => {
    expect((await run('replay', ...job, ...fast, '--json', '--require', 'latencyMicros.p50<=1')).status).toBe(1);
    const bad = join(directory, 'bad.iolog');
    writeFileSync(bad, 'fio version 3 iolog\n1 f add\n2 g read 0 4096\n3 f read x 4096\n');
    const { status, err } = await run('replay', bad);
    expect(status).toBe(2);
    expect(err.split('\n').slice(0, 2)).toEqual([
      `${bad}:3: this file was not added to the trace before: found "2 g read 0 4096" (expected a line "file add" above)`,
      `${bad}:4: not a line of an I/O trace: found "3 f read x 4096" (expected add, open, close, or read, write, trim, sync, datasync with offset and length)`,
    ]);
    expect(await run('replay', join(directory, 'none.iolog'))).toMatchObject({ status: 2 });
    expect((await run('replay', fixture('blkparse.txt'), '--timing', 'slow')).err).toContain('--timing');
  });
});

describe('a device that changes with time', () => {
  const slow = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const simulate = async (device: string): Promise<{ putRate: { meanOpsPerSec: number }; series: { opsPerSec: number[] } }> => {
    const scenario = slow(
      's.yaml',
      'kind: lsm\nworkload: {benchmark: fillrandom, num: 100000000, key_size: 16, value_size: 1024}\nduration_seconds: 60\n',
    );
    const { status, out, err } = await run('simulate', scenario, '--device', device, '--json');
    expect([status, err]).toEqual([0, '']);
    return JSON.parse(out) as never;
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  test('a recorded bandwidth log slows the store when the drive slowed down', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${String(1000 * (i + 1))}, ${i < 30 ? '900000' : '60000'}, 1, 0, 0`);
    const { series } = await simulate(slow('drive_bw.1.log', `${rows.join('\n')}\n`));
    expect(mean(series.opsPerSec.slice(40, 60))).toBeLessThan(0.6 * mean(series.opsPerSec.slice(10, 30)));
  });

  test('an SLC cache slows it when the cache is full; one it never fills changes nothing', async () => {
    const file = (gib: number): string =>
      slow(
        'cache.json',
        JSON.stringify({
          ...{ schema: 'putmodel/device/1', name: 'cached', source: 'test', base: 'read=1000MiB/s,write=900MiB/s' },
          buckets: [
            {
              ...{ preset: 'slc-cache', source: 'test', capacityBytes: gib * 1073741824, cachedBytesPerSec: null },
              ...{ flashBytesPerSec: 40e6, foldBytesPerSec: 40e6 },
            },
          ],
        }),
      );
    const plain = await simulate('read=1000MiB/s,write=900MiB/s');
    const large = await simulate(file(1000));
    const small = await simulate(file(2));
    expect(large.putRate.meanOpsPerSec).toBe(plain.putRate.meanOpsPerSec);
    expect(small.putRate.meanOpsPerSec).toBeLessThan(0.6 * plain.putRate.meanOpsPerSec);
    expect(mean(small.series.opsPerSec.slice(40, 60))).toBeLessThan(0.5 * mean(small.series.opsPerSec.slice(0, 10)));
  });
});
