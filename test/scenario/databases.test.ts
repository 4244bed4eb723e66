/** Column families and databases in documents and results: what a writer may say, what it becomes, and what is told of it. */
import { describe, expect, test } from 'vitest';
import { PutmodelError } from '../../engine/kernel/errors.js';
import type { Load, LsmScenario } from '../../engine/lsm/scenario.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import { renderLsmReport } from '../../engine/report/terminal.js';
import { readDocument } from '../../engine/scenario/document.js';
import { familiesFile } from '../../engine/scenario/lsm-databases-result.js';
import { lsmKind, resolveLsm } from '../../engine/scenario/lsm-kind.js';
import { notValidated } from '../../engine/scenario/result.js';
import { judgeValidity } from '../../engine/validation/validity.js';
import { sampleMachine } from './sample.js';

function resolve(text: string): LsmScenario {
  return resolveLsm(readDocument(`kind: lsm\n${text}`, 'a.yaml'), sampleMachine);
}

function linesOf(text: string): readonly string[] {
  try {
    resolve(text);
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
    throw error;
  }
  throw new Error('expected a PutmodelError');
}

function loadsOf({ steps }: LsmScenario): readonly Load[] {
  return steps.flatMap((step) => (step.kind === 'write' ? (step.loads ?? []) : []));
}

const small = `
duration_seconds: 3
workload: {num: 100000, value_size: 1000}
lsm: {write_buffer_size: 1048576, compression: none}
`;

describe('column families', () => {
  const scenario = resolve(`${small}families:
  - {name: hot, share: 3, lsm: {write_buffer_size: 2097152}}
  - {name: cold, value_size: 20, num: 7, initial: {settled_keys: 5}}`);

  test("have the database's options but for their own, and their share of its keys", () => {
    const [store] = scenario.stores;
    expect(store?.families.map(({ name, options }) => [name, options.write_buffer_size])).toEqual([
      ['hot', 2_097_152],
      ['cold', 1_048_576],
    ]);
    expect(store?.families.map(({ initial }) => initial)).toEqual([{ from: 'empty' }, { from: 'settledKeys', keys: 5 }]);
    expect(
      loadsOf(scenario)[0]?.targets.map(({ shareFraction, valueSizeBytes, keyCount }) => [shareFraction, valueSizeBytes, keyCount]),
    ).toEqual([
      [0.75, 1000, 75_000],
      [0.25, 20, 7],
    ]);
    expect(scenario.shared).toBeUndefined();
  });

  test('are refused where they fight with the rest, each problem at its line', () => {
    expect(
      linesOf(`initial: {settled_keys: 5}
policy: silk
families:
  - {name: a, lsm: {max_background_jobs: 4}}
  - {name: b, lsm: {level0_stop_writes_trigger: -1}}`),
    ).toEqual(['6: families.1.lsm.level0_stop_writes_trigger: out of range']);
    expect(
      linesOf(`initial: {settled_keys: 5}
policy: silk
families:
  - {name: a, lsm: {max_background_jobs: 4}}
  - {name: b, initial: {levels: [{level: 9, bytes: 5}]}}`),
    ).toEqual([
      '2: initial: with several families, each has its own tree',
      '5: families.0.lsm.max_background_jobs: this is an option of the database, not of a family',
      '6: families.1.initial.levels.0.level: no such level',
      '3: policy: policies schedule one column family',
    ]);
    expect(linesOf('families: [{name: a}, {name: a}]')).toEqual(['2: families: two column families have one name']);
  });
});

