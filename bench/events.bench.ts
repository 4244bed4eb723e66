/**
 * What does an event cost, beside two npm heaps (tinyqueue, heap-js) and SimPy? The hold model: take the next event, push one at a random
 * later time, with a steady number waiting. The heaps hold objects {timeMicros, sequence, kind, payload} and break ties as ours does, so that
 * all three must take the same events.
 */
import { fileURLToPath } from 'node:url';
import { Heap } from 'heap-js';
import TinyQueue from 'tinyqueue';
import { createEventQueue } from '../engine/kernel/events.js';
import { createStream } from '../engine/kernel/random.js';
import { measure, outputOf, runAsProgram, type Outsider, type Report, type Size, type Subject } from './measure.js';

interface Event {
  timeMicros: number;
  sequence: number;
  kind: number;
  payload: number;
}

const inOrder = (a: Event, b: Event): number => a.timeMicros - b.timeMicros || a.sequence - b.sequence;

export function benchEvents(size: Size): Report {
  const operations = size === 'full' ? 4096 : 256;
  const waits = [8, 64, 512, 8192];
  return measure(
    'events',
    size,
    waits.flatMap((waiting) => holdModels(waiting, operations)),
    waits.map((waiting) => simPy(waiting)),
  );
}

function holdModels(waiting: number, operations: number): Subject[] {
  const stream = createStream(42, 'bench-events');
  const delays = Float64Array.from({ length: operations }, () => stream.uniformInt(1_000_000));
  const starts = Float64Array.from({ length: waiting }, () => stream.uniformInt(1_000_000));
  const group = `pop and push, ${String(waiting)} waiting`;
  const queue = createEventQueue();
  starts.forEach((micros, i) => {
    queue.push(micros, 0, i);
  });
  const own: Subject = {
    ...{ group, name: 'ours', operations },
    run: () => {
      for (let i = 0; i < operations; i++) {
        queue.pop();
        queue.push(queue.timeMicros + delays[i]!, 1, queue.payload);
      }
      return queue.timeMicros;
    },
  };
  const events = (): Event[] => Array.from(starts, (timeMicros, payload) => ({ timeMicros, sequence: payload, kind: 0, payload }));
  const tiny = new TinyQueue(events(), inOrder);
  const heap = new Heap(inOrder);
  heap.init(events());
  const peer = (name: string, peerQueue: { pop(): Event | undefined; push(event: Event): unknown }): Subject => {
    let sequence = waiting;
    return {
      ...{ group, name, operations },
      run: () => {
        let timeMicros = 0;
        for (let i = 0; i < operations; i++) {
          const event = peerQueue.pop()!;
          ({ timeMicros } = event);
          peerQueue.push({ timeMicros: timeMicros + delays[i]!, sequence: sequence++, kind: 1, payload: event.payload });
        }
        return timeMicros;
      },
    };
  };
  const subjects = [own, peer('tinyqueue', tiny), peer('heap-js', heap)];
  const last = subjects.map(({ run }) => run());
  if (last.some((time) => time !== last[0])) throw new Error(`${group}: the queues disagree: ${last.join(', ')}`);
  return subjects;
}

function simPy(waiting: number): Outsider {
  const script = fileURLToPath(new URL('events.py', import.meta.url));
  return {
    ...{ group: `pop and push, ${String(waiting)} waiting`, name: 'SimPy' },
    run: () => {
      const text = ['/usr/bin/python3', 'python3']
        .map((python) => outputOf(python, [script, String(waiting), '50000']))
        .find((out) => out !== null);
      if (typeof text !== 'string') return null;
      const [nanos, result] = text.trim().split(' ').map(Number);
      return { nanos: nanos!, result: result! };
    },
  };
}

runAsProgram(import.meta.url, benchEvents);
