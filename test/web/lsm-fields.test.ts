import { describe, expect, it } from 'vitest';
import { modelledSpecs } from '../../engine/rocksdb/options.js';
import { fieldText, nearestStop, readField } from '../../engine/web/field-text.js';
import { lsmFields } from '../../engine/web/lsm-fields.js';

const form = lsmFields(undefined);
const options = [...form.options.flatMap(({ fields }) => fields), ...form.otherOptions];
const byName = new Map([...form.workload, ...options].map((field) => [field.name, field]));

describe('the form', () => {
  it('has every option that is one value, once, with its doc', () => {
    const expected = modelledSpecs.filter(({ kind }) => kind !== 'numbers' && kind !== 'choices').map(({ key }) => key);
    expect(options.map(({ name }) => name).sort()).toEqual([...expected].sort());
    for (const { doc } of [...form.workload, ...options]) expect(doc).not.toBe('');
  });

  it('takes defaults from the version', () => {
    const dynamic = (version: string) =>
      lsmFields(version)
        .options.flatMap(({ fields }) => fields)
        .find(({ name }) => name === 'level_compaction_dynamic_level_bytes')?.defaultValue;
    expect(dynamic('7.8')).toBe(false);
    expect(dynamic('9.10')).toBe(true);
    expect(dynamic('nonsense')).toBe(false);
  });

  it('takes kinds, units and defaults of the workload from the schema', () => {
    expect(byName.get('num')).toMatchObject({ kind: 'integer', unit: 'count', min: 1, defaultValue: 1_000_000 });
    expect(byName.get('benchmark')).toMatchObject({ kind: 'choice', defaultValue: 'fillrandom' });
    expect(byName.get('disable_wal')).toMatchObject({ kind: 'boolean', defaultValue: false });
    expect(byName.get('rate')).toMatchObject({ kind: 'number', defaultValue: null });
  });

  it('has sliders whose stops ascend, lie in range and pass the default', () => {
    const slid = options.filter(({ stops }) => stops !== null);
    expect(slid.length).toBeGreaterThan(20);
    for (const { stops, min, max, defaultValue, name } of slid) {
      const list = stops ?? [];
      expect(list.length, name).toBeGreaterThan(1);
      expect([...list].sort((a, b) => a - b)).toEqual(list);
      expect(new Set(list).size).toBe(list.length);
      expect(
        list.every((stop) => stop >= min && stop <= max),
        name,
      ).toBe(true);
      if (Number(defaultValue) >= 1 || defaultValue === 0)
        expect(list.includes(Number(defaultValue)) || Number(defaultValue) < Number(list[0]), name).toBe(true);
    }
  });

  it('writes values so that they read back the same', () => {
    for (const field of options) {
      for (const value of [...(field.stops ?? []), field.defaultValue]) {
        if (typeof value === 'number' && value > Number.MAX_SAFE_INTEGER) continue;
        expect(readField(field, fieldText(field, value)), `${field.name} ${String(value)}`).toEqual({
          ok: true,
          value: value === '' ? undefined : value,
        });
      }
    }
  });

  it('reads sizes as people write them, and says what is wrong', () => {
    const size = { unit: 'bytes', kind: 'integer' } as const;
    expect(readField(size, '64MiB')).toEqual({ ok: true, value: 67_108_864 });
    expect(readField(size, '16,777,216')).toEqual({ ok: true, value: 16_777_216 });
    expect(readField(size, ' ')).toEqual({ ok: true, value: undefined });
    expect(readField(size, '64MB')).toMatchObject({ ok: false, message: expect.stringContaining('MiB') as string });
    expect(readField({ unit: 'count', kind: 'integer' }, 'many')).toEqual({ ok: false, message: 'not a number: many' });
  });

  it('shows a value between two stops at the nearer one', () => {
    expect(nearestStop([1, 2, 4, 8], 5)).toBe(2);
    expect(nearestStop([1, 2, 4, 8], 6)).toBe(3);
    expect(nearestStop([0, 10], -5)).toBe(0);
  });
});
