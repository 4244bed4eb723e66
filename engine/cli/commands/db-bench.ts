/** `putmodel db_bench`: the flags of the real tool in, its result line and the answer out. */
import type { Command } from 'commander';
import { loadDbBench } from '../../files/load.js';
import { PutmodelError } from '../../kernel/errors.js';
import type { LsmResult } from '../../lsm/result.js';
import type { WriteWorkload } from '../../lsm/scenario.js';
import { dbBenchResultLine } from '../../report/terminal.js';
import { usage, type CliIo } from '../flags.js';
import { answer, prepareOutput, runAll } from '../run.js';

const help = `Usage: putmodel db_bench [db_bench's own flags] [--device D] [--host H] [--json] [--out DIR] [--require EXPR]

Simulate a db_bench command: the flags are those of RocksDB's db_bench 7.8, verbatim, with its own defaults.

Flags of putmodel:
  --device <device>   preset, envelope_model.json, directory of fio results, output of iostat, or read=5400MiB/s,write=1900MiB/s (default: debian-vm)
  --host <host>       preset or host profile: what the CPU and file system cost (default: debian-vm)
  --band              run five seeds, and machines whose device and host are 10 % faster and slower: the range of each figure
  --require <expr>    exit with 1 unless it holds, such as 'stall.stoppedSec<=0'; may be given several times
  --out <dir>         write a result directory
  --json              print one JSON document and nothing else

A flag that db_bench does not have is an error. A flag without effect on the model is accepted and listed.
Benchmarks: fillrandom, fillseq, overwrite, filluniquerandom, fillbatch, fillsync, fill100K, deleterandom; between them
waitforcompaction, compact, flush, stats, levelstats, sstables. Reading: readrandom, readwhilewriting, readrandomwriterandom, seekrandom
(on a tree that an earlier benchmark of the list filled).

Example:
  $ putmodel db_bench --benchmarks=fillrandom --num=20000000 --value_size=1024 --compression_type=none \\
      --rate_limiter_bytes_per_sec=67108864 --duration=240
`;

/** Adds the command to the list of commands; \`runDbBench\` runs it. */
export function addDbBenchCommand(program: Command): void {
  program
    .command('db_bench')
    .description("simulate a db_bench command, with RocksDB's own flags and db_bench's own result line")
    .usage("[db_bench's own flags] [--device D] [--host H] [--json] [--out DIR]")
    .helpOption(false);
}

/** Runs it on everything after the word db_bench. Throws PutmodelError. */
export async function runDbBench(argv: readonly string[], io: CliIo): Promise<void> {
  if (argv.some((argument) => argument === '--help' || argument === '-h' || argument === '-help')) {
    io.stdout(help);
    return;
  }
  const { own, rest } = splitFlags(argv);
  const output = prepareOutput({
    ...(own.require.length > 0 ? { require: own.require } : {}),
    ...(own.out === null ? {} : { out: own.out }),
    json: own.json,
    band: own.band,
  });
  const loaded = loadDbBench(rest, { device: own.device ?? undefined, host: own.host ?? undefined });
  const runs = await runAll(loaded, output, io);
  const workloads = loaded.scenario.steps.flatMap((step) => (step.kind === 'write' ? [step.workload] : []));
  const head = (runs[0]?.result.benchmarks ?? []).map((entry, index) => resultLine(entry, workloads[index]));
  answer(runs, { output, title: 'db_bench, simulated', defaultDirectory: null, head }, io);
}

/** db_bench counts the threads that read, where some do. */
function resultLine(entry: LsmResult['benchmarks'][number], workload: WriteWorkload | undefined): string {
  const [stream] = workload?.reads?.streams ?? [];
  const readers = stream?.arrival.kind === 'closed' ? stream.arrival.threads : null;
  return dbBenchResultLine(entry, readers ?? workload?.threads ?? 1, (workload?.keySizeBytes ?? 0) + (workload?.valueSizeBytes ?? 0));
}

interface OwnFlags {
  device: string | null;
  host: string | null;
  out: string | null;
  json: boolean;
  band: boolean;
  readonly require: string[];
}

const valueFlags = ['device', 'host', 'out', 'require'] as const;

/** Takes our flags out; the others stay as they are, for db_bench's own rules. */
function splitFlags(argv: readonly string[]): { readonly own: OwnFlags; readonly rest: readonly string[] } {
  const own: OwnFlags = { device: null, host: null, out: null, json: false, band: false, require: [] };
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    const [, name = '', attached] = /^--?([a-z_]+)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    const flag = valueFlags.find((known) => known === name);
    if (name === 'json' || name === 'band') {
      own[name] = attached === undefined || attached === 'true' || attached === '1';
    } else if (flag === undefined) {
      rest.push(argument);
    } else {
      const value = attached ?? argv[++index];
      if (value === undefined || value === '') throw new PutmodelError(usage(`--${flag} needs a value`));
      if (flag === 'require') own.require.push(value);
      else own[flag] = value;
    }
  }
  return { own, rest };
}
