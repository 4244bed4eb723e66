#!/usr/bin/env node
/** The program `putmodel`: connects the command line to this process. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { CliIo } from './flags.js';
import { runCli } from './program.js';

// A reader that went away (`putmodel ... | head`) is no error: of the answer nothing more is wanted, so stop quietly; what is said on the
// way to it (progress, warnings) is dropped.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
});

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupt.abort();
  });
}

// The exit status is set, not forced, so that everything written to a pipe arrives.
process.exitCode = await runCli(process.argv.slice(2), processIo());

function processIo(): CliIo {
  const { env, stdout, stderr } = process;
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  const noColor = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    stdout: (text) => {
      stdout.write(text);
    },
    stderr: (text) => {
      stderr.write(text);
    },
    style: {
      columns: stdout.isTTY ? Math.max(40, Math.min(stdout.columns, 100)) : 80,
      unicode: /utf-?8/i.test(locale) || process.platform === 'win32',
      color: stdout.isTTY && !noColor,
    },
    liveProgress: stderr.isTTY && env['TERM'] !== 'dumb',
    signal: interrupt.signal,
    nowMillis: () => performance.now(),
  };
}
