/**
 * Prints a hash of the bits that every function of one or two numbers in dist/kernel/math.js gives for fixed inputs, and of what a
 * random stream draws. Run under several versions of Node by determinism.test.ts.
 */
import { createHash } from 'node:crypto';
import * as math from '../../dist/kernel/math.js';
import { createStream } from '../../dist/kernel/random.js';

const stream = createStream(7, 'arithmetic');
const inputs = [0, -0, 1, -1, 0.5, 2, 10, 1e-300, 1e300, Infinity, -Infinity, NaN];
for (let i = 0; i < 2000; i += 1) inputs.push((stream.uniform() - 0.5) * 20, stream.uniform() * 1e9, stream.uniform(), stream.normal());

const hash = createHash('sha256');
let valueCount = 0;
for (const name of Object.keys(math).sort()) {
  const f = math[name];
  if (typeof f !== 'function') continue;
  hash.update(name);
  inputs.forEach((x, index) => {
    const values = [valueOf(f, x, index % 7), valueOf(f, x, inputs[inputs.length - 1 - index])];
    hash.update(new Uint8Array(Float64Array.from(values).buffer));
    valueCount += values.length;
  });
}
hash.update(new Uint8Array(Float64Array.from(inputs).buffer));
process.stdout.write(`${valueCount} values, SHA-256 ${hash.digest('hex')}\n`);

/** Refusing an input is a result too: the same inputs have to be refused everywhere. */
function valueOf(f, x, y) {
  try {
    return Number(f(x, y));
  } catch {
    return NaN;
  }
}
