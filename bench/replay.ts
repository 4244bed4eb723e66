/**
 * How well does the replay predict real fio jobs that lie off the points of the envelope it is given? For each job of bench/record-fio.sh:
 * three recordings, each replayed on the envelope of the same hour; errors of the median recording, beside the spread of the three.
 *
 *   bench/record-fio.sh DIR && npx tsx bench/replay.ts DIR [--fixtures]
 *
 * Bars: p50 within 15 %, p99 within 30 %, bandwidth within 5 %, or within 1.5 times the spread of the three recordings (largest less
 * smallest, of the median). Writes results/reference/replay.json; with --fixtures also the head of each first recording and the envelope to
 * test/fixtures/replay.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { argv, versions } from 'node:process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encodeEnvelope } from '../engine/device/envelope-file.js';
import { buildEnvelopeFromFiles } from '../engine/files/fio-results.js';
import { loadReplay } from '../engine/files/recordings.js';
import { simulateReplay } from '../engine/replay/simulate.js';
import type { ReplayResult } from '../engine/replay/result.js';

const jobs = [
  { name: 'randread-8k-qd8', timing: 'fast', iodepth: 8 },
  { name: 'randwrite-8k-qd2', timing: 'fast', iodepth: 2 },
  { name: 'mix70-32k-qd2', timing: 'fast', iodepth: 2 },
  { name: 'mix50-split-qd8', timing: 'fast', iodepth: 8 },
  { name: 'poisson-8k-600', timing: 'recorded', iodepth: 32 },
] as const;
const rounds = [1, 2, 3];
const bars: Readonly<Record<string, number>> = { bandwidth: 5, p50: 15, p99: 30 };
const fixtureRequests = 3000;

interface Row {
  readonly job: string;
  readonly figure: string;
  readonly recorded: readonly number[];
  readonly predicted: number;
  readonly errorPercent: number;
  readonly spreadPercent: number;
  readonly barPercent: number;
  readonly met: 'bar' | 'spread' | 'missed';
}

const directory = argv[2];
if (directory === undefined) throw new Error('usage: npx tsx bench/replay.ts DIR [--fixtures]');

const rows: Row[] = [];
for (const job of jobs) {
  const results: ReplayResult[] = [];
  for (const round of rounds) {
    const files = [`${job.name}.${String(round)}.iolog.gz`, `${job.name}.${String(round)}_clat.1.log.gz`].map((name) =>
      join(directory, name),
    );
    const { scenario } = await loadReplay({ files, device: join(directory, 'grid'), timing: job.timing, iodepth: job.iodepth, seed: 1 });
    results.push(simulateReplay(scenario));
  }
  rows.push(...rowsOf(job.name, results));
}
const met = rows.filter((row) => row.met !== 'missed').length;
const report = {
  command: 'bench/record-fio.sh DIR && npx tsx bench/replay.ts DIR',
  fio: readFileSync(join(directory, 'fio-version.txt'), 'utf8').trim(),
  node: versions.node,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  bars: 'bandwidth 5 %, p50 15 %, p99 30 %, or 1.5 times the spread of three recordings',
  met: `${String(met)} of ${String(rows.length)}`,
  rows,
};
writeFileSync(new URL('../results/reference/replay.json', import.meta.url), `${JSON.stringify(report, null, 1)}\n`);
console.table(rows.map(({ recorded, ...row }) => ({ ...row, recorded: recorded.map(Math.round).join(' ') })));
console.log(report.met);
if (argv.includes('--fixtures')) writeFixtures(directory);

function rowsOf(job: string, results: readonly ReplayResult[]): Row[] {
  const comparisons = results.map(({ comparison }) => comparison!);
  const found: Row[] = [
    rowOf(
      job,
      'bandwidth',
      comparisons.map((c) => c.recordedBytesPerSec),
      comparisons.map((c) => c.predictedBytesPerSec),
    ),
  ];
  for (const { direction, percent } of comparisons[0]!.quantiles) {
    if (percent !== 50 && percent !== 99) continue;
    const of = (key: 'recordedMicros' | 'predictedMicros'): number[] =>
      comparisons.map((c) => c.quantiles.find((row) => row.direction === direction && row.percent === percent)![key]);
    found.push(rowOf(job, `${direction} p${String(percent)}`, of('recordedMicros'), of('predictedMicros')));
  }
  return found;
}

function rowOf(job: string, figure: string, recorded: readonly number[], predictions: readonly number[]): Row {
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[1]!;
  const middle = median(recorded);
  const predicted = median(predictions);
  const errorPercent = (100 * (predicted - middle)) / middle;
  const spreadPercent = (100 * (Math.max(...recorded) - Math.min(...recorded))) / middle;
  const barPercent = bars[figure.split(' ').at(-1)!]!;
  const size = Math.abs(errorPercent);
  const outcome = size <= barPercent ? 'bar' : size <= 1.5 * spreadPercent ? 'spread' : 'missed';
  return { job, figure, recorded, predicted, errorPercent, spreadPercent, barPercent, met: outcome };
}

function writeFixtures(from: string): void {
  const to = (name: string): URL => new URL(`../test/fixtures/replay/${name}`, import.meta.url);
  const head = (name: string, lines: number): void => {
    const text = gunzipSync(readFileSync(join(from, name))).toString();
    const kept = text.split('\n').slice(0, lines).join('\n');
    writeFileSync(to(name.replace('.1.iolog', '.iolog').replace('.1_clat', '_clat')), gzipSync(`${kept}\n`, { level: 9 }));
  };
  for (const { name } of jobs) {
    head(`${name}.1.iolog.gz`, fixtureRequests + 3);
    head(`${name}.1_clat.1.log.gz`, fixtureRequests);
  }
  const { model } = buildEnvelopeFromFiles([join(from, 'grid')]);
  writeFileSync(to('envelope_model.json'), encodeEnvelope({ ...model, name: 'recorded-drive', inputs: [], notes: [] }));
}
