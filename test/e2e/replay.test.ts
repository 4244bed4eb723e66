import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadReplay } from '../../engine/files/recordings.js';
import { parseDeviceArgument } from '../../engine/files/presets.js';
import { createFioLogReader } from '../../engine/fio/log.js';
import { simulateReplay } from '../../engine/replay/simulate.js';
import { lacksTool } from '../support/tools.js';

describe.skipIf(lacksTool('fio'))('recordings of the fio at hand', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'putmodel-fio-'));
    const common = ['--ioengine=psync', '--filename=target', '--size=8m', '--bs=4k', '--rw=randrw', '--rwmixread=70', '--norandommap=1'];
    const single = ['--name=job', '--number_ios=2000', '--write_iolog=job.iolog', '--write_lat_log=job', '--log_offset=1'];
    execFileSync('fio', [...common, ...single], { cwd: directory, stdio: 'ignore' });
    const windows = ['--name=win', '--time_based', '--runtime=2', '--rate_iops=200', '--write_bw_log=win', '--log_avg_msec=250'];
    execFileSync('fio', [...common, ...windows], { cwd: directory, stdio: 'ignore' });
  }, 60_000);
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test('an iolog and its latency log are read whole and replayed', async () => {
    const files = ['job.iolog', 'job_clat.1.log'].map((name) => join(directory, name));
    const { scenario } = await loadReplay({ files, device: 'read=500MiB/s,write=400MiB/s', timing: 'fast', iodepth: 1, seed: 1 });
    const { requests } = scenario;
    expect(requests.requestCount).toBe(
      readFileSync(files[0]!, 'utf8')
        .split('\n')
        .filter((line) => / (read|write) /.test(line)).length,
    );
    expect(requests.requestCount).toBeGreaterThan(1000);
    expect(requests.blockBytes.every((bytes) => bytes === 4096)).toBe(true);
    const { comparison, requestCount } = simulateReplay(scenario);
    expect(requestCount).toBe(requests.requestCount);
    expect(comparison?.quantiles.map(({ direction }) => direction)).toContain('write');
  });

  test('its rows have offset and priority with log_offset, and hold every request', () => {
    let offsets = 0;
    const reader = createFioLogReader((row) => (offsets += Number(row.offsetBytes >= 0 && row.offsetBytes < 8 * 1048576)));
    reader.push(readFileSync(join(directory, 'job_clat.1.log'), 'utf8'));
    const { rowCount, isAveraged } = reader.end();
    expect(isAveraged).toBe(false);
    expect(offsets).toBe(rowCount);
  });

  test('a bandwidth log of windows is a device', () => {
    const { model } = parseDeviceArgument(join(directory, 'win_bw.1.log'));
    expect(model.kind).toBe('layered');
    const limits = model.kind === 'layered' ? model.timeline!.readBytesPerSec : [];
    // 200 requests a second of 4 KiB for each direction, as rate_iops counts them.
    expect(limits[0]! / 4096).toBeGreaterThan(150);
    expect(limits[0]! / 4096).toBeLessThan(250);
  });
});
