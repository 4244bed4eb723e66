/** `putmodel sweep`: many runs of a scenario over axes, on threads or as one shard of several processes. */
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { writeFileAtomic } from '../../files/write.js';
import { PutmodelError } from '../../kernel/errors.js';
import { formatCount, formatSeconds } from '../../kernel/units.js';
import { renderSweepAnswers } from '../../report/sweep.js';
import { figureText } from '../../report/figures.js';
import type { Units } from '../../report/sweep-text.js';
import { encodeJson } from '../../scenario/json.js';
import { estimateCost, type CostEstimate } from '../../sweep/estimate.js';
import { loadSweep, type LoadedSweep } from '../../sweep/load.js';
import { defaultThreads } from '../../sweep/pool.js';
import { withoutUserInfo } from '../../sweep/queue-server.js';
import { valuesOf } from '../../sweep/plan.js';
import { defaultQueueLostSec, runSweep, type SweepOutcome } from '../../sweep/run-sweep.js';
import { shardRunCount, wholeSweep, type Shard } from '../../sweep/shard.js';
import { printWarnings, usage, wholeNumber, type CliIo } from '../flags.js';
import { createProgress } from '../sweep-progress.js';

interface SweepFlags {
  readonly threads?: number;
  readonly queue?: string;
  readonly queueTimeout?: number;
  readonly shard?: Shard;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly jsonProgress?: boolean;
  readonly json?: boolean;
  readonly out?: string;
}

const help = `
Examples:
  $ putmodel sweep scenarios/sweeps/lsm-options-grid.yaml --dry-run
  $ putmodel sweep scenarios/sweeps/lsm-options-grid.yaml --threads 4
  $ putmodel sweep my-sweep.yaml --resume                     go on after an interrupt or a crash
  $ putmodel sweep my-sweep.yaml --shard 3/16 --out part-3    one of 16 processes, then:
  $ putmodel merge part-* --out results/my-sweep
  $ putmodel sweep my-sweep.yaml --queue redis://queue-host:6379    runs made by 'putmodel worker' processes

'putmodel schema sweep' prints what a sweep file may hold. The result directory holds sweep.csv and sweep.parquet (one row a run),
histograms/, manifest.json, sweep.json (the sweep with all it reads) and run.json; failures.csv where runs failed. putmodel report makes a
page of it. An axis over policies may name modules of your own (policy: [rocksdb, ./my-policy.js]), each one file that imports nothing of its
own: its text is part of the sweep; every run has a thread of its own, and one that fails or never returns costs that run only.

On a cluster, every process takes a shard by the number its scheduler gives it:
  Slurm        sbatch --array=0-15 --wrap 'putmodel sweep s.yaml --shard $SLURM_ARRAY_TASK_ID/16 --resume --out part-$SLURM_ARRAY_TASK_ID'
  Kubernetes   completionMode: Indexed; args: sweep s.yaml --shard $(JOB_COMPLETION_INDEX)/16 --resume --out /out/part-$(JOB_COMPLETION_INDEX)
  parallel     parallel -j 4 putmodel sweep s.yaml --threads 1 --shard {}/16 --out part-{} ::: $(seq 0 15)
`;

/** Adds the command. */
export function addSweepCommand(program: Command, io: CliIo): void {
  program
    .command('sweep')
    .description('run a scenario over axes of values: thousands of runs on threads, with resume, shards and merged results')
    .argument('<sweep>', 'a sweep file (YAML or JSON)')
    .option('--threads <n>', 'threads that simulate (default: one a core)', wholeNumber('--threads', 1, 1024))
    .option('--queue <url>', "have the runs made by 'putmodel worker' processes on a queue, such as redis://host:6379")
    .option(
      '--queue-timeout <s>',
      `after how long without an answer of the queue to give up (default: ${String(defaultQueueLostSec)})`,
      wholeNumber('--queue-timeout', 1, 86_400),
    )
    .option('--shard <i/n>', 'run only every n-th run from the i-th on (i from 0); putmodel merge joins the parts', parseShard)
    .option('--resume', 'go on with the unfinished sweep in the result directory; begin one where there is none')
    .option('--dry-run', 'print how many runs there are and what they will cost, and run nothing but a few samples')
    .option('--json-progress', 'progress as JSON, one line an event, on standard error')
    .option('--json', 'print one JSON document and nothing else on standard output')
    .option('--out <dir>', 'result directory (default: results/<name>, of a shard results/<name>-shard-<i>-of-<n>)')
    .addHelpText('after', help)
    .action((path: string, flags: SweepFlags) => sweep(path, flags, io));
}

