import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeLabels } from '../../../engine/report/charts/labels.js';
import { fontSizes, textWidth } from '../../../engine/report/charts/theme.js';

const frame = { left: 0, top: 0, right: 600, bottom: 400 };

function boxOf({ label, x, y, anchor }: ReturnType<typeof placeLabels>[number]) {
  const width = textWidth(label, fontSizes.small);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - 9.6, bottom: y + 2.4 };
}

test('a name stands at the right of its point where there is room, else at the left', () => {
  const [right] = placeLabels([{ label: 'abc', x: 100, y: 100 }], frame);
  expect(right).toMatchObject({ anchor: 'start', x: 111 });
  const [left] = placeLabels([{ label: 'abc', x: 590, y: 100 }], frame);
  expect(left).toMatchObject({ anchor: 'end', x: 579 });
});

test('no name covers another, a point or the edge, whatever the points', () => {
  const point = fc.record({
    label: fc.string({ minLength: 1, maxLength: 15 }),
    x: fc.integer({ min: 0, max: 600 }),
    y: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 30 }), (points) => {
      const boxes = placeLabels(points, frame).map(boxOf);
      for (const [index, box] of boxes.entries()) {
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.right).toBeLessThanOrEqual(600);
        for (const other of boxes.slice(index + 1)) {
          const apart = box.left >= other.right || other.left >= box.right || box.top >= other.bottom || other.top >= box.bottom;
          expect(apart).toBe(true);
        }
        for (const { x, y } of points) expect(x > box.left && x < box.right && y > box.top && y < box.bottom).toBe(false);
      }
    }),
  );
});
