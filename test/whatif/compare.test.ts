import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadScenario } from '../../engine/files/load.js';
import { nodeCanvas } from '../../engine/report/canvas.js';
import { comparisonPage } from '../../engine/report/comparison-page.js';
import { renderPage } from '../../engine/report/html.js';
import { comparisonDocument, renderComparison } from '../../engine/report/compare.js';
import { plainStyle } from '../../engine/report/terminal-text.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { compare, spreadOf, type Contestant } from '../../engine/whatif/compare.js';
import { crossVariations } from '../../engine/whatif/vary.js';
import { compareTwoPhase } from '../../engine/whatif/two-phase.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import { sampleHost } from '../scenario/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-compare-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const host = join(directory, 'host.json');
writeFileSync(host, JSON.stringify({ schema: 'putmodel/host/1', ...sampleHost }));
const path = join(directory, 'limited.yaml');
writeFileSync(
  path,
  'kind: lsm\nduration_seconds: 30\nworkload: {num: 1000000, value_size: 1024}\n' +
    'lsm: {write_buffer_size: 4194304, max_bytes_for_level_base: 16777216, target_file_size_base: 4194304, compression: none, rate_limiter_bytes_per_sec: 33554432}\n',
);

function contestant(label: string, ...set: string[]): Contestant {
  return { label, loaded: loadScenario(path, { set, host, device: 'read=500MiB/s,write=200MiB/s' }) };
}

