/**
 * What does a 4-D lookup cost, in batches and one by one, with linear and with log2 axes, on grids of several sizes: beside a plain 16-corner
 * loop, an npm library (ndarray-linear-interpolate), C (-O3 -march=native) and SciPy's RegularGridInterpolator? Every peer's sum over all
 * queries must be ours to 1e-9 before anything is timed.
 *
 * Inputs: uniform random points; the points that a fluid backlog run asks its envelope for; the points of a replayed fio recording.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { loadScenario } from '../engine/files/load.js';
import { createBatchLookup } from '../engine/kernel/interpolate-batch.js';
import { createGrid4, lookup, lookupBatch, type Four, type Grid4 } from '../engine/kernel/interpolate.js';
import { log2 } from '../engine/kernel/math.js';
import { createStream } from '../engine/kernel/random.js';
import { runToEnd } from '../engine/kernel/run.js';
import type { BacklogResult } from '../engine/backlog/result.js';
import { measure, outputOf, runAsProgram, type Outsider, type Report, type Size, type Subject } from './measure.js';

const load = createRequire(import.meta.url);
const ndarray = load('ndarray') as (data: Float64Array, shape: readonly number[]) => unknown;
const interpolateNd = load('ndarray-linear-interpolate') as (array: unknown, a: number, b: number, c: number, d: number) => number;

type Axes = Four<readonly number[]>;
const labGrid: Axes = [
  [0, 25, 50, 75, 100],
  [1, 4, 16, 64],
  [1, 2, 4],
  [4, 64, 1024],
];

/** `count` knots on each axis over the lab grid's range, in even steps (the first axis) or factors. */
function denseGrid(count: number): Axes {
  const geometric = (low: number, high: number): number[] =>
    Array.from({ length: count }, (_, i) => (i === count - 1 ? high : low * Math.exp((Math.log(high / low) * i) / (count - 1))));
  const percent = Array.from({ length: count }, (_, i) => (100 * i) / (count - 1));
  return [percent, geometric(1, 64), geometric(1, 4), geometric(4, 1024)];
}

/** A subject, and what its results sum up to. */
interface Timed extends Subject {
  readonly sum: () => number;
}

/** One question: a grid, a scale, an input. */
interface Question {
  readonly group: string;
  readonly axes: Axes;
  readonly isLog2: boolean;
  readonly queries: Float64Array;
  /** Slow peers are asked once, on the lab grid. */
  readonly withSlowPeers: boolean;
}

