import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { explanationDocument, renderExplanation } from '../../engine/report/explain.js';
import { plainStyle } from '../../engine/report/terminal-text.js';
import { defaultOptions, mergeOptions } from '../../engine/rocksdb/options.js';
import { referenceVersion } from '../../engine/rocksdb/version.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { bestChanges } from '../../engine/whatif/best-changes.js';
import { explainLog, explainResult } from '../../engine/whatif/explain.js';
import { changesOf, movesFrom } from '../../engine/whatif/moves.js';
import {
  busyWriteRate,
  findStoreFiles,
  measuredBetween,
  optionsBeside,
  readStoreLog,
  type StoreLog,
} from '../../engine/whatif/store-log.js';
import { scenarioOfStore, type StoreContext } from '../../engine/whatif/store-scenario.js';
import { simulateLsm } from '../../engine/lsm/simulate.js';
import { workloadsOf } from '../../engine/lsm/with-workloads.js';
import { sampleHost } from '../scenario/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-explain-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A rate-limited fillrandom of db_bench 7.8.3 (test/fixtures/SOURCES.md). */
const fixture = fileURLToPath(new URL('../fixtures/truth/limited', import.meta.url));
const MIB = 1_048_576;
const context: StoreContext = {
  name: 'limited',
  options: null,
  said: {},
  device: {
    model: { kind: 'constant', name: 'd', source: 'test', readBytesPerSec: 500 * MIB, writeBytesPerSec: 300 * MIB },
    source: 'test',
  },
  host: { model: sampleHost, source: 'test', coresKnown: true },
};

describe('a store in its LOG', () => {
  test('a LOG and the newest OPTIONS file beside it are found; a directory without a LOG is told', () => {
    for (const name of ['OPTIONS-000007', 'OPTIONS-000012']) copyFileSync(join(fixture, 'OPTIONS'), join(directory, name));
    expect(() => findStoreFiles(directory)).toThrow('no LOG in this directory');
    copyFileSync(join(fixture, 'LOG'), join(directory, 'LOG'));
    expect(findStoreFiles(directory)).toEqual({ logs: [join(directory, 'LOG')], options: join(directory, 'OPTIONS-000012') });
    expect(findStoreFiles(join(directory, 'LOG'))).toEqual(findStoreFiles(directory));
  });

  test('what RocksDB put aside is read first, by its time', async () => {
    const rolled = mkdtempSync(join(directory, 'rolled-'));
    const lines = readFileSync(join(fixture, 'LOG'), 'utf8').split('\n');
    const third = Math.floor(lines.length / 3);
    const parts = { 'LOG.old.999': lines.slice(0, third), 'LOG.old.1000': lines.slice(third, 2 * third), LOG: lines.slice(2 * third) };
    for (const [name, part] of Object.entries(parts)) writeFileSync(join(rolled, name), part.join('\n'));
    const { logs } = findStoreFiles(rolled);
    expect(logs.map((path) => basename(path))).toEqual(['LOG.old.999', 'LOG.old.1000', 'LOG']);
    const [whole, together] = [await readStoreLog([join(fixture, 'LOG')]), await readStoreLog(logs)];
    expect(together.picture).toEqual(whole.picture);
    expect(together.writes).toEqual(whole.writes);
    expect([together.startMicros, together.endMicros]).toEqual([whole.startMicros, whole.endMicros]);
  });

  test('of a store that was opened again, time counts from there; what it holds is what it held before as well', async () => {
    const again = mkdtempSync(join(directory, 'again-'));
    const text = readFileSync(join(fixture, 'LOG'), 'utf8');
    // The same run once more, a year later.
    const later = text
      .replaceAll('2026/', '2027/')
      .replaceAll(/"time_micros": (\d+)/g, (_, micros: string) => `"time_micros": ${String(BigInt(micros) + 31_536_000_000_000n)}`);
    expect(later).not.toBe(text);
    writeFileSync(join(again, 'LOG.old.1'), text);
    writeFileSync(join(again, 'LOG'), later);
    const [once, twice] = [await readStoreLog([join(fixture, 'LOG')]), await readStoreLog(findStoreFiles(again).logs)];
    expect(twice.endMicros - twice.startMicros).toBeLessThan(1.05 * (once.endMicros - once.startMicros));
    expect(twice.writes.length).toBe(once.writes.length);
    expect(twice.picture.puts).toBe(2 * once.picture.puts);
  });

  test('the options beside it count over those that it printed', async () => {
    const { picture } = await readStoreLog([join(fixture, 'LOG')]);
    expect(optionsBeside(join(fixture, 'OPTIONS'), picture).write_buffer_size).toBe(picture.options.write_buffer_size);
  });

  test('busy windows: 30 s at 10 MiB/s and 10 s at rest are 10 MiB/s', () => {
    const writes: StoreLog['writes'] = [{ startMicros: 0, endMicros: 30e6, bytes: 300 * MIB, puts: 0 }];
    expect(busyWriteRate({ writes, startMicros: 0, endMicros: 40e6 })).toBeCloseTo(10 * MIB, 0);
    expect(busyWriteRate({ writes: [], startMicros: 0, endMicros: 40e6 })).toBe(0);
  });

  test('what was measured between two times adds up to the whole', async () => {
    const log = await readStoreLog([join(fixture, 'LOG')]);
    const middle = (log.startMicros + log.endMicros) / 2;
    const [whole, first, second] = [
      measuredBetween(log, log.startMicros - 1, log.endMicros),
      measuredBetween(log, log.startMicros - 1, middle),
      measuredBetween(log, middle, log.endMicros),
    ];
    expect(first.putsPerSec * first.seconds + second.putsPerSec * second.seconds).toBeCloseTo(whole.putsPerSec * whole.seconds, 3);
    expect(first.heldFraction * first.seconds + second.heldFraction * second.seconds).toBeCloseTo(whole.heldFraction * whole.seconds, 3);
  });
});

