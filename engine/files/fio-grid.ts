/**
 * Measures a device: runs the real fio over a grid of points and leaves one result file each, which `buildEnvelopeFromFiles` reads.
 *
 *   check target and earlier results -> make and fill the file -> precondition -> choose engine -> note conditions
 *   -> [cool down, run, rest] a point -> the first point again
 *
 * Every finished point stays: the same call goes on where the last one was interrupted. Nothing is written before all checks passed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pointsOf } from '../device/points.js';
import {
  describePoint,
  fillArguments,
  gridPoints,
  pointArguments,
  preconditionArguments,
  probeArguments,
  resultName,
} from '../fio/grid.js';
import type { GridEngine, GridPoint } from '../fio/grid.js';
import { plannedSec, repeatDirectory, type GridPlan } from '../fio/grid-script.js';
import { parseFioJson } from '../fio/json.js';
import { formatIssue, PutmodelError, type Issue } from '../kernel/errors.js';
import { formatBytes, formatSeconds, MIB } from '../kernel/units.js';
import { driveOf, readCelsius, readConditions, unsteadiness, type DriveConditions, type DriveSources } from './drive.js';
import { addToGridLog, readGridLog, type GridRecord } from './grid-log.js';
import { findTarget, judgeTarget, sizeTarget, type FoundTarget } from './grid-target.js';
import { readHashedText } from './read.js';
import { writeFileAtomic } from './write.js';

/** A plan with what the user allows. `plan.settings.target` as the user named it. */
export interface GridOrder {
  readonly plan: GridPlan;
  readonly mayDestroy: boolean;
  /** Drives hotter than this, in degrees Celsius, are waited for. */
  readonly maxCelsius: number;
}

/** Time, other programs, and who listens; tests hand in their own. */
export interface GridWorld extends DriveSources {
  readonly signal: AbortSignal;
  nowMillis(): number;
  /** Time of day, ISO 8601. */
  date(): string;
  /** Waits; ends early, without an error, when the signal aborts. */
  sleep(millis: number): Promise<void>;
  /** A step begins. `leftSec`: until everything is done, null where it can't be told. */
  began(step: { readonly text: string; readonly expectedSec: number | null; readonly leftSec: number | null }): void;
  /** The step's outcome, or something else worth a line. */
  said(line: string): void;
  warned(line: string): void;
}

/** What a measurement left. */
export interface MeasuredGrid {
  readonly engine: GridEngine;
  readonly fio: string;
  readonly conditions: DriveConditions;
  readonly pointCount: number;
  /** Points measured by this call, and those found finished. */
  readonly measuredCount: number;
  readonly keptCount: number;
  readonly failures: readonly { readonly file: string; readonly reason: string }[];
  /** First point: total bandwidth of its last run against its first, percent; null when either is missing. */
  readonly driftPercent: number | null;
  readonly warnings: readonly string[];
}

/** A drift from here on is warned of. Our choice. */
const notableDriftPercent = 10;
/** After so many failed runs in a row the rest would fail, too. */
const hopelessFailures = 3;
const coolingPollMillis = 5000;
const coolingLimitMillis = 15 * 60_000;
/** Beyond twice its own time a run of fio may take so much longer, to start and to drain, before it counts as hung. */
const hangAllowanceMillis = 120_000;

/**
 * Runs what is missing of the grid.
 * @throws PutmodelError USAGE with everything that speaks against the target; INPUT_INVALID when the directory holds results of other
 *   settings; INPUT_MISSING without fio; INPUT_UNSUPPORTED when no engine works; CANCELLED when interrupted. Points that fail are told,
 *   not thrown, unless three fail in a row (OUTPUT_FAILED).
 */
