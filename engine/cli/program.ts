/**
 * The command line as a function: arguments in, exit status out. 0 done; 1 a check the user asked for failed; 2 bad input or usage;
 * 130 interrupted. What is wrong is one line each on standard error.
 */
import { Command, CommanderError } from 'commander';
import { engineVersion } from '../files/version.js';
import { formatIssue, PutmodelError, type ErrorCode } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import type { CliIo } from './flags.js';

export type ExitStatus = 0 | 1 | 2 | 130;

type AddCommand = (program: Command, io: CliIo) => void;

/** In the order of the help. A command's modules are read when it is asked for: those of all take longer than most simulations. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  simulate: async () => (await import('./commands/simulate.js')).addSimulateCommand,
  db_bench: async () => (await import('./commands/db-bench.js')).addDbBenchCommand,
  compare: async () => (await import('./commands/compare.js')).addCompareCommand,
  explain: async () => (await import('./commands/explain.js')).addExplainCommand,
  advise: async () => (await import('./commands/advise.js')).addAdviseCommand,
  envelope: async () => (await import('./commands/envelope.js')).addEnvelopeCommand,
  predict: async () => (await import('./commands/predict.js')).addPredictCommand,
  calibrate: async () => (await import('./commands/calibrate.js')).addCalibrateCommand,
  ledger: async () => (await import('./commands/ledger.js')).addLedgerCommand,
  report: async () => (await import('./commands/report.js')).addReportCommand,
  sweep: async () => (await import('./commands/sweep.js')).addSweepCommand,
  worker: async () => (await import('./commands/worker.js')).addWorkerCommand,
  merge: async () => (await import('./commands/merge.js')).addMergeCommand,
  query: async () => (await import('./commands/query.js')).addQueryCommand,
  replay: async () => (await import('./commands/replay.js')).addReplayCommand,
  validate: async () => (await import('./commands/validate.js')).addValidateCommand,
  serve: async () => (await import('./commands/serve.js')).addServeCommand,
  schema: async () => (await import('./commands/schema.js')).addSchemaCommand,
};

/** Runs one command line (without node and script); never throws. */
export async function runCli(words: readonly string[], io: CliIo): Promise<ExitStatus> {
  const argv = words[0] === 'help' && words.length > 1 ? [...words.slice(1), '--help'] : words;
  const program = await createProgram(argv, io);
  try {
    // db_bench's flags are RocksDB's, in RocksDB's syntax: they are not for commander to read.
    if (argv[0] === 'db_bench') await runDbBench(argv.slice(1), io);
    else await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, program, argv, io);
  }
}

async function runDbBench(argv: readonly string[], io: CliIo): Promise<void> {
  await (await import('./commands/db-bench.js')).runDbBench(argv, io);
}

/** What a command line needs of the commands: the one it begins with, none for the version, otherwise (help, a mistake) all. */
function commandsFor([first = '']: readonly string[]): Promise<AddCommand[]> {
  if (first === '-V' || first === '--version') return Promise.resolve([]);
  const asked = Object.entries(commands).filter(([name]) => name === first);
  return Promise.all((asked.length === 0 ? Object.entries(commands) : asked).map(([, load]) => load()));
}

/** The program with the commands that this command line needs. */
async function createProgram(argv: readonly string[], io: CliIo): Promise<Command> {
  const program = new Command('putmodel')
    .description(
      'Simulates LSM stores (RocksDB and its kin): what put rate, stalls and write amplification a store has on a device, in seconds instead of hours.',
    )
    .version(engineVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; also after a command')
    .addHelpText('after', examples)
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => {
        io.stdout(text);
      },
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(io.style.columns, 120),
    })
    .exitOverride();
  for (const add of await commandsFor(argv)) add(program, io);
  return inherit(program, program);
}

const examples = `
Examples:
  $ putmodel simulate scenarios/fillrandom-nvme.yaml
  $ putmodel simulate scenarios/fillrandom-nvme.yaml --set lsm.max_background_jobs=8 --require 'stall.stoppedSec<=0'
  $ putmodel db_bench --benchmarks=fillrandom --num=20000000 --value_size=1024 --compression_type=none
  $ putmodel envelope build my-fio-results/ -o envelope_model.json

Exit status: 0 done, 1 a check you asked for failed, 2 bad input or usage, 130 interrupted.
`;

/** Sub-commands take over the program's way to print and to end. */
function inherit(program: Command, command: Command): Command {
  for (const child of command.commands) inherit(program, child.copyInheritedSettings(program));
  return command;
}

function report(error: unknown, program: Command, argv: readonly string[], io: CliIo): ExitStatus {
  if (error instanceof CommanderError) return reportUsage(error, program, argv, io);
  if (error instanceof PutmodelError) {
    for (const issue of error.issues) io.stderr(`${formatIssue(issue)}\n`);
    return statusOf(error.code);
  }
  const message = error instanceof Error ? error.message : String(error);
  io.stderr(`putmodel: internal error: ${message.replaceAll(/\s+/g, ' ')} (this is a mistake in putmodel; please report it)\n`);
  return 2;
}

function statusOf(code: ErrorCode): ExitStatus {
  if (code === 'CHECK_FAILED') return 1;
  return code === 'CANCELLED' ? 130 : 2;
}

/** Help and version end as errors in commander, too. */
function reportUsage(error: CommanderError, program: Command, argv: readonly string[], io: CliIo): ExitStatus {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') {
    io.stderr("putmodel: no command given (expected one of the commands that 'putmodel --help' lists)\n");
    return 2;
  }
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const suggestion = suggest(error, program, argv);
  io.stderr(`putmodel: ${message}${suggestion === null ? '' : ` (did you mean ${suggestion}?)`}\n`);
  return 2;
}

function suggest(error: CommanderError, program: Command, argv: readonly string[]): string | null {
  const command = commandOf(program, argv);
  const wrong = /'([^']*)'/.exec(error.message)?.[1]?.split('=')[0] ?? '';
  if (error.code === 'commander.unknownOption') {
    return nearestName(wrong, [...command.options.flatMap((option) => option.long ?? []), '--help']);
  }
  if (error.code === 'commander.unknownCommand')
    return nearestName(
      wrong,
      command.commands.map((child) => child.name()),
    );
  return null;
}

/** The deepest command that the first words name. */
function commandOf(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) return command;
    command = child;
  }
  return command;
}
