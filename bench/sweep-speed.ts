/**
 * What do threads cost a sweep, and what does a large one need? Five figures, each with its bar:
 *
 *   efficiency   two threads of one process against two processes of one thread on the two halves of scenarios/sweeps/lsm-options-grid.yaml
 *                (1,000 runs): their time over its time, medians of paired runs (bar: 0.9). The halves are not even merged.
 *   overhead     what the pool adds to a run: runs on one thread of the pool, less the same runs in this thread (bar: 1 ms a run)
 *   start        from opening a pool to its first thread being ready (bar: 300 ms); medians of 25, and the CPU time that it takes, which
 *                other work on the machine does not stretch
 *   10,000       trivial runs (one step of the fluid model) from command to results (bar: 15 s)
 *   100,000      trivial runs: largest resident memory of the process (bar: 600 MB)
 *
 *   npm run build && npx tsx bench/sweep-speed.ts [--out results/reference/sweep-speed.json]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from 'd3-array';
import type * as Execute from '../engine/sweep/execute.js';
import type * as Load from '../engine/sweep/load.js';
import type * as Pool from '../engine/sweep/pool.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = join(root, 'dist/cli/main.js');
const grid = join(root, 'scenarios/sweeps/lsm-options-grid.yaml');
const directory = mkdtempSync(join(tmpdir(), 'putmodel-sweep-speed-'));

/** The compiled engine: what users run, and what its threads load. */
const engine = (path: string): Promise<unknown> => import(pathToFileURL(join(root, 'dist', path)).href);
const { loadSweep } = (await engine('sweep/load.js')) as typeof Load;
const { openPool, inParallel } = (await engine('sweep/pool.js')) as typeof Pool;
const { executeRun } = (await engine('sweep/execute.js')) as typeof Execute;

interface ProcessRun {
  readonly wallMillis: number;
  readonly peakRssBytes: number;
}

/** Runs `putmodel sweep` in a process of its own. */
async function sweep(args: readonly string[]): Promise<ProcessRun> {
  const report = 'data:text/javascript,process.on("exit",()=>console.error(`maxRSS=${process.resourceUsage().maxRSS}`))';
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', report, command, 'sweep', ...args, '--json'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(stderr);
  const peaks = [...stderr.matchAll(/maxRSS=(\d+)/g)].map((match) => Number(match[1]) * 1024);
  return { wallMillis: performance.now() - start, peakRssBytes: Math.max(...peaks) };
}

let runs = 0;
const freshDirectory = (): string => join(directory, `out-${String(runs++)}`);

async function efficiency(
  pairs: number,
): Promise<{ readonly ratios: readonly number[]; readonly threadsMillis: number; readonly processesMillis: number }> {
  const measured: { readonly threads: number; readonly processes: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const { wallMillis: threads } = await sweep([grid, '--threads', '2', '--out', freshDirectory()]);
    const start = performance.now();
    await Promise.all([0, 1].map((index) => sweep([grid, '--threads', '1', '--shard', `${String(index)}/2`, '--out', freshDirectory()])));
    measured.push({ threads, processes: performance.now() - start });
  }
  return {
    ratios: measured.map(({ threads, processes }) => processes / threads),
    threadsMillis: median(measured, ({ threads }) => threads) ?? 0,
    processesMillis: median(measured, ({ processes }) => processes) ?? 0,
  };
}

function trivialSweep(count: number): string {
  writeFileSync(
    join(directory, 'base.yaml'),
    'kind: backlog\ndevice: read=500MiB/s,write=200MiB/s\nduration_seconds: 1\nworkload: { rate: 20000 }\nbacklog: { mu: 0.4, mergeAmplification: 4 }\n',
  );
  const path = join(directory, `trivial-${String(count)}.yaml`);
  writeFileSync(
    path,
    `sweep:\n  base: base.yaml\n  axes:\n    workload.rate: { range: { from: 1000, to: 90000, count: ${String(count)} } }\n`,
  );
  return path;
}

/** Milliseconds a run in the pool's one thread, and in this one. */
async function overhead(count: number): Promise<{ readonly poolMillis: number; readonly aloneMillis: number }> {
  const { open } = loadSweep(trivialSweep(count));
  const pool = openPool({ threads: 1, bundle: open.bundle });
  await pool.started;
  const timed = async (work: () => Promise<void>): Promise<number> => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / count;
  };
  const alone = async (): Promise<void> => {
    for (let run = 0; run < count; run++) await executeRun(open, run);
  };
  const pooled = (): Promise<void> => {
    let next = 0;
    return inParallel(1, async () => {
      const run = next++;
      if (run >= count) return false;
      await pool.runOfSweep(run);
      return true;
    });
  };
  await timed(alone);
  await timed(pooled);
  const rounds = [1, 2, 3, 4, 5];
  const alones: number[] = [];
  const pools: number[] = [];
  for (const _ of rounds) {
    alones.push(await timed(alone));
    pools.push(await timed(pooled));
  }
  await pool.close();
  return { poolMillis: median(pools) ?? 0, aloneMillis: median(alones) ?? 0 };
}

