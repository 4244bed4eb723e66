/**
 * What does recording a latency cost, beside hdr-histogram-js (JavaScript and WebAssembly), Node's perf_hooks histogram and C (bench/histogram.c)?
 * And a percentile, a merge, an encoding? Inputs: put-like latencies (20-3000 us), all magnitudes up to an hour, and those of a fio latency
 * log recorded with a row a request. The library's percentiles must be ours before anything is timed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram as createPerfHistogram } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build, initWebAssembly, type Histogram as LibraryHistogram } from 'hdr-histogram-js';
import { createFioLogReader } from '../engine/fio/log.js';
import { encodeV2Base64 } from '../engine/kernel/histogram-codec.js';
import { addHistogram, createHistogram, maxMicros, recordValue, totalCount, valueAtPercentile } from '../engine/kernel/histogram.js';
import { exp } from '../engine/kernel/math.js';
import { createStream } from '../engine/kernel/random.js';
import { measure, outputOf, runAsProgram, type Outsider, type Report, type Size, type Subject } from './measure.js';

await initWebAssembly();

const highest = 3_600_000_000;
const library = (useWebAssembly: boolean): LibraryHistogram =>
  build({
    useWebAssembly,
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: highest,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
  });

export function benchHistogram(size: Size): Report {
  const full = size === 'full';
  const count = full ? 65_536 : 256;
  const stream = createStream(42, 'bench-histogram');
  const inputs: readonly (readonly [string, Float64Array])[] = [
    ['record, 20-3000 us', Float64Array.from({ length: count }, () => 20 + stream.uniformInt(2980))],
    ['record, 1 us - 1 h', Float64Array.from({ length: count }, () => Math.max(1, Math.floor(exp(stream.uniform() * 22))))],
    ['record, a fio latency log', recordedLatencies()],
  ];
  const libraries: LibraryHistogram[] = [];
  const make = (useWebAssembly: boolean): LibraryHistogram => {
    const histogram = library(useWebAssembly);
    libraries.push(histogram);
    return histogram;
  };
  const subjects = inputs.flatMap(([group, values]) => recorders(group, values, make));
  const filled = createHistogram();
  for (const value of inputs[0]![1]) recordValue(filled, value);
  const theirs = make(false);
  const compiled = make(true);
  for (const value of inputs[0]![1]) {
    theirs.recordValue(value);
    compiled.recordValue(value);
  }
  subjects.push(
    { group: 'p99', name: 'ours', operations: 1, run: () => valueAtPercentile(filled, 99) },
    { group: 'p99', name: 'hdr-histogram-js', operations: 1, run: () => theirs.getValueAtPercentile(99) },
    { group: 'p99', name: 'hdr-histogram-js WebAssembly', operations: 1, run: () => compiled.getValueAtPercentile(99) },
    ...mergers(filled, theirs, make),
    { group: 'encode V2 base64', name: 'ours', operations: 1, run: () => encodeV2Base64(filled).length },
  );
  try {
    return measure('histogram', size, subjects, full ? [compiledC(0, inputs[0]![0]), compiledC(1, inputs[1]![0])] : []);
  } finally {
    for (const histogram of libraries) histogram.destroy();
  }
}

/** Loops count: an array iterator that has met arrays of several types costs more than what it hands out here. */
function recorders(group: string, values: Float64Array, make: (useWebAssembly: boolean) => LibraryHistogram): Subject[] {
  const own = createHistogram();
  const js = make(false);
  const wasm = make(true);
  const perf = createPerfHistogram({ lowest: 1, highest, figures: 3 });
  const operations = values.length;
  const subjects: Subject[] = [
    {
      ...{ group, name: 'ours', operations },
      run: () => {
        for (let i = 0; i < operations; i++) recordValue(own, values[i]!);
        return maxMicros(own);
      },
    },
    ...[js, wasm].map((histogram, i) => ({
      ...{ group, name: i === 0 ? 'hdr-histogram-js' : 'hdr-histogram-js WebAssembly', operations },
      run: () => {
        for (let i = 0; i < operations; i++) histogram.recordValue(values[i]!);
        return histogram.maxValue;
      },
    })),
    {
      ...{ group, name: 'perf_hooks', operations },
      run: () => {
        for (let i = 0; i < operations; i++) perf.record(values[i]!);
        return perf.max;
      },
    },
  ];
  for (const { run } of subjects) run();
  for (const percent of [50, 99, 99.9]) {
    const wanted = valueAtPercentile(own, percent);
    for (const found of [js.getValueAtPercentile(percent), wasm.getValueAtPercentile(percent)]) {
      if (found !== wanted) throw new Error(`${group}: p${String(percent)} is ${String(found)}, not ${String(wanted)}`);
    }
  }
  // perf_hooks rounds the rank of a percentile the other way; what it counted shows in the largest value.
  if (Math.abs(perf.max / maxMicros(own) - 1) > 1e-3)
    throw new Error(`${group}: the largest is ${String(perf.max)}, not ${String(maxMicros(own))}`);
  return subjects;
}

function mergers(
  filled: ReturnType<typeof createHistogram>,
  theirs: LibraryHistogram,
  make: (useWebAssembly: boolean) => LibraryHistogram,
): Subject[] {
  const sum = createHistogram();
  const theirSum = make(false);
  return [
    { group: 'merge', name: 'ours', operations: 1, run: () => (addHistogram(sum, filled), maxMicros(sum)) },
    { group: 'merge', name: 'hdr-histogram-js', operations: 1, run: () => (theirSum.add(theirs), theirSum.maxValue) },
    { name: 'total count', operations: 1, run: () => totalCount(filled) },
  ];
}

/** Row 0 of what the C program prints is of put-like latencies, row 1 of all magnitudes. */
function compiledC(row: 0 | 1, group: string): Outsider {
  return {
    ...{ group, name: 'C' },
    run: () => {
      const scratch = mkdtempSync(join(tmpdir(), 'putmodel-bench-'));
      try {
        const program = join(scratch, 'histogram');
        const source = fileURLToPath(new URL('histogram.c', import.meta.url));
        if (outputOf('cc', ['-O3', '-march=native', '-o', program, source, '-lm']) === null) return null;
        const text = outputOf(program, []);
        return text === null ? null : { nanos: Number(text.split('\n')[row]), result: 0 };
      } finally {
        rmSync(scratch, { recursive: true });
      }
    },
  };
}

function recordedLatencies(): Float64Array {
  const micros: number[] = [];
  const reader = createFioLogReader((row) => micros.push(Math.max(1, Math.round(row.value / 1000))));
  reader.push(gunzipSync(readFileSync(new URL('../test/fixtures/replay/mix50-split-qd8_clat.1.log.gz', import.meta.url))).toString());
  reader.end();
  return Float64Array.from(micros);
}

runAsProgram(import.meta.url, benchHistogram);
