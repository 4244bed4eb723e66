import { describe, expect, it } from 'vitest';
import { meanMicros, totalCount, valueAtPercentile } from '../../engine/kernel/histogram.js';
import { runToEnd } from '../../engine/kernel/run.js';
import type { ReadStreamResult } from '../../engine/lsm/read-result.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import type { ReadArrival, ReadLoad, ReadStream, Step, WriteWorkload } from '../../engine/lsm/scenario.js';
import { simulateLsm, startLsm } from '../../engine/lsm/simulate.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { bloomFalsePositiveFraction } from '../../engine/rocksdb/bloom.js';
import { MiB, scenarioOf, smallStore, testHost, workloadOf, writeStep } from './build.js';

const oneThread: ReadArrival = { kind: 'closed', threads: 1, opsPerSec: null };

function streamOf(said: Partial<ReadStream> = {}): ReadStream {
  return { arrival: oneThread, reads: null, distribution: 'uniform', zipfTheta: 0.99, nexts: null, ...said };
}

function loadOf(stream: Partial<ReadStream> = {}, more: Partial<ReadLoad> = {}): ReadLoad {
  return { streams: [streamOf(stream)], blockCache: { bytes: 0 }, cacheIndexAndFilterBlocks: false, ...more };
}

/** Reads alone, of what the steps before left. */
function readStep(load: ReadLoad, said: Partial<WriteWorkload> = {}): Step {
  const workload = workloadOf({ puts: null, durationSec: 10, arrival: { kind: 'none' }, ...said, reads: load });
  return { kind: 'write', benchmark: 'readrandom', fresh: false, workload };
}

/** A settled store of some 200,000 puts, then reads alone. */
function readsOf(load: ReadLoad, options: Partial<LsmOptions> = {}, said: Partial<WriteWorkload> = {}): LsmResult {
  const settle: Step = { kind: 'waitForCompaction', benchmark: 'waitforcompaction' };
  return simulateLsm(scenarioOf({ ...smallStore, ...options }, [writeStep(), settle, readStep(load, said)]));
}

function point(result: LsmResult): ReadStreamResult {
  const stream = result.reads?.point;
  if (stream == null) throw new Error('no point reads');
  return stream;
}

