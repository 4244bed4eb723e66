import { describe, expect, test } from 'vitest';
import { pngDrawer } from '../../engine/files/png.js';

const svg = (text: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><rect width="60" height="30" fill="#fff"/>` +
  `<text x="5" y="20" font-family="system-ui, sans-serif" font-size="14" fill="#000">${text}</text></svg>`;

/** Width and height from the header of a PNG (RFC 2083, IHDR). */
function sizeOf(png: Uint8Array): readonly [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

describe('a PNG', () => {
  test('has the picture’s size times the scale, and is the same each time', async () => {
    const png = (await pngDrawer())(svg('abc'));
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(sizeOf(png)).toEqual([60, 30]);
    expect(sizeOf((await pngDrawer(2))(svg('abc')))).toEqual([120, 60]);
    expect(Buffer.compare((await pngDrawer())(svg('abc')), png)).toBe(0);
  });

  test('shows its text in the font of this package: another text, another picture', async () => {
    const draw = await pngDrawer();
    expect(Buffer.compare(draw(svg('abc')), draw(svg('')))).not.toBe(0);
    expect(Buffer.compare(draw(svg('abc')), draw(svg('xyz')))).not.toBe(0);
  });
});
