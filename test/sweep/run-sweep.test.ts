import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommitScenario } from '../../engine/commit/scenario.js';
import { simulateCommit } from '../../engine/commit/simulate.js';
import { lockDirectory } from '../../engine/files/lock.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { decodeV2Base64 } from '../../engine/kernel/histogram-codec.js';
import { maxMicros, mergeHistograms, percentileMicros, totalCount } from '../../engine/kernel/histogram.js';
import { sweepRunOf } from '../../engine/sweep/bundle.js';
import { executeRun } from '../../engine/sweep/execute.js';
import { loadSweep, type LoadedSweep } from '../../engine/sweep/load.js';
import { mergeSweeps } from '../../engine/sweep/merge.js';
import { columnOf } from '../../engine/sweep/point-table.js';
import { readSweep } from '../../engine/sweep/read-sweep.js';
import { decodeRecord } from '../../engine/sweep/record.js';
import { runSweep, type SweepProgress } from '../../engine/sweep/run-sweep.js';
import { sweepFiles, writeSweep } from './sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-sweep-run-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const errorOf = async (work: () => unknown): Promise<PutmodelError> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof PutmodelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

// Starting threads from the sources takes a second: what can be shared or copied is.
let loaded: LoadedSweep;
const reference = join(directory, 'reference');
const progressSeen: SweepProgress[] = [];
const interrupted = join(directory, 'interrupted');
let interruption: PutmodelError;
beforeAll(async () => {
  loaded = loadSweep(writeSweep(join(directory, 'in')));
  await runSweep(loaded, { directory: reference, threads: 2, onProgress: (progress) => progressSeen.push(progress) });
  interruption = await interruptAfter(interrupted, 7);
}, 60_000);

/** A copy of a directory, to go on in. */
function copyOf(from: string, name: string): string {
  const to = join(directory, name);
  cpSync(from, to, { recursive: true });
  return to;
}

/** Stops a sweep after so many runs, as an interrupt would. */
async function interruptAfter(out: string, runs: number): Promise<PutmodelError> {
  const interrupt = new AbortController();
  const onProgress = ({ done }: SweepProgress): void => {
    if (done >= runs) interrupt.abort();
  };
  return errorOf(() => runSweep(loaded, { directory: out, threads: 1, signal: interrupt.signal, onProgress }));
}

