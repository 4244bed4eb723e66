import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { addCalibrateCommand } from '../../engine/cli/commands/calibrate.js';
import { addPredictCommand } from '../../engine/cli/commands/predict.js';
import type { CliIo } from '../../engine/cli/flags.js';
import { publishedExperiment } from '../../engine/putrate/published.js';
import { utilizationFileSchema } from '../../engine/putrate/utilization-file.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-putrate-'));
const at = (name: string): string => join(directory, name);
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(...argv: string[]): { stdout: string; stderr: string } {
  let stdout = '';
  let stderr = '';
  const io: CliIo = {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    style: { columns: 80, unicode: false, color: false },
    liveProgress: false,
    signal: new AbortController().signal,
    nowMillis: () => 0,
  };
  const program = new Command('putmodel').exitOverride().configureOutput({ writeErr: () => undefined });
  addPredictCommand(program, io);
  addCalibrateCommand(program, io);
  for (const command of program.commands) command.exitOverride();
  program.parse(argv, { from: 'user' });
  return { stdout, stderr };
}

describe('predict', () => {
  test('answers in four lines', () => {
    expect(run('predict', '--model', 'v4', '--bandwidth', '1074.8')).toEqual({
      stdout: [
        'v4, middle phase: 114,484 ops/s',
        'confidence very high, accuracy 99.7 % (each of the 15 published samples predicted from the others of its phase: one experiment on one drive)',
        'theoretical maximum 1,083,663 ops/s x utilization 0.10565 (fitted)',
        "NOT validated: closed-form models were compared with the specification's samples only",
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test("--json keeps the document's keys at the top", () => {
    const { stdout } = run('predict', '--model', 'v4', '--bandwidth', '4116.6', '--parameters', 'published', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'putmodel/prediction/1',
      model: 'v4',
      predicted_s_max: 78860.37622153848,
      device_bandwidth_mbps: 4116.6,
      phase: 'initial',
      confidence: 'low',
      calculation_breakdown: { utilization_applied: 0.019 },
      bandwidth_interpretation: { interpretation: 'integrated_available_bandwidth' },
      parameters: 'published',
      record_size: 1040,
      warnings: [],
    });
  });

  test('v4.1 with a time tells the evolution, the enhancement its own keys', () => {
    const { stdout } = run(
      ...['predict', '--model', 'v4.1', '--bandwidth', '4000', '--runtime-minutes', '10', '--variant', 'enhancement', '--json'],
    );
    const document: unknown = JSON.parse(stdout);
    expect(document).toHaveProperty('temporal_evolution.t_10_initial.volatility_trend.current_cv', 0.4);
    expect(document).toHaveProperty('enhanced_s_max');
    expect(document).toHaveProperty('variant', 'enhancement');
  });

  test('v5 says what it assumed, under the names of the flags', () => {
    const { stdout, stderr } = run('predict', '--model', 'v5', '--bandwidth', '852.5', '--phase', 'final', '--wa', '3');
    expect(stdout).toContain("assumed --ra 0.8: the specification's experiment, final phase\n");
    expect(stdout).not.toContain('assumed --wa');
    expect(stderr).toContain('for comparison only');
  });

  test('flags without effect are named', () => {
    const { stderr } = run('predict', '--model', 'v4', '--bandwidth', '1074.8', '--phase', 'middle', '--ra', '1', '--runtime-minutes', '3');
    expect(stderr).toBe('putmodel: warning: --runtime-minutes has no effect here\nputmodel: warning: --ra has no effect here\n');
  });

  test('flags of the other family, or of a phase that is given, are named as well; defaults are not', () => {
    const v5 = run('predict', '--model', 'v5', '--bandwidth', '900', '--parameters', 'published', '--accuracy', 'published');
    expect(v5.stderr).toMatch(/: --parameters has no effect here\n.*: --accuracy has no effect here\n/);
    expect(run('predict', '--model', 'v5', '--bandwidth', '900').stderr).not.toContain('no effect');
    const v4 = run('predict', '--model', 'v4', '--bandwidth', '1074.8', '--phase', 'middle', '--detector', 'majority-vote');
    expect(v4.stderr).toBe('putmodel: warning: --detector has no effect here\n');
  });

  test('every answer says that no real run stands behind it', () => {
    for (const model of ['v4', 'v4.1', 'v5', 'v5-independent']) {
      const flags = ['predict', '--model', model, '--bandwidth', '1074.8'];
      const outside = "closed-form models were compared with the specification's samples only";
      expect(JSON.parse(run(...flags, '--json').stdout)).toMatchObject({
        validity: { inside: false, outside: [outside], expectedErrorPercent: null, runs: 0 },
      });
      expect(run(...flags).stdout).toMatch(new RegExp(`\nNOT validated: ${outside}\n$`));
    }
  });

  test('--context-utilization adjusts, --accuracy published states the claim', () => {
    const flags = ['predict', '--model', 'v4', '--bandwidth', '1074.8', '--parameters', 'published', '--json'];
    const { stdout } = run(...flags, '--context-utilization', '--accuracy', 'published');
    const { utilization_factor, expected_accuracy } = JSON.parse(stdout) as Record<string, number>;
    expect(utilization_factor).toBeCloseTo(0.047 * 1.0302, 12);
    expect(expected_accuracy).toBe(96.9);
  });

  test('all wrong numbers are reported at once, under their flags', () => {
    expect(() => run('predict', '--model', 'v4', '--bandwidth', '1e', '--cv', '?')).toThrow(
      'wrong value of --bandwidth: found "1e" (expected a number)\nwrong value of --cv: found "?" (expected a number)',
    );
    expect(() => run('predict', '--model', 'v4', '--bandwidth', '0', '--cv', '-1')).toThrow(
      '--bandwidth: wrong value: found 0 (expected MiB/s above 0, at most 100000)\n' +
        '--cv: wrong value: found -1 (expected a fraction from 0, such as 0.284)',
    );
  });

  test('parameters that are neither a set nor a calibration file', () => {
    expect(() => run('predict', '--model', 'v4', '--bandwidth', '1', '--parameters', 'fited')).toThrow(
      'wrong value of --parameters: found "fited" (expected fitted, published, or an existing file)',
    );
    writeFileSync(at('other.json'), '{"schema": "putmodel/envelope/1"}');
    expect(() => run('predict', '--model', 'v4', '--bandwidth', '1', '--parameters', at('other.json'))).toThrow(
      `${at('other.json')}:1:12: schema: wrong value: found "putmodel/envelope/1" (expected putmodel/utilization/1)`,
    );
  });
});

describe('calibrate utilization', () => {
  test('of the published samples writes a file that predict takes', () => {
    const { stdout } = run('calibrate', 'utilization', 'published', '-o', at('own.json'));
    expect(stdout).toContain('  initial  0.03346\n  middle   0.10565\n  final    0.12760\n');
    const file = utilizationFileSchema.parse(JSON.parse(readFileSync(at('own.json'), 'utf8')));
    expect(file.calibratedOn).toEqual([
      {
        name: 'published',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        datasets: [{ name: 'published samples', samples: { initial: 5, middle: 5, final: 5 } }],
      },
    ]);
    const own = run('predict', '--model', 'v4', '--bandwidth', '1074.8', '--parameters', at('own.json'), '--json');
    const builtIn = run('predict', '--model', 'v4', '--bandwidth', '1074.8', '--json');
    const figures = (text: string) => {
      const { predicted_s_max, expected_accuracy } = JSON.parse(text) as Record<string, unknown>;
      return { predicted_s_max, expected_accuracy };
    };
    expect(figures(own.stdout)).toEqual(figures(builtIn.stdout));
  });

  test('of several experiments leaves each out once and says so', () => {
    writeFileSync(at('a.yaml'), 'performance_measurements:\n  final: {qps_samples: [100000, 110000], bandwidth_samples: [1000, 1000]}\n');
    writeFileSync(at('b.yaml'), 'datasets:\n  one: {final: {samples: [{bandwidth: 1000, actual_qps: 105000}]}}\n');
    const { stdout } = run('calibrate', 'utilization', at('a.yaml'), at('b.yaml'), '-o', at('ab.json'), '--record-size', '500');
    expect(stdout).toContain('records of 500 bytes');
    expect(stdout).toMatch(/without one, final +100\.00 +0\.00 +100\.00 +100\.00 +1\n/);
    const file = utilizationFileSchema.parse(JSON.parse(readFileSync(at('ab.json'), 'utf8')));
    expect(file.utilization).toEqual({ final: (105_000 * 500) / (1000 * 1_048_576) });
    expect(file.leaveOneDatasetOut?.v4['a.yaml']?.final?.sample_count).toBe(2);
  });

  test('says when more was seen than the bandwidth can carry', () => {
    writeFileSync(at('much.yaml'), 'performance_measurements:\n  final: {qps_samples: [100000], bandwidth_samples: [10]}\n');
    const { stdout, stderr } = run('calibrate', 'utilization', at('much.yaml'), '-o', at('much.json'));
    expect(stderr).toContain('final: more puts than the bandwidth can carry');
    expect(stdout).toContain('too few samples for a cross-validation');
  });

  test('every mistake of every input is a line with its place', () => {
    writeFileSync(at('bad.yaml'), 'performance_measurements:\n  initial: {qps_samples: [1, -1], bandwidth_samples: [3]}\n  midle: {}\n');
    expect(() => run('calibrate', 'utilization', at('bad.yaml'), at('none.yaml'))).toThrow(
      [
        `${at('bad.yaml')}:2:30: performance_measurements.initial.qps_samples.1: wrong value: found -1 (expected a number above 0)`,
        `${at('bad.yaml')}:2:54: performance_measurements.initial.bandwidth_samples: wrong number of samples: found 1 (expected as many as qps_samples: 2)`,
        `${at('bad.yaml')}:3:3: performance_measurements.midle: unknown key (expected middle?)`,
        `${at('none.yaml')}: cannot be read: no such file or directory`,
      ].join('\n'),
    );
    writeFileSync(at('empty.yaml'), 'name: nothing\n');
    expect(() => run('calibrate', 'utilization', at('empty.yaml'))).toThrow('no samples');
  });

  test('the same samples twice, or two datasets of one name, are refused', () => {
    expect(() => run('calibrate', 'utilization', 'published', 'published')).toThrow('published: the same samples as published samples');
    const { bandwidthSamplesMibPerSec, qpsSamplesOpsPerSec } = publishedExperiment.final;
    const copy = {
      final: { qps_samples: [...qpsSamplesOpsPerSec].reverse(), bandwidth_samples: [...bandwidthSamplesMibPerSec].reverse() },
    };
    writeFileSync(at('copy.json'), JSON.stringify({ name: 'mine', performance_measurements: copy }));
    expect(() => run('calibrate', 'utilization', 'published', at('copy.json'))).toThrow('copy.json: the same samples as published samples');
    writeFileSync(
      at('c.yaml'),
      'name: published samples\nperformance_measurements:\n  final: {qps_samples: [1], bandwidth_samples: [1]}\n',
    );
    expect(() => run('calibrate', 'utilization', 'published', at('c.yaml'))).toThrow(
      'two datasets of one name: found "published samples" (expected name: in the file to tell them apart)',
    );
  });
});
