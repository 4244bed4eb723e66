/** `putmodel serve`: the what-if page, from a server on this machine or as files for any server. */
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { liveSite, readPage, writeSite, type LiveSite } from '../../files/site.js';
import { PutmodelError } from '../../kernel/errors.js';
import { serve } from '../../web/server.js';
import { usage, wholeNumber, type CliIo } from '../flags.js';

interface ServeFlags {
  readonly port?: number;
  readonly export?: string;
}

/** Any free choice would do; this one is in no list of well-known ports. */
const defaultPort = 7883;

const help = `
The page simulates in the browser: nothing is sent anywhere. Only this machine reaches the server.
Result directories are listed at /results/<name>/, with files that are written meanwhile, such as the report.html of 'putmodel report'.

Examples:
  $ putmodel serve
  $ putmodel serve --port 0 results/fillrandom-nvme-seed1
  $ putmodel serve --export public/      files for any web server, without special headers
`;

/** Adds the command. */
export function addServeCommand(program: Command, io: CliIo): void {
  program
    .command('serve')
    .description('the what-if page in the browser: move sliders, drop fio results, OPTIONS or a LOG, compare, share')
    .argument('[results...]', 'result directories to show beside it')
    .option('--port <n>', `port on 127.0.0.1; 0: any free one (default: ${String(defaultPort)})`, wholeNumber('--port', 0, 65_535))
    .option('--export <dir>', 'write the page as static files and stop')
    .addHelpText('after', help)
    .action(async (results: readonly string[], flags: ServeFlags) => {
      if (flags.export === undefined) await run(results, flags.port ?? defaultPort, io);
      else exportPage(flags.export, results, flags, io);
    });
}

function exportPage(directory: string, results: readonly string[], { port }: ServeFlags, io: CliIo): void {
  if (port !== undefined || results.length > 0)
    throw new PutmodelError(usage('--export writes the page alone: give neither --port nor results'));
  const page = readPage();
  writeSite(page, directory);
  io.stdout(`${String(page.size)} files in ${directory}\n`);
}

async function run(directories: readonly string[], port: number, io: CliIo): Promise<void> {
  const results = new Map<string, LiveSite>();
  for (const directory of directories) {
    const name = basename(resolve(directory));
    if (results.has(name)) throw new PutmodelError(usage('two result directories have one name', name));
    results.set(name, liveSite(directory));
  }
  const links = [...results].map(([name, site]) => {
    const names = site.names();
    return `results/${encodeURIComponent(name)}/${names.find((file) => file === 'report.html') ?? ''}`;
  });
  const serving = await serve({ page: readPage(), results }, port);
  io.stdout(`${serving.url}\n`);
  for (const link of links) io.stdout(`${serving.url}${link}\n`);
  io.stderr('Ctrl+C ends it.\n');
  await new Promise<void>((resolved) => {
    if (io.signal.aborted) resolved();
    io.signal.addEventListener('abort', () => {
      resolved();
    });
  });
  await serving.close();
}
