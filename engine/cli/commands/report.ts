/** `putmodel report`: a result, a device or the closed-form models as one HTML file that opens from disk, or as pictures. */
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { pngDrawer } from '../../files/png.js';
import { loadEnvelope } from '../../files/presets.js';
import { existsSync, isDirectory } from '../../files/read.js';
import { readResultDirectory } from '../../files/result-directory.js';
import { engineVersion } from '../../files/version.js';
import { writeFileAtomic } from '../../files/write.js';
import type { Canvas } from '../../report/charts/drawing.js';
import type { Subject } from '../../report/subjects.js';
import { isSweepDirectory, readSweep } from '../../sweep/read-sweep.js';
import { printWarnings, type CliIo } from '../flags.js';

interface ReportFlags {
  readonly out?: string;
  readonly svg?: string;
  readonly png?: string;
  readonly theme: 'light' | 'dark';
}

/** Not a path: the models of `putmodel predict`. */
const putRateName = 'putrate';

const help = `
The page holds its pictures and styles and loads nothing; it follows the reader's light or dark setting, and prints.
'${putRateName}' stands for the closed-form models of 'putmodel predict': claimed figures beside reproduced ones.
With --svg or --png and no --out there is no page. PNG files need the package @resvg/resvg-js.

Examples:
  $ putmodel report results/nvme
  $ putmodel report results/nvme --svg pictures/ --theme dark
  $ putmodel report envelope_model.json --out envelope.html
  $ putmodel report ${putRateName} --png pictures/
`;

/** Adds the command. */
export function addReportCommand(program: Command, io: CliIo): void {
  program
    .command('report')
    .description('a result as one HTML file: answer, pictures, tables, and how far to trust it; or its pictures as files')
    .argument('<what>', `result directory, envelope_model.json, directory of fio results, preset, or ${putRateName}`)
    .option('--out <file>', 'the page (default: report.html in the result directory, else <name>.html here)')
    .option('--svg <dir>', 'also, or only, each picture as an SVG file of 1200 x 800')
    .option('--png <dir>', 'the same as PNG files')
    .addOption(new Option('--theme <theme>', 'of the picture files').choices(['light', 'dark']).default('light'))
    .addHelpText('after', help)
    .action(async (what: string, flags: ReportFlags) => {
      await report(what, flags, io);
    });
}

async function report(what: string, flags: ReportFlags, io: CliIo): Promise<void> {
  const { subject, defaultPage } = await subjectOf(what, io);
  // Drawing needs jsdom and Plot, which take a second to load: no other command pays for them.
  const { nodeCanvas } = await import('../../report/canvas.js');
  const canvas = await nodeCanvas();
  const written: string[] = [];
  const write = (path: string, data: string | Uint8Array): void => {
    writeFileAtomic(path, data);
    written.push(path);
  };
  const wantsPage = flags.out !== undefined || (flags.svg === undefined && flags.png === undefined);
  if (wantsPage) write(flags.out ?? defaultPage, subject.renderPage(canvas));
  const { darkTheme, lightTheme } = await import('../../report/charts/theme.js');
  await writePictures(subject, { ...canvas, theme: flags.theme === 'dark' ? darkTheme : lightTheme }, flags, write);
  io.stdout(`${written.join('\n')}\n`);
}

/** What the first argument means; a directory with a summary.json is a run, one with a sweep.json a sweep. */
async function subjectOf(what: string, io: CliIo): Promise<{ readonly subject: Subject; readonly defaultPage: string }> {
  const { envelopeSubject, putRateSubject, runSubject, sweepSubject } = await import('../../report/subjects.js');
  if (what === putRateName && !existsSync(what)) return { subject: putRateSubject(engineVersion()), defaultPage: `${putRateName}.html` };
  if (isDirectory(what) && existsSync(join(what, 'summary.json'))) {
    return { subject: runSubject(readResultDirectory(what)), defaultPage: join(what, 'report.html') };
  }
  if (isDirectory(what) && isSweepDirectory(what)) {
    return { subject: sweepSubject(readSweep(what)), defaultPage: join(what, 'report.html') };
  }
  const { model, warnings } = loadEnvelope(what);
  printWarnings(io, warnings);
  return { subject: envelopeSubject(model, engineVersion()), defaultPage: `${model.name.replaceAll(/[^\w.-]+/g, '-')}.html` };
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