describe('a Get', () => {
  it('finds the keys that were put: 200,000 draws of a million', () => {
    expect(point(readsOf(loadOf())).foundFraction).toBeCloseTo(1 - Math.exp(-0.2), 2);
  });

  it('asks every level-0 file and one file of each level until it finds its key', () => {
    const { filesProbedPerRead, levels } = point(readsOf(loadOf()));
    const each = levels.filter(({ level }) => level !== null && level > 0);
    expect(each.length).toBeGreaterThan(1);
    for (const { filesProbed } of each) expect(filesProbed).toBeLessThanOrEqual(1);
    expect(levels.reduce((sum, { level, filesProbed }) => sum + (level === null ? 0 : filesProbed), 0)).toBeCloseTo(filesProbedPerRead, 9);
  });

  it('looks up a block in each file that it asks without filters; with them only where its key is, and wrongly now and then', () => {
    const bare = point(readsOf(loadOf()));
    expect(bare.blocksPerRead).toBeCloseTo(bare.filesProbedPerRead, 9);
    const filtered = point(readsOf(loadOf(), { bloom_bits: 10 }));
    const inFiles = (filtered.foundFraction ?? 0) - (filtered.levels.find(({ level }) => level === null)?.foundFraction ?? 0);
    const wrongly = (filtered.filesProbedPerRead - inFiles) * bloomFalsePositiveFraction(10);
    expect(filtered.blocksPerRead).toBeCloseTo(inFiles + wrongly, 6);
    expect(filtered.opsPerSec).toBeGreaterThan(bare.opsPerSec);
  });

  it('has no filter in the last level with optimize_filters_for_hits', () => {
    const hits = point(readsOf(loadOf(), { bloom_bits: 10, optimize_filters_for_hits: true }));
    const last = hits.levels.at(-1);
    expect(last?.blocksRead).toBeCloseTo(last?.filesProbed ?? 0, 9);
    expect(hits.levels.at(-2)?.blocksRead).toBeLessThan(hits.levels.at(-2)?.filesProbed ?? 0);
  });

  it('reads from storage what the block cache has not, and from the device only what the page cache has not', () => {
    const cached = point(readsOf(loadOf({}, { blockCache: { hitFraction: 0.75 } })));
    expect(cached.storageReadsPerRead).toBeCloseTo(0.25 * cached.blocksPerRead, 9);
    expect(cached.deviceReadsPerRead).toBe(0);
    const direct = point(readsOf(loadOf({}, { blockCache: { hitFraction: 0.75 } }), { use_direct_reads: true }));
    expect(direct.deviceReadsPerRead).toBeCloseTo(direct.storageReadsPerRead, 9);
    expect(valueAtPercentile(direct.latencyNanos, 99)).toBeGreaterThan(1000 * (direct.cpuMicrosPerRead + 3));
  });

  it('finds all its blocks in a cache that holds everything, once all have been read', () => {
    const { cacheHitFraction } = point(readsOf(loadOf({}, { blockCache: { bytes: 1024 * MiB } }), {}, { durationSec: 100 }));
    expect(cacheHitFraction).toBeGreaterThan(0.98);
  });

  it('reads filters and indexes too where the block cache keeps them', () => {
    const load = loadOf({}, { blockCache: { hitFraction: 0.5 }, cacheIndexAndFilterBlocks: true });
    const { storageReadsPerRead, blocksPerRead, filesProbedPerRead } = point(readsOf(load, { bloom_bits: 10 }));
    expect(storageReadsPerRead).toBeCloseTo(0.5 * (blocksPerRead + filesProbedPerRead), 6);
  });

  it('hits more often where few keys are popular', () => {
    const cache = { blockCache: { bytes: 20 * MiB } };
    const uniform = point(readsOf(loadOf({}, cache)));
    const zipfian = point(readsOf(loadOf({ distribution: 'zipfian' }, cache)));
    expect(zipfian.cacheHitFraction ?? 0).toBeGreaterThan(0.1 + (uniform.cacheHitFraction ?? 1));
  });
});

