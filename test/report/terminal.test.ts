import { describe, expect, test } from 'vitest';
import type { LsmResult } from '../../engine/lsm/result.js';
import type { TerminalStyle } from '../../engine/report/terminal-text.js';
import { dbBenchResultLine, renderBand, renderLsmReport } from '../../engine/report/terminal.js';
import { notValidated, type Validity } from '../../engine/scenario/result.js';
import { sampleResult } from '../scenario/sample.js';

const ascii: TerminalStyle = { columns: 80, unicode: false, color: false };
const validated: Validity = { inside: true, outside: [], expectedErrorPercent: { p50: 2, p90: 5, max: 6 }, runs: 9 };

function render(result: LsmResult, style = ascii, validity = notValidated): string {
  return renderLsmReport(result, { title: 'sample', validity, directory: 'results/sample', wallMillis: 12 }, style);
}

describe('the report', () => {
  test('says first what was assumed', () => {
    const lines = render(sampleResult()).split('\n');
    expect(lines[2]).toBe('Assumed, because nothing else was said');
    expect(lines[3]).toMatch(/^ {2}device +sample-device \(default; --device names another\)$/);
  });

  test('answers: rate, what binds, what would bind next, stalls by cause, write amplification', () => {
    const text = render(sampleResult());
    expect(text).toContain('Put rate     1,000 puts/s');
    expect(text).toContain('Bound by     the rate limiter 50.0 %, full memtables waiting for flush 25.0 %');
    expect(text).toContain('Then by      CPU, 18.0 % above this rate');
    expect(text).toContain('stopped 750.0 ms, delayed 500.0 ms');
    expect(text).toContain('  by cause   memtables 750.0 ms, L0 slowdown 500.0 ms');
    expect(text).toContain("Write amp.   4.00 with WAL, 3.10 without; RocksDB's own W-Amp 3.00");
    expect(text).toContain('Results in   results/sample');
  });

  test('says how far it was checked', () => {
    expect(render(sampleResult(), ascii, validated)).toContain('Checked      like 9 real runs, typical error 2 %, worst 6 %');
    expect(render(sampleResult())).toContain('NOT validated: no accuracy table');
  });

  test('draws four seconds as four columns: 2000 is the top, stopped is a full mark', () => {
    const lines = render(sampleResult()).split('\n');
    const top = lines.findIndex((line) => line.startsWith('     2,000 '));
    expect(lines.slice(top, top + 8)).toEqual([
      '     2,000 #',
      '           #  .',
      '           #  #',
      '           #  #',
      '           #  #',
      '           ## #',
      '         0 ## #',
      '     stall  -#',
    ]);
  });

  test('is plain ASCII where Unicode does not show, and has no escapes where colour is not welcome', () => {
    expect(render(sampleResult())).not.toMatch(/[^\x0A\x20-\x7E]/);
    expect(render(sampleResult(), { columns: 80, unicode: true, color: true })).toContain('\u001B[1m');
  });

  test('breaks lines that are longer than the terminal', () => {
    const long = render({ ...sampleResult(), assumptions: [] })
      .split('\n')
      .filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test('holds with nothing to show: no puts, no series, no levels', () => {
    const { series } = sampleResult();
    const none = new Float64Array(0);
    const text = render({
      ...sampleResult(),
      benchmarks: [],
      levels: [],
      assumptions: [],
      writeAmplification: null,
      series: { ...series, opsPerSec: none, state: new Uint8Array(0) },
    });
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text).toContain('Write amp.   n/a with WAL');
  });

  test('shows a store that put nothing for a while without dividing by zero', () => {
    const { series } = sampleResult();
    expect(render({ ...sampleResult(), series: { ...series, opsPerSec: new Float64Array(4) } })).not.toMatch(/NaN/);
  });
});

test("db_bench's result line is its own, blank for blank", () => {
  const entry = { benchmark: 'fillrandom', puts: 3_631_999, seconds: 240.03, opsPerSec: 15_131.4, mibPerSec: 15.008 };
  expect(dbBenchResultLine(entry, 1, 1040)).toBe(
    'fillrandom   :      66.088 micros/op 15131 ops/sec 240.030 seconds 3631999 operations;   15.0 MB/s',
  );
});

test('a band gives median and range of each figure', () => {
  const text = renderBand(
    {
      seeds: [1, 2],
      deviceFactors: [1, 1],
      hostFactors: [1, 1],
      metrics: { 'putRate.meanOpsPerSec': { median: 1500, min: 1000, max: 2000, values: [1000, 2000] } },
    },
    'Over 2 seeds: median (range)',
    ascii,
  );
  expect(text).toBe('Over 2 seeds: median (range)\n  putRate.meanOpsPerSec  1,500  (1,000 to 2,000)\n');
});

test('a figure and its unit stay on one line', () => {
  const narrow = render({ ...sampleResult(), simulatedSec: 7200 }, { columns: 44, unicode: false, color: false });
  expect(narrow).not.toMatch(/\d\n *(?:%|h|min|s|ms|us|[KMGT]iB)\b/);
});
