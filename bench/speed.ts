/**
 * How long does a simulation take? Four billion puts in one run (the bar: 2 s and 500 MB on one core), and 240 simulated seconds of four
 * kinds of run (50 ms each), first in a fresh process and then warm. Prints a table and writes it.
 *
 *   npx tsx bench/speed.ts [--out results/reference/speed.json]
 *
 * Figures are wall and CPU time of this machine; the bars are compared with the CPU time, which other load inflates less.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { median } from 'd3-array';
import { loadDbBench, runScenario } from '../engine/node.js';

const fill = ['--benchmarks=fillrandom', '--key_size=16', '--value_size=1024', '--compression_type=none', '--seed=42'];
const small = [
  ...fill,
  '--num=20000000',
  '--write_buffer_size=16777216',
  '--target_file_size_base=16777216',
  '--max_bytes_for_level_base=67108864',
  '--duration=240',
];
const cases: Readonly<Record<string, { readonly argv: readonly string[]; readonly barMillis: number }>> = {
  'four billion puts': {
    argv: [
      ...fill,
      '--num=4000000000',
      '--threads=1',
      '--write_buffer_size=67108864',
      '--max_background_jobs=4',
      '--rate_limiter_bytes_per_sec=1048576000',
    ],
    barMillis: 2000,
  },
  'leveled, 64 MiB/s': { argv: [...small, '--disable_wal=1', '--rate_limiter_bytes_per_sec=67108864'], barMillis: 50 },
  'universal, 64 MiB/s': {
    argv: [...small, '--disable_wal=1', '--rate_limiter_bytes_per_sec=67108864', '--compaction_style=1'],
    barMillis: 50,
  },
  'six jobs, 128 MiB/s': {
    argv: [...small, '--disable_wal=1', '--rate_limiter_bytes_per_sec=134217728', '--max_background_jobs=6', '--subcompactions=4'],
    barMillis: 50,
  },
  'no limiter, with WAL': { argv: small, barMillis: 50 },
};

interface Row {
  readonly name: string;
  readonly barMillis: number;
  readonly firstMillis: number;
  readonly medianMillis: number;
  readonly medianCpuMillis: number;
  readonly runs: number;
  readonly events: number;
  readonly simulatedSec: number;
  readonly peakRssMb: number;
}

function measure(name: string, argv: readonly string[], barMillis: number): Row {
  const loaded = loadDbBench(argv);
  const wall: number[] = [];
  const cpu: number[] = [];
  let events = 0;
  let simulatedSec = 0;
  const runs = barMillis > 1000 ? 3 : 15;
  for (let i = 0; i < runs; i++) {
    const cpuStart = process.cpuUsage();
    const start = performance.now();
    const { result } = runScenario(loaded);
    wall.push(performance.now() - start);
    const used = process.cpuUsage(cpuStart);
    cpu.push((used.user + used.system) / 1000);
    events = result.events;
    simulatedSec = result.simulatedSec;
  }
  return {
    name,
    barMillis,
    firstMillis: Math.round(wall[0] ?? 0),
    medianMillis: Math.round(median(wall) ?? 0),
    medianCpuMillis: Math.round(median(cpu) ?? 0),
    runs,
    events,
    simulatedSec,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const rows: Row[] = [];
for (const [name, { argv, barMillis }] of Object.entries(cases)) {
  const row = measure(name, argv, barMillis);
  rows.push(row);
  const verdict = row.medianCpuMillis <= barMillis ? 'ok' : 'MISS';
  console.log(
    `${name.padEnd(22)} ${String(row.medianCpuMillis).padStart(6)} ms CPU, ${String(row.medianMillis).padStart(6)} ms wall (first ${String(row.firstMillis)}),` +
      ` bar ${String(barMillis)} ms: ${verdict}; ${String(row.events)} events, ${String(row.simulatedSec)} simulated s, peak ${String(row.peakRssMb)} MB`,
  );
}
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  writeFileSync(values.out, `${JSON.stringify({ schema: 'putmodel/speed/1', machine, rows }, null, 2)}\n`);
}
