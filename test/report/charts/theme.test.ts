import { describe, expect, test } from 'vitest';
import { darkPictureRules, darkTheme, lightTheme, type Theme } from '../../../engine/report/charts/theme.js';

type Rgb = readonly [number, number, number];

/** A `#rrggbb` colour, linear (IEC 61966-2-1). */
function linear(color: string): Rgb {
  const channel = (at: number): number => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2's contrast ratio, 1 to 21. */
function contrast(a: string, b: string): number {
  const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const [light, dark] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** What a reader without green (deuteranopia) or red (protanopia) cones sees: Machado, Oliveira, Fernandes (2009), severity 1. */
const visions: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};

function distance(a: string, b: string, vision: readonly Rgb[]): number {
  const seen = (color: string): number[] => {
    const rgb = linear(color);
    return vision.map((row) => Math.cbrt(Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])));
  };
  const [x, y] = [seen(a), seen(b)];
  return Math.hypot(...x.map((value, index) => value - (y[index] ?? 0)));
}

describe.each([lightTheme, darkTheme])('$name', (theme: Theme) => {
  test('text and lines stand out from the surface', () => {
    for (const color of [theme.ink, theme.muted]) expect(contrast(color, theme.surface)).toBeGreaterThanOrEqual(4.5);
    for (const color of theme.series) expect(contrast(color, theme.surface)).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.keys(visions))('series differ for a reader with %s vision', (name) => {
    const vision = visions[name] ?? [];
    const gaps = theme.series.flatMap((a, index) => theme.series.slice(index + 1).map((b) => distance(a, b, vision)));
    expect(Math.min(...gaps)).toBeGreaterThan(0.05);
    // Measured and predicted, the two that stand in nearly every picture, differ most clearly.
    expect(distance(theme.series[0] ?? '', theme.series[1] ?? '', vision)).toBeGreaterThan(0.25);
    expect(distance(theme.delayed, theme.stopped, vision)).toBeGreaterThan(0.15);
  });
});

test('each light colour has one meaning, so a page can swap it for its dark partner', () => {
  const colors = [
    ...Object.values(lightTheme).filter((value): value is string => typeof value === 'string' && value.startsWith('#')),
    ...lightTheme.series,
  ];
  expect(new Set(colors).size).toBe(colors.length);
  const rules = darkPictureRules('figure svg');
  for (const color of colors) expect(rules).toContain(`figure svg [fill="${color}"]`);
});
