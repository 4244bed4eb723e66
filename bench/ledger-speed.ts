/**
 * How fast `putmodel ledger` is as a whole command, on one LOG of about 500 MB: a real LOG, once a day for as many days as it takes.
 * CPU time counts, of the whole process with its start, since other work on the machine only adds to the time on the clock.
 *
 *   node engine/build.js && tsx bench/ledger-speed.ts [LOG.gz]     prints, and writes results/reference/ledger-speed.json
 *
 * Bar: 200 MB/s or more of LOG reading on one core, under 150 MB of memory.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = process.argv[2] ?? join(root, '../shared/truth/t01-r64/LOG.gz');
const wantedBytes = 500e6;
const repeats = 5;
const bars = { megabytesPerSec: 200, memoryMegabytes: 150 };
const dayMillis = 86_400_000;

/** Tells what its own process took, after the command has run in it. */
const measured = (main: string, argument: string): string => `
process.argv = [process.argv[0], ${JSON.stringify(main)}, 'ledger', ${JSON.stringify(argument)}];
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('\\nUSAGE ' + JSON.stringify({ userMicros: userCPUTime, systemMicros: systemCPUTime, maxKib: maxRSS }) + '\\n');
});
await import(${JSON.stringify(main)});
`;

interface Usage {
  readonly userMicros: number;
  readonly systemMicros: number;
  readonly maxKib: number;
}

const directory = mkdtempSync(join(tmpdir(), 'ledger-speed-'));
try {
  const log = join(directory, 'LOG');
  const bytes = writeLog(log);
  const main = join(root, 'dist/cli/main.js');
  const runs = Array.from({ length: repeats }, () => run(main, log));
  const starts = runs.map(() => run(main, '--help'));
  const userSec = median(runs.map(({ userMicros }) => userMicros / 1e6));
  const systemSec = median(runs.map(({ systemMicros }) => systemMicros / 1e6));
  const startSec = median(starts.map(({ userMicros }) => userMicros / 1e6));
  const document = {
    schema: 'putmodel/ledger-speed/1',
    bars,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', node: process.version },
    source: relative(root, source),
    logBytes: bytes,
    runs,
    median: {
      userSec,
      systemSec,
      startSec,
      /** The reading alone: without what the program takes to start (its --help). */
      megabytesPerUserSecOfReading: Math.round(bytes / 1e6 / (userSec - startSec)),
      megabytesPerUserSec: Math.round(bytes / 1e6 / userSec),
      megabytesPerCpuSec: Math.round(bytes / 1e6 / (userSec + systemSec)),
      memoryMegabytes: Math.round((median(runs.map(({ maxKib }) => maxKib)) * 1024) / 1e6),
    },
  };
  const text = `${JSON.stringify(document, null, 1)}\n`;
  writeFileSync(join(root, 'results/reference/ledger-speed.json'), text);
  process.stdout.write(text);
} finally {
  rmSync(directory, { recursive: true });
}

/** Copies of the real LOG, each dated a day later. Gives the bytes written. */
function writeLog(path: string): number {
  const text = gunzipSync(readFileSync(source)).toString('latin1');
  const day = text.slice(0, 10);
  const startMillis = Date.parse(day.replaceAll('/', '-'));
  const file = openSync(path, 'w');
  let bytes = 0;
  for (let copy = 0; bytes < wantedBytes; copy++) {
    const date = new Date(startMillis + copy * dayMillis).toISOString().slice(0, 10).replaceAll('-', '/');
    bytes += writeSync(file, Buffer.from(text.replaceAll(`${day}-`, `${date}-`), 'latin1'));
  }
  closeSync(file);
  return bytes;
}

function run(main: string, argument: string): Usage {
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', measured(main, argument)], { encoding: 'utf8' });
  const usage = /^USAGE (.*)$/m.exec(stderr)?.[1];
  if (usage === undefined) throw new Error(`putmodel ledger did not end: ${stderr}`);
  return JSON.parse(usage) as Usage;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