export function benchInterpolate(size: Size): Report {
  const full = size === 'full';
  const million = full ? 1_000_000 : 300;
  const small = uniform(1000);
  const questions: Question[] = [false, true].flatMap((isLog2) => {
    const scale = isLog2 ? 'log2' : 'linear';
    return [
      { group: `5x4x3x3 ${scale}, batch 1e3`, axes: labGrid, isLog2, queries: full ? small : uniform(50), withSlowPeers: true },
      { group: `5x4x3x3 ${scale}, batch 1e6`, axes: labGrid, isLog2, queries: uniform(million), withSlowPeers: false },
      { group: `12^4 ${scale}, batch 1e5`, axes: denseGrid(12), isLog2, queries: uniform(full ? 100_000 : 50), withSlowPeers: false },
      ...(full
        ? [{ group: `32^4 ${scale}, batch 1e5`, axes: denseGrid(32), isLog2, queries: uniform(100_000), withSlowPeers: false }]
        : []),
    ];
  });
  const recorded = { axes: labGrid, isLog2: true, withSlowPeers: false };
  questions.push({ ...recorded, group: '5x4x3x3 log2, points of a backlog run', queries: backlogPoints(full ? 20_000 : 50) });
  questions.push({ ...recorded, group: '5x4x3x3 log2, points of a recorded job', queries: recordedPoints() });
  const scratch = mkdtempSync(join(tmpdir(), 'putmodel-bench-'));
  try {
    const program = join(scratch, 'interpolate');
    if (full) outputOf('cc', ['-O3', '-march=native', '-o', program, fileURLToPath(new URL('interpolate.c', import.meta.url)), '-lm']);
    const parts = questions.map((question, index) => subjectsOf(question, join(scratch, `${String(index)}.f64`), program, full));
    return measure(
      'interpolate',
      size,
      parts.flatMap(({ subjects }) => subjects),
      parts.flatMap(({ outsiders }) => outsiders),
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function subjectsOf(question: Question, file: string, program: string, full: boolean): { subjects: Subject[]; outsiders: Outsider[] } {
  const { group, axes, isLog2, queries, withSlowPeers } = question;
  const scale = isLog2 ? 'log2' : 'linear';
  const stream = createStream(42, 'bench-interpolate-values');
  const values = Float64Array.from({ length: axes.reduce((n, knots) => n * knots.length, 1) }, () => 1e8 + 5e9 * stream.uniform());
  const grid = createGrid4(axes, values, ['linear', scale, scale, scale]);
  const count = queries.length / 4;
  const out = new Float64Array(count);
  const batch = createBatchLookup(grid);
  // The sum is not part of what is timed, here as in the peers.
  const subject = (name: string, run: () => void): Timed => ({
    ...{ group, name, operations: count, run: () => (run(), out[count - 1]!) },
    sum: () => (run(), sumOf(out)),
  });
  const subjects = [
    subject('WebAssembly batch', () => {
      batch(queries, out);
    }),
    subject('TypeScript batch', () => {
      lookupBatch(grid, queries, out);
    }),
    subject('TypeScript one by one', () => {
      oneByOne(grid, queries, out);
    }),
    ...(withSlowPeers ? slowPeers(question, values, out, subject) : []),
  ];
  checkSums(group, subjects);
  if (!full) return { subjects, outsiders: [] };
  const knots = axes.flat();
  writeFileSync(file, Float64Array.of(...axes.map((axis) => axis.length), Number(isLog2), count, ...knots));
  writeFileSync(file, values, { flag: 'a' });
  writeFileSync(file, queries, { flag: 'a' });
  const sum = subjects[0]!.sum();
  const outsider = (name: string, command: string, args: readonly string[]): Outsider => ({
    group,
    name,
    run: () => parse(name, outputOf(command, [...args, file]), sum),
  });
  const script = fileURLToPath(new URL('interpolate.py', import.meta.url));
  const scipy = group.startsWith('5x4x3x3') && !group.includes('points') ? [outsider('SciPy', pythonWith('scipy'), [script])] : [];
  return { subjects, outsiders: [outsider('C', program, []), ...scipy] };
}

function slowPeers(
  { axes, isLog2, queries }: Question,
  values: Float64Array,
  out: Float64Array,
  subject: (name: string, run: () => void) => Timed,
): Timed[] {
  const at = (axis: number, x: number): number => (isLog2 && axis > 0 ? log2(x) : x);
  const scaled = axes.map((knots, axis) => knots.map((knot) => at(axis, knot)));
  const count = out.length;
  const array = ndarray(
    values,
    axes.map((knots) => knots.length),
  );
  // The library knows whole steps only; finding the cells is left out of its time.
  const places = Float64Array.from(queries, (x, i) => placeOf(scaled[i % 4]!, at(i % 4, x)));
  return [
    subject('16-corner loop', () => {
      for (let i = 0; i < count; i++) out[i] = naive(scaled, values, places.subarray(4 * i, 4 * i + 4));
    }),
    subject('ndarray-linear-interpolate', () => {
      for (let i = 0, q = 0; i < count; i++, q += 4)
        out[i] = interpolateNd(array, places[q]!, places[q + 1]!, places[q + 2]!, places[q + 3]!);
    }),
  ];
}

function oneByOne(grid: Grid4, queries: Float64Array, out: Float64Array): void {
  for (let i = 0, q = 0; i < out.length; i++, q += 4) out[i] = lookup(grid, queries[q]!, queries[q + 1]!, queries[q + 2]!, queries[q + 3]!);
}

function placeOf(knots: readonly number[], x: number): number {
  const cell = Math.max(0, Math.min(knots.length - 2, knots.filter((knot) => knot <= x).length - 1));
  return cell + (x - knots[cell]!) / (knots[cell + 1]! - knots[cell]!);
}

/** The definition, corner by corner. */
function naive(axes: readonly (readonly number[])[], values: Float64Array, place: Float64Array): number {
  let sum = 0;
  for (let corner = 0; corner < 16; corner++) {
    let weight = 1;
    let index = 0;
    axes.forEach((knots, axis) => {
      const cell = Math.min(knots.length - 2, Math.floor(place[axis]!));
      const t = place[axis]! - cell;
      const upper = (corner >> axis) & 1;
      weight *= upper === 1 ? t : 1 - t;
      index = index * knots.length + cell + upper;
    });
    sum += weight * values[index]!;
  }
  return sum;
}

function sumOf(out: Float64Array): number {
  let sum = 0;
  for (const value of out) sum += value;
  return sum;
}

function checkSums(group: string, subjects: readonly Timed[]): void {
  const wanted = subjects[0]!.sum();
  for (const { name, sum } of subjects) checkSum(`${group}: ${name}`, sum(), wanted);
}

function checkSum(name: string, found: number, wanted: number): void {
  if (!(Math.abs(found / wanted - 1) < 1e-9)) throw new Error(`${name} gives ${String(found)}, not ${String(wanted)}`);
}

function parse(name: string, text: string | null, sum: number): { nanos: number; result: number } | null {
  if (text === null) return null;
  const [nanos, result] = text.trim().split(' ').map(Number);
  checkSum(name, result!, sum);
  return { nanos: nanos!, result: result! };
}

/** Debian's Python or the first one in the path, whichever has the module. */
function pythonWith(module: string): string {
  return ['/usr/bin/python3', 'python3'].find((command) => outputOf(command, ['-c', `import ${module}`]) !== null) ?? 'python3';
}

function uniform(count: number): Float64Array {
  const stream = createStream(42, 'bench-interpolate');
  const between = (low: number, high: number): number => low + (high - low) * stream.uniform();
  const queries = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) queries.set([between(0, 100), between(1, 64), between(1, 4), between(4, 1024)], 4 * i);
  return queries;
}

/** What the backlog model asks step by step: the read share it has come to, at one place. */
function backlogPoints(count: number): Float64Array {
  const path = fileURLToPath(new URL('../scenarios/backlog-nvme.yaml', import.meta.url));
  const { kind, scenario } = loadScenario(path);
  const { readFraction } = (runToEnd(kind.start(scenario)) as BacklogResult).series;
  const queries = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) queries.set([100 * readFraction[i % readFraction.length]!, 16, 1, 1024 * (1 - 1e-12)], 4 * i);
  return queries;
}

/** What a replay of the recorded job asks: the read share of the last requests, its depth, its block sizes. */
function recordedPoints(): Float64Array {
  const path = new URL('../test/fixtures/replay/mix50-split-qd8.iolog.gz', import.meta.url);
  const lines = gunzipSync(readFileSync(path)).toString().split('\n');
  const requests = lines.map((line) => line.split(' ')).filter(([, , action]) => action === 'read' || action === 'write');
  const queries = new Float64Array(4 * requests.length);
  let share = 0.5;
  requests.forEach(([, , action, , length], i) => {
    share += ((action === 'read' ? 1 : 0) - share) / 256;
    queries.set([100 * share, 8, 1, Number(length) / 1024], 4 * i);
  });
  return queries;
}

runAsProgram(import.meta.url, benchInterpolate);
