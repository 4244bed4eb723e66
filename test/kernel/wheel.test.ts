import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventQueue } from '../../engine/kernel/events.js';
import { createEventWheel } from '../../engine/kernel/wheel.js';

describe('event wheel', () => {
  it('gives the events of any sequence of pushes and pops in the order of the plain queue, ties included', () => {
    // A delay and whether to pop: near, in the buckets, behind them, and equal times.
    const delay = fc.oneof(fc.nat(3), fc.nat(5000), fc.nat(10_000_000), fc.nat(10_000_000_000));
    const steps = fc.array(fc.tuple(delay, fc.boolean()), { maxLength: 400 });
    fc.assert(
      fc.property(steps, (list) => {
        const [wheel, queue] = [createEventWheel(), createEventQueue()];
        list.forEach(([micros, pops], index) => {
          for (const one of [wheel, queue]) one.push(one.timeMicros + micros, index % 7, index);
          expect(wheel.peekTimeMicros()).toBe(queue.peekTimeMicros());
          if (!pops) return;
          expect(wheel.pop()).toBe(queue.pop());
          expect([wheel.timeMicros, wheel.kind, wheel.payload]).toEqual([queue.timeMicros, queue.kind, queue.payload]);
        });
        expect(wheel.size).toBe(queue.size);
        while (queue.pop()) {
          expect(wheel.pop()).toBe(true);
          expect([wheel.timeMicros, wheel.payload]).toEqual([queue.timeMicros, queue.payload]);
        }
        expect([wheel.pop(), wheel.peekTimeMicros()]).toEqual([false, Infinity]);
      }),
    );
  });

  it('refuses what the plain queue refuses, and payloads that its columns do not hold', () => {
    const wheel = createEventWheel();
    wheel.push(10, 0, 0);
    wheel.pop();
    expect(() => wheel.push(9, 0, 0)).toThrow('cannot lie before');
    expect(() => wheel.push(10.5, 0, 0)).toThrow('whole number');
    for (const payload of [0.5, 2 ** 31, NaN]) expect(() => wheel.push(10, 0, payload)).toThrow('32-bit');
    expect(wheel.size).toBe(0);
  });

  it('takes events before the one it was asked about, which a look ahead had brought near', () => {
    const wheel = createEventWheel();
    wheel.push(1_000_000, 0, 1);
    wheel.push(9_000_000_000, 0, 2);
    expect(wheel.peekTimeMicros()).toBe(1_000_000);
    wheel.push(999_999, 0, 3);
    wheel.push(7, 0, 4);
    wheel.push(7, 0, 5);
    expect(wheel.peekTimeMicros()).toBe(7);
    const order: number[] = [];
    while (wheel.pop()) order.push(wheel.payload);
    expect(order).toEqual([4, 5, 3, 1, 2]);
  });

  it('is empty and at time 0 after clear', () => {
    const wheel = createEventWheel();
    for (let i = 0; i < 1000; i++) wheel.push(i * 1000, 1, i);
    wheel.pop();
    wheel.clear();
    expect([wheel.size, wheel.timeMicros, wheel.pop()]).toEqual([0, 0, false]);
    wheel.push(5, 2, 7);
    expect(wheel.pop()).toBe(true);
    expect([wheel.timeMicros, wheel.kind, wheel.payload]).toEqual([5, 2, 7]);
  });
});
