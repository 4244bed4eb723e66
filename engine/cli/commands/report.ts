/** `putmodel report`: a result, a device or the closed-form models as one HTML file that opens from disk, or as pictures. */
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { pngDrawer } from '../../files/png.js';
import { isRates } from '../../device/device-file.js';
import { listPresets, loadEnvelope } from '../../files/presets.js';
import { existsSync, isDirectory, listOwnDirectories, readText } from '../../files/read.js';
import { readResultDirectory, type ResultDirectory } from '../../files/result-directory.js';
import { engineVersion } from '../../files/version.js';
import { writeFileAtomic } from '../../files/write.js';
import { PutmodelError, type Issue } from '../../kernel/errors.js';
import type { Canvas } from '../../report/charts/drawing.js';
import type { Subject } from '../../report/subjects.js';
import { isSweepDirectory, readSweep } from '../../sweep/read-sweep.js';
import { printWarnings, usage, type CliIo } from '../flags.js';

interface ReportFlags {
  readonly out?: string;
  readonly svg?: string;
  readonly png?: string;
  readonly theme?: 'light' | 'dark';
}

/** Not a path: the models of `putmodel predict`. */
const putRateName = 'putrate';

const help = `
The page holds its pictures and styles and loads nothing; it follows the reader's light or dark setting, and prints.
'${putRateName}' stands for the closed-form models of 'putmodel predict': claimed figures beside reproduced ones.
Several result directories, or a directory that holds some (of --seeds or --band), are compared.
The page of a validation is the one that 'putmodel validate' wrote.
With --svg or --png and no --out there is no page. PNG files need the package @resvg/resvg-js.

Examples:
  $ putmodel report results/nvme
  $ putmodel report results/my-sweep
  $ putmodel report results/before results/after --out comparison.html
  $ putmodel report results/nvme --svg pictures/ --theme dark
  $ putmodel report envelope_model.json --out envelope.html
  $ putmodel report ${putRateName} --png pictures/
`;

/** Adds the command. */
export function addReportCommand(program: Command, io: CliIo): void {
  program
    .command('report')
    .description('a result as one HTML file: answer, pictures, tables, and how far to trust it; or its pictures as files')
    .argument(
      '<what...>',
      `result directory of a run, a sweep or a validation, envelope_model.json, directory of fio results, preset, or ${putRateName}`,
    )
    .option('--out <file>', 'the page (default: report.html in the result directory, else <name>.html here)')
    .option('--svg <dir>', 'also, or only, each picture as an SVG file of 1200 x 800')
    .option('--png <dir>', 'the same as PNG files')
    .addOption(new Option('--theme <theme>', 'of the picture files (default: light)').choices(['light', 'dark']))
    .addHelpText('after', help)
    .action(async (what: readonly string[], flags: ReportFlags) => {
      await report(what, flags, io);
    });
}

async function report(what: readonly string[], flags: ReportFlags, io: CliIo): Promise<void> {
  const wantsPictures = (flags.svg ?? flags.png) !== undefined;
  if (flags.theme !== undefined && !wantsPictures)
    throw new PutmodelError(usage("--theme is for --svg and --png: the page follows its reader's setting"));
  const { subject, defaultPage } = await subjectOf(what, io);
  if (subject.pictures.length === 0 && wantsPictures)
    throw new PutmodelError(usage('a comparison or validation is a page: --svg and --png take a run, a sweep or a device'));
  // Drawing needs jsdom and Plot, which take a second to load: no other command pays for them.
  const { nodeCanvas } = await import('../../report/canvas.js');
  const canvas = await nodeCanvas();
  const written: string[] = [];
  const write = (path: string, data: string | Uint8Array): void => {
    writeFileAtomic(path, data);
    written.push(path);
  };
  const wantsPage = flags.out !== undefined || !wantsPictures;
  if (wantsPage) write(flags.out ?? defaultPage, subject.renderPage(canvas));
  const { darkTheme, lightTheme } = await import('../../report/charts/theme.js');
  await writePictures(subject, { ...canvas, theme: flags.theme === 'dark' ? darkTheme : lightTheme }, flags, write);
  io.stdout(`${written.join('\n')}\n`);
}

interface ReportSubject {
  readonly subject: Subject;
  readonly defaultPage: string;
}

