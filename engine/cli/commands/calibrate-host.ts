/** `putmodel calibrate host`: a host profile from the LOGs of real runs, or from two minutes of db_bench on this computer. */
import { cpus, totalmem } from 'node:os';
import type { Command } from 'commander';
import { readCalibrationLogs } from '../../files/calibration-logs.js';
import { defaultMachine } from '../../files/machine.js';
import { hostEvidence, parseHostArgument, type EvidenceFile } from '../../files/presets.js';
import { runProgram } from '../../files/process.js';
import { withScratch } from '../../files/scratch.js';
import { writeFileAtomic } from '../../files/write.js';
import { PutmodelError } from '../../kernel/errors.js';
import { formatBytes } from '../../kernel/units.js';
import type { HostProfile } from '../../lsm/host.js';
import { encodeJson } from '../../scenario/json.js';
import { collectCosts, fitHost, withFits, type CostFit, type CostRecord } from '../../validation/calibrate-host.js';
import { measureHost, withMeasurement, type HostMeasurement } from '../../validation/measure-host.js';
import { collect, printWarnings, usage, wholeNumber, type CliIo } from '../flags.js';

interface HostFlags {
  readonly from?: readonly string[];
  readonly run?: true;
  readonly output: string;
  readonly host: string;
  readonly name?: string;
  readonly scratch: string;
  readonly fillSeconds: number;
  readonly json?: true;
}

const help = `
--from fits nanoseconds per record and byte of flushes and merges to the CPU time that a LOG reports (RocksDB 6.29 or later for flushes,
6.0 for merges). LOGs with different value sizes tell the cost of a record from that of its bytes; with one size the profile named by
--host keeps its split and is scaled. Puts are taken from how fast memtables filled while nothing stalled, which is right for a client
that put as fast as it could. Bytes and data blocks keep their proportion. Where large merges become dearer for good once the store has
outgrown some size, the profile says how much memory was warm and what more costs (virtual machines). What LOGs do not say (codecs, files)
stays that profile's.

--run measures this computer with its own db_bench: codecs, puts, WAL, and two short fills; about two minutes and 3 GiB of disk, best
with nothing else running. What needs longer (file system, contention) stays the base profile's; bench/measure-host.sh measures all.

Examples:
  $ putmodel calibrate host --from small/LOG.gz --from large/LOG.gz -o my-host.json
  $ putmodel calibrate host --run -o my-host.json
  $ putmodel simulate scenarios/rate-limited.yaml --host my-host.json
`;

/** Adds the sub-command. */
export function addCalibrateHost(parent: Command, io: CliIo): void {
  parent
    .command('host')
    .description("what the CPU costs a store: from LOGs of real runs, or measured with this computer's db_bench")
    .argument('[log...]', "LOGs, plain or .gz; or say '--from'")
    .option('--from <log>', 'a LOG; may be given several times', collect)
    .option('--run', 'run db_bench here')
    .option('-o, --output <file>', 'the host profile', 'host.json')
    .option('--host <host>', 'preset or host profile for what is not measured', defaultMachine.host)
    .option('--name <name>', "the new profile's name (default: calibrated-<base>)")
    .option('--scratch <dir>', 'where --run makes and removes its stores: a directory on the disk that stores are on', '.')
    .option('--fill-seconds <n>', 'length of each fill of --run', wholeNumber('--fill-seconds', 2, 600), 25)
    .option('--json', 'print profile and residuals as JSON and nothing else')
    .addHelpText('after', help)
    .action((logs: string[], flags: HostFlags) => calibrate([...logs, ...(flags.from ?? [])], flags, io));
}

interface Evidence {
  readonly records: readonly CostRecord[];
  readonly inputs: readonly EvidenceFile[];
  readonly measured: HostMeasurement | null;
}

async function calibrate(paths: readonly string[], flags: HostFlags, io: CliIo): Promise<void> {
  const isRun = flags.run === true;
  if (isRun === paths.length > 0) throw new PutmodelError(usage('say either --from LOG or --run', undefined, 'one of the two'));
  const base = parseHostArgument(flags.host);
  const evidence = isRun ? await fromRuns(flags, io) : await fromLogs(paths);
  const measured = evidence.measured === null ? base.model : withMachine(withMeasurement(base.model, evidence.measured));
  const fits = fitHost(evidence.records, measured);
  if (fits.length === 0 && evidence.measured === null) {
    const message = 'no CPU times of flushes or merges to fit: too few jobs, or a RocksDB that does not report them';
    throw new PutmodelError({ code: 'INPUT_INVALID', message, expected: '5 flushes (from 6.29 on) or 5 merges (from 6.0 on)' });
  }
  const profile: HostProfile = {
    ...withFits(measured, fits, evidence.records),
    name: flags.name ?? `calibrated-${base.model.name}`,
    source: `putmodel calibrate host ${isRun ? '--run' : '--from'}; the rest from ${base.model.name}`,
  };
  const document = { schema: 'putmodel/host/1', ...profile, calibratedOn: [...evidence.inputs, ...hostEvidence(flags.host)] };
  writeFileAtomic(flags.output, encodeJson(document));
  printWarnings(io, [...base.warnings, ...warningsOf(fits, base.model)]);
  io.stdout(flags.json === true ? encodeJson({ profile: document, fits }) : report(profile, fits, evidence, flags.output));
}

