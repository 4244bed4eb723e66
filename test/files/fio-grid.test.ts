/** The measurement with a fio that only pretends: it writes its arguments back as a result. A real one runs in test/e2e. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildEnvelopeFromFiles } from '../../engine/files/fio-results.js';
import { measureGrid, type GridOrder, type GridWorld, type MeasuredGrid } from '../../engine/files/fio-grid.js';
import { readGridLog } from '../../engine/files/grid-log.js';
import { majorMinor } from '../../engine/files/drive.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { fioJob, fioText } from '../support/fio.js';
import { testDir } from '../support/process.js';
import { makeTree } from '../support/sysfs.js';

interface Bench {
  readonly directory: string;
  readonly output: string;
  readonly target: string;
  /** fio's jobs in order: `fill`, `precondition`, `probe io_uring`, `0_1_1_4`... */
  readonly ran: string[];
  readonly lines: string[];
  readonly steps: { readonly text: string; readonly leftSec: number | null }[];
  readonly interrupt: AbortController;
  measure(more?: {
    readonly plan?: Partial<GridOrder['plan']>;
    readonly mayDestroy?: boolean;
    readonly runtimeSec?: number;
  }): Promise<MeasuredGrid>;
}

interface Fakes {
  /** What fio does at a job instead of ending well; 'cancel' is Ctrl-C meanwhile. */
  readonly at?: (job: string, nthRun: number) => 'fails' | 'cut' | 'cancel' | undefined;
  readonly mibPerSec?: (job: string, nthRun: number) => number;
  readonly sys?: (directory: string) => string;
  readonly onSleep?: () => void;
}

const axes = { readPercent: [0, 100], iodepth: [1, 8], numjobs: [1], bsKib: [4] };
const names = ['result_0_1_1_4.json', 'result_0_8_1_4.json', 'result_100_1_1_4.json', 'result_100_8_1_4.json'];

/** A place to measure in. Its clock moves only while fio runs or somebody waits. */
function makeBench(fakes: Fakes = {}): Bench {
  const directory = testDir();
  const output = join(directory, 'out');
  const target = join(directory, 'target');
  const interrupt = new AbortController();
  const ran: string[] = [];
  const lines: string[] = [];
  const steps: Bench['steps'] = [];
  let clockMillis = 0;
  const world: GridWorld = {
    sys: fakes.sys?.(directory) ?? join(directory, 'no-sys'),
    signal: interrupt.signal,
    nowMillis: () => clockMillis,
    date: () => new Date(clockMillis).toISOString(),
    sleep: (millis) => {
      clockMillis += millis;
      fakes.onSleep?.();
      return Promise.resolve();
    },
    began: (step) => steps.push(step),
    said: (line) => lines.push(line),
    warned: (line) => lines.push(`warning: ${line}`),
    run: (program, args) => {
      if (program !== 'fio') return Promise.reject(new PutmodelError({ code: 'INPUT_MISSING', message: `${program} cannot be run` }));
      if (args[0] === '--version') return Promise.resolve({ status: 0, stdout: 'fio-3.33\n', stderr: '', timedOut: false });
      const said = new Map(args.map((argument) => [argument.split('=')[0]?.slice(2) ?? '', argument.split('=')[1] ?? '']));
      const job = jobOf(said);
      ran.push(job);
      const nthRun = ran.filter((name) => name === job).length;
      const fate = fakes.at?.(job, nthRun);
      clockMillis += 1000 * (Number(said.get('runtime') ?? 1) + Number(said.get('ramp_time') ?? 0));
      if (fate === 'cancel') interrupt.abort();
      const file = said.get('output');
      if (file !== undefined && fate !== 'fails') {
        const text = resultOf(said, fakes.mibPerSec?.(job, nthRun) ?? 100);
        writeFileSync(file, fate === 'cut' ? text.slice(0, -20) : text);
      }
      const failed = fate === 'fails';
      return Promise.resolve({ status: failed ? 1 : 0, stdout: '', stderr: failed ? 'fio: io_u error\n' : '', timedOut: false });
    },
  };
  const plan = { axes, output, pauseSec: 5, precondition: false };
  return {
    ...{ directory, output, target, ran, lines, steps, interrupt },
    measure: ({ plan: changes, mayDestroy = false, runtimeSec = 30 } = {}) =>
      measureGrid(
        { plan: { ...plan, settings: { target, sizeBytes: 16_777_216, runtimeSec, rampSec: 10 }, ...changes }, mayDestroy, maxCelsius: 70 },
        world,
      ),
  };
}

