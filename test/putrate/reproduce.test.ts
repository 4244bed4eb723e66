import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { encodeJson } from '../../engine/scenario/json.js';
import { claimComparisons, putRateReference } from '../../engine/putrate/reproduce.js';

describe('claims beside what is reproduced', () => {
  test.each([
    ['V4 accuracy, initial', 56.8, '56.8'],
    ['V4 accuracy, middle', 96.9, '44.5'],
    ['V4 accuracy, final', 86.6, '36.0'],
    ['V4 accuracy, overall', 81.4, '45.8'],
    ['V4.1 accuracy, initial', 68.5, '48.3'],
    ['V4.1 accuracy, middle', 96.9, '51.4'],
    ['V4.1 accuracy, final', 70.5, '32.4'],
    ['theoretical maximum, initial', 4_157_599, '4150546.1'],
    ['V5 original, final phase, weighted average', 11_078, '73333.3'],
  ])('%s: claimed %d, reproduced %s', (figure, claimed, reproduced) => {
    const row = claimComparisons().find((candidate) => candidate.figure === figure);
    expect(row?.claimed).toBe(claimed);
    expect(row?.reproduced?.toFixed(1)).toBe(reproduced);
  });

  test('every figure is finite or has a note that says why there is none', () => {
    for (const { figure, claimed, reproduced, note } of claimComparisons()) {
      expect(Number.isFinite(claimed), figure).toBe(true);
      expect(reproduced === null ? note !== null : Number.isFinite(reproduced), figure).toBe(true);
    }
  });

  test('results/reference/putrate.json is what bench/putrate.ts writes today', () => {
    const file = fileURLToPath(new URL('../../results/reference/putrate.json', import.meta.url));
    expect(readFileSync(file, 'utf8')).toBe(encodeJson({ ...putRateReference(), command: 'npx tsx bench/putrate.ts' }));
  });
});