export async function measureGrid(order: GridOrder, world: GridWorld): Promise<MeasuredGrid> {
  const { run, fio, kept } = await prepare(order, world);
  const engine = await chooseEngine(run, kept, world);
  const warnings: string[] = [];
  const warn = (line: string): void => {
    warnings.push(line);
    world.warned(line);
  };
  const conditions = await readConditions(run.drive, world);
  unsteadiness(conditions).forEach(warn);
  if (run.isDevice && !run.records.some(({ record }) => record === 'preconditioned')) {
    warn('blocks of a device that were never written, or trimmed, are read too fast, without its flash (--precondition writes all first)');
  }
  const { settings, output, pauseSec } = run.plan;
  note(run, { record: 'session', at: world.date(), fio, engine, ...settings, pauseSec, conditions, warnings: [...warnings] });

  const points = gridPoints(run.plan.axes);
  const missing = points.filter((point) => !kept.rates.has(resultName(point)));
  if (kept.rates.size > 0) world.said(`${String(kept.rates.size)} of ${String(points.length)} points are there already`);
  const rates = new Map(kept.rates);
  const [first] = points;
  const repeat = first === undefined ? '' : join(repeatDirectory, resultName(first));
  const tasks: Task[] = missing.map((point) => ({ point, file: resultName(point) }));
  // The last word on drift belongs to the end: it is measured again after points that were added.
  const isRepeatDue = first !== undefined && (missing.length > 0 || !existsSync(join(output, repeat)));
  if (isRepeatDue) tasks.push({ point: first, file: repeat });
  const failures = await runTasks(tasks, engine, rates, run, world, warn);

  const before = first === undefined ? undefined : rates.get(resultName(first));
  const after = rates.get(repeat) ?? rateIn(join(output, repeat));
  const driftPercent = before === undefined || after === null ? null : (after / before - 1) * 100;
  if (driftPercent !== null && Math.abs(driftPercent) > notableDriftPercent) {
    warn(
      `the first point gives ${driftPercent > 0 ? '+' : ''}${driftPercent.toFixed(1)} % at the end: the drive was not in one state throughout`,
    );
  }
  const failedPoints = failures.filter(({ file }) => file !== repeat).length;
  const measuredCount = missing.length - failedPoints;
  return {
    engine,
    fio,
    conditions,
    pointCount: points.length,
    measuredCount,
    keptCount: kept.rates.size,
    failures,
    driftPercent,
    warnings,
  };
}

/** A measurement under way: the plan with its target's real path, the drive, and the diary so far. */
interface Run {
  readonly plan: GridPlan;
  readonly maxCelsius: number;
  readonly isDevice: boolean;
  readonly drive: string | null;
  readonly records: GridRecord[];
}

/** Results of earlier calls: total bytes per second by file name, and the engine they were made with. */
interface Kept {
  readonly rates: ReadonlyMap<string, number>;
  readonly engine: GridEngine | null;
}

interface Task {
  readonly point: GridPoint;
  /** Below the output directory. */
  readonly file: string;
}

/** All checks, and only then the target made ready. */
async function prepare(order: GridOrder, world: GridWorld): Promise<{ run: Run; fio: string; kept: Kept }> {
  const { output } = order.plan;
  const records = [...readGridLog(output)];
  const found = findTarget(order.plan.settings.target);
  const plan = { ...order.plan, settings: { ...order.plan.settings, target: found.path } };
  const isDevice = found.kind === 'blockDevice';
  const run: Run = { plan, maxCelsius: order.maxCelsius, isDevice, drive: driveOf(found.deviceNumber, world.sys), records };
  const made = records.findLast((record) => record.record === 'made' && record.path === found.path);
  const madeIdentity = made?.record === 'made' ? made.identity : null;
  const issues = [...judgeTarget(found, { sizeBytes: plan.settings.sizeBytes, mayDestroy: order.mayDestroy, madeIdentity })];
  const kept = readKept(plan, world, issues);
  if (issues.length > 0) throw new PutmodelError(issues);
  const fio = (await world.run('fio', ['--version'])).stdout.trim();

  mkdirOutput(join(output, repeatDirectory));
  const identity = sized(found, run, world);
  if (identity !== null) await once('filled', identity, 'fill the file', fillArguments(plan.settings), run, world);
  if (plan.precondition)
    await once('preconditioned', identity ?? found.path, 'precondition', preconditionArguments(plan.settings), run, world);
  return { run, fio, kept };
}

