import { describe, expect, test } from 'vitest';
import { createAxis } from '../../engine/sweep/axes.js';
import { createLabeler } from '../../engine/sweep/label.js';

const axis = (path: string, list: readonly unknown[]): ReturnType<typeof createAxis> => createAxis(path, [...list] as number[], 1);
const workload = { workload: { num_readers: 2, reader_rate: 100, num_compactors: 0 } };

describe('labels', () => {
  const template = [
    'W{workload.num_writers}_WR{workload.writer_rate:.2f}_RD{workload.num_readers}_RT{workload.reader_rate}',
    { text: '_C{workload.num_compactors}_CR{workload.compactor_rate:.2f}', unless: { 'workload.num_compactors': 0 } },
  ];
  const writers = axis('workload.num_writers', [1, 2]);
  const rate = axis('workload.writer_rate', [0.1]);

  test('of the object-store sweeps are those of the documents: axes and fixed values, decimals as asked', () => {
    expect(createLabeler(template, [writers, rate], workload)([1, 0.1])).toBe('W1_WR0.10_RD2_RT100');
  });

  test('have their optional piece where its values are not the usual ones', () => {
    const axes = [writers, rate, axis('workload.num_compactors', [0, 1]), axis('workload.compactor_rate', [0.05])];
    const label = createLabeler(template, axes, workload);
    expect(label([1, 0.02, 1, 0.05])).toBe('W1_WR0.02_RD2_RT100_C1_CR0.05');
    expect(label([1, 0.02, 0, 0.05])).toBe('W1_WR0.02_RD2_RT100');
  });

  test('name parts of values that are maps', () => {
    const [plain, slow] = [{}, { latencyMillis: 100 }];
    const pieces = ['W', { text: '_L{chaos.latencyMillis}', unless: { 'chaos.latencyMillis': 0 } }];
    const label = createLabeler(pieces, [axis('chaos', [plain, slow])], {});
    expect([plain, slow].map((value) => label([value]))).toEqual(['W', 'W_L100']);
  });

  test('without a template name the axes by their last words, or by all where the last words do not tell them apart', () => {
    const label = createLabeler(undefined, [axis('lsm.write_buffer_size', [1]), axis('a.num', [2]), axis('b.num', ['x'])], {});
    expect(label([1, 2, 'x'])).toBe('write_buffer_size=1 a.num=2 b.num=x');
  });

  test('without a template number values that are maps', () => {
    const [small, large] = [{ points: [1] }, { points: [2] }];
    expect(createLabeler(undefined, [axis('workload.rate', [small, large])], {})([large])).toBe('rate=#2');
  });

  test.each([
    ['{workload.nothing}', 'the label names workload.nothing, which is neither an axis nor in the base scenario'],
    ['{workload.num_readers', 'cannot read the label'],
    ['{workload.num_writers:.2f}', 'asks for decimals'],
  ])('%s is refused', (text, message) => {
    expect(() => createLabeler(text, [axis('workload.num_writers', ['a'])], workload)(['a'])).toThrow(message);
  });
});
