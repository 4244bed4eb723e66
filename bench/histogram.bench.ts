/**
 * What does recording a latency cost, beside hdr-histogram-js and beside C? Put-like latencies (20-3000 us) and all magnitudes up to an
 * hour. For C, in the same minute: cc -O2 -o /tmp/h bench/histogram.c -lm && npx tsx bench/histogram.bench.ts && /tmp/h
 */
import { Float64Histogram } from 'hdr-histogram-js';
import { createHistogram, maxMicros, recordValue, totalCount } from '../engine/kernel/histogram.js';
import { exp } from '../engine/kernel/math.js';
import { createStream } from '../engine/kernel/random.js';
import { measure, runAsProgram, type Report, type Size } from './measure.js';

export function benchHistogram(size: Size): Report {
  const count = size === 'full' ? 65_536 : 256;
  const stream = createStream(42, 'bench-histogram');
  const putLike = Float64Array.from({ length: count }, () => 20 + stream.uniformInt(2980));
  const allMagnitudes = Float64Array.from({ length: count }, () => Math.floor(exp(stream.uniform() * 22)));
  const own = createHistogram();
  const library = new Float64Histogram(1, 3_600_000_000, 3);
  const recordOwn = (values: Float64Array): number => {
    for (const value of values) recordValue(own, value);
    return maxMicros(own);
  };
  const recordLibrary = (values: Float64Array): number => {
    for (const value of values) library.recordValue(value);
    return library.maxValue;
  };
  return measure('histogram', size, [
    { name: 'recordValue, 20-3000 us', operations: count, run: () => recordOwn(putLike) },
    { name: 'recordValue, 1 us - 1 h', operations: count, run: () => recordOwn(allMagnitudes) },
    { name: 'hdr-histogram-js, 20-3000 us', operations: count, run: () => recordLibrary(putLike) },
    { name: 'hdr-histogram-js, 1 us - 1 h', operations: count, run: () => recordLibrary(allMagnitudes) },
    { name: 'totalCount of all slots', operations: 1, run: () => totalCount(createHistogram()) },
  ]);
}

runAsProgram(import.meta.url, benchHistogram);