/** What the arguments mean: several result directories, or a directory of such, are a comparison. */
async function subjectOf(what: readonly string[], io: CliIo): Promise<ReportSubject> {
  const [first = ''] = what;
  const { comparisonSubject } = await import('../../report/subjects.js');
  const runs = what.length > 1 ? what : runsIn(first);
  if (runs.length < 2) return singleSubject(first, io);
  const subject = comparisonSubject(readRuns(runs), engineVersion());
  return { subject, defaultPage: what.length > 1 ? 'comparison.html' : join(first, 'report.html') };
}

/** Runs by the names of their directories, or by their paths where two have one name. */
function readRuns(directories: readonly string[]): ResultDirectory[] {
  const wrong = directories.filter((directory) => !isRun(directory));
  if (wrong.length > 0) throw new PutmodelError(wrong.map(notComparable));
  const runs = directories.map(readResultDirectory);
  const isDistinct = new Set(runs.map(({ name }) => name)).size === runs.length;
  return isDistinct ? runs : runs.map((run, index) => ({ ...run, name: directories[index] ?? run.name }));
}

function notComparable(directory: string): Issue {
  const expected = 'the result directory of a run, with its summary.json';
  if (!existsSync(directory)) return { code: 'INPUT_MISSING', message: 'no such directory', file: directory, expected };
  const found = isSweepDirectory(directory) ? 'a sweep, which has a report of its own' : undefined;
  return { code: 'INPUT_INVALID', message: 'not a run, and only runs are compared', file: directory, found, expected };
}

/** A directory with a summary.json is a run, one with a sweep.json a sweep. */
async function singleSubject(what: string, io: CliIo): Promise<ReportSubject> {
  const { envelopeSubject, putRateSubject, runSubject, sweepSubject } = await import('../../report/subjects.js');
  if (what === putRateName && !existsSync(what)) return { subject: putRateSubject(engineVersion()), defaultPage: `${putRateName}.html` };
  const defaultPage = join(what, 'report.html');
  if (isRun(what)) return { subject: runSubject(readResultDirectory(what)), defaultPage };
  if (isSweepDirectory(what)) return { subject: sweepSubject(readSweep(what)), defaultPage };
  const validation = join(what, 'validation_report.html');
  // 'putmodel validate' has the real runs at hand, which its directory does not hold: it has made the page.
  if (existsSync(validation)) return { subject: { pictures: [], renderPage: () => readText(validation) }, defaultPage };
  refuseUnknown(what);
  const { model, warnings } = loadEnvelope(what);
  printWarnings(io, warnings);
  return { subject: envelopeSubject(model, engineVersion()), defaultPage: `${model.name.replaceAll(/[^\w.-]+/g, '-')}.html` };
}

function refuseUnknown(what: string): void {
  const presets = listPresets('devices');
  if (existsSync(what) || isRates(what) || presets.includes(what)) return;
  throw new PutmodelError({
    code: 'INPUT_MISSING',
    message: 'nothing of this name to report',
    found: JSON.stringify(what),
    expected: `a directory that simulate, sweep or validate wrote, an envelope_model.json, a directory of fio results, ${putRateName}, or a preset: ${presets.join(', ')}`,
  });
}

function isRun(directory: string): boolean {
  return existsSync(join(directory, 'summary.json'));
}

/** Runs in a directory that is none itself: what `simulate --seeds` and `--band` write. */
function runsIn(directory: string): readonly string[] {
  if (!isDirectory(directory) || isRun(directory) || isSweepDirectory(directory)) return [];
  return listOwnDirectories(directory)
    .map((name) => join(directory, name))
    .filter(isRun);
}

async function writePictures(
  { pictures }: Subject,
  canvas: Canvas,
  { svg, png }: ReportFlags,
  write: (path: string, data: string | Uint8Array) => void,
): Promise<void> {
  // First of all: without the package nothing is written.
  const drawPng = png === undefined ? null : await pngDrawer();
  for (const { name, draw } of pictures) {
    const text = svg === undefined && png === undefined ? '' : draw(canvas);
    if (svg !== undefined) write(join(svg, `${name}.svg`), text);
    if (png !== undefined && drawPng !== null) write(join(png, `${name}.png`), drawPng(text));
  }
}
