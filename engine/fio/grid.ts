/**
 * The grid of fio runs that an envelope is made from, as data: which points there are, and the exact fio command line of each. The
 * measuring options are those of the guide's run_envelope.sh, in its order and under its names; what had to be added stands in
 * `pointArguments`.
 */
import type { Issue } from '../kernel/errors.js';

/** The values measured on each axis; every combination is a point. */
export interface GridAxes {
  /** Reads of all requests, percent. */
  readonly readPercent: readonly number[];
  /** Requests in flight of one job. */
  readonly iodepth: readonly number[];
  readonly numjobs: readonly number[];
  readonly bsKib: readonly number[];
}

/** One point of a grid. */
export interface GridPoint {
  readonly readPercent: number;
  readonly iodepth: number;
  readonly numjobs: number;
  readonly bsKib: number;
}

/** fio's asynchronous engines on Linux; the guide names the first. */
export type GridEngine = 'io_uring' | 'libaio';

/** What all points of a measurement have in common. */
export interface GridSettings {
  /** File or block device that is read and overwritten. */
  readonly target: string;
  /** Bytes of it that are used, from its start; null: all of a block device. */
  readonly sizeBytes: number | null;
  readonly runtimeSec: number;
  /** Seconds that each run goes on before it is measured. */
  readonly rampSec: number;
}

/**
 * Why fio cannot be given this name of a file; null when it can. It takes a colon for the border between two files and a backslash for an
 * escape: what stands behind it would be written to as well.
 */
export function judgeFileName(path: string): Issue | null {
  if (!/[:\\\p{Cc}]/u.test(path)) return null;
  const message = 'fio cannot be given a path with a colon, backslash or control character';
  return { code: 'USAGE', message, file: path, expected: 'another name' };
}

/** The guide's grid: 5 x 4 x 3 x 3 = 180 points. */
export const guideGrid: GridAxes = { readPercent: [0, 25, 50, 75, 100], iodepth: [1, 4, 16, 64], numjobs: [1, 2, 4], bsKib: [4, 64, 1024] };

/** `--quick`: 54 points with the guide's range on every axis, so that nothing inside the guide's grid falls outside of this one. */
export const quickGrid: GridAxes = { readPercent: [0, 50, 100], iodepth: [1, 8, 64], numjobs: [1, 4], bsKib: [4, 64, 1024] };

/** All points, in the order of the guide's nested loops: read share outermost, block size innermost. */
export function gridPoints(axes: GridAxes): readonly GridPoint[] {
  return axes.readPercent.flatMap((readPercent) =>
    axes.iodepth.flatMap((iodepth) =>
      axes.numjobs.flatMap((numjobs) => axes.bsKib.map((bsKib) => ({ readPercent, iodepth, numjobs, bsKib }))),
    ),
  );
}

/** The guide's file name: `result_<read>_<depth>_<jobs>_<bs>.json`. */
export function resultName({ readPercent, iodepth, numjobs, bsKib }: GridPoint): string {
  return `result_${String(readPercent)}_${String(iodepth)}_${String(numjobs)}_${String(bsKib)}.json`;
}

/** "read 25 %, iodepth 4, numjobs 2, 64 KiB". */
export function describePoint({ readPercent, iodepth, numjobs, bsKib }: GridPoint): string {
  return `read ${String(readPercent)} %, iodepth ${String(iodepth)}, numjobs ${String(numjobs)}, ${String(bsKib)} KiB`;
}

/**
 * fio's arguments for one point. Beyond the guide's: `--time_based`, without which a run ends as soon as it has moved the target's size
 * once, before its time on a small or fast target; and `--size` where one is set, without which fio makes no file.
 */
export function pointArguments(point: GridPoint, engine: GridEngine, settings: GridSettings, output: string): readonly string[] {
  return [
    '--name=mixed_test',
    `--filename=${settings.target}`,
    `--ioengine=${engine}`,
    '--direct=1',
    '--rw=randrw',
    `--rwmixread=${String(point.readPercent)}`,
    `--iodepth=${String(point.iodepth)}`,
    `--numjobs=${String(point.numjobs)}`,
    `--bs=${String(point.bsKib)}k`,
    `--runtime=${String(settings.runtimeSec)}`,
    `--ramp_time=${String(settings.rampSec)}`,
    '--norandommap=1',
    '--randrepeat=0',
    '--time_based=1',
    ...sizeArguments(settings),
    '--output-format=json',
    `--output=${output}`,
  ];
}

/** Writes a file in full, so that no later read meets a block that was never written: file systems answer those without the drive. */
export function fillArguments(settings: GridSettings): readonly string[] {
  return ['--name=fill', `--filename=${settings.target}`, ...sequentialWrite, ...sizeArguments(settings)];
}

/**
 * Writes the target twice over in sequence, after the workload independent preconditioning of SNIA's Solid State Storage Performance
 * Test Specification; the block size of 1 MiB is our choice.
 */
export function preconditionArguments(settings: GridSettings): readonly string[] {
  return ['--name=precondition', `--filename=${settings.target}`, ...sequentialWrite, '--loops=2', ...sizeArguments(settings)];
}

/** One small read, to see whether an engine works on this kernel and target. `--readonly` keeps fio itself from writing. */
export function probeArguments(engine: GridEngine, settings: GridSettings, iodepth: number): readonly string[] {
  return [
    '--readonly',
    '--name=probe',
    `--filename=${settings.target}`,
    `--ioengine=${engine}`,
    '--direct=1',
    '--rw=randread',
    `--iodepth=${String(iodepth)}`,
    '--bs=4k',
    '--number_ios=1',
    ...sizeArguments(settings),
    '--output-format=json',
  ];
}

/** A synchronous engine, because these run before it is known which asynchronous one works. */
const sequentialWrite = ['--ioengine=psync', '--direct=1', '--rw=write', '--bs=1024k', '--end_fsync=1'];

function sizeArguments({ sizeBytes }: GridSettings): readonly string[] {
  return sizeBytes === null ? [] : [`--size=${String(sizeBytes)}`];
}
