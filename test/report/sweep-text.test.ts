import { expect, it } from 'vitest';
import { figureText } from '../../engine/report/figures.js';
import { axisValueText, axisValueTexts, shareText, shortLabels } from '../../engine/report/sweep-text.js';

it('a value of an axis is as it was written, a map the list of what is in it', () => {
  expect([4, 0.1 + 0.2, 'silk', true, [30, 90], {}].map(axisValueText)).toEqual(['4', '0.3', 'silk', 'true', '[30, 90]', 'none']);
  expect(axisValueText({ latencyMillis: 200, cpu: { dropTickFraction: 0.3, gaps: [1, 2] } })).toBe(
    'latencyMillis 200, cpu.dropTickFraction 0.3, cpu.gaps [1, 2]',
  );
});

it('maps of one axis are told apart by what is not in all of them', () => {
  const stores = [{ profile: 'document' }, { profile: 'document', lossFraction: 0.01 }, { profile: 'document', lossFraction: 0.02 }];
  expect(axisValueTexts(stores)).toEqual(['none', 'lossFraction 0.01', 'lossFraction 0.02']);
  expect(axisValueTexts([{ a: 1 }, 'name'])).toEqual(['a 1', 'name']);
  expect(axisValueTexts([{ a: 1 }])).toEqual(['a 1']);
});

it('figures have their units, small rates their decimals', () => {
  expect(figureText(0.0499, 'opsPerSec')).toBe('0.0499/s');
  expect(figureText(123_456.7, 'opsPerSec')).toBe('123,457/s');
  expect(figureText(4575, 'millis')).toBe('4.6 s');
  expect(figureText(0, 'sec')).toBe('0 s');
  expect([2.66666, 3].map((value) => figureText(value, '1'))).toEqual(['2.67', '3']);
  expect([1, 0.091, 0.0049].map(shareText)).toEqual(['100 %', '9.1 %', '0.49 %']);
});

it('labels lose what all of them share', () => {
  expect(shortLabels(['W1_RD2', 'W1_RD2_L100', 'W1_RD2_B3_CPU0.3'])).toEqual(['base', 'L100', 'B3 CPU0.3']);
});