/** A file's identity, once it has its size; null for a device. */
function sized(found: FoundTarget, run: Run, world: GridWorld): string | null {
  const { sizeBytes } = run.plan.settings;
  if (found.kind === 'blockDevice' || sizeBytes === null) return null;
  const identity = sizeTarget(found, sizeBytes);
  if (found.kind === 'absent') note(run, { record: 'made', at: world.date(), path: found.path, identity });
  return identity;
}

/** Runs fio for something that is done once a target and size, whatever is interrupted. */
async function once(
  record: 'filled' | 'preconditioned',
  identity: string,
  text: string,
  args: readonly string[],
  run: Run,
  world: GridWorld,
): Promise<void> {
  const { sizeBytes } = run.plan.settings;
  const key = `${identity} ${String(sizeBytes)}`;
  if (run.records.some((entry) => entry.record === record && entry.key === key)) return;
  const size = sizeBytes === null ? 'the whole device' : formatBytes(sizeBytes);
  world.began({ text: `${text}: ${size}`, expectedSec: null, leftSec: null });
  const at = world.date();
  const beganMillis = world.nowMillis();
  const { status, stdout, stderr } = await world.run('fio', args, { signal: world.signal });
  stopIfCancelled(world, run);
  if (status !== 0) {
    throw new PutmodelError({
      code: 'OUTPUT_FAILED',
      message: `fio could not ${text}`,
      file: run.plan.settings.target,
      found: JSON.stringify(complaintOf(stderr, stdout)),
    });
  }
  const tookSec = secondsSince(beganMillis, world);
  note(run, { record, at, key, tookSec });
  world.said(`${text}: ${size} in ${formatSeconds(tookSec)}`);
}

/** The results that are there already. Those of other settings are issues: they do not belong into one envelope. */
function readKept(plan: GridPlan, world: GridWorld, issues: Issue[]): Kept {
  const rates = new Map<string, number>();
  let engine: GridEngine | null = null;
  for (const point of gridPoints(plan.axes)) {
    const path = join(plan.output, resultName(point));
    if (!existsSync(path)) continue;
    const result = readResult(path);
    if (!result.ok) {
      world.warned(`${path} is measured again: ${result.reason}`);
      continue;
    }
    const { echoed, made } = result;
    const differences = differencesFrom(point, engine ?? echoed.engine ?? 'io_uring', plan, echoed.options, made);
    if (differences.length > 0) {
      issues.push({
        code: 'INPUT_INVALID',
        message: `is a result of other settings: ${differences.join(', ')}`,
        file: path,
        expected: 'the same settings, or another -o',
      });
      continue;
    }
    engine = echoed.engine;
    rates.set(resultName(point), result.totalBytesPerSec);
  }
  return { rates, engine };
}

type Result =
  | {
      readonly ok: true;
      readonly totalBytesPerSec: number;
      readonly made: GridPoint;
      readonly echoed: { readonly engine: GridEngine | null; readonly options: Readonly<Record<string, string>> };
    }
  | { readonly ok: false; readonly reason: string };

/** A result file, or why it is none. */
function readResult(path: string): Result {
  try {
    const document = parseFioJson(readHashedText(path).text, path);
    const { points, issues } = pointsOf(document);
    const [point] = points;
    const options = document.entries[0]?.options?.echoed ?? {};
    if (point === undefined || points.length !== 1) return { ok: false, reason: issues.map(plain).join('; ') || 'it holds no single run' };
    const named = options['ioengine'];
    const engine = named === 'io_uring' || named === 'libaio' ? named : null;
    return { ok: true, totalBytesPerSec: point.columns.get('totalBytesPerSec') ?? 0, made: point, echoed: { engine, options } };
  } catch (error) {
    if (error instanceof PutmodelError) return { ok: false, reason: error.issues.map(plain).join('; ') };
    throw error;
  }
}

function rateIn(path: string): number | null {
  const result = existsSync(path) ? readResult(path) : null;
  return result?.ok === true ? result.totalBytesPerSec : null;
}

/** Without the file's name, which the caller tells. */
function plain(issue: Issue): string {
  return formatIssue({ ...issue, file: undefined });
}

