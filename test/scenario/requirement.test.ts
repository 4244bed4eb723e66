import { describe, expect, test } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { checkRequirements, figureAt, parseRequirement } from '../../engine/scenario/requirement.js';
import { encodeLsmResult } from '../../engine/scenario/lsm-result.js';
import { notValidated } from '../../engine/scenario/result.js';
import { sampleResult } from './sample.js';

const document = encodeLsmResult(sampleResult(), notValidated);
const check = (
  text: string,
): readonly { readonly code: string; readonly found?: string | undefined; readonly expected?: string | undefined }[] =>
  checkRequirements([parseRequirement(text)], document);

describe('--require', () => {
  test.each([
    'stall.stoppedSec<=0.75',
    'stall.stoppedSec >= 0.75',
    'putRate.meanOpsPerSec>9.99e2',
    'levels.1.files==16',
    'writeAmplification!=0',
  ])('%s holds', (text) => {
    expect(check(text)).toEqual([]);
  });

  test('a requirement that does not hold says what was found', () => {
    expect(check('stall.stoppedSec<=0')).toEqual([expect.objectContaining({ code: 'CHECK_FAILED', found: '0.75' })]);
  });

  test('a figure that is null meets no requirement', () => {
    expect(check('steadyState.opsPerSec>0')).toEqual([expect.objectContaining({ code: 'CHECK_FAILED', found: 'null' })]);
  });

  test('an unknown figure is a mistake of the command line, with the nearest name', () => {
    expect(check('stall.stopedSec<=0')).toEqual([expect.objectContaining({ code: 'USAGE', expected: 'stall.stoppedSec?' })]);
  });

  test.each(['', 'stall.stoppedSec', 'a<=b', '<=3', 'a<=1e999', 'a=3', 'a<=0x1'])('%j cannot be read', (text) => {
    expect(() => parseRequirement(text)).toThrow(PutmodelError);
  });

  test('paths do not reach into prototypes', () => {
    expect(figureAt(document, 'levels.length.x')).toBeUndefined();
    expect(figureAt(document, 'constructor.length')).toBeUndefined();
  });
});
