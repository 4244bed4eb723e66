/** `putmodel validate`: real runs in, how far predictions are from them out; or, with --record, a real run recorded for it. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { recordRun } from '../../files/record-run.js';
import { writeResultDirectory } from '../../files/result-directory.js';
import { writeFileAtomic } from '../../files/write.js';
import { PutmodelError } from '../../kernel/errors.js';
import { envelopeCsv, encodeEnvelope } from '../../device/envelope-file.js';
import { claimComparisons } from '../../putrate/reproduce.js';
import { renderLedger } from '../../report/ledger.js';
import { renderValidation } from '../../report/validation.js';
import { encodeJson } from '../../scenario/json.js';
import { judgeValidation, type JudgedValidation } from '../../validation/documents.js';
import { validate } from '../../validation/pipeline.js';
import { addMachineFlags, printWarnings, usage, wholeNumber, type CliIo } from '../flags.js';

interface ValidateFlags {
  readonly device?: string;
  readonly host?: string;
  readonly out?: string;
  readonly samples: number;
  readonly seed: number;
  readonly record?: string;
  readonly json?: true;
}

const help = `
A truth directory holds command.txt, stdout.txt and LOG of one db_bench run, and usually OPTIONS, report.csv and sst.txt (each plain or .gz);
device figures count too: diskstats.txt, iostat.txt or sampler.csv. A directory of such directories stands for all of them.

Phases: A calibration of device and host, B where the pace changes, C bytes by level, D predictions from the command line alone against the
real runs, E sensitivity. A run that device or host was calibrated on is refused: files are compared by hash.

Examples:
  $ putmodel validate truth/ --out results/validation
  $ putmodel validate --record truth/run-3 -- db_bench --benchmarks=fillrandom --num=20000000 --duration=240
  $ putmodel validate truth/run-1 truth/run-2 --device envelope_model.json --host my-host.json

The directory holds validation_report.html, performance_metrics.json, calibration_results.json, ledger.csv, closure_report.txt, the envelope
(envelope_model.json, device_envelope.csv), and each prediction's result directory below holdout/.
Exit status: 0 when the acceptance criteria A1 to A4 pass, 1 when one fails, 2 for bad input.
`;

/** Adds the command. */
export function addValidateCommand(program: Command, io: CliIo): void {
  const command = program
    .command('validate')
    .description('compare predictions with real db_bench runs, with a report; exit 1 when an acceptance criterion fails')
    .argument('[directory...]', 'truth directories, or directories of them');
  addMachineFlags(command)
    .option('--samples <n>', "rows of the sensitivity's design; 0: one input at a time only", wholeNumber('--samples', 0, 100_000), 16)
    .option('--seed <n>', "seed of the sensitivity's design", wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .option('--out <dir>', 'directory of the report (default: results/validation; with --json none)')
    .option('--record <dir>', 'run the db_bench command after -- and keep it in this new truth directory')
    .option('--json', 'print performance_metrics.json and nothing else')
    .addHelpText('after', help)
    .action(async (directories: string[], flags: ValidateFlags) => {
      await (flags.record === undefined ? runValidate(directories, flags, io) : record(flags.record, directories, io));
    });
}

async function record(directory: string, command: readonly string[], io: CliIo): Promise<void> {
  io.stderr(`recording ${command.join(' ')}\n`);
  const recorded = await recordRun({ directory, command, signal: io.signal });
  const drive = recorded.drive === null ? 'no drive found below it' : `on ${recorded.drive}`;
  io.stdout(`${recorded.resultLine}\nRecorded in ${recorded.directory} (${drive}). Next: putmodel validate ${recorded.directory}\n`);
}

async function runValidate(directories: readonly string[], flags: ValidateFlags, io: CliIo): Promise<void> {
  if (directories.length === 0) throw new PutmodelError(usage('nothing to validate', undefined, 'one truth directory or more'));
  const { device, host, samples, seed } = flags;
  const onProgress = (text: string): void => {
    if (io.signal.aborted) throw new PutmodelError({ code: 'CANCELLED', message: `interrupted while ${text}` });
    if (io.liveProgress) io.stderr(`\r\u001B[K${text}`);
  };
  const validation = judgeValidation(await validate(directories, { device, host, samples, seed, onProgress }));
  if (io.liveProgress) io.stderr('\r\u001B[K');
  printWarnings(io, validation.machine.warnings);
  const directory = flags.out ?? (flags.json === true ? null : join('results', 'validation'));
  if (directory !== null) await writeReport(directory, validation);
  io.stdout(flags.json === true ? encodeJson(validation.metrics) : renderValidation(validation, directory, io.style));
  failWhenNotAccepted(validation);
}

/** Nothing in the files depends on when or where they were made, but for each prediction's run.json. */
async function writeReport(directory: string, validation: JudgedValidation): Promise<void> {
  const { device } = validation.machine;
  const closureReport = validation.runs.map(closureText).join('\n');
  // Pictures need a document to be drawn in, which takes a second to load: only where they are wanted.
  const { validationPage } = await import('../../report/validation-page.js');
  const files: Readonly<Record<string, string>> = {
    'performance_metrics.json': encodeJson(validation.metrics),
    'calibration_results.json': encodeJson(validation.calibration),
    'ledger.csv': validation.ledgerCsv,
    'closure_report.txt': closureReport,
    'validation_report.html': await validationPage(validation, claimComparisons(), closureReport),
    ...(device.kind === 'envelope'
      ? { 'envelope_model.json': encodeEnvelope(device.envelope), 'device_envelope.csv': envelopeCsv(device.envelope) }
      : {}),
  };
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(directory, name), text);
  for (const { truth, run } of validation.runs) {
    const circumstances = { command: ['db_bench', ...truth.argv], startedAt: '', wallMillis: 0, node: '', platform: '' };
    writeResultDirectory(join(directory, 'holdout', truth.name), run, circumstances);
  }
}

const untilWords = {
  log: 'to the end of the log',
  benchmark: 'to the end of the benchmark',
  dump: 'to the last dump of the log',
} as const;

function closureText({ truth, realLedger, simulatedLedger }: JudgedValidation['runs'][number]): string {
  const version = realLedger.rocksdbVersion ?? 'of unknown version';
  return [
    renderLedger(realLedger.closed, { title: `${truth.name}, real (RocksDB ${version})`, until: untilWords[realLedger.end] }),
    renderLedger(simulatedLedger, { title: `${truth.name}, simulated`, until: 'to the end of the run' }),
  ].join('\n');
}

function failWhenNotAccepted({ verdicts }: JudgedValidation): void {
  const failed = verdicts.filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  throw new PutmodelError(
    failed.map(({ criterion, title, bar, found }) => ({
      code: 'CHECK_FAILED',
      message: `${criterion} fails, ${title}`,
      found,
      expected: bar,
    })),
  );
}
