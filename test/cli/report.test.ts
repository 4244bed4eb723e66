import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CliIo } from '../../engine/cli/flags.js';
import { darkTheme } from '../../engine/report/charts/theme.js';
import { runCli } from '../../engine/cli/program.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-report-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: CliIo = {
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
    style: { columns: 100, unicode: false, color: false },
    liveProgress: false,
    signal: new AbortController().signal,
    nowMillis: () => 0,
  };
  return { status: await runCli(argv, io), out, err };
}

const scenario = (name: string): string => new URL(`../../scenarios/${name}`, import.meta.url).pathname;

async function simulated(name: string, ...flags: string[]): Promise<string> {
  const path = join(directory, name);
  const { status, err } = await run('simulate', scenario(`${name}.yaml`), ...flags, '--out', path);
  expect([status, err]).toEqual([0, '']);
  return path;
}

describe('putmodel report', () => {
  test('of an LSM run is one page: the answer in words, six pictures with limits from the LOG, tables, hashes', async () => {
    const path = await simulated('small-memtable-stalls', '--set', 'duration_seconds=20');
    expect(await run('report', path)).toEqual({ status: 0, out: `${join(path, 'report.html')}\n`, err: '' });
    const html = readFileSync(join(path, 'report.html'), 'utf8');
    const summary = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')) as {
      putRate: { meanOpsPerSec: number };
      manifest: { resultHash: string };
    };
    expect(html.match(/<svg /g)).toHaveLength(6);
    expect(html).toContain(`${Math.round(summary.putRate.meanOpsPerSec).toLocaleString('en-US')} puts/s`);
    expect(html).toContain('the rate limiter at 16.0 MiB/s');
    expect(html).toMatch(/>slowdown 20[<,]/);
    expect(html).toContain(summary.manifest.resultHash);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|NaN|undefined|\[object/);
  });

  test('of a backlog run has its own pictures, and goes where --out says', async () => {
    const path = await simulated('backlog-nvme');
    const page = join(directory, 'page.html');
    expect(await run('report', path, '--out', page)).toMatchObject({ status: 0, out: `${page}\n` });
    expect(existsSync(join(path, 'report.html'))).toBe(false);
    expect(readFileSync(page, 'utf8').match(/<svg /g)).toHaveLength(2);
  });

  test('writes pictures as SVG and PNG files, light or dark, and then no page unless asked', async () => {
    const pictures = join(directory, 'pictures');
    const { status, out } = await run('report', 'putrate', '--svg', pictures, '--png', pictures, '--theme', 'dark');
    expect(status).toBe(0);
    const names = ['v4-v5-comparison', 'dual-structure', 'phase-evolution', 'experimental-validation'];
    expect(out.trim().split('\n')).toEqual(names.flatMap((name) => [join(pictures, `${name}.svg`), join(pictures, `${name}.png`)]));
    expect(readFileSync(join(pictures, 'dual-structure.svg'), 'utf8')).toContain(darkTheme.surface);
    expect(readFileSync(join(pictures, 'dual-structure.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  test('of a device is its envelope, of putrate the table of claims', async () => {
    const page = join(directory, 'device.html');
    expect(await run('report', 'seed-lab-nvme', '--out', page)).toMatchObject({ status: 0, out: `${page}\n` });
    expect(readFileSync(page, 'utf8').match(/<svg /g)).toHaveLength(2);
    expect(await run('report', 'putrate', '--out', page)).toMatchObject({ status: 0, out: `${page}\n` });
    expect(readFileSync(page, 'utf8')).toContain('V4 accuracy, overall');
  });

  test('of anything else is one line that says so', async () => {
    const { status, err } = await run('report', directory);
    expect([status, err.trim().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(directory);
  });
});
