/** What does an event cost? The hold model: take the next event, push one at a random later time, with a steady number waiting. */
import { createEventQueue } from '../engine/kernel/events.js';
import { createStream } from '../engine/kernel/random.js';
import { measure, runAsProgram, type Report, type Size, type Subject } from './measure.js';

export function benchEvents(size: Size): Report {
  const operations = size === 'full' ? 65_536 : 256;
  return measure(
    'events',
    size,
    [8, 64, 512, 8192].map((waiting) => holdModel(waiting, operations)),
  );
}

function holdModel(waiting: number, operations: number): Subject {
  const stream = createStream(42, 'bench-events');
  const delays = Float64Array.from({ length: operations }, () => stream.uniformInt(1_000_000));
  const queue = createEventQueue();
  for (let i = 0; i < waiting; i += 1) queue.push(stream.uniformInt(1_000_000), 0, i);
  const run = (): number => {
    for (const delay of delays) {
      queue.pop();
      queue.push(queue.timeMicros + delay, 1, queue.payload);
    }
    return queue.timeMicros;
  };
  return { name: `pop and push, ${String(waiting)} waiting`, operations, run };
}

runAsProgram(import.meta.url, benchEvents);
