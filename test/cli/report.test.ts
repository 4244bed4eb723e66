import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { darkTheme, lightTheme } from '../../engine/report/charts/theme.js';
import { writeSweep } from '../sweep/sample.js';
import { runPutmodel } from '../support/cli.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-report-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, stdout, stderr } = await runPutmodel(argv, { style: { columns: 100, unicode: false, color: false } });
  return { status, out: stdout, err: stderr };
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

  test('of a run against an object store has the four panels, the checks and the bill', async () => {
    const path = await simulated('baseline', '--set', 'workload.num_writers=3');
    expect(await run('report', path)).toMatchObject({ status: 0, err: '' });
    const html = readFileSync(join(path, 'report.html'), 'utf8');
    const summary = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')) as {
      writer: { attempts: number; preconditionFailures: number };
    };
    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html).toContain('>Write latency</text>');
    expect(html).toContain('transaction ids ascend by one');
    const percent = (100 * summary.writer.preconditionFailures) / summary.writer.attempts;
    expect(html).toContain(`writers: ${percent.toFixed(1)} % of ${String(summary.writer.attempts)} attempts`);
    expect(html).not.toMatch(/NaN|undefined|\[object/);
  });

  test('of a replay stands beside its recording', async () => {
    const recording = (name: string): string => new URL(`../fixtures/replay/${name}`, import.meta.url).pathname;
    const files = ['mix50-split-qd8.iolog.gz', 'mix50-split-qd8_clat.1.log.gz'].map(recording);
    const path = join(directory, 'replay');
    await run('replay', ...files, '--device', recording('envelope_model.json'), '--timing', 'fast', '--iodepth', '8', '--out', path);
    expect(await run('report', path)).toMatchObject({ status: 0, err: '' });
    const html = readFileSync(join(path, 'report.html'), 'utf8');
    expect(html).toContain('Beside the recording (clat)');
    expect(html).not.toMatch(/NaN|undefined|\[object/);
  });

  test('of several runs, or of a directory that holds them, compares them; of two kinds it refuses', async () => {
    const seeds = join(directory, 'seeds');
    await run('simulate', scenario('backlog-nvme.yaml'), '--seeds', '2', '--out', seeds);
    expect(await run('report', seeds)).toEqual({ status: 0, out: `${join(seeds, 'report.html')}\n`, err: '' });
    expect(readFileSync(join(seeds, 'report.html'), 'utf8')).toContain('Comparison of 2 runs');
    const page = join(directory, 'comparison.html');
    const parts = ['seed-1', 'seed-2'].map((name) => join(seeds, name));
    expect(await run('report', ...parts, '--out', page)).toMatchObject({ status: 0, out: `${page}\n` });
    expect(readFileSync(page, 'utf8')).toBe(readFileSync(join(seeds, 'report.html'), 'utf8'));
    const other = await simulated('baseline');
    expect(await run('report', parts[0]!, other)).toMatchObject({ status: 2, err: expect.stringMatching(/different kinds/) as unknown });
    expect(await run('report', seeds, '--svg', directory)).toMatchObject({ status: 2 });
  });

  test('of a sweep has its answers, its front and its configurations, and refuses one that is not finished', async () => {
    const goal = '  goal: { pareto: [putRate.meanOpsPerSec, stall.stoppedSec], best: { metric: putRate.meanOpsPerSec } }\n';
    const sweep = writeSweep(join(directory, 'in'), undefined, `  seeds: 2\n${goal}`);
    const path = join(directory, 'swept');
    expect(await run('sweep', sweep, '--out', path, '--threads', '1')).toMatchObject({ status: 0 });
    expect(await run('report', path)).toEqual({ status: 0, out: `${join(path, 'report.html')}\n`, err: '' });
    const html = readFileSync(join(path, 'report.html'), 'utf8');
    const answers = JSON.parse(readFileSync(join(path, 'answers.json'), 'utf8')) as {
      best: { point: { label: string } };
      pareto: { front: unknown[] };
    };
    expect(html).toContain(answers.best.point.label);
    expect(html).toContain(`${String(answers.pareto.front.length)} of 15 configurations`);
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(html).not.toMatch(/NaN|undefined|\[object/);
    expect((await run('report', path, path)).err).toMatch(/not a run, and only runs are compared: found a sweep/);
    const part = join(directory, 'part');
    await run('sweep', sweep, '--out', part, '--shard', '0/2', '--threads', '1');
    expect(await run('report', part)).toMatchObject({ status: 2, err: expect.stringMatching(/not finished.*putmodel merge/) as unknown });
  });

  test('of a device is its envelope, of putrate the table of claims', async () => {
    const page = join(directory, 'device.html');
    expect(await run('report', 'seed-lab-nvme', '--out', page)).toMatchObject({ status: 0, out: `${page}\n` });
    expect(readFileSync(page, 'utf8').match(/<svg /g)).toHaveLength(2);
    expect(await run('report', 'putrate', '--out', page)).toMatchObject({ status: 0, out: `${page}\n` });
    expect(readFileSync(page, 'utf8')).toContain('V4 accuracy, overall');
  });

  test('of a validation is the page that it wrote', async () => {
    const path = join(directory, 'validation');
    const truth = new URL('../fixtures/truth/limited', import.meta.url).pathname;
    await run('validate', truth, '--samples', '0', '--out', path);
    expect(await run('report', path)).toEqual({ status: 0, out: `${join(path, 'report.html')}\n`, err: '' });
    expect(readFileSync(join(path, 'report.html'), 'utf8')).toBe(readFileSync(join(path, 'validation_report.html'), 'utf8'));
    expect(await run('report', path, '--svg', directory)).toMatchObject({ status: 2 });
  });

  test('of several families names no line that is not drawn', async () => {
    const path = await simulated('column-families', '--set', 'duration_seconds=10');
    await run('report', path);
    const html = readFileSync(join(path, 'report.html'), 'utf8');
    expect(html).toContain('files in L0');
    expect(html).not.toContain('Dashed: ');
  });

  test('of a run of less than a second has curves', async () => {
    const path = await simulated('rate-limited', '--set', 'duration_seconds=0.5');
    const pictures = join(directory, 'second');
    await run('report', path, '--svg', pictures);
    for (const name of ['put-rate', 'l0-files', 'pending-bytes']) {
      const paths = readFileSync(join(pictures, `${name}.svg`), 'utf8').match(/<g aria-label="line"[^>]*>[\s\S]*?<\/g>/g) ?? [];
      const curves = paths.filter((path) => path.includes(`stroke="${lightTheme.series[0]!}"`));
      expect(curves.length, name).toBeGreaterThan(0);
      for (const curve of curves) expect(curve, name).toMatch(/ d="M[^"]*[LH]/);
    }
  });

  test('of runs whose directories have one name calls them by their paths', async () => {
    const [one, two] = ['one', 'two'].map((name) => join(directory, name, 'run'));
    for (const path of [one!, two!]) await run('simulate', scenario('backlog-nvme.yaml'), '--out', path);
    const page = join(directory, 'names.html');
    expect(await run('report', one!, two!, '--out', page)).toMatchObject({ status: 0 });
    const html = readFileSync(page, 'utf8').replaceAll('<wbr>', '');
    expect([html.includes(`>${one!}<`), html.includes(`>${two!}<`), html.includes('>run<')]).toEqual([true, true, false]);
  });

  test('says what it needs', async () => {
    expect((await run('report', 'nosuch')).err).toMatch(/^nothing of this name to report: found "nosuch" .*seed-lab-nvme/);
    const path = await simulated('backlog-nvme');
    expect((await run('report', path, 'nosuch')).err).toMatch(/^nosuch: no such directory/);
    expect((await run('report', path, '--theme', 'dark')).err).toMatch(/^--theme is for --svg and --png/);
  });

  test('of anything else is one line that says so', async () => {
    const nothing = mkdtempSync(join(directory, 'nothing-'));
    const { status, err } = await run('report', nothing);
    expect([status, err.trim().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(nothing);
  });
});
