import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedDir } from '../support/shared.js';
import { runPutmodel } from '../support/cli.js';

const fixtures = fileURLToPath(new URL('../fixtures/truth', import.meta.url));
let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-validate-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function validate(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, stdout, stderr } = await runPutmodel(['validate', ...argv], { style: { columns: 100, unicode: false, color: false } });
  return { status, out: stdout, err: stderr };
}

interface Metrics {
  readonly schema: string;
  readonly passed: boolean;
  readonly acceptance: readonly { readonly criterion: string; readonly passed: boolean; readonly evidence: readonly string[] }[];
  readonly runs: readonly { readonly name: string; readonly levels: readonly unknown[]; readonly stretches: object }[];
  readonly sensitivity: readonly { readonly oneAtATime: readonly unknown[]; readonly sobol: object | null }[];
}

describe('putmodel validate', () => {
  it('writes the report and its data, prints the table; the exit status follows the acceptance criteria', async () => {
    const out = join(directory, 'report');
    const { status, out: text } = await validate(fixtures, '--samples', '2', '--out', out);
    expect(text).toMatch(/^2 real runs against predictions on device debian-vm/);
    expect(text).toMatch(/\nlimited +4025 +\d+/);
    const names = ['validation_report.html', 'performance_metrics.json', 'calibration_results.json', 'ledger.csv', 'closure_report.txt'];
    for (const name of [...names, 'envelope_model.json', 'device_envelope.csv', 'holdout/limited/manifest.json']) {
      expect([name, existsSync(join(out, name))]).toEqual([name, true]);
    }
    const metrics = JSON.parse(readFileSync(join(out, 'performance_metrics.json'), 'utf8')) as Metrics;
    expect(metrics.schema).toBe('putmodel/validation/1');
    expect(metrics.acceptance.map(({ criterion }) => criterion)).toEqual(['A1', 'A2', 'A3', 'A4']);
    // Units and reproducibility do not depend on how good the predictions of these tiny runs are.
    expect(metrics.acceptance.slice(2)).toMatchObject([{ passed: true, evidence: [] }, { passed: true }]);
    expect(status).toBe(metrics.passed ? 0 : 1);
    expect(metrics.runs.map(({ name, levels }) => [name, levels.length > 0])).toEqual([
      ['limited', true],
      ['universal', true],
    ]);
    expect(metrics.sensitivity[0]!.oneAtATime.length).toBeGreaterThan(10);
    const page = readFileSync(join(out, 'validation_report.html'), 'utf8');
    expect(page).toContain('Put rate, predicted and measured');
    expect(page).toContain('published claim');
    expect(page).toContain('56.8');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('--json prints performance_metrics.json and writes nothing; a repeat gives the same bytes', async () => {
    const first = await validate(join(fixtures, 'limited'), '--samples', '0', '--json');
    const second = await validate(join(fixtures, 'limited'), '--samples', '0', '--json');
    expect((JSON.parse(first.out) as Metrics).sensitivity[0]!.sobol).toBeNull();
    expect(second.out).toBe(first.out);
  });

  it('refuses a run that the host was calibrated on, also when it is a packed copy', async () => {
    const host = join(directory, 'host.json');
    const preset = JSON.parse(
      readFileSync(fileURLToPath(new URL('../../scenarios/data/hosts/debian-vm.json', import.meta.url)), 'utf8'),
    ) as object;
    const { createHash } = await import('node:crypto');
    const log = readFileSync(join(fixtures, 'limited', 'LOG'));
    const sha256 = createHash('sha256').update(log).digest('hex');
    writeFileSync(host, JSON.stringify({ ...preset, calibratedOn: [{ name: 'LOG', sha256 }] }));
    const copy = join(directory, 'copy');
    cpSync(join(fixtures, 'limited'), copy, { recursive: true });
    rmSync(join(copy, 'LOG'));
    writeFileSync(join(copy, 'LOG.gz'), gzipSync(log));
    const { status, err, out } = await validate(copy, '--host', host, '--json');
    expect([status, out]).toEqual([2, '']);
    expect(err).toBe(
      `${copy}/LOG.gz: the host was calibrated on this file (LOG), so this run cannot validate it (expected runs that no calibration has seen)\n`,
    );
  });

  it('refuses a run whose LOG was packed when the host was calibrated, unpacked or packed anew', async () => {
    const log = readFileSync(join(fixtures, 'limited', 'LOG'));
    const packed = join(directory, 'calibrated-LOG.gz');
    const host = join(directory, 'packed-host.json');
    writeFileSync(packed, gzipSync(log, { level: 9 }));
    await runPutmodel(['calibrate', 'host', '--from', packed, '-o', host]);
    for (const [name, content] of [['LOG', log] as const, ['LOG.gz', gzipSync(log, { level: 1 })] as const]) {
      const copy = join(directory, `copy-${name}`);
      cpSync(join(fixtures, 'limited'), copy, { recursive: true });
      rmSync(join(copy, 'LOG'));
      writeFileSync(join(copy, name), content);
      const { status, err } = await validate(copy, '--host', host, '--json');
      expect([status, err]).toEqual([2, expect.stringContaining('the host was calibrated on this file (calibrated-LOG.gz)')]);
    }
  });

  it('says of which run it has no curve', async () => {
    const copy = join(directory, 'no-curve');
    cpSync(join(fixtures, 'limited'), copy, { recursive: true });
    writeFileSync(join(copy, 'report.csv'), 'secs_elapsed,interval_qps\n');
    const { out } = await validate(copy, '--samples', '0', '--out', join(directory, 'no-curve-report'));
    const said = 'no-curve has no curve to compare: report.csv is missing, or no put is in it';
    expect(out).toContain(`\n${said}\n`);
    expect(readFileSync(join(directory, 'no-curve-report', 'validation_report.html'), 'utf8')).toContain(`${said}.`);
  });

  it('says what is missing', async () => {
    expect(await validate()).toMatchObject({ status: 2, err: 'nothing to validate (expected one truth directory or more)\n' });
    const { status, err } = await validate(join(directory, 'nowhere'));
    expect(status).toBe(2);
    expect(err.trimEnd().split('\n')).toHaveLength(3);
  });
});

describe.runIf(sharedDir !== null)('over the real runs beside the checkout', () => {
  it('all four criteria pass', async () => {
    const { status, out } = await validate(
      `${String(sharedDir)}/truth/t01-r64`,
      `${String(sharedDir)}/truth/t12-unlimited-wal`,
      '--samples',
      '0',
      '--json',
    );
    const { acceptance } = JSON.parse(out) as Metrics;
    expect(acceptance.map(({ criterion, passed }) => [criterion, passed])).toEqual([
      ['A1', true],
      ['A2', true],
      ['A3', true],
      ['A4', true],
    ]);
    expect(status).toBe(0);
  });
});
