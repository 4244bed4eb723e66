/** `putmodel envelope measure`: runs the real fio over the grid that `envelope build` reads. */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { thisMachine } from '../../files/drive.js';
import { measureGrid, type GridOrder, type GridWorld, type MeasuredGrid } from '../../files/fio-grid.js';
import { gridLogName } from '../../files/grid-log.js';
import { destroyFlag, findTarget, isDevicePath } from '../../files/grid-target.js';
import { gridPoints, guideGrid, quickGrid, type GridAxes } from '../../fio/grid.js';
import { gridScript, plannedSec, type GridPlan } from '../../fio/grid-script.js';
import { PutmodelError } from '../../kernel/errors.js';
import { formatBytes, formatCount, formatSeconds, GIB, MIB, parseBytes } from '../../kernel/units.js';
import { encodeJson } from '../../scenario/json.js';
import { usage, wholeNumber, type CliIo } from '../flags.js';

/** What the command needs of the process; without the last three it can't be interrupted and shows no live progress. */
export type MeasureIo = Pick<CliIo, 'stdout' | 'stderr'> & Partial<Pick<CliIo, 'signal' | 'liveProgress' | 'nowMillis'>>;

const help = `
Writes one result_<read>_<depth>_<jobs>_<bs>.json a point, and ${gridLogName}: order, rest, temperature, CPU governor, power state.
Interrupted, or after a failure, the same command goes on; finished points are kept. The first point is measured again last, into
repeat/, to show how far the drive drifted.

A file that does not exist is made, filled, and left there for the next time. A block device, or a file with content, is only touched
with ${destroyFlag}: everything on it is lost. A device in use is always refused.

Examples:
  $ putmodel envelope measure --filename /mnt/nvme/target -o my-fio-results --quick
  $ putmodel envelope measure --filename /dev/nvme1n1 -o my-fio-results --plan > measure.sh
  $ putmodel envelope build my-fio-results -o envelope_model.json
`;

/** Adds the sub-command to `envelope`. */
export function addEnvelopeMeasureCommand(envelope: Command, io: MeasureIo): void {
  const list = (flag: string, minimum: number, maximum: number) => (text: string) => wholeNumbers(flag, minimum, maximum, text);
  envelope
    .command('measure')
    .description('measure a device: run the real fio over a grid of 180 points (2 h 15 min; --quick: 54 points in 10 min)')
    .requiredOption('--filename <file>', 'file to be made, or block device: what is measured, and overwritten')
    .requiredOption('-o, --output <dir>', 'directory of the results')
    .option('--quick', 'fewer points, of 5 s each after 2 s')
    .option('--plan', 'print what would be done as a shell script, and do nothing')
    .option(destroyFlag, 'overwrite a block device, or a file that has content')
    .option('--size <bytes>', 'how much of the target is used (default: 8GiB of a file, all of a device)', sizeOf)
    .option('--precondition', 'first write the target twice over (of a file: the file alone, not the drive)')
    .option('--max-celsius <n>', 'wait while the drive is hotter', wholeNumber('--max-celsius', 20, 150), 70)
    .option('--runtime-seconds <n>', 'of a run (default: 30; --quick: 5)', wholeNumber('--runtime-seconds', 1, 86_400))
    .option('--ramp-seconds <n>', 'of a run before it is measured (default: 10; --quick: 2)', wholeNumber('--ramp-seconds', 0, 86_400))
    .option('--pause-seconds <n>', 'rest between runs (default: 5; --quick: 1)', wholeNumber('--pause-seconds', 0, 86_400))
    .option('--read-percent <list>', 'axis: reads of all requests, such as 0,50,100', list('--read-percent', 0, 100))
    .option('--iodepth <list>', 'axis: requests in flight of one job', list('--iodepth', 1, 4096))
    .option('--numjobs <list>', 'axis: jobs', list('--numjobs', 1, 1024))
    .option('--bs-kib <list>', 'axis: block size, KiB', list('--bs-kib', 1, 16_384))
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (flags: MeasureFlags) => {
      const order = orderFrom(flags);
      if (flags.plan === true) io.stdout(planText(order.plan, flags));
      else await runMeasure(order, flags, io);
    });
}

interface MeasureFlags {
  readonly filename: string;
  readonly output: string;
  readonly quick?: true;
  readonly plan?: true;
  readonly iKnowThisDestroysData?: true;
  readonly size?: number;
  readonly precondition?: true;
  readonly maxCelsius: number;
  readonly runtimeSeconds?: number;
  readonly rampSeconds?: number;
  readonly pauseSeconds?: number;
  readonly readPercent?: readonly number[];
  readonly iodepth?: readonly number[];
  readonly numjobs?: readonly number[];
  readonly bsKib?: readonly number[];
  readonly json?: true;
}

/** The guide's times, with our rest between runs ("pauses between runs" is its answer to throttling, without a figure). */
const guideTimes = { runtimeSec: 30, rampSec: 10, pauseSec: 5 };
const quickTimes = { runtimeSec: 5, rampSec: 2, pauseSec: 1 };
/** Of a file, unless the user says: as much as 64 requests of 1 MiB in 4 jobs, 32 times over. Our choice. */
const defaultSizeBytes = 8 * GIB;
const minimumSizeBytes = 16 * MIB;

function sizeOf(text: string): number {
  const bytes = parseBytes(text, { path: '--size' });
  if (bytes >= minimumSizeBytes) return bytes;
  throw new PutmodelError(usage('wrong value of --size', text, `at least ${formatBytes(minimumSizeBytes)}`));
}