/** Options that make two results incomparable. Not among them: those that fio does not echo when it knows them as flags. */
const comparedOptions = ['filename', 'ioengine', 'direct', 'rw', 'runtime', 'ramp_time', 'size'];

function differencesFrom(
  point: GridPoint,
  engine: GridEngine,
  plan: GridPlan,
  echoed: Readonly<Record<string, string>>,
  made: GridPoint,
): readonly string[] {
  const differences = (['readPercent', 'iodepth', 'numjobs', 'bsKib'] as const)
    .filter((axis) => made[axis] !== point[axis])
    .map((axis) => `${axis} ${String(made[axis])} instead of ${String(point[axis])}`);
  const wanted = new Map(
    pointArguments(point, engine, plan.settings, '').map((argument) => {
      const [key = '', ...value] = argument.slice('--'.length).split('=');
      return [key, value.join('=')] as const;
    }),
  );
  for (const key of comparedOptions) {
    const [was, now] = [echoed[key], wanted.get(key)];
    if (was !== now) differences.push(`${key} ${was ?? 'not set'} instead of ${now ?? 'not set'}`);
  }
  return differences;
}

/** io_uring as in the guide, or libaio where it does not work; after an interruption the one that was used before. */
async function chooseEngine(run: Run, kept: Kept, world: GridWorld): Promise<GridEngine> {
  const candidates: readonly GridEngine[] = kept.engine === null ? ['io_uring', 'libaio'] : [kept.engine];
  const iodepth = Math.max(...run.plan.axes.iodepth);
  const complaints: string[] = [];
  for (const engine of candidates) {
    const { status, stdout, stderr } = await world.run('fio', probeArguments(engine, run.plan.settings, iodepth), {
      signal: world.signal,
      timeoutMillis: hangAllowanceMillis,
    });
    stopIfCancelled(world, run);
    if (status === 0) {
      if (complaints.length > 0) world.said(`io_uring does not work here (${complaints.join('; ')}): using ${engine}`);
      return engine;
    }
    complaints.push(complaintOf(stderr, stdout));
  }
  throw new PutmodelError({
    code: 'INPUT_UNSUPPORTED',
    message: `fio cannot read this target with ${candidates.join(' or ')}`,
    file: run.plan.settings.target,
    found: JSON.stringify(complaints.join('; ')),
    expected: 'Linux, and a file system or device with direct I/O',
  });
}