function jobOf(said: ReadonlyMap<string, string>): string {
  if (said.get('name') === 'probe') return `probe ${said.get('ioengine') ?? ''}`;
  if (said.get('name') !== 'mixed_test') return said.get('name') ?? '';
  return [said.get('rwmixread'), said.get('iodepth'), said.get('numjobs'), said.get('bs')?.replace('k', '')].join('_');
}

/** A result that echoes the options, as fio does. */
function resultOf(said: ReadonlyMap<string, string>, mibPerSec: number): string {
  const options = Object.fromEntries([...said].filter(([key]) => !key.startsWith('output')));
  const half = said.get('rwmixread') === '0' ? { writeMibPerSec: mibPerSec } : { readMibPerSec: mibPerSec };
  return fioText([fioJob({ ...half, options })]);
}

const points = ['0_1_1_4', '0_8_1_4', '100_1_1_4', '100_8_1_4'];

describe('a measurement', () => {
  it('fills a new file, chooses the engine, runs every point in order and the first again', async () => {
    const bench = makeBench();
    const measured = await bench.measure();
    expect(bench.ran).toEqual(['fill', 'probe io_uring', ...points, '0_1_1_4']);
    expect(measured).toMatchObject({ engine: 'io_uring', fio: 'fio-3.33', pointCount: 4, measuredCount: 4, keptCount: 0, failures: [] });
    expect(readdirSync(bench.output)).toEqual(['measurement.jsonl', 'repeat', ...names]);
    expect(readdirSync(join(bench.output, 'repeat'))).toEqual(['result_0_1_1_4.json']);
    expect(statSync(bench.target).size).toBe(16_777_216);
  });

  it('leaves files that make an envelope, without the repeated point', async () => {
    const bench = makeBench();
    await bench.measure();
    const built = buildEnvelopeFromFiles([bench.output]);
    expect(built).toMatchObject({ fileCount: 4, pointCount: 4 });
    expect(built.issues.map(({ message }) => message).join()).not.toContain('not used');
  });

  it('records order, rest and rates, and the session they belong to', async () => {
    const bench = makeBench();
    await bench.measure();
    const log = readGridLog(bench.output);
    expect(log.map(({ record }) => record)).toEqual(['made', 'filled', 'session', 'point', 'point', 'point', 'point', 'point']);
    expect(log[2]).toMatchObject({ fio: 'fio-3.33', engine: 'io_uring', runtimeSec: 30, rampSec: 10, pauseSec: 5, sizeBytes: 16_777_216 });
    expect(log[3]).toMatchObject({ order: 1, file: names[0], idleSec: null, totalMibPerSec: 100, failure: null });
    expect(log[4]).toMatchObject({ order: 2, file: names[1], idleSec: 5, coolingSec: 0, celsiusBefore: null });
    expect(log[7]).toMatchObject({ order: 5, file: join('repeat', names[0] ?? '') });
  });

  it('says how long is left: at first from the plan, then from what the runs really took', async () => {
    const bench = makeBench();
    await bench.measure();
    // Five runs of 30 + 10 s and five pauses of 5 s; after one of them and its pause four are left.
    expect(bench.steps.slice(1).map(({ leftSec }) => leftSec)).toEqual([225, 180, 135, 90, 45]);
    expect(bench.steps[1]?.text).toBe('[1/5] read 0 %, iodepth 1, numjobs 1, 4 KiB');
    expect(bench.steps[5]?.text).toBe('[5/5] read 0 %, iodepth 1, numjobs 1, 4 KiB, again');
  });

  it('shows the drift of the first point, and warns of more than 10 %', async () => {
    const slowing = makeBench({ mibPerSec: (job, nthRun) => (job === '0_1_1_4' && nthRun === 2 ? 75 : 100) });
    expect((await slowing.measure()).driftPercent).toBeCloseTo(-25);
    expect(slowing.lines.join('\n')).toContain('warning: the first point gives -25.0 % at the end');
    const steady = makeBench({ mibPerSec: (job, nthRun) => (job === '0_1_1_4' && nthRun === 2 ? 95 : 100) });
    expect((await steady.measure()).warnings.join()).not.toContain('at the end');
  });

  it('preconditions only when asked, and once', async () => {
    const bench = makeBench();
    await bench.measure({ plan: { precondition: true } });
    expect(bench.ran.slice(0, 3)).toEqual(['fill', 'precondition', 'probe io_uring']);
    await bench.measure({ plan: { precondition: true } });
    expect(bench.ran.filter((job) => job === 'precondition')).toHaveLength(1);
  });
});