describe('a comparison', () => {
  test('differences are against the first run of the same seed, and the reasons are figures of both runs', async () => {
    const comparison = await compare([contestant('two'), contestant('faster', 'lsm.rate_limiter_bytes_per_sec=134217728')], 3);
    const [base, faster] = comparison.runs;
    expect(comparison.seeds).toEqual([1, 2, 3]);
    expect(base?.differencesPercent).toEqual({});
    const rate = 'putRate.meanOpsPerSec';
    const ratio = (faster?.figures[rate]?.median ?? 0) / (base?.figures[rate]?.median ?? 1);
    expect(faster?.differencesPercent[rate]?.median).toBeGreaterThan(20);
    expect(Math.abs((faster?.differencesPercent[rate]?.median ?? 0) - 100 * (ratio - 1))).toBeLessThan(10);
    const limiter = faster?.reasons.find(({ figure }) => figure === 'binding.rateLimiter');
    expect(limiter?.before).toBeGreaterThan(limiter?.after ?? 1);
    expect(base?.reasons).toEqual([]);
  });

  test('reads are compared like puts', async () => {
    const reads = ['reads.point.threads=2', 'duration_seconds=5'];
    const { runs } = await compare([contestant('none', ...reads), contestant('filters', ...reads, 'lsm.bloom_bits=10')], 1);
    const [none, filters] = runs.map(
      ({ figures }) =>
        (path: string) =>
          figures[`reads.point.${path}`]?.median ?? NaN,
    );
    expect(filters!('blocksPerRead')).toBeLessThan(none!('blocksPerRead'));
    expect(filters!('opsPerSec')).toBeGreaterThan(none!('opsPerSec'));
    expect(filters!('latencyMicros.p50')).toBeGreaterThan(0);
    expect(runs[0]?.figures['reads.range.opsPerSec']?.median ?? null).toBeNull();
    const [plain] = (await compare([contestant('a')], 1)).runs;
    expect(plain?.figures['reads.point.opsPerSec']?.median ?? null).toBeNull();
  });

  test('the same question gives the same bytes, and a run against itself differs in nothing', async () => {
    const ask = () => compare([contestant('a'), contestant('b')], 2);
    const [first, second] = [await ask(), await ask()];
    expect(encodeJson(comparisonDocument(second))).toBe(encodeJson(comparisonDocument(first)));
    const same = first.runs[1];
    expect(Object.values(same?.differencesPercent ?? {}).every(({ max }) => (max ?? 0) === 0)).toBe(true);
    expect(same?.reasons).toEqual([]);
  });

  test('a policy that breaks is told in its place and leaves the other runs as they were', async () => {
    const policy = join(directory, 'broken.mjs');
    writeFileSync(policy, "export const policy = { name: 'broken', source: 'test', choose() { throw new Error('no idea'); } };\n");
    const alone = await compare([contestant('a'), contestant('b', 'lsm.max_background_jobs=4')], 1);
    const comparison = await compare(
      [contestant('a'), contestant('broken', `policy=${policy}`), contestant('b', 'lsm.max_background_jobs=4')],
      1,
    );
    const [a, broken, b] = comparison.runs;
    expect(broken?.issues.map(({ message }) => message).join()).toContain('no idea');
    expect(broken?.result).toBeNull();
    expect([a?.figures, b?.figures]).toEqual(alone.runs.map(({ figures }) => figures));
    expect(renderComparison(comparison, plainStyle)).toContain('#2 failed: ');
  }, 20_000);

  test('a policy that never returns is ended, told in its place, and leaves the other runs as they were', async () => {
    const policy = join(directory, 'endless.mjs');
    writeFileSync(policy, "export const policy = { name: 'endless', source: 'test', choose() { for (;;); } };\n");
    const alone = await compare([contestant('a')], 1);
    const comparison = await compare([contestant('a'), contestant('endless', `policy=${policy}`), contestant('a')], 1, {
      sliceMillisMax: 3000,
    });
    const [a, endless, b] = comparison.runs;
    expect(endless?.issues.map(({ message }) => message).join()).toMatch(
      /endless\.mjs: the module does not return.*after simulated second/,
    );
    expect(endless?.result).toBeNull();
    expect([a?.figures, b?.figures]).toEqual([alone.runs[0]?.figures, alone.runs[0]?.figures]);
    expect(renderComparison(comparison, plainStyle).match(/#2 failed: .*does not return/g)).toHaveLength(1);
  }, 30_000);

  test('an upgrade is a change of release: 9.10 is not 9.1, and the rules of each hold', async () => {
    const releases = ['7.8', '9.10', '10.10'];
    const upgrade = crossVariations([`lsm.rocksdb_version=${releases.join(',')}`]).map(({ label, settings }) =>
      contestant(label, ...settings),
    );
    const { runs } = await compare(upgrade, 1);
    expect(runs.map(({ result }) => (result as LsmResult).rocksdbVersion)).toEqual(['7.8.0', '9.10.0', '10.10.0']);
    // From 8.4 on levels are dynamic unless said otherwise.
    const [old, ...newer] = runs.map(({ figures }) => figures['writeAmplificationNoWal']?.median);
    for (const amplification of newer) expect(amplification).not.toBe(old);
  }, 20_000);

  test('in two phases each run is offered 95 % of its own maximum', async () => {
    const both = [contestant('two'), contestant('faster', 'lsm.rate_limiter_bytes_per_sec=134217728')];
    const maximum = await compare(both, 1);
    const { runs, offered } = await compareTwoPhase(both, 1);
    runs.forEach(({ figures, result }, index) => {
      const most = maximum.runs[index]?.figures['putRate.meanOpsPerSec']?.median ?? 0;
      expect(offered?.[index]?.opsPerSec).toBeCloseTo(0.95 * most, 6);
      expect(figures['putRate.meanOpsPerSec']?.median).toBeLessThanOrEqual(0.951 * most);
      expect(result).not.toBeNull();
    });
    const text = renderComparison({ ...maximum, runs, offered: offered ?? [] }, plainStyle);
    expect(text).toContain('Each at 95 % of its own maximum');
  }, 20_000);

  test('the text names every run, each figure that is not 0 and the reasons', async () => {
    const text = renderComparison(
      await compare([contestant('small'), contestant('large', 'lsm.write_buffer_size=16777216')], 2),
      plainStyle,
    );
    for (const part of ['small', 'large', 'put rate', 'put latency p99.9', 'peak debt', 'Why they differ', '+-'])
      expect(text).toContain(part);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

test('the page holds the curves of every run, the figures and the checks', async () => {
  const comparison = await compare([contestant('small & old'), contestant('large', 'lsm.write_buffer_size=16777216')], 1);
  const html = renderPage(comparisonPage(comparison, await nodeCanvas(), 'test'));
  expect(html.match(/<svg/g)).toHaveLength(4);
  for (const part of ['small &amp; old', 'Put rate', 'Why they differ', 'NOT validated', 'RocksDB&#39;s own W-Amp'])
    expect(html).toContain(part);
}, 20_000);

test('a spread leaves out what is missing', () => {
  expect(spreadOf([3, null, 1])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([null])).toEqual({ median: null, min: null, max: null });
});