/** What fio gives as its reason: its first line that is neither empty nor JSON. */
function complaintOf(...streams: readonly string[]): string {
  const lines = streams.flatMap((stream) => stream.split('\n')).map((line) => line.trim());
  return lines.find((line) => /^[^\s{}"[\]]/.test(line))?.slice(0, 160) ?? 'it does not say why';
}

/** Runs the tasks in order; adds to `rates` by file, and gives what failed. */
async function runTasks(
  tasks: readonly Task[],
  engine: GridEngine,
  rates: Map<string, number>,
  run: Run,
  world: GridWorld,
  warn: (line: string) => void,
): Promise<MeasuredGrid['failures']> {
  const { plan } = run;
  const failures: { readonly file: string; readonly reason: string }[] = [];
  const beganMillis = world.nowMillis();
  let endedMillis: number | null = null;
  let failuresInRow = 0;
  for (const [index, task] of tasks.entries()) {
    if (index > 0) await world.sleep(plan.pauseSec * 1000);
    stopIfCancelled(world, run);
    const label = `[${String(index + 1)}/${String(tasks.length)}] ${describePoint(task.point)}${task.file === resultName(task.point) ? '' : ', again'}`;
    const { celsius, coolingSec } = await coolDown(run, world, warn);
    const plannedLeftSec = plannedSec(plan, tasks.length - index);
    // What the runs so far took, starting, draining and cooling included, tells what the others will take.
    const leftSec = index === 0 ? plannedLeftSec : (secondsSince(beganMillis, world) / index) * (tasks.length - index);
    world.began({ text: label, expectedSec: plan.settings.rampSec + plan.settings.runtimeSec, leftSec });
    const at = world.date();
    const idleSec = endedMillis === null ? null : secondsSince(endedMillis, world);
    const result = await runPoint(task, engine, run, world);
    endedMillis = world.nowMillis();
    note(run, {
      record: 'point',
      at,
      order: run.records.filter(({ record }) => record === 'point').length + 1,
      file: task.file,
      idleSec,
      coolingSec,
      celsiusBefore: celsius,
      celsiusAfter: await readCelsius(run.drive, world),
      totalMibPerSec: result.ok ? result.totalBytesPerSec / MIB : null,
      failure: result.ok ? null : result.reason,
    });
    if (result.ok) {
      failuresInRow = 0;
      rates.set(task.file, result.totalBytesPerSec);
      world.said(`${label}: ${(result.totalBytesPerSec / MIB).toFixed(1)} MiB/s`);
      continue;
    }
    failures.push({ file: task.file, reason: result.reason });
    warn(`${label}: failed: ${result.reason}`);
    if (++failuresInRow === hopelessFailures) {
      throw new PutmodelError({
        code: 'OUTPUT_FAILED',
        message: `${String(hopelessFailures)} runs of fio failed in a row`,
        found: result.reason,
      });
    }
  }
  return failures;
}

/** One run of fio. Its output becomes a result file when it is whole and of this point, never before. */
async function runPoint({ point, file }: Task, engine: GridEngine, run: Run, world: GridWorld): Promise<Result> {
  const { settings, output } = run.plan;
  const unfinished = join(output, 'unfinished');
  const timeoutMillis = 2000 * (settings.rampSec + settings.runtimeSec) + hangAllowanceMillis;
  const { status, stdout, stderr, timedOut } = await world.run('fio', pointArguments(point, engine, settings, unfinished), {
    signal: world.signal,
    timeoutMillis,
  });
  try {
    // Interrupted, fio still prints a result: of a shorter run.
    stopIfCancelled(world, run);
    if (timedOut) return { ok: false, reason: 'fio hung' };
    if (!existsSync(unfinished)) return { ok: false, reason: complaintOf(stderr, stdout) };
    const result = readResult(unfinished);
    if (!result.ok) return result;
    if (status !== 0) return { ok: false, reason: complaintOf(stderr, stdout) };
    writeFileAtomic(join(output, file), readFileSync(unfinished));
    return result;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Waits while the drive is too hot, a quarter of an hour at most. */
async function coolDown(
  run: Run,
  world: GridWorld,
  warn: (line: string) => void,
): Promise<{ readonly celsius: number | null; readonly coolingSec: number }> {
  let celsius = await readCelsius(run.drive, world);
  const isHot = (): boolean => celsius !== null && celsius > run.maxCelsius;
  if (!isHot()) return { celsius, coolingSec: 0 };
  const text = `cooling down from ${String(celsius)} to ${String(run.maxCelsius)} degrees Celsius`;
  world.began({ text, expectedSec: null, leftSec: null });
  const beganMillis = world.nowMillis();
  while (isHot() && world.nowMillis() - beganMillis < coolingLimitMillis) {
    await world.sleep(coolingPollMillis);
    stopIfCancelled(world, run);
    celsius = await readCelsius(run.drive, world);
  }
  const coolingSec = secondsSince(beganMillis, world);
  if (isHot()) warn(`the drive still has ${String(celsius)} degrees Celsius after ${formatSeconds(coolingSec)}: measured all the same`);
  else world.said(`cooled down to ${String(celsius)} degrees Celsius in ${formatSeconds(coolingSec)}`);
  return { celsius, coolingSec };
}

function stopIfCancelled(world: GridWorld, run: Run): void {
  if (!world.signal.aborted) return;
  throw new PutmodelError({
    code: 'CANCELLED',
    message: `interrupted: what finished is in ${run.plan.output}, and the same command goes on`,
  });
}

function note(run: Run, record: GridRecord): void {
  addToGridLog(run.plan.output, record);
  run.records.push(record);
}

function secondsSince(millis: number, world: GridWorld): number {
  return (world.nowMillis() - millis) / 1000;
}

function mkdirOutput(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PutmodelError({ code: 'OUTPUT_FAILED', message: `cannot be made: ${reason}`, file: path });
  }
}