describe('an explanation', () => {
  test('names what held writes, and every change that it names was run and helps with each seed', async () => {
    const explanation = await explainLog([join(fixture, 'LOG')], context);
    expect(explanation.held.byCause.length).toBeGreaterThan(0);
    expect(explanation.assumptions.map(({ what }) => what)).toEqual(expect.arrayContaining(['load', 'device', 'rate limiter']));
    expect(explanation.changes.length).toBeGreaterThan(0);
    const themes = explanation.changes.map(({ theme }) => theme);
    expect(new Set(themes).size).toBe(themes.length);
    for (const { gain } of explanation.changes) expect(gain.least).toBeGreaterThan(0);
    const text = renderExplanation(explanation, plainStyle);
    for (const part of ['Held', 'Debt', 'online']) expect(text).toContain(part);
    const again = await explainLog([join(fixture, 'LOG')], context);
    expect(encodeJson(explanationDocument(again))).toBe(encodeJson(explanationDocument(explanation)));
  }, 30_000);

  test('with nothing written the debt drains no later than with writes halved', async () => {
    const scenario = scenarioOfStore(await readStoreLog([join(fixture, 'LOG')]), context, 120);
    const { drain } = await explainResult(scenario, simulateLsm(scenario));
    expect(drain.stoppedSec).not.toBeNull();
    expect(drain.stoppedSec ?? 0).toBeLessThanOrEqual(drain.halvedSec ?? Infinity);
  }, 30_000);

  test('a store that nobody wrote to of late is given the mean of its LOG, not all it can take', async () => {
    const busy = await readStoreLog([join(fixture, 'LOG')]);
    const log = { ...busy, endMicros: busy.endMicros + 9 * (busy.endMicros - busy.startMicros) };
    const scenario = scenarioOfStore(log, context, 30);
    const opsPerSec = measuredBetween(log, log.startMicros, log.endMicros).putsPerSec;
    expect(opsPerSec).toBeGreaterThan(0);
    expect(workloadsOf(scenario).map(({ arrival }) => arrival)).toEqual([{ kind: 'open', profile: { shape: 'constant', opsPerSec } }]);
    expect(scenario.assumptions.find(({ what }) => what === 'load')?.source).toContain('nothing was flushed in its last third');
  });

  test('a store that keeps up with its load needs no change', async () => {
    const scenario = scenarioOfStore(await readStoreLog([join(fixture, 'LOG')]), context, 30);
    const idle = scenario.steps.map((step) =>
      step.kind === 'write'
        ? { ...step, workload: { ...step.workload, arrival: { kind: 'open', profile: { shape: 'constant', opsPerSec: 10 } } as const } }
        : step,
    );
    expect(await bestChanges({ ...scenario, steps: idle }, 3)).toEqual([]);
  }, 20_000);
});

describe('changes worth trying', () => {
  const options = mergeOptions(defaultOptions(referenceVersion, { dbBench: true }), { max_compaction_bytes: 1 });

  test('each changes something, and none is there twice', () => {
    const moves = movesFrom(options, 4);
    for (const { changes } of moves) expect(changesOf(options, changes)).not.toEqual([]);
    const texts = moves.map(({ changes }) => JSON.stringify(changes));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('universal stores are offered universal options, and none that only leveled ones have', () => {
    const keys = movesFrom(mergeOptions(options, { compaction_style: 'universal' }), 4).flatMap(({ changes }) => Object.keys(changes));
    expect(keys).toContain('universal_size_ratio');
    expect(keys).not.toContain('max_bytes_for_level_multiplier');
  });
});