describe('the engine', () => {
  it('is libaio where io_uring does not work, with a line that says so', async () => {
    const bench = makeBench({ at: (job) => (job === 'probe io_uring' ? 'fails' : undefined) });
    expect((await bench.measure()).engine).toBe('libaio');
    expect(bench.lines).toContain('io_uring does not work here (fio: io_u error): using libaio');
  });

  it('is an error where neither works, with what fio said', async () => {
    const bench = makeBench({ at: (job) => (job.startsWith('probe') ? 'fails' : undefined) });
    await expect(bench.measure()).rejects.toMatchObject({
      issues: [{ code: 'INPUT_UNSUPPORTED', message: 'fio cannot read this target with io_uring or libaio', file: bench.target }],
    });
    expect(readdirSync(bench.output)).not.toContain(names[0]);
  });

  it('stays the same after an interruption', async () => {
    let ioUringWorks = false;
    const bench = makeBench({ at: (job) => (job === 'probe io_uring' && !ioUringWorks ? 'fails' : undefined) });
    await bench.measure();
    rmSync(join(bench.output, names[3] ?? ''));
    ioUringWorks = true;
    expect((await bench.measure()).engine).toBe('libaio');
    expect(bench.ran.slice(-3)).toEqual(['probe libaio', '100_8_1_4', '0_1_1_4']);
  });
});

describe('after an interruption', () => {
  it('the run that was cut short is not kept, all before it are, and the same call does the rest', async () => {
    let cancels = true;
    const bench = makeBench({ at: (job) => (job === '100_1_1_4' && cancels ? 'cancel' : undefined) });
    await expect(bench.measure()).rejects.toMatchObject({ issues: [{ code: 'CANCELLED' }] });
    expect(readdirSync(bench.output)).toEqual(['measurement.jsonl', 'repeat', names[0], names[1]]);

    cancels = false;
    const again = makeAgain(bench);
    const measured = await again.measure();
    expect(again.ran).toEqual(['probe io_uring', '100_1_1_4', '100_8_1_4', '0_1_1_4']);
    expect(measured).toMatchObject({ measuredCount: 2, keptCount: 2, driftPercent: 0 });
    expect(readGridLog(bench.output).flatMap((entry) => (entry.record === 'point' ? [entry.order] : []))).toEqual([1, 2, 3, 4, 5]);
  });

  it('while the file was filled it is filled from the start, and still known as its own', async () => {
    const bench = makeBench({ at: (job) => (job === 'fill' ? 'cancel' : undefined) });
    await expect(bench.measure()).rejects.toMatchObject({ issues: [{ code: 'CANCELLED' }] });
    const again = makeAgain(bench);
    await again.measure();
    expect(again.ran[0]).toBe('fill');
  });

  it('of a finished measurement nothing is run again', async () => {
    const bench = makeBench();
    await bench.measure();
    const again = makeAgain(bench);
    expect(await again.measure()).toMatchObject({ measuredCount: 0, keptCount: 4, driftPercent: 0 });
    expect(again.ran).toEqual(['probe io_uring']);
  });

  it('a damaged result is measured again, and the line that was being written is left out', async () => {
    const bench = makeBench();
    await bench.measure();
    writeFileSync(join(bench.output, names[1] ?? ''), '{"jobs": [');
    writeFileSync(join(bench.output, 'measurement.jsonl'), '{"record":"poi', { flag: 'a' });
    const again = makeAgain(bench);
    expect(await again.measure()).toMatchObject({ measuredCount: 1, keptCount: 3 });
    expect(again.lines.join('\n')).toContain('is measured again: ');
    expect(readGridLog(bench.output).filter(({ record }) => record === 'session')).toHaveLength(2);
  });

  it('results of other settings are refused, all of them by name, before anything is run', async () => {
    const bench = makeBench();
    await bench.measure();
    const again = makeAgain(bench);
    const error = await again.measure({ runtimeSec: 5 }).catch((caught: unknown) => caught as PutmodelError);
    expect(error).toBeInstanceOf(PutmodelError);
    expect((error as PutmodelError).issues.map(({ code, message }) => ({ code, message }))).toEqual(
      names.map(() => ({ code: 'INPUT_INVALID', message: 'is a result of other settings: runtime 30 instead of 5' })),
    );
    expect(again.ran).toEqual([]);
  });
});

