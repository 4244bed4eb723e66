import { expect, test } from 'vitest';
import { capacityOf } from '../../engine/ledger/device-capacity.js';
import { PutmodelError } from '../../engine/kernel/errors.js';

/** One sample a second. */
const series = (written: readonly number[], read: readonly number[] = written.map(() => 0)) => ({
  name: 'nvme0n1',
  samples: written.map((writtenBytes, i) => ({ startSec: i, endSec: i + 1, writtenBytes, readBytes: read[i]! })),
  notes: [],
});

test('three quarters of the seconds lie at or below the capacity', () => {
  const capacity = capacityOf(series([0, 100, 200, 300, 400], [40, 30, 20, 10, 0]));
  expect(capacity).toMatchObject({ writeBytesPerSec: 300, readBytesPerSec: 30 });
  expect(capacity.notes).toHaveLength(1);
});

test('a device that read next to nothing is taken to read as fast as it writes, and says so', () => {
  const capacity = capacityOf(series([100, 100, 100], [1, 0, 1]));
  expect(capacity.readBytesPerSec).toBe(100);
  expect(capacity.notes[1]).toContain('next to no reads');
});

test('a device that wrote nothing tells nothing', () => {
  expect(() => capacityOf(series([0, 0]), 'iostat.txt')).toThrow(PutmodelError);
  expect(() => capacityOf(series([]), 'iostat.txt')).toThrow('iostat.txt');
});
