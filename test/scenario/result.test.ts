import { describe, expect, test } from 'vitest';
import { createHistogram } from '../../engine/kernel/histogram.js';
import { lsmMetrics } from '../../engine/lsm/kind.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { figureAt } from '../../engine/scenario/requirement.js';
import { decodeResult } from '../../engine/scenario/kinds.js';
import { lsmResultSchema } from '../../engine/scenario/lsm-result-schema.js';
import { encodeLsmResult, encodeSeriesCsv } from '../../engine/scenario/lsm-result.js';
import { notValidated, withManifest, type Manifest } from '../../engine/scenario/result.js';
import { sampleResult } from './sample.js';

const manifest: Manifest = {
  schema: 'putmodel/manifest/1',
  engineVersion: '0.1.0',
  scenarioHash: '0'.repeat(64),
  seed: 1,
  inputs: [{ name: 'a.yaml', sha256: '1'.repeat(64) }],
  resultHash: '2'.repeat(64),
};
const text = encodeJson(withManifest(encodeLsmResult(sampleResult(), notValidated), manifest));

describe('the result document', () => {
  test('is what its schema says', () => {
    expect(lsmResultSchema.safeParse(JSON.parse(text)).error?.issues ?? []).toEqual([]);
  });

  test('holds no NaN: what is no number is null', () => {
    expect(text).not.toMatch(/NaN|Infinity/);
    expect((JSON.parse(text) as { series: { delayedWriteRateBytesPerSec: unknown[] } }).series.delayedWriteRateBytesPerSec).toEqual([
      0,
      8388608,
      0,
      null,
    ]);
  });

  test('does not depend on the order in which a result was built', () => {
    const result = sampleResult();
    const reversed = { ...result, stall: Object.fromEntries(Object.entries(result.stall).reverse()) as unknown as typeof result.stall };
    expect(encodeJson(encodeLsmResult(reversed, notValidated))).toBe(encodeJson(encodeLsmResult(result, notValidated)));
  });

  test('has latencies from the histogram: 990 of 10 us and 10 of 1000 us', () => {
    expect((JSON.parse(text) as { putLatencyMicros: unknown }).putLatencyMicros).toEqual({
      p50: 10,
      p95: 10,
      p99: 10,
      p999: 1000,
      max: 1000,
      mean: 19.9,
    });
  });

  test('has null latencies when nothing was put', () => {
    const document = encodeLsmResult({ ...sampleResult(), putLatencyMicros: createHistogram() }, notValidated);
    expect(document['putLatencyMicros']).toEqual({ p50: null, p95: null, p99: null, p999: null, max: null, mean: null });
  });

  test('has every metric at its path', () => {
    const result = sampleResult();
    const document = encodeLsmResult(result, notValidated);
    // Nothing is read here, and a result without reads does not name them.
    for (const metric of lsmMetrics)
      expect([metric.path, figureAt(document, metric.path) ?? null]).toEqual([metric.path, metric.read(result)]);
  });
});

describe('reading a result', () => {
  test('gives back what was written', () => {
    expect(encodeJson(decodeResult(text, 'summary.json'))).toBe(text);
  });

  test('refuses another schema number by name', () => {
    expect(() => decodeResult('{"schema": "putmodel/lsm-result/2"}', 'summary.json')).toThrow(
      'summary.json: schema: not a result this version reads: found "putmodel/lsm-result/2" (expected putmodel/lsm-result/1 or putmodel/backlog-result/1 or putmodel/commit-result/1 or putmodel/replay-result/1)',
    );
  });

  test.each(['', '{', 'null', '[]', '{}'])('refuses %j', (bad) => {
    expect(() => decodeResult(bad, 'summary.json')).toThrow(/^summary\.json: /);
  });
});

test('the series as CSV: one row a second, an empty cell for what is no number', () => {
  expect(encodeSeriesCsv(sampleResult().series).split('\n')).toEqual([
    'tSec,opsPerSec,l0Files,pendingCompactionBytes,delayedWriteRateBytesPerSec,state,flushBytes,compactionBytes,walBytes,flushWrittenBytes,compactionWrittenBytes,delayedSec,stoppedSec,level0Bytes,level1Bytes,level0TargetBytes,level1TargetBytes',
    '1,2000,1,0,0,0,1,0,1,1,1,0,0,1,0,,6',
    '2,500,2,1,8388608,1,1,2,1,1,1,0.5,0,2,0,,6',
    '3,0,3,2,0,2,1,2,0,1,2,0,1,3,5,,6',
    '4,1500,3,3,,0,1,2,1,1,2,0,0,4,5,,7',
    '',
  ]);
});