describe('reads', () => {
  it('of a closed loop go on as fast as they return: latency times rate is the number of threads', () => {
    const reads = point(readsOf(loadOf({ arrival: { kind: 'closed', threads: 2, opsPerSec: null } }), { use_direct_reads: true }));
    expect((meanMicros(reads.latencyNanos) / 1000) * (reads.opsPerSec / 1e6)).toBeCloseTo(2, 1);
  });

  it('are all in the histogram, once each', () => {
    const { latencyNanos, reads } = point(readsOf(loadOf()));
    expect(Math.abs(totalCount(latencyNanos) - reads)).toBeLessThanOrEqual(1);
  });

  it('end with their count, over all threads', () => {
    const result = readsOf(loadOf({ reads: 100_000 }), {}, { durationSec: null });
    expect(point(result).reads).toBe(100_000);
    expect(result.benchmarks.at(-1)).toMatchObject({ benchmark: 'readrandom', puts: 0, reads: 100_000 });
  });

  it('are held to their rate, closed or open', () => {
    for (const arrival of [
      { kind: 'closed', threads: 1, opsPerSec: 5000 },
      { kind: 'open', opsPerSec: 5000 },
    ] as const)
      expect(point(readsOf(loadOf({ arrival }))).opsPerSec).toBeCloseTo(5000, 0);
  });

  it('that come faster than the cores can serve them wait longer and longer', () => {
    const { opsPerSec, offeredOpsPerSec, latencyNanos } = point(readsOf(loadOf({ arrival: { kind: 'open', opsPerSec: 1e7 } })));
    expect(opsPerSec).toBeLessThan(1e7);
    expect(offeredOpsPerSec).toBe(1e7);
    expect(valueAtPercentile(latencyNanos, 99)).toBeGreaterThan(1e9);
  });

  it('take cores from puts and from jobs, and puts and jobs from them', () => {
    const host = { ...testHost, cores: 1 };
    const beside = workloadOf({ puts: null, durationSec: 20 });
    const puts = simulateLsm(scenarioOf(smallStore, [{ kind: 'write', benchmark: 'fillrandom', fresh: true, workload: beside }], { host }));
    const both = simulateLsm(
      scenarioOf(
        smallStore,
        [
          {
            kind: 'write',
            benchmark: 'readwhilewriting',
            fresh: true,
            workload: { ...beside, reads: loadOf({ arrival: { kind: 'closed', threads: 4, opsPerSec: null } }) },
          },
        ],
        {
          host,
        },
      ),
    );
    expect(both.putRate.meanOpsPerSec).toBeLessThan(0.9 * puts.putRate.meanOpsPerSec);
    expect(point(both).opsPerSec).toBeLessThan(point(readsOf(loadOf())).opsPerSec);
  });

  it('take the device from compactions that wait for it', () => {
    const direct = { ...smallStore, use_direct_reads: true, use_direct_io_for_flush_and_compaction: true };
    const beside = workloadOf({ puts: null, durationSec: 20 });
    const device = { kind: 'constant', name: 'slow', source: 'made up', readBytesPerSec: 50 * MiB, writeBytesPerSec: 50 * MiB } as const;
    const run = (reads?: ReadLoad): LsmResult =>
      simulateLsm(
        scenarioOf(
          direct,
          [{ kind: 'write', benchmark: 'overwrite', fresh: true, workload: reads === undefined ? beside : { ...beside, reads } }],
          { device },
        ),
      );
    const alone = run();
    const both = run(loadOf({ arrival: { kind: 'closed', threads: 4, opsPerSec: null } }));
    expect(both.putRate.meanOpsPerSec).toBeLessThan(0.8 * alone.putRate.meanOpsPerSec);
    expect(both.device.readBytes).toBeGreaterThan(both.reads?.deviceReadBytes ?? Infinity);
  });

  it('of writing threads come so many to a put', () => {
    const reads = loadOf({ arrival: { kind: 'turns', readsPerPut: 9 } });
    const workload = workloadOf({ puts: 20_000, threads: 2, reads });
    const result = simulateLsm(
      scenarioOf(smallStore, [writeStep(), { kind: 'write', benchmark: 'readrandomwriterandom', fresh: false, workload }]),
    );
    expect(result.benchmarks.at(-1)).toMatchObject({ puts: 20_000, reads: 180_000 });
    expect(result.putRate.meanOpsPerSec * 9).toBeCloseTo(point(result).opsPerSec, 0);
  });

  it('change nothing where there are none, and give the same bytes in slices of any size', () => {
    const scenario = scenarioOf(smallStore, [writeStep(), readStep(loadOf({}, { blockCache: { bytes: 64 * MiB } }))]);
    expect(JSON.stringify(runToEnd(startLsm(scenario), 7))).toBe(JSON.stringify(simulateLsm(scenario)));
    expect('reads' in simulateLsm(scenarioOf(smallStore, [writeStep()]))).toBe(false);
  });
});

describe('a Seek', () => {
  it('asks every run, filters or not, and goes on through blocks of four entries', () => {
    const few = readsOf(loadOf({ nexts: 0 }), { bloom_bits: 10 }).reads?.range;
    const many = readsOf(loadOf({ nexts: 100 }), { bloom_bits: 10 }).reads?.range;
    expect(few?.blocksPerRead).toBeCloseTo(few?.filesProbedPerRead ?? 0, 9);
    // 100 entries and the older versions among them, four to a block of 4 KiB.
    expect((many?.blocksPerRead ?? 0) - (few?.blocksPerRead ?? 0)).toBeGreaterThan(25);
    expect((many?.blocksPerRead ?? 0) - (few?.blocksPerRead ?? 0)).toBeLessThan(35);
    expect(many?.opsPerSec).toBeLessThan(few?.opsPerSec ?? 0);
  });
});