describe('a sweep', () => {
  test('writes one row a run in the order of the run index, with the columns of the documentation', () => {
    const lines = readFileSync(join(reference, 'sweep.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toMatch(/^runIndex,label,workload\.rate,backlog\.mu,seed,status,putRate\.meanOpsPerSec,.*,simulatedSec$/);
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 6).join())).toContain('29,rate=90000 mu=0.8,90000,0.8,2,done');
    expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: 30 }, (_, run) => run));
  });

  test('gives each run the figures that it has alone', async () => {
    const lines = readFileSync(join(reference, 'sweep.csv'), 'utf8').trimEnd().split('\n');
    for (const run of [0, 13, 29]) {
      const { record } = await executeRun(loaded.open, run);
      const cells = lines[run + 1]!.split(',').slice(6);
      expect('values' in record && record.values.map((value) => (value === null ? '' : String(value)))).toEqual(cells);
    }
  });

  test('writes the same table as Parquet', async () => {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(reference, 'sweep.parquet')) });
    const [header, ...lines] = readFileSync(join(reference, 'sweep.csv'), 'utf8').trimEnd().split('\n');
    expect(
      rows.map((row) =>
        Object.values(row)
          .map((cell) => (cell === null ? '' : String(cell)))
          .join(','),
      ),
    ).toEqual(lines);
    expect(Object.keys(rows[0]!).join(',')).toBe(header);
  });

  test('gives the same bytes on three threads, and with --resume where there is nothing to resume', async () => {
    const out = join(directory, 'nothing', 'yet');
    await runSweep(loaded, { directory: out, threads: 3, resume: true });
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('in shards, merged in any order, gives the same bytes', async () => {
    const shards = [0, 1, 2].map((index) => ({ out: join(directory, `shard-${index}`), shard: { index, count: 3 } }));
    for (const { out, shard } of shards) {
      const { answers, progress } = await runSweep(loaded, { directory: out, threads: 1, shard });
      expect([answers, progress.total]).toEqual([null, 10]);
    }
    const out = join(directory, 'merged');
    mergeSweeps([shards[2]!.out, shards[0]!.out, shards[1]!.out], out);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('tells its progress from none to all', () => {
    expect(progressSeen.map(({ done }) => done)).toEqual(Array.from({ length: 31 }, (_, done) => done));
    expect(progressSeen.every(({ total, failed, doneBefore }) => total === 30 && failed === 0 && doneBefore === 0)).toBe(true);
  });

  test('answers what was asked: the best point is the one with the largest figure', () => {
    const lines = readFileSync(join(reference, 'sweep.csv'), 'utf8').trimEnd().split('\n').slice(1);
    const best = Math.max(...lines.map((line) => Number(line.split(',')[6])));
    const { best: answer } = JSON.parse(readFileSync(join(reference, 'answers.json'), 'utf8')) as {
      best: { metric: string; point: { metrics: Record<string, number> } };
    };
    expect(answer.metric).toBe('putRate.meanOpsPerSec');
    expect(answer.point.metrics['putRate.meanOpsPerSec']).toBe(best);
  });
});

describe('an interrupted sweep', () => {
  test('keeps what finished, says so, and goes on to the same bytes without repeating a run', async () => {
    const out = copyOf(interrupted, 'resumed');
    expect(interruption.code).toBe('CANCELLED');
    const kept = readFileSync(join(out, 'runs.journal'), 'utf8').trimEnd().split('\n').length;
    expect(kept).toBeGreaterThanOrEqual(7);
    expect(interruption.message).toBe(`interrupted: ${kept} of 30 runs are recorded (expected --resume goes on)`);
    const seen: number[] = [];
    const { progress } = await runSweep(loaded, { directory: out, resume: true, onProgress: ({ done }) => seen.push(done) });
    expect([seen[0], seen.at(-1), seen.length]).toEqual([kept, 30, 31 - kept]);
    expect(progress).toMatchObject({ done: 30, doneBefore: kept });
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('whose last line was cut off loses that run only', async () => {
    const out = copyOf(interrupted, 'torn');
    const journal = join(out, 'runs.journal');
    const text = readFileSync(journal, 'utf8');
    truncateSync(journal, text.length - 20);
    const whole = text.trimEnd().split('\n').length - 1;
    const { progress } = await runSweep(loaded, { directory: out, resume: true });
    expect(progress.doneBefore).toBe(whole);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('with a damaged line, or one twice, goes on to the same bytes', async () => {
    const out = copyOf(interrupted, 'damaged');
    const journal = join(out, 'runs.journal');
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    writeFileSync(journal, `${[lines[0]!.replace(/\d(?=\D*$)/, 'x'), ...lines.slice(1), lines[2]].join('\n')}\n`);
    appendFileSync(join(out, '.sweep.csv.0123456789abcdef.tmp'), 'left behind by a kill');
    const { progress } = await runSweep(loaded, { directory: out, resume: true });
    expect(progress.doneBefore).toBe(lines.length - 1);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('is not overwritten by the same command without --resume', async () => {
    const out = copyOf(interrupted, 'unfinished');
    const error = await errorOf(() => runSweep(loaded, { directory: out }));
    expect(error.message).toBe(
      `${out} holds an unfinished sweep (expected --resume to go on with it, another --out, or the directory removed)`,
    );
  });

  test('of another sweep file, base or engine is refused with every reason', async () => {
    const out = copyOf(interrupted, 'changed');
    const other = loadSweep(writeSweep(join(directory, 'other'), '    workload.rate: [1, 2]\n', ''));
    const changed = { ...other, identity: { ...other.identity, engineVersion: '99.0.0', baseHash: 'x' } };
    const { issues } = await errorOf(() => runSweep(changed, { directory: out, resume: true }));
    expect(issues.map(({ message }) => message.replace('cannot go on with the sweep there: ', ''))).toEqual([
      'it was begun by putmodel 0.1.0, and this is 99.0.0',
      'the sweep file has changed',
      'the base scenario has changed',
    ]);
  });
});

describe('a directory', () => {
  test('that another process uses is left alone', async () => {
    const out = copyOf(interrupted, 'in-use');
    const before = sweepFiles(out);
    const lock = lockDirectory(out);
    expect((await errorOf(() => runSweep(loaded, { directory: out, resume: true }))).message).toContain('is in use by process');
    lock.release();
    expect(sweepFiles(out)).toEqual(before);
  });

  test('keeps its finished sweep when the queue cannot be reached', async () => {
    const out = copyOf(reference, 'no-queue');
    for (const queue of ['foo', 'redis://127.0.0.1:1']) {
      expect((await errorOf(() => runSweep(loaded, { directory: out, queue }))).message).toMatch(/queue/);
    }
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('whose runs have lost their manifest is not taken for the sweep at hand', async () => {
    const out = copyOf(interrupted, 'no-manifest');
    rmSync(join(out, 'manifest.json'));
    const before = sweepFiles(out);
    for (const resume of [false, true]) {
      const { message } = await errorOf(() => runSweep(loaded, { directory: out, resume }));
      expect(message).toBe(`${out} holds runs of a sweep without its manifest.json (expected another --out, or the directory removed)`);
    }
    expect(sweepFiles(out)).toEqual(before);
  });

  test.each([
    ['manifest.json', '{"schema":"putmodel/sweep-manifest/1"}', 'damaged: it has no name, kind'],
    ['manifest.json', '{"sch', 'damaged, or not what a sweep writes'],
    ['sweep.json', '{"schema":"putmodel/sweep-bundle/1","na', 'damaged, or not what a sweep writes'],
    ['sweep.json', '{"schema":"putmodel/sweep-bundle/1"}', 'damaged: it has no name, sweep'],
    ['answers.json', '{"schema":"other"}', 'not what a sweep writes: found "other"'],
  ])('with a damaged %s is refused in one line', async (name, text, reason) => {
    const out = copyOf(reference, `damaged-${name}-${text.length}`);
    writeFileSync(join(out, name), text);
    expect((await errorOf(() => readSweep(out))).message).toContain(`${join(out, name)}: ${reason}`);
  });
});

describe('--resume', () => {
  test('of a finished sweep whose results are gone or damaged makes them again', async () => {
    const out = copyOf(reference, 'spoilt');
    rmSync(join(out, 'sweep.csv'));
    rmSync(join(out, 'sweep.json'));
    writeFileSync(join(out, 'sweep.parquet'), 'garbage');
    const notices: string[] = [];
    await runSweep(loaded, { directory: out, resume: true, onNotice: (text) => notices.push(text) });
    expect(notices).toEqual([`sweep.csv, sweep.parquet in ${out} are gone or damaged: making the runs again`]);
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('of a finished sweep makes no run and changes no byte', async () => {
    const out = copyOf(reference, 'finished');
    const { progress, answers } = await runSweep(loaded, { directory: out, resume: true });
    expect(progress).toMatchObject({ done: 30, doneBefore: 30 });
    expect(answers?.best?.metric).toBe('putRate.meanOpsPerSec');
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });

  test('of a kill between the results and the end of the journal ends with the same files', async () => {
    const out = copyOf(reference, 'late-kill');
    writeFileSync(join(out, 'runs.journal'), 'left behind');
    await runSweep(loaded, { directory: out, resume: true });
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
  });
});

describe('a run that fails', () => {
  const base = 'kind: lsm\ndevice: read=500MiB/s,write=200MiB/s\nduration_seconds: 1\nworkload: { num: 100000 }\n';
  const axes = '    workload.key_size: [0, 16]\n    workload.value_size: [0, 100]\n';

  test('is recorded with its reason and stops no other', async () => {
    const out = join(directory, 'failing');
    const failing = loadSweep(writeSweep(join(directory, 'failing-in'), axes, '', base));
    const { progress, answers } = await runSweep(failing, { directory: out, threads: 2 });
    expect(progress).toMatchObject({ done: 4, failed: 1 });
    expect(answers?.best?.point).not.toBeNull();
    const rows = readFileSync(join(out, 'sweep.csv'), 'utf8').trimEnd().split('\n');
    expect(rows[1]).toMatch(/^0,key_size=0 value_size=0,0,0,1,failed,+$/);
    expect(readFileSync(join(out, 'failures.csv'), 'utf8')).toMatch(
      /^runIndex,label,error\n0,key_size=0 value_size=0,.*key_size and value_size are both 0/,
    );
    expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).toMatchObject({ complete: true, failedRuns: 1 });
  });

  test('leaves its latencies out of the merged histograms, which hold every put of the others', () => {
    const out = join(directory, 'failing');
    const points = readFileSync(join(out, 'histograms', 'points.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(points).toHaveLength(4);
    expect(points[1]).toMatch(/^putLatencyMicros,1,key_size=0 value_size=100,\d+,/);
    expect(readdirSync(join(out, 'histograms'))).toEqual(['points.csv', 'putLatencyMicros.hdr', 'putLatencyMicros.hgrm']);
  });
});

describe('latency percentiles over seeds', () => {
  const base =
    'kind: commit\nduration_seconds: 120\nlimit: false\nworkload: { num_writers: 2, writer_rate: 0.05 }\nstore: { profile: document }\n';
  const axes = '    workload.writer_rate: [0.02, 0.1]\n';
  const metric = 'writer.latencyMillis.p99';
  const goal = `  goal: { best: { metric: writer.succeededOpsPerSec, require: ['${metric}<=1'] }, thresholds: ['${metric}<=1'], effects: [${metric}] }\n`;

  test('are those of the histograms added up, in every answer and in what reports read', async () => {
    const out = join(directory, 'percentiles');
    const many = loadSweep(writeSweep(join(directory, 'percentiles-in'), axes, `  seeds: 20\n${goal}`, base));
    const { answers } = await runSweep(many, { directory: out, threads: 1 });
    const merged = [0, 1].map((point) => {
      const histograms = Array.from({ length: 20 }, (_, seed) => {
        const { scenario } = sweepRunOf(many.open, point * 20 + seed);
        return simulateCommit(scenario as CommitScenario).roles.writer!.latencyMicros!;
      });
      const sum = mergeHistograms(histograms)!;
      const means = histograms.reduce((total, one) => total + percentileMicros(one, 99) / 1000, 0) / 20;
      expect(percentileMicros(sum, 99) / 1000, 'a mean of percentiles is another number').toBeGreaterThan(1.1 * means);
      return percentileMicros(sum, 99) / 1000;
    });
    expect(answers?.effects[0]?.axes[0]?.levels.map(({ mean }) => mean)).toEqual(merged);
    expect(Array.from(columnOf(readSweep(out).table, metric))).toEqual(merged);
  });

  test('are refused where the sweep merges no histograms, and taken from the run where there is one', () => {
    const file = (more: string): string =>
      writeSweep(join(directory, 'percentiles-none'), axes, `  histograms: false\n${goal}${more}`, base);
    expect(() => loadSweep(file('  seeds: 2\n'))).toThrow(/percentile over several seeds.*writer\.latencyMillis\.p99.*histograms: true/s);
    expect(() => loadSweep(file(''))).not.toThrow();
  });
});

test('latencies of runs of different lengths add up, above an hour too', async () => {
  const base = 'kind: commit\nlimit: false\nworkload: { writer_rate: 10 }\nstore: { latency: { constantMillis: 100 } }\n';
  const lengths = loadSweep(writeSweep(join(directory, 'lengths-in'), '    duration_seconds: [60, 14400]\n', '', base));
  const out = join(directory, 'lengths');
  const { progress } = await runSweep(lengths, { directory: out, threads: 1 });
  expect(progress.failed).toBe(0);
  const whole = decodeV2Base64(readFileSync(join(out, 'histograms', 'writer-latency.hdr'), 'utf8').trim());
  expect(maxMicros(whole)).toBeGreaterThan(2 * 3_600_000_000);
  expect(totalCount(whole)).toBe(199 + 47_999);
});

test('series: true keeps the own files of every run, and shards bring theirs along', async () => {
  const axes = '    workload.rate: [20000, 40000]\n';
  const kept = loadSweep(writeSweep(join(directory, 'series-in'), axes, '  series: true\n'));
  const out = join(directory, 'series');
  await runSweep(kept, { directory: out, threads: 1 });
  expect(readdirSync(join(out, 'runs')).sort()).toEqual(['0', '1']);
  expect(readFileSync(join(out, 'runs', '1', 'sim_out.csv'), 'utf8')).toMatch(/^t_sec,rho_r/);
  const parts = [0, 1].map((index) => join(directory, `series-${index}`));
  for (const [index, part] of parts.entries()) await runSweep(kept, { directory: part, threads: 1, shard: { index, count: 2 } });
  mergeSweeps(parts, join(directory, 'series-merged'));
  expect(sweepFiles(join(directory, 'series-merged'))).toEqual(sweepFiles(out));
});

test('a run whose files cannot be written ends the sweep, and is made again when they can', async () => {
  const axes = '    workload.rate: { range: { from: 20000, to: 39000, step: 1000 } }\n';
  const kept = loadSweep(writeSweep(join(directory, 'full-in'), axes, '  series: true\n'));
  const out = join(directory, 'full');
  mkdirSync(join(out, 'runs'), { recursive: true });
  writeFileSync(join(out, 'runs', '7'), 'no directory');
  const error = await errorOf(() => runSweep(kept, { directory: out, threads: 2 }));
  expect([error.code, error.message]).toEqual([
    'OUTPUT_FAILED',
    expect.stringMatching(/runs\/7\/.*cannot be written: E[A-Z]+; \d+ of 20 runs are recorded, --resume goes on$/),
  ]);
  const recorded = readFileSync(join(out, 'runs.journal'), 'utf8').trimEnd().split('\n').map(decodeRecord);
  expect(recorded.some((record) => record === null || 'error' in record)).toBe(false);
  rmSync(join(out, 'runs', '7'));
  const { progress } = await runSweep(kept, { directory: out, threads: 1, resume: true });
  expect(progress).toMatchObject({ done: 20, failed: 0 });
  expect(readdirSync(join(out, 'runs'))).toHaveLength(20);
}, 20_000);

describe('merge', () => {
  test('takes shards without runs, where there are more shards than runs', async () => {
    const few = loadSweep(writeSweep(join(directory, 'few-in'), '    workload.rate: [20000, 40000]\n', ''));
    const parts = [0, 1, 2].map((index) => join(directory, `few-${index}`));
    for (const [index, part] of parts.entries()) await runSweep(few, { directory: part, threads: 1, shard: { index, count: 3 } });
    expect(mergeSweeps(parts, join(directory, 'few')).runCount).toBe(2);
    expect((await errorOf(() => mergeSweeps(parts.slice(1), join(directory, 'too-few')))).message).toContain('1 of 2 runs are in none');
  });

  test('does not touch runs that are recorded in its result directory', async () => {
    const parts = [0, 1, 2].map((index) => join(directory, `shard-${index}`));
    const unfinished = copyOf(interrupted, 'merge-unfinished');
    const link = join(directory, 'link');
    symlinkSync(parts[0]!, link);
    const before = [unfinished, parts[0]!].map(sweepFiles);
    expect((await errorOf(() => mergeSweeps(parts, unfinished))).message).toContain('holds an unfinished sweep');
    expect((await errorOf(() => mergeSweeps(parts, link))).message).toContain('--out is one of the directories');
    expect([unfinished, parts[0]!].map(sweepFiles)).toEqual(before);
  });

  test('refuses shards that miss runs, directories of other sweeps and what is no shard', async () => {
    const part = join(directory, 'shard-0');
    const out = join(directory, 'no-merge');
    expect((await errorOf(() => mergeSweeps([part], out))).message).toContain(
      '20 of 30 runs are in none of the directories: found none of run 1',
    );
    const other = loadSweep(writeSweep(join(directory, 'stranger-in'), '    workload.rate: [1, 2]\n', ''));
    const stranger = join(directory, 'stranger');
    await runSweep(other, { directory: stranger, threads: 1, shard: { index: 0, count: 2 } });
    expect((await errorOf(() => mergeSweeps([part, stranger], out))).message).toContain('not a part of the same sweep');
    expect((await errorOf(() => mergeSweeps([reference], out))).message).toContain('this sweep is complete');
    expect((await errorOf(() => mergeSweeps([directory], out))).message).toContain('not the directory of a sweep');
    expect((await errorOf(() => mergeSweeps([part], part))).message).toContain('--out is one of the directories');
    expect(existsSync(out)).toBe(false);
  });
});

test('no more is kept of a run than its line', () => {
  const lines = readFileSync(join(interrupted, 'runs.journal'), 'utf8').trimEnd().split('\n');
  expect(lines.every((line) => decodeRecord(line) !== null && line.length < 400)).toBe(true);
});
