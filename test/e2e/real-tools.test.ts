/** A real fio and a real db_bench, for a few seconds each: what they write is read, and what they measure is near what is predicted. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { putmodel, putmodelOk, runOk, testDir } from '../support/process.js';
import { lacksTool } from '../support/tools.js';

describe.skipIf(lacksTool('fio'))('fio', () => {
  it('a grid of two points, reads only and writes only, becomes an envelope that answers between them', () => {
    const directory = testDir();
    for (const readPercent of [0, 100]) measurePoint(directory, readPercent);
    const model = join(directory, 'envelope_model.json');
    putmodelOk(['envelope', 'build', join(directory, '0.json'), join(directory, '100.json'), '-o', model]);
    const ask = (percent: string) =>
      putmodelOk(['envelope', 'query', model, '--read-percent', percent, '--iodepth', '1', '--numjobs', '1', '--bs-kib', '64', '--json']);
    const answers = ['0', '50', '100'].map((percent) => JSON.parse(ask(percent)) as Record<string, unknown>);
    expect(answers).toHaveLength(3);
    for (const answer of answers) expect(JSON.stringify(answer)).not.toMatch(/null,"|NaN/);
  });
});

describe.skipIf(lacksTool('db_bench'))('db_bench', () => {
  it('a rate-limited fill of twenty seconds runs at the put rate that the simulation predicts, within 35 %', () => {
    const directory = testDir();
    const flags = [
      ...['--benchmarks=fillrandom', '--num=20000000', '--duration=20', '--key_size=16', '--value_size=1024', '--compression_type=none'],
      ...['--write_buffer_size=16777216', '--target_file_size_base=16777216', '--max_bytes_for_level_base=67108864'],
      ...['--max_background_jobs=2', '--disable_wal=1', '--seed=42', '--rate_limiter_bytes_per_sec=33554432'],
    ];
    const printed = runOk('db_bench', [...flags, `--db=${join(directory, 'db')}`], { cwd: directory });
    const realOpsPerSec = Number(/fillrandom\s*:.*?(\d+) ops\/sec/.exec(printed)?.[1]);
    expect(realOpsPerSec).toBeGreaterThan(100);
    const result = JSON.parse(putmodelOk(['db_bench', ...flags, '--json'])) as { putRate: { meanOpsPerSec: number } };
    expect(result.putRate.meanOpsPerSec / realOpsPerSec).toBeGreaterThan(0.65);
    expect(result.putRate.meanOpsPerSec / realOpsPerSec).toBeLessThan(1.35);
  });
});

describe.skipIf(lacksTool('db_bench'))('a recorded run', () => {
  it('is a truth directory that the validation reads: phases, units and reproducibility hold', () => {
    const directory = join(testDir(), 'truth');
    const flags = ['--benchmarks=fillrandom', '--num=1000000', '--duration=5', '--value_size=1024', '--compression_type=none'];
    putmodelOk(['validate', '--record', directory, '--', 'db_bench', ...flags, '--rate_limiter_bytes_per_sec=33554432']);
    // How near a prediction of five seconds is does not matter here: status 1 is an answer too.
    const { stdout } = putmodel(['validate', directory, '--samples', '0', '--json']);
    const { runs, acceptance } = JSON.parse(stdout) as {
      runs: { levels: unknown[] }[];
      acceptance: { criterion: string; passed: boolean }[];
    };
    expect(runs).toHaveLength(1);
    expect(acceptance.slice(2).map(({ criterion, passed }) => [criterion, passed])).toEqual([
      ['A3', true],
      ['A4', true],
    ]);
  });
});

/** Runs fio for three seconds on a small file; writes <readPercent>.json. */
function measurePoint(directory: string, readPercent: number): void {
  const file = [`--filename=${join(directory, 'target')}`, '--size=64M', '--ioengine=psync', '--time_based', '--runtime=3'];
  const point = ['--rw=randrw', `--rwmixread=${readPercent}`, '--bs=64k', '--iodepth=1', '--numjobs=1'];
  runOk('fio', ['--name=point', ...file, ...point, '--output-format=json', `--output=${join(directory, `${readPercent}.json`)}`]);
}
