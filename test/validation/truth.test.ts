import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { loadDbBench, runScenario } from '../../engine/node.js';
import { compareRun } from '../../engine/validation/holdout.js';
import { predictionArguments, readTruth } from '../../engine/validation/truth.js';
import { sharedDir } from '../support/shared.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/truth/${name}`, import.meta.url));

describe('a truth directory', () => {
  it('gives the figures that a prediction is compared with', async () => {
    const run = await readTruth(fixture('limited'));
    expect(run).toMatchObject({ name: 'limited', rocksdbVersion: '7.8.3', opsPerSec: 4025, seconds: 4.223, puts: 16999, unread: [] });
    expect(run.opsPerSecCurve).toEqual([7576, 2841, 3788, 1894]);
    expect(run.argv).not.toContain('--db=db');
    expect(run.argv.at(-2)).toBe('--rate_limiter_bytes_per_sec=8388608');
    expect(run.flushes.length).toBeGreaterThan(10);
    expect(run.levels.at(-1)?.name).toBe('Sum');
  });

  it('whose report has longer intervals gives the curve by the second all the same', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'putmodel-truth-'));
    try {
      cpSync(fixture('limited'), directory, { recursive: true });
      writeFileSync(join(directory, 'report.csv'), 'secs_elapsed,interval_qps\n2,10417\n4,5682\n');
      expect((await readTruth(directory)).opsPerSecCurve).toEqual([5208.5, 5208.5, 2841, 2841]);
      writeFileSync(join(directory, 'report.csv'), 'secs_elapsed,interval_qps\n');
      const empty = await readTruth(directory);
      expect(compareRun(empty, runScenario(loadDbBench(empty.argv))).curveNrmse).toBeNull();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('the states of the write controller fill the run, and the writer waits no longer than they last', async () => {
    const run = await readTruth(fixture('limited'));
    const { normal, delayed, stopped } = run.stateSec;
    expect(normal + delayed + stopped).toBeCloseTo(run.seconds, 1);
    expect(run.causeSec.memtable + run.causeSec.l0Slowdown).toBeCloseTo(delayed + stopped, 6);
    expect(run.stallSecAtEnd!).toBeLessThanOrEqual(delayed + stopped + 0.1);
    expect(run.stallSecAtEnd!).toBeGreaterThan(0.9 * (delayed + stopped));
  });

  it('files may be gzipped', async () => {
    const run = await readTruth(fixture('universal'));
    expect(run).toMatchObject({ name: 'universal', opsPerSec: 4881, puts: 14999 });
    expect(run.compactions.length).toBeGreaterThan(0);
  });

  it('what is missing is listed, all of it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'truth-'));
    try {
      const error: unknown = await readTruth(directory).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PutmodelError);
      expect((error as PutmodelError).issues.map(({ code, message }) => [code, message])).toEqual([
        ['INPUT_MISSING', 'a truth directory without command.txt'],
        ['INPUT_MISSING', 'a truth directory without stdout.txt'],
        ['INPUT_MISSING', 'a truth directory without LOG'],
      ]);
      for (const name of ['command.txt', 'stdout.txt', 'LOG']) writeFileSync(join(directory, name), 'db_bench --num=1\n');
      await expect(readTruth(directory)).rejects.toThrow(/stdout\.txt: no result line of db_bench/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("a command keeps its flags in order; where the store lies is left out, quotes are the shell's", () => {
    expect(
      predictionArguments("ulimit -n 9; /usr/bin/db_bench --db=/x --num=5 --report_file=r.csv '--benchmarks=fillrandom,stats' --num=6"),
    ).toEqual(['--num=5', '--benchmarks=fillrandom,stats', '--num=6']);
    expect(() => predictionArguments('fio job.fio', 'command.txt')).toThrow('command.txt:1: not a db_bench command: found "fio job.fio"');
  });
});

describe.runIf(sharedDir !== null)('the real runs beside the checkout', () => {
  it('t01: printed figures, and the larger share of stall is that of L0', async () => {
    const run = await readTruth(`${String(sharedDir)}/truth/t01-r64`);
    expect(run).toMatchObject({
      opsPerSec: 15131,
      seconds: 240.03,
      writeAmplification: 4,
      stallSec: 225.033,
      stallUptimeSec: 233,
      unread: [],
    });
    expect(run.opsPerSecCurve).toHaveLength(239);
    expect(run.stallSecAtEnd).toBeCloseTo(231.95, 1);
    // Events of finished jobs say the same as the printed table, to its rounding and the seconds between.
    expect(run.writeAmplificationAtEnd).toBeCloseTo(4.02, 2);
    expect(run.causeSec.l0Slowdown).toBeGreaterThan(run.causeSec.memtable);
  });
});