interface Start {
  readonly wallMillis: number;
  readonly cpuMillis: number;
}

/** Opens pools of one thread, one after the other, in a process as users have it: this one's threads would load tsx, too. */
async function starts(count: number): Promise<readonly Start[]> {
  const script = `
    import { loadSweep } from ${JSON.stringify(pathToFileURL(join(root, 'dist/sweep/load.js')).href)};
    import { openPool } from ${JSON.stringify(pathToFileURL(join(root, 'dist/sweep/pool.js')).href)};
    const { bundle } = loadSweep(${JSON.stringify(trivialSweep(1))}).open;
    const starts = [];
    for (let i = 0; i < ${String(count)}; i++) {
      const cpuBefore = process.cpuUsage();
      const opened = performance.now();
      const pool = openPool({ threads: 1, bundle });
      await pool.started;
      const wallMillis = performance.now() - opened;
      const { user, system } = process.cpuUsage(cpuBefore);
      starts.push({ wallMillis, cpuMillis: (user + system) / 1000 });
      await pool.close();
    }
    console.log(JSON.stringify(starts));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(stdout) as readonly Start[];
}

const { values } = parseArgs({ options: { out: { type: 'string' }, pairs: { type: 'string', default: '5' } } });
const round = (value: number, digits = 3): number => Number(value.toPrecision(digits));

const loadBefore = loadavg()[0] ?? 0;
const single = await overhead(2000);
const started = await starts(25);
const loadAtStarts = loadavg()[0] ?? 0;
const pairs = await efficiency(Number(values.pairs));
const tenThousand = await sweep([trivialSweep(10_000), '--threads', '2', '--out', freshDirectory()]);
const hundredThousand = await sweep([trivialSweep(100_000), '--threads', '2', '--out', freshDirectory()]);
const figures = [
  {
    name: 'two threads over two processes, 1,000 LSM runs',
    value: round(median(pairs.ratios) ?? 0),
    bar: 0.9,
    better: 'more',
    unit: 'ratio',
  },
  { name: 'pool, added to a run', value: round(single.poolMillis - single.aloneMillis), bar: 1, better: 'less', unit: 'ms' },
  { name: 'first thread ready', value: round(median(started, ({ wallMillis }) => wallMillis) ?? 0), bar: 300, better: 'less', unit: 'ms' },
  {
    name: 'first thread ready, CPU time',
    value: round(median(started, ({ cpuMillis }) => cpuMillis) ?? 0),
    bar: 300,
    better: 'less',
    unit: 'ms',
  },
  { name: '10,000 trivial runs', value: round(tenThousand.wallMillis / 1000), bar: 15, better: 'less', unit: 's' },
  { name: '100,000 trivial runs, peak memory', value: round(hundredThousand.peakRssBytes / 1e6), bar: 600, better: 'less', unit: 'MB' },
];
const document = {
  schema: 'putmodel/sweep-speed/1',
  command: 'npx tsx bench/sweep-speed.ts',
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    loadBefore: round(loadBefore),
    loadAtStarts: round(loadAtStarts),
    loadAfter: round(loadavg()[0] ?? 0),
  },
  figures: figures.map((figure) => ({
    ...figure,
    met: figure.better === 'more' ? figure.value >= figure.bar : figure.value <= figure.bar,
  })),
  efficiencyRatios: pairs.ratios.map((ratio) => round(ratio)),
  gridMillis: { twoThreads: Math.round(pairs.threadsMillis), twoProcesses: Math.round(pairs.processesMillis) },
  trivialRunMillis: { inPool: round(single.poolMillis), alone: round(single.aloneMillis) },
  hundredThousandRunsSec: round(hundredThousand.wallMillis / 1000),
};
for (const { name, value, bar, unit, met } of document.figures) {
  console.log(`${name.padEnd(48)} ${String(value).padStart(8)} ${unit.padEnd(5)} (bar ${String(bar)}): ${met ? 'ok' : 'MISS'}`);
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(document, null, 2)}\n`);
rmSync(directory, { recursive: true });
