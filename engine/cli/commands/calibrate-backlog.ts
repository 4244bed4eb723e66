/** `putmodel calibrate backlog`: mu, k, eta and read shares of the fluid model from the LOG of a calibration run. */
import type { Command } from 'commander';
import { createBeff } from '../../backlog/beff.js';
import type { BacklogCalibration } from '../../backlog/calibration-file.js';
import { collectDrains, fitDrains } from '../../backlog/calibrate.js';
import { readCalibrationLogs } from '../../files/calibration-logs.js';
import { loadMachine } from '../../files/machine.js';
import { writeFileAtomic } from '../../files/write.js';
import { PutmodelError } from '../../kernel/errors.js';
import { formatBytesPerSec, formatFraction, formatSeconds } from '../../kernel/units.js';
import { encodeJson } from '../../scenario/json.js';
import { collect, printWarnings, usage, wholeNumber, type CliIo } from '../flags.js';

interface BacklogFlags {
  readonly from?: readonly string[];
  readonly output: string;
  readonly device?: string;
  readonly iodepth: number;
  readonly numjobs: number;
  readonly bsKib: number;
  readonly json?: true;
}

const help = `
Say the device that the run was on: eta is the part of its bandwidth that compactions and flushes got.

Example:
  $ putmodel calibrate backlog --from run/LOG.gz --device debian-vm -o backlog.json
  and in a scenario of kind backlog:  backlog: {calibration: backlog.json}
`;

/** Adds the sub-command. */
export function addCalibrateBacklog(parent: Command, io: CliIo): void {
  parent
    .command('backlog')
    .description('mu, k, eta and read shares of the fluid backlog model, from the LOG of a real run')
    .argument('[log...]', "LOGs of a run of RocksDB, plain or .gz; or say '--from'")
    .option('--from <log>', 'a LOG; may be given several times', collect)
    .option('-o, --output <file>', 'the calibration', 'backlog.json')
    .option(
      '--device <device>',
      'preset, envelope_model.json, directory of fio results, output of iostat, or read=..,write=.. (default: debian-vm)',
    )
    .option('--iodepth <n>', 'requests in flight of a job', wholeNumber('--iodepth', 1, 65_536), 16)
    .option('--numjobs <n>', 'jobs at once', wholeNumber('--numjobs', 1, 65_536), 1)
    .option('--bs-kib <n>', 'block size of their requests', wholeNumber('--bs-kib', 1, 1_048_576), 1024)
    .option('--json', 'print the calibration as JSON and nothing else')
    .addHelpText('after', help)
    .action((logs: string[], flags: BacklogFlags) => calibrate([...logs, ...(flags.from ?? [])], flags, io));
}

async function calibrate(paths: readonly string[], flags: BacklogFlags, io: CliIo): Promise<void> {
  if (paths.length === 0) throw new PutmodelError(usage('no LOG given', undefined, '--from LOG'));
  const named = flags.device === undefined ? null : { name: flags.device, directory: '.' };
  const { machine, inputs: deviceFiles } = loadMachine(['device'], { device: named, host: null });
  const model = machine.device?.model;
  if (model === undefined) throw new PutmodelError(usage('no device'));
  const beff = createBeff(model, { iodepth: flags.iodepth, numjobs: flags.numjobs, blockKib: flags.bsKib });
  const { records, inputs: logs } = await readCalibrationLogs(paths, collectDrains);
  const fit = fitDrains(records, beff);
  const calibration: BacklogCalibration = {
    schema: 'putmodel/backlog-calibration/1',
    calibratedOn: [...logs, ...deviceFiles],
    device: model.name,
    iodepth: flags.iodepth,
    numjobs: flags.numjobs,
    bs_k: flags.bsKib,
    levels: [...fit.levels],
    mu: fit.mu,
    k: fit.k,
    baseFraction: fit.baseFraction,
    rho_r: fit.rho_r,
    mergeAmplification: fit.mergeAmplification,
    evidence: fit.evidence,
  };
  writeFileAtomic(flags.output, encodeJson(calibration));
  printWarnings(io, [...(machine.device?.warnings ?? []), ...beff.warnings, ...etaWarning(calibration)]);
  io.stdout(flags.json === true ? encodeJson(calibration) : report(calibration, flags.output));
}

/** More than the device has: the page cache served reads, or the run was on another device. */
function etaWarning({ baseFraction, device }: BacklogCalibration): string[] {
  if (baseFraction <= 1) return [];
  return [
    `the run moved ${baseFraction.toFixed(2)} times what ${device} gives there: reads came from the page cache, or it ran on another device`,
  ];
}

function report(calibration: BacklogCalibration, output: string): string {
  const { evidence, mu, k, rho_r: readShare, mergeAmplification, baseFraction } = calibration;
  const rate = formatBytesPerSec(evidence.deviceBytesPerSec);
  const lines = [
    `${String(evidence.jobs)} compactions, at least one running for ${formatSeconds(evidence.busySec)}: ${rate}, ${formatFraction(evidence.readFraction)} reads`,
    `Beff there ${formatBytesPerSec(evidence.beffBytesPerSec)} (${calibration.device}), so eta = ${baseFraction.toFixed(4)}`,
    '',
    'Level       mu        k    rho_r  merge amp.  drains at',
    ...calibration.levels.map((level) => {
      const drains = (mu[level] ?? 0) * (k[level] ?? 0) * baseFraction * evidence.beffBytesPerSec;
      const figures = [mu[level], k[level], readShare[level]].map((value) => (value ?? 0).toFixed(4).padStart(8));
      const amplification = mergeAmplification[level]?.toFixed(2) ?? '';
      return `${level.padEnd(5)} ${figures.join(' ')} ${amplification.padStart(11)}  ${formatBytesPerSec(drains)}`;
    }),
    '',
    `written to ${output}`,
  ];
  return `${lines.join('\n')}\n`;
}
