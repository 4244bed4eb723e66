/** What does a random number cost, and what do the functions of kernel/math.ts cost beside the built-in ones? */
import { exp, log, power, sin } from '../engine/kernel/math.js';
import { createStream } from '../engine/kernel/random.js';
import { measure, runAsProgram, type Report, type Size, type Subject } from './measure.js';

export function benchRandom(size: Size): Report {
  const operations = size === 'full' ? 16_384 : 256;
  const stream = createStream(42, 'bench-random');
  const inputs = Float64Array.from({ length: operations }, () => 0.01 + 20 * stream.uniform());
  const draws = (name: string, draw: () => number): Subject => ({
    name,
    operations,
    run: () => {
      let sum = 0;
      for (let i = 0; i < operations; i += 1) sum += draw();
      return sum;
    },
  });
  const calls = (name: string, call: (x: number) => number): Subject => ({
    name,
    operations,
    run: () => {
      let sum = 0;
      for (const x of inputs) sum += call(x);
      return sum;
    },
  });
  return measure('random', size, [
    draws('uniform', () => stream.uniform()),
    draws('normal', () => stream.normal()),
    draws('exponential', () => stream.exponential(1)),
    calls('exp', exp),
    calls('Math.exp', Math.exp),
    calls('log', log),
    calls('Math.log', Math.log),
    calls('sin', sin),
    calls('Math.sin', Math.sin),
    calls('power(x, 1.5)', (x) => power(x, 1.5)),
    calls('Math.pow(x, 1.5)', (x) => Math.pow(x, 1.5)),
  ]);
}

runAsProgram(import.meta.url, benchRandom);
