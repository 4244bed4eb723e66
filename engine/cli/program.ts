/**
 * The command line as a function: arguments in, exit status out. 0 done; 1 a check the user asked for failed; 2 bad input or usage;
 * 130 interrupted. What is wrong is one line each on standard error.
 */
import { Command, CommanderError } from 'commander';
import { engineVersion } from '../files/version.js';
import { formatIssue, PutmodelError, type ErrorCode } from '../kernel/errors.js';
import { nearestName } from '../rocksdb/nearest.js';
import { addCalibrateCommand } from './commands/calibrate.js';
import { addAdviseCommand } from './commands/advise.js';
import { addCompareCommand } from './commands/compare.js';
import { addDbBenchCommand, runDbBench } from './commands/db-bench.js';
import { addEnvelopeCommand } from './commands/envelope.js';
import { addPredictCommand } from './commands/predict.js';
import { addExplainCommand } from './commands/explain.js';
import { addLedgerCommand } from './commands/ledger.js';
import { addReportCommand } from './commands/report.js';
import { addMergeCommand } from './commands/merge.js';
import { addQueryCommand } from './commands/query.js';
import { addReplayCommand } from './commands/replay.js';
import { addSchemaCommand } from './commands/schema.js';
import { addServeCommand } from './commands/serve.js';
import { addSimulateCommand } from './commands/simulate.js';
import { addSweepCommand } from './commands/sweep.js';
import { addWorkerCommand } from './commands/worker.js';
import { addValidateCommand } from './commands/validate.js';
import type { CliIo } from './flags.js';

export type ExitStatus = 0 | 1 | 2 | 130;

/** Runs one command line (without node and script); never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  const program = createProgram(io);
  try {
    // db_bench's flags are RocksDB's, in RocksDB's syntax: they are not for commander to read.
    if (argv[0] === 'db_bench') await runDbBench(argv.slice(1), io);
    else if (argv[0] === 'help' && argv[1] === 'db_bench') await runDbBench(['--help'], io);
    else await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, program, argv, io);
  }
}

/** Every command with its help; running it needs `runCli`. */
export function createProgram(io: CliIo): Command {
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
  addSimulateCommand(program, io);
  addDbBenchCommand(program);
  addCompareCommand(program, io);
  addExplainCommand(program, io);
  addAdviseCommand(program, io);
  addEnvelopeCommand(program, io);
  addPredictCommand(program, io);
  addCalibrateCommand(program, io);
  addLedgerCommand(program, io);
  addReportCommand(program, io);
  addSweepCommand(program, io);
  addWorkerCommand(program, io);
  addMergeCommand(program, io);
  addQueryCommand(program, io);
  addReplayCommand(program, io);
  addValidateCommand(program, io);
  addServeCommand(program, io);
  addSchemaCommand(program, io);
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
