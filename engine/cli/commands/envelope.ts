/** `putmodel envelope build | query`: fio results in, a device model out; and what it says about a point. */
import { Option, type Command } from 'commander';
import { loadEnvelope } from '../../files/presets.js';
import { buildEnvelopeFromFiles, type BuiltEnvelope } from '../../files/fio-results.js';
import { writeFileAtomic } from '../../files/write.js';
import { encodeEnvelope, envelopeCsv } from '../../device/envelope-file.js';
import {
  axisNames,
  defaultAxes,
  queryEnvelope,
  type Axes,
  type EnvelopeAnswer,
  type EnvelopeModel,
  type EnvelopeQuery,
  type EnvelopeSurface,
  type Outside,
  type Pattern,
} from '../../device/envelope.js';
import { formatIssue, PutmodelError } from '../../kernel/errors.js';
import { formatCount, formatMicros, MIB } from '../../kernel/units.js';
import { encodeJson } from '../../scenario/json.js';
import { addEnvelopeMeasureCommand } from './envelope-measure.js';

/** Where the command prints: results on standard output, warnings on standard error. */
export interface EnvelopeIo {
  stdout(text: string): void;
  stderr(text: string): void;
}

const buildHelp = `
Axes (read share, iodepth, numjobs, block size) come from the options in each file; any grid will do.
A directory stands for its *.json and *.json.gz.

Example:
  $ putmodel envelope build fio-results/ -o envelope_model.json --csv device_envelope.csv
`;

const queryHelp = `
Example:
  $ putmodel envelope query envelope_model.json --read-percent 40 --iodepth 8 --numjobs 2 --bs-kib 128
`;

