/** `putmodel report`: a result directory as one HTML file that opens from disk. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { readResultDirectory } from '../../files/result-directory.js';
import { writeFileAtomic } from '../../files/write.js';
import type { CliIo } from '../flags.js';

interface ReportFlags {
  readonly out?: string;
}

const help = `
The page holds its pictures and styles and loads nothing; it follows the reader's light or dark setting, and prints.

Examples:
  $ putmodel simulate scenarios/fillrandom-nvme.yaml --out results/nvme
  $ putmodel report results/nvme
`;

/** Adds the command. */
export function addReportCommand(program: Command, io: CliIo): void {
  program
    .command('report')
    .description('a result directory as one HTML file: answer, pictures, tables, and how far to trust it')
    .argument('<result-dir>', 'what simulate or db_bench wrote')
    .option('--out <file>', 'the page (default: report.html in the directory)')
    .addHelpText('after', help)
    .action(async (directory: string, flags: ReportFlags) => {
      await report(directory, flags, io);
    });
}

async function report(directory: string, flags: ReportFlags, io: CliIo): Promise<void> {
  const run = readResultDirectory(directory);
  // Drawing needs jsdom and Plot, which take a second to load: no other command pays for them.
  const [{ renderRunPage }, { nodeCanvas }] = await Promise.all([import('../../report/pages.js'), import('../../report/canvas.js')]);
  const page = flags.out ?? join(directory, 'report.html');
  writeFileAtomic(page, renderRunPage(run, await nodeCanvas()));
  io.stdout(`${page}\n`);
}
