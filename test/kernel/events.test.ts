import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError, PutmodelError } from '../../engine/kernel/errors.js';
import { createEventQueue, type EventQueue } from '../../engine/kernel/events.js';

function drain(queue: EventQueue): [number, number, number][] {
  const events: [number, number, number][] = [];
  while (queue.pop()) events.push([queue.timeMicros, queue.kind, queue.payload]);
  return events;
}

describe('event queue', () => {
  test('gives events back by time, and events of one time in the order they were pushed', () => {
    const queue = createEventQueue(1);
    queue.push(30, 1, 0.5);
    queue.push(10, 2, -1);
    queue.push(30, 3, 2 ** 40);
    queue.push(10, 4, 7);
    expect(queue.size).toBe(4);
    expect(queue.peekTimeMicros()).toBe(10);
    expect(drain(queue)).toEqual([
      [10, 2, -1],
      [10, 4, 7],
      [30, 1, 0.5],
      [30, 3, 2 ** 40],
    ]);
  });

  test('when empty: pop is false and changes nothing, the next time is Infinity', () => {
    const queue = createEventQueue();
    expect(queue.pop()).toBe(false);
    expect(queue.peekTimeMicros()).toBe(Infinity);
    queue.push(5, 6, 7);
    queue.pop();
    expect(queue.pop()).toBe(false);
    expect([queue.timeMicros, queue.kind, queue.payload, queue.size]).toEqual([5, 6, 7, 0]);
  });

  test('clear forgets the events and the time', () => {
    const queue = createEventQueue();
    queue.push(100, 1, 1);
    queue.push(200, 1, 1);
    queue.pop();
    queue.clear();
    expect([queue.size, queue.timeMicros, queue.peekTimeMicros()]).toEqual([0, 0, Infinity]);
    queue.push(50, 2, 3);
    expect(drain(queue)).toEqual([[50, 2, 3]]);
  });

  test('keeps every event and the order of ties while it doubles', () => {
    const queue = createEventQueue(2);
    for (let i = 0; i < 1000; i += 1) queue.push(i % 7, i, i);
    const events = drain(queue);
    expect(events).toHaveLength(1000);
    expect(events.slice(0, 3)).toEqual([
      [0, 0, 0],
      [0, 7, 7],
      [0, 14, 14],
    ]);
    expect(events.map(([time]) => time)).toEqual(events.map(([time]) => time).sort((a, b) => a - b));
  });

  test('refuses times that are fractional, NaN, negative or before the event taken last', () => {
    const queue = createEventQueue();
    for (const time of [0.5, NaN, -1]) expect(() => queue.push(time, 0, 0)).toThrow(InvariantError);
    queue.push(10, 0, 0);
    queue.pop();
    expect(() => queue.push(9, 0, 0)).toThrow('an event cannot lie before the one taken last');
    queue.push(10, 0, 0);
    expect(queue.size).toBe(1);
  });

  test('refuses a time beyond 2^53 - 1 micros as a limit of the simulation', () => {
    const queue = createEventQueue();
    expect(() => queue.push(2 ** 53, 0, 0)).toThrow(PutmodelError);
    expect(() => queue.push(2 ** 53, 0, 0)).toThrow('time of an event goes beyond what can be counted exactly');
  });

  test('refuses a capacity that is no whole number from 1', () => {
    for (const capacity of [0, -1, 1.5, NaN]) expect(() => createEventQueue(capacity)).toThrow(InvariantError);
  });

  test('any mix of pushes and pops gives what a list sorted by (time, order of pushing) gives', () => {
    const step = fc.oneof(fc.record({ push: fc.nat({ max: 20 }) }), fc.constant({ pop: true as const }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = createEventQueue(1);
        const list: { time: number; order: number }[] = [];
        let order = 0;
        for (const action of steps) {
          if ('push' in action) {
            const time = queue.timeMicros + action.push;
            queue.push(time, order, order);
            list.push({ time, order: order++ });
            list.sort((a, b) => a.time - b.time || a.order - b.order);
          } else {
            const expected = list.shift();
            expect(queue.pop()).toBe(expected !== undefined);
            if (expected !== undefined) expect([queue.timeMicros, queue.payload]).toEqual([expected.time, expected.order]);
          }
          expect(queue.size).toBe(list.length);
          expect(queue.peekTimeMicros()).toBe(list[0]?.time ?? Infinity);
        }
      }),
      { seed: 42, numRuns: 300 },
    );
  });
});