/** Adds the command with its sub-commands. */
export function addEnvelopeCommand(program: Command, io: EnvelopeIo): void {
  const envelope = program.command('envelope').description('build a device model from fio results, or ask one');
  envelope
    .command('build')
    .description('build envelope_model.json from fio JSON files')
    .argument('<path...>', 'fio JSON files, or directories of them')
    .option('-o, --output <file>', 'the model', 'envelope_model.json')
    .option('--csv <file>', 'also one row a measured point, such as device_envelope.csv')
    .option('--name <name>', 'name of the device (default: of the directory or file)')
    .option('--source <text>', 'where the measurements come from')
    .addOption(
      new Option('--outliers <what>', 'points that break the order of their neighbours: keep, or fill from the neighbours')
        .choices(['keep', 'fill'])
        .default('keep'),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', buildHelp)
    .action((paths: string[], flags: BuildFlags) => {
      runBuild(paths, flags, io);
    });
  envelope
    .command('query')
    .description('what the device gives at a point')
    .argument('<model>', "envelope_model.json, a directory of fio results, or a preset's name")
    .requiredOption('--read-percent <n>', 'reads of all bytes, 0 to 100', numberOf('--read-percent'))
    .requiredOption('--iodepth <n>', 'requests in flight of one job', numberOf('--iodepth'))
    .requiredOption('--numjobs <n>', 'jobs', numberOf('--numjobs'))
    .requiredOption('--bs-kib <n>', 'block size, KiB', numberOf('--bs-kib'))
    .addOption(
      new Option('--axes <scale>', 'how iodepth, numjobs and block size are measured between points')
        .choices(['linear', 'log2'])
        .default(defaultAxes),
    )
    .addOption(
      new Option('--outside <what>', 'outside the grid: hold the edge, refuse, or carry the line on')
        .choices(['clamp', 'error', 'linear'])
        .default('clamp'),
    )
    .addOption(new Option('--pattern <pattern>', 'which surface (default: random when measured)').choices(['random', 'sequential']))
    .option('--br <mib>', 'physical read bandwidth, MiB/s: the total is at most min(Br, Bw)', numberOf('--br'))
    .option('--bw <mib>', 'physical write bandwidth, MiB/s', numberOf('--bw'))
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((model: string, flags: QueryFlags) => {
      runQuery(model, flags, io);
    });
  addEnvelopeMeasureCommand(envelope, io);
}

interface BuildFlags {
  readonly output: string;
  readonly csv?: string;
  readonly name?: string;
  readonly source?: string;
  readonly outliers: 'keep' | 'fill';
  readonly json?: true;
}

interface QueryFlags {
  readonly readPercent: number;
  readonly iodepth: number;
  readonly numjobs: number;
  readonly bsKib: number;
  readonly axes: Axes;
  readonly outside: Outside;
  readonly pattern?: Pattern;
  readonly br?: number;
  readonly bw?: number;
  readonly json?: true;
}

/** Ranges are the query's own business (device/envelope.ts); here only what is no number at all is refused. */
function numberOf(flag: string): (text: string) => number {
  return (text) => {
    const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
    if (Number.isFinite(value)) return value;
    throw new PutmodelError({ code: 'USAGE', message: `wrong value of ${flag}`, found: JSON.stringify(text), expected: 'a number' });
  };
}

function runBuild(paths: readonly string[], flags: BuildFlags, io: EnvelopeIo): void {
  const built = buildEnvelopeFromFiles(paths, { name: flags.name, source: flags.source, outliers: flags.outliers });
  const warnings = built.issues.map(formatIssue);
  for (const warning of warnings) io.stderr(`putmodel: warning: ${warning}\n`);
  writeFileAtomic(flags.output, encodeEnvelope(built.model));
  if (flags.csv !== undefined) writeFileAtomic(flags.csv, envelopeCsv(built.model));
  io.stdout(flags.json === true ? encodeJson(buildDocument(built, flags, warnings)) : buildText(built, flags));
}

function buildDocument(built: BuiltEnvelope, flags: BuildFlags, warnings: readonly string[]): unknown {
  return {
    schema: 'putmodel/envelope-build/1',
    name: built.model.name,
    model: flags.output,
    csv: flags.csv ?? null,
    files: built.model.inputs.length,
    points: built.pointCount,
    surfaces: Object.fromEntries(
      surfacesOf(built.model).map(([pattern, surface]) => [pattern, { axes: surface.axes, gaps: gapsOf(surface) }]),
    ),
    warnings,
  };
}

function buildText(built: BuiltEnvelope, flags: BuildFlags): string {
  const lines = [`${built.model.name}: ${formatCount(built.pointCount)} points from ${formatCount(built.fileCount)} files`];
  for (const [pattern, surface] of surfacesOf(built.model)) {
    const gaps = gapsOf(surface);
    lines.push(
      `${pattern}: ${axisNames.map((name) => `${name} ${surface.axes[name].join(' ')}`).join('; ')}${gaps === 0 ? '' : `; ${formatCount(gaps)} gaps filled`}`,
    );
  }
  lines.push(`written: ${[flags.output, flags.csv].filter((file) => file !== undefined).join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function surfacesOf(model: EnvelopeModel): [Pattern, EnvelopeSurface][] {
  return (['random', 'sequential'] as const).flatMap((pattern) => {
    const surface = model.surfaces[pattern];
    return surface === undefined ? [] : [[pattern, surface] satisfies [Pattern, EnvelopeSurface]];
  });
}

function gapsOf(surface: EnvelopeSurface): number {
  return surface.runs.filter((count) => count === 0).length;
}

function runQuery(name: string, flags: QueryFlags, io: EnvelopeIo): void {
  const { model, warnings: loading } = loadEnvelope(name);
  const query: EnvelopeQuery = { readPercent: flags.readPercent, iodepth: flags.iodepth, numjobs: flags.numjobs, bsKib: flags.bsKib };
  const answer = inFlags(flags, () =>
    queryEnvelope(model, query, {
      pattern: flags.pattern,
      axes: flags.axes,
      outside: flags.outside,
      brBytesPerSec: flags.br === undefined ? undefined : flags.br * MIB,
      bwBytesPerSec: flags.bw === undefined ? undefined : flags.bw * MIB,
    }),
  );
  const warnings = [...loading, ...answer.warnings];
  for (const warning of warnings) io.stderr(`putmodel: warning: ${warning}\n`);
  io.stdout(flags.json === true ? encodeJson(queryDocument(model, query, flags, answer, warnings)) : queryText(model, query, answer));
}

/** The flag of each figure of a query, and where its value is. */
const queryFlags: Readonly<Record<string, readonly [string, 'readPercent' | 'iodepth' | 'numjobs' | 'bsKib' | 'br' | 'bw']>> = {
  readPercent: ['--read-percent', 'readPercent'],
  iodepth: ['--iodepth', 'iodepth'],
  numjobs: ['--numjobs', 'numjobs'],
  bsKib: ['--bs-kib', 'bsKib'],
  brBytesPerSec: ['--br', 'br'],
  bwBytesPerSec: ['--bw', 'bw'],
};

/** Runs it; its errors name flags, and values as they were given. */
function inFlags<T>(flags: QueryFlags, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    throw new PutmodelError(
      error.issues.map((issue) => {
        const [flag, name] = queryFlags[issue.path ?? ''] ?? [];
        return flag === undefined || name === undefined ? issue : { ...issue, path: flag, found: String(flags[name]) };
      }),
    );
  }
}

function queryDocument(
  model: EnvelopeModel,
  query: EnvelopeQuery,
  flags: QueryFlags,
  answer: EnvelopeAnswer,
  warnings: readonly string[],
): unknown {
  return {
    schema: 'putmodel/envelope-query/1',
    name: model.name,
    query,
    pattern: answer.pattern,
    axes: answer.axes,
    outside: flags.outside,
    readMibPerSec: answer.readBytesPerSec / MIB,
    writeMibPerSec: answer.writeBytesPerSec / MIB,
    totalMibPerSec: answer.totalBytesPerSec / MIB,
    clampedToPhysical: answer.clampedToPhysical,
    columns: answer.columns,
    warnings,
  };
}

function queryText(model: EnvelopeModel, query: EnvelopeQuery, answer: EnvelopeAnswer): string {
  const lines = [
    `${model.name}, ${answer.pattern} access, ${answer.axes} axes`,
    `read ${String(query.readPercent)} %, iodepth ${String(query.iodepth)}, numjobs ${String(query.numjobs)}, ${String(query.bsKib)} KiB:`,
    row('total', answer.totalBytesPerSec, answer),
  ];
  if (query.readPercent > 0) lines.push(row('read', answer.readBytesPerSec, answer));
  if (query.readPercent < 100) lines.push(row('write', answer.writeBytesPerSec, answer));
  if (answer.clampedToPhysical) lines.push('  lowered to min(Br, Bw)');
  return `${lines.join('\n')}\n`;
}

function row(direction: 'total' | 'read' | 'write', bytesPerSec: number, answer: EnvelopeAnswer): string {
  const ops = answer.columns[`${direction}OpsPerSec`];
  const latencies = ['p50', 'p99', 'p99.9'].flatMap((name) => {
    const micros = answer.columns[`${direction}ClatMicros.${name}`];
    return micros === undefined ? [] : [`${name} ${formatMicros(micros)}`];
  });
  const operations = ops === undefined ? '' : `${formatCount(Math.round(ops))} op/s`;
  const latency = latencies.length === 0 ? '' : `   completion ${latencies.join(', ')}`;
  return `  ${direction.padEnd(5)} ${`${(bytesPerSec / MIB).toFixed(1)} MiB/s`.padStart(14)} ${operations.padStart(16)}${latency}`.trimEnd();
}