function wholeNumbers(flag: string, minimum: number, maximum: number, text: string): readonly number[] {
  return [...new Set(text.split(',').map((item) => wholeNumber(flag, minimum, maximum)(item.trim())))];
}

function orderFrom(flags: MeasureFlags): GridOrder {
  const times = flags.quick === true ? quickTimes : guideTimes;
  const grid = flags.quick === true ? quickGrid : guideGrid;
  const axes: GridAxes = {
    readPercent: flags.readPercent ?? grid.readPercent,
    iodepth: flags.iodepth ?? grid.iodepth,
    numjobs: flags.numjobs ?? grid.numjobs,
    bsKib: flags.bsKib ?? grid.bsKib,
  };
  const settings = {
    target: flags.filename,
    sizeBytes: flags.size ?? (isDevice(flags) ? null : defaultSizeBytes),
    runtimeSec: flags.runtimeSeconds ?? times.runtimeSec,
    rampSec: flags.rampSeconds ?? times.rampSec,
  };
  const pauseSec = flags.pauseSeconds ?? times.pauseSec;
  return {
    plan: { axes, settings, output: flags.output, pauseSec, precondition: flags.precondition === true },
    mayDestroy: flags.iKnowThisDestroysData === true,
    maxCelsius: flags.maxCelsius,
  };
}

/** A plan may be made where the device is not. */
function isDevice({ filename, plan }: MeasureFlags): boolean {
  if (isDevicePath(filename)) return true;
  return plan !== true && findTarget(filename).kind === 'blockDevice';
}

function planText(plan: GridPlan, flags: MeasureFlags): string {
  const script = gridScript(plan);
  if (flags.json !== true) return script;
  const points = gridPoints(plan.axes);
  return encodeJson({
    schema: 'putmodel/envelope-measure-plan/1',
    ...plan,
    points,
    expectedSec: plannedSec(plan, points.length + 1),
    script,
  });
}

async function runMeasure(order: GridOrder, flags: MeasureFlags, io: MeasureIo): Promise<void> {
  const progress = showProgress(io);
  const signal = io.signal ?? new AbortController().signal;
  const world: GridWorld = {
    ...thisMachine,
    ...progress,
    signal,
    nowMillis: () => io.nowMillis?.() ?? performance.now(),
    date: () => new Date().toISOString(),
    sleep: (millis) =>
      wait(millis, undefined, { signal }).catch(() => {
        // Interrupted: the caller looks at the signal.
      }),
  };
  try {
    const measured = await measureGrid(order, world);
    io.stdout(flags.json === true ? encodeJson(resultDocument(measured, order.plan)) : resultText(measured, order.plan));
    failIfIncomplete(measured, order.plan);
  } finally {
    progress.end();
  }
}

type Progress = Pick<GridWorld, 'began' | 'said' | 'warned'> & { end(): void };

/** On a terminal one line that counts the time; elsewhere a line a step. All on standard error. */
function showProgress(io: MeasureIo): Progress {
  const clear = '\r\u001B[K';
  let ticking: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (ticking !== undefined) io.stderr(clear);
    clearInterval(ticking);
    ticking = undefined;
  };
  const print = (line: string): void => {
    end();
    io.stderr(`${line}\n`);
  };
  return {
    end,
    said: print,
    warned: (line) => {
      print(`putmodel: warning: ${line}`);
    },
    began: ({ text, expectedSec, leftSec }) => {
      const left = leftSec === null ? '' : `, ${formatSeconds(leftSec)} left in all`;
      if (io.liveProgress !== true) {
        io.stderr(`${text}${left}\n`);
        return;
      }
      end();
      let elapsedSec = 0;
      const show = (): void => {
        io.stderr(`${clear}${text}: ${String(elapsedSec++)}${expectedSec === null ? '' : ` of ${String(expectedSec)}`} s${left}`);
      };
      show();
      ticking = setInterval(show, 1000);
    },
  };
}

function resultDocument(measured: MeasuredGrid, plan: GridPlan): unknown {
  return {
    schema: 'putmodel/envelope-measure/1',
    output: plan.output,
    log: gridLogName,
    target: plan.settings.target,
    sizeBytes: plan.settings.sizeBytes,
    runtimeSec: plan.settings.runtimeSec,
    rampSec: plan.settings.rampSec,
    pauseSec: plan.pauseSec,
    ...measured,
  };
}

function resultText(measured: MeasuredGrid, plan: GridPlan): string {
  const { pointCount, measuredCount, keptCount, engine, fio, driftPercent } = measured;
  const lines = [
    `${formatCount(measuredCount + keptCount)} of ${formatCount(pointCount)} points in ${plan.output}: ${formatCount(measuredCount)} measured now, ${formatCount(keptCount)} before`,
    `${fio}, ${engine}, ${measured.conditions.model ?? measured.conditions.drive ?? 'unknown drive'}`,
  ];
  if (driftPercent !== null)
    lines.push(`drift: the first point gives ${driftPercent < 0 ? '' : '+'}${driftPercent.toFixed(1)} % at the end`);
  lines.push(`next: putmodel envelope build ${plan.output}`);
  return `${lines.join('\n')}\n`;
}

function failIfIncomplete({ failures }: MeasuredGrid, { output }: GridPlan): void {
  if (failures.length === 0) return;
  throw new PutmodelError(
    failures.map(({ file, reason }) => ({
      code: 'OUTPUT_FAILED',
      message: `not measured: ${reason}`,
      file: `${output}/${file}`,
      expected: 'the same command tries it again',
    })),
  );
}