async function sweep(path: string, flags: SweepFlags, io: CliIo): Promise<void> {
  if (flags.queue !== undefined && flags.shard !== undefined) throw new PutmodelError(usage('give either --queue or --shard'));
  if (flags.queue !== undefined && flags.threads !== undefined && flags.dryRun !== true) {
    throw new PutmodelError(usage('--threads means nothing with --queue', undefined, 'putmodel worker --threads, where the runs are made'));
  }
  if (flags.queue === undefined && flags.queueTimeout !== undefined)
    throw new PutmodelError(usage('--queue-timeout means nothing without --queue'));
  const loaded = loadSweep(path);
  printWarnings(io, loaded.warnings);
  if (flags.dryRun === true) {
    await printPlan(loaded, flags, io);
    return;
  }
  const shard = flags.shard ?? wholeSweep;
  const directory = flags.out ?? defaultDirectory(loaded.open.bundle.name, shard);
  const startedAt = new Date().toISOString();
  const startMillis = io.nowMillis();
  const progress = createProgress(io, flags.jsonProgress === true ? 'json' : 'text');
  try {
    const outcome = await runSweep(loaded, {
      directory,
      threads: flags.threads,
      queue: flags.queue,
      queueLostSec: flags.queueTimeout,
      shard,
      resume: flags.resume,
      signal: io.signal,
      onProgress: (now) => {
        progress.update(now);
      },
      onRunProgress: (runIndex, snapshot) => {
        progress.updateRun(runIndex, snapshot);
      },
      onNotice: (text) => {
        progress.notice(text);
      },
    });
    progress.finish();
    const wallMillis = io.nowMillis() - startMillis;
    const run = {
      command: process.argv.slice(2).map(withoutUserInfo),
      startedAt,
      wallMillis,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    };
    writeFileAtomic(join(directory, 'run.json'), encodeJson({ schema: 'putmodel/run/1', ...run }));
    printOutcome(loaded, outcome, { directory, wallMillis, json: flags.json === true }, io);
  } finally {
    progress.finish();
  }
}

function printOutcome(
  { open, planHash }: LoadedSweep,
  { progress: { done, failed, doneBefore }, answers }: SweepOutcome,
  { directory, wallMillis, json }: { readonly directory: string; readonly wallMillis: number; readonly json: boolean },
  io: CliIo,
): void {
  if (json) {
    const complete = answers !== null;
    const summary = {
      schema: 'putmodel/sweep/1',
      name: open.bundle.name,
      planHash,
      directory,
      runs: done,
      runsBefore: doneBefore,
      failedRuns: failed,
      complete,
    };
    io.stdout(encodeJson({ ...summary, wallMillis, answers }));
    return;
  }
  if (answers !== null) io.stdout(`${renderSweepAnswers(answers, unitsOf(open), io.style)}\n`);
  const made = done - doneBefore;
  const before = doneBefore === 0 ? '' : `, ${formatCount(doneBefore)} of them before`;
  const failures = failed === 0 ? '' : `, ${formatCount(failed)} failed (failures.csv)`;
  const pace =
    made === 0
      ? ''
      : ` in ${formatSeconds(wallMillis / 1000)}; ${figureText((made * 1000) / wallMillis, 'opsPerSec').replace('/s', ' runs/s')}`;
  io.stdout(`${open.bundle.name}: ${formatCount(done)} runs${before}${failures}${pace}\n`);
  io.stdout(answers === null ? `Runs in      ${directory} (a shard; putmodel merge joins the parts)\n` : `Results in   ${directory}\n`);
}

/** Units of the metrics that are kept, by path. */
export function unitsOf({ metrics }: LoadedSweep['open']): Units {
  return new Map(metrics.map(({ path, unit }) => [path, unit]));
}

async function printPlan({ open }: LoadedSweep, flags: SweepFlags, io: CliIo): Promise<void> {
  const { plan, bundle, label } = open;
  const shard = flags.shard ?? wholeSweep;
  const runCount = shardRunCount(plan, shard);
  const threads = flags.threads ?? defaultThreads();
  const estimate = await estimateCost(open, runCount);
  if (flags.json === true) {
    const cost = estimate === null ? null : { ...estimate, threads, wallMillis: estimate.totalMillis / threads };
    const axes = plan.axes.map(({ path, design, values }) => ({ path, design, values: values.length }));
    io.stdout(
      encodeJson({
        schema: 'putmodel/sweep-plan/1',
        name: bundle.name,
        points: plan.pointCount,
        seeds: plan.seeds,
        runs: runCount,
        axes,
        cost,
      }),
    );
    return;
  }
  const axes = plan.axes.map(
    ({ path, design, values }) => `  ${path}: ${formatCount(values.length)} values${design === 'grid' ? '' : ` (${design})`}`,
  );
  const part = shard.count === 1 ? '' : `, of which shard ${String(shard.index)}/${String(shard.count)} has ${formatCount(runCount)}`;
  const lines = [
    `${bundle.name}: ${formatCount(plan.pointCount)} points x ${formatCount(plan.seeds.length)} seeds = ${formatCount(plan.runCount)} runs${part}`,
    ...axes,
    ...costLines(estimate, threads),
  ];
  io.stdout(`${lines.join('\n')}\nfirst: ${label(valuesOf(plan, 0))}\n`);
}

function costLines(estimate: CostEstimate | null, threads: number): string[] {
  if (estimate === null) return ['cost: unknown, every sampled run failed'];
  const { sampledRuns, meanRunMillis, totalMillis } = estimate;
  const time = formatSeconds(totalMillis / 1000 / threads);
  const each = `${String(Number(meanRunMillis.toPrecision(2)))} ms a run (${String(sampledRuns)} sampled)`;
  return [`cost: ${each}, about ${time} on ${String(threads)} thread${threads === 1 ? '' : 's'}`];
}

function defaultDirectory(name: string, { index, count }: Shard): string {
  return join('results', count === 1 ? name : `${name}-shard-${String(index)}-of-${String(count)}`);
}

/** `3/16`: the fourth of sixteen. */
function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (count !== undefined && shard.index < shard.count) return shard;
  throw new PutmodelError(usage('wrong value of --shard', text, 'I/N with I from 0 to N - 1, such as 0/16'));
}