describe('databases', () => {
  test('share the workload, or write with threads of their own', () => {
    const scenario = resolve(`${small}databases:
  - {name: a}
  - {name: b, share: 3, families: [{name: x}, {name: y}]}
  - {name: c, workload: {rate: 500, threads: 2, num: 10}}`);
    const [common, own] = loadsOf(scenario) as [Load, Load];
    expect(
      common.targets.map(({ storeIndex, familyIndex, shareFraction, keyCount }) => [storeIndex, familyIndex, shareFraction, keyCount]),
    ).toEqual([
      [0, 0, 0.25, 100_000],
      [1, 0, 0.375, 50_000],
      [1, 1, 0.375, 50_000],
    ]);
    expect(own.workload).toMatchObject({ threads: 2, keyCount: 10, valueSizeBytes: 1000, arrival: { kind: 'open' } });
    expect(scenario.shared).toEqual({ threadPools: true, rateLimiter: false });
    expect(scenario.assumptions.map(({ what }) => what)).toEqual(expect.arrayContaining(['sharedThreadPools', 'sharedRateLimiter']));
  });

  test('that share a workload by count write as often as there are of them', () => {
    const [load] = loadsOf(resolve('workload: {num: 1000}\ndatabases: [{name: a}, {name: b}]'));
    expect(load?.workload.puts).toBe(2000);
    expect(loadsOf(resolve('puts: 500\nworkload: {num: 1000}\ndatabases: [{name: a}, {name: b}]'))[0]?.workload.puts).toBe(500);
  });

  test('are refused where they fight with the rest', () => {
    expect(linesOf('databases:\n  - {name: a, share: 2, workload: {num: 5}}')).toEqual([
      '3: databases.0.share: give either share (of the workload) or workload (of its own), not both',
    ]);
    expect(
      linesOf(`families: [{name: f}]
databases:
  - {name: a, initial: {settled_keys: 4}, families: [{name: x}]}
  - {name: b, lsm: {use_direct_io_for_flush_and_compaction: true}}`),
    ).toEqual([
      '2: families: with databases, each has its families',
      '4: databases.0.initial: with several families, each has its own tree',
      '5: databases.1.lsm: all databases must read and write alike',
    ]);
  });

  test('changes reach every family on top of its own options', () => {
    const scenario = resolve(`databases: [{name: a, lsm: {write_buffer_size: 1048576}}, {name: b}]
changes: [{atSec: 1, set: {max_write_buffer_number: 5}}]`);
    const changed = scenario.changes[0]?.optionsByFamily?.flat() ?? [];
    expect(changed.map((one) => [one.write_buffer_size, one.max_write_buffer_number])).toEqual([
      [1_048_576, 5],
      [67_108_864, 5],
    ]);
  });
});

describe('the result', () => {
  const scenario = resolve(`${small}databases: [{name: a}, {name: b, families: [{name: x}, {name: y}]}]`);
  const result = simulateLsm(scenario);
  const files = lsmKind.files(scenario, result);

  test('is what its schema says, and is read back as it was', () => {
    const document = lsmKind.encode(result, notValidated);
    const text = JSON.parse(JSON.stringify({ ...document, manifest: null })) as Record<string, unknown>;
    expect((document['databases'] as { name: string }[]).map(({ name }) => name)).toEqual(['a', 'b']);
    const issues = lsmKind.resultSchema.safeParse(text).error?.issues.filter(({ path }) => path[0] === 'databases') ?? [];
    expect(issues).toEqual([]);
    const decoded = lsmKind.decode(document, (name) => files[name] ?? '');
    expect(decoded.databases).toEqual(result.databases);
  });

  test('has a table of its families over time instead of a LOG, which tells of one', () => {
    expect(Object.keys(files)).toEqual(expect.arrayContaining([familiesFile]));
    expect(Object.keys(files)).not.toContain('LOG');
    expect(files[familiesFile]?.split('\n')[0]).toContain('b.y.pendingCompactionBytes');
    expect(files[familiesFile]?.trim().split('\n').length).toBe(1 + result.series.opsPerSec.length);
  });

  test('is printed as a line a family that fits 80 columns', () => {
    const text = renderLsmReport(result, { title: 't', validity: notValidated, directory: null, wallMillis: null });
    const lines = text.split('\n').filter((line) => /^(Family|a\/|b\/)/.test(line));
    expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(['Family', 'a/default', 'b/x', 'b/y']);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('is like no run of one family', () => {
    const features = lsmKind.features(scenario, result);
    expect(features?.besides).toEqual(['several column families or databases']);
    const { besides: _, ...alike } = features!;
    const errors = { putRateErrorPercent: 1, writeAmplificationErrorPercent: 1, stallErrorPercent: 1, curveNrmse: 0.1 };
    const judged = judgeValidity(features!, [{ name: 'one family', ...errors, features: alike }]);
    expect(judged).toMatchObject({ inside: false, outside: ['several column families or databases (checked without)'] });
  });
});