async function fromLogs(paths: readonly string[]): Promise<Evidence> {
  return { ...(await readCalibrationLogs(paths, collectCosts)), measured: null };
}

async function fromRuns({ scratch, fillSeconds }: HostFlags, io: CliIo): Promise<Evidence> {
  const onStep = (step: string, index: number, count: number): void => {
    const text = `db_bench ${String(index)}/${String(count)}: ${step}`;
    io.stderr(io.liveProgress ? `\r\u001B[K${text}` : `${text}\n`);
  };
  const measured = await withScratch(scratch, (directory) =>
    measureHost({ run: runProgram, directory, fillSec: fillSeconds, signal: io.signal, onStep }),
  );
  if (io.liveProgress) io.stderr('\r\u001B[K');
  return { records: measured.fills, inputs: measured.logs, measured };
}

/** This computer's cores and memory; 1 GiB is left to programs, as in the shipped profile. */
function withMachine(profile: HostProfile): HostProfile {
  const gib = 1024 * 1024 * 1024;
  return { ...profile, cores: cpus().length, pageCacheBytes: Math.max(gib / 4, totalmem() - gib) };
}

function warningsOf(fits: readonly CostFit[], base: HostProfile): string[] {
  const missing = (['put', 'flush', 'merge'] as const).filter((work) => !fits.some((fit) => fit.work === work));
  const scaled = fits.filter(({ method }) => method === 'scaled').map(({ work }) => work);
  const sizes = `one record size only: the cost of ${scaled.join(' and ')} is that of ${base.name} times a factor, not split anew`;
  return [
    ...missing.map((work) => `too few ${work} jobs with CPU times: ${base.name} keeps its figures`),
    ...(scaled.length > 0 ? [sizes] : []),
  ];
}

function report(profile: HostProfile, fits: readonly CostFit[], { measured }: Evidence, output: string): string {
  const nanos = (value: number): string => value.toPrecision(4).padStart(9);
  const lines = [
    'Work    ns/record   ns/byte  ns/block  ns/record per doubling of runs',
    ...fits.flatMap((fit) => [
      `${fit.work.padEnd(7)} ${[fit.nanosPerRecord, fit.nanosPerByte, fit.nanosPerBlock, fit.nanosPerRecordPerDoubling].map(nanos).join(' ')}   (${fit.method})`,
      ...fit.residuals.map(
        ({ source, jobs, p50Percent, p90Percent }) =>
          `        ${source}: ${String(jobs)} jobs, off by ${p50Percent.toFixed(1)} % (median), ${p90Percent.toFixed(1)} % (nine in ten)`,
      ),
    ]),
    ...(profile.coldPageNanosPerByte > 0 ? [coldLine(profile)] : []),
    ...(measured === null ? [] : measuredLines(profile, measured)),
    '',
    `written to ${output}: host ${profile.name}`,
  ];
  return `${lines.join('\n')}\n`;
}

function coldLine({ coldPageNanosPerByte, warmPageBytes }: HostProfile): string {
  return `memory  ${formatBytes(warmPageBytes)} warm, ${coldPageNanosPerByte.toPrecision(4)} ns for each byte that files take beyond it`;
}

function measuredLines(profile: HostProfile, { crcNanosPerByte, codecs, puts }: HostMeasurement): string[] {
  const figure = (value: number): string => value.toPrecision(4);
  return [
    `puts    ${figure(profile.insertNanosPerRecord)} ns/record, ${figure(profile.insertNanosPerByte)} ns/byte; WAL ${figure(profile.walNanosPerGroup)} ns/group, ${figure(profile.walNanosPerByte)} ns/byte`,
    ...puts.map(({ putBytes, wal, nanos }) => `        ${String(putBytes)} B${wal ? ' with WAL' : ''}: ${figure(nanos)} ns a put`),
    `crc32c  ${figure(crcNanosPerByte)} ns/byte (inside flush and merge)`,
    ...codecs.map(
      ({ codec, compressNanosPerByte, decompressNanosPerByte, compressedFraction }) =>
        `${codec.padEnd(7)} ${figure(compressNanosPerByte)} ns/byte in, ${figure(decompressNanosPerByte)} ns/byte out, to ${(100 * compressedFraction).toFixed(1)} %`,
    ),
  ];
}