describe('a run that fails', () => {
  it('is told and left out; the others go on, and the same call tries it again', async () => {
    let fate: 'fails' | 'cut' | undefined = 'cut';
    const bench = makeBench({ at: (job) => (job === '0_8_1_4' ? fate : undefined) });
    const measured = await bench.measure();
    expect(measured).toMatchObject({ measuredCount: 3, failures: [{ file: names[1] }] });
    expect(measured.failures[0]?.reason).toContain('the JSON is cut off');
    expect(existsSync(join(bench.output, names[1] ?? ''))).toBe(false);
    fate = undefined;
    expect(await bench.measure()).toMatchObject({ measuredCount: 1, keptCount: 3, failures: [] });
  });

  it('three times in a row ends the measurement', async () => {
    const bench = makeBench({ at: (job) => (/^\d/.test(job) ? 'fails' : undefined) });
    await expect(bench.measure()).rejects.toMatchObject({
      issues: [{ code: 'OUTPUT_FAILED', message: '3 runs of fio failed in a row', found: 'fio: io_u error' }],
    });
    expect(bench.ran.filter((job) => /^\d/.test(job))).toHaveLength(3);
    expect(readdirSync(bench.output)).toEqual(['measurement.jsonl', 'repeat']);
  });

  it('already at filling is an error', async () => {
    const bench = makeBench({ at: (job) => (job === 'fill' ? 'fails' : undefined) });
    await expect(bench.measure()).rejects.toMatchObject({
      issues: [{ code: 'OUTPUT_FAILED', message: 'fio could not fill the file', found: '"fio: io_u error"' }],
    });
  });
});

describe('a file that is not its own', () => {
  it('is neither read nor written, and no directory is made', async () => {
    const bench = makeBench();
    writeFileSync(bench.target, 'precious');
    await expect(bench.measure()).rejects.toMatchObject({ issues: [{ code: 'USAGE', file: bench.target }] });
    expect(readFileSync(bench.target, 'utf8')).toBe('precious');
    expect(bench.ran).toEqual([]);
    expect(existsSync(bench.output)).toBe(false);
  });

  it('in the place of one that it made is not taken for it', async () => {
    const bench = makeBench();
    await bench.measure();
    rmSync(bench.target);
    writeFileSync(join(bench.directory, 'other'), 'takes the inode');
    writeFileSync(bench.target, 'precious');
    await expect(bench.measure()).rejects.toMatchObject({ issues: [{ code: 'USAGE' }] });
  });

  it('is overwritten when the user says so', async () => {
    const bench = makeBench();
    writeFileSync(bench.target, 'worthless');
    expect(await bench.measure({ mayDestroy: true })).toMatchObject({ measuredCount: 4 });
    expect(bench.ran[0]).toBe('fill');
  });
});

describe('a hot drive', () => {
  const hotSys = (directory: string): string =>
    makeTree(join(directory, 'sys'), {
      [`dev/block/${majorMinor(statSync(directory).dev)}`]: '-> ../../block/nvme0n1',
      'block/nvme0n1/device/hwmon1/temp1_input': '82000\n',
    });

  it('is waited for until it is no hotter than allowed, and its temperature recorded', async () => {
    let polls = 0;
    const bench = makeBench({
      sys: hotSys,
      onSleep: () => {
        if (++polls === 3) writeFileSync(join(bench.directory, 'sys/block/nvme0n1/device/hwmon1/temp1_input'), '70000\n');
      },
    });
    const measured = await bench.measure();
    expect(measured.conditions.drive).toBe('nvme0n1');
    const log = readGridLog(bench.output).filter((entry) => entry.record === 'point');
    expect(log[0]).toMatchObject({ coolingSec: 15, celsiusBefore: 70, celsiusAfter: 70 });
    expect(log[1]).toMatchObject({ coolingSec: 0, celsiusBefore: 70 });
    expect(bench.lines).toContain('cooled down to 70 degrees Celsius in 15.0 s');
  });

  it('that stays hot is measured after a quarter of an hour, with a warning', async () => {
    const bench = makeBench({ sys: hotSys });
    await bench.measure({ plan: { axes: { ...axes, readPercent: [0], iodepth: [1] } } });
    expect(bench.lines).toContain('warning: the drive still has 82 degrees Celsius after 15 min 00 s: measured all the same');
    expect(readGridLog(bench.output).find(({ record }) => record === 'point')).toMatchObject({ coolingSec: 900, celsiusBefore: 82 });
  });
});

/** The same place with a fio that works, as after a restart of the program. */
function makeAgain(bench: Bench): Bench {
  const fresh = makeBench();
  return {
    ...fresh,
    measure: (more = {}) =>
      fresh.measure({
        ...more,
        plan: {
          output: bench.output,
          settings: { target: bench.target, sizeBytes: 16_777_216, runtimeSec: more.runtimeSec ?? 30, rampSec: 10 },
          ...more.plan,
        },
      }),
  };
}
