import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildEnvelope, type EnvelopePoint } from '../../engine/device/envelope.js';
import { envelopeDevice } from '../../engine/device/device-file.js';
import type { DeviceModel } from '../../engine/device/device.js';
import { throughputCap } from '../../engine/device/bucket-presets.js';
import { meanMicros, totalCount, valueAtPercentile } from '../../engine/kernel/histogram.js';
import { createRecordingReader, type Recording } from '../../engine/replay/recording.js';
import { createRequestBuilder, type RequestStream } from '../../engine/replay/requests.js';
import type { ReplayResult } from '../../engine/replay/result.js';
import type { ReplayScenario } from '../../engine/replay/scenario.js';
import { simulateReplay, startReplay } from '../../engine/replay/simulate.js';
import { encodeJson } from '../../engine/scenario/json.js';
import { encodeReplayResult, replayResultSchema } from '../../engine/scenario/replay-result.js';
import { notValidated, withManifest } from '../../engine/scenario/result.js';

/**
 * A device that serves one read of any size at a time in 100 us, and reads as fast as writes: 10,000 a second at any depth, and n x 100 us at
 * depth n, 10 us of which are submission.
 */
function point(readPercent: number, iodepth: number, bsKib: number): EnvelopePoint {
  const opsPerSec = 10_000;
  const clat = iodepth * 100 - 10;
  const columns = new Map<string, number>([
    ['totalOpsPerSec', opsPerSec],
    ['totalBytesPerSec', opsPerSec * bsKib * 1024],
    ['readBytesPerSec', (opsPerSec * bsKib * 1024 * readPercent) / 100],
    ['writeBytesPerSec', (opsPerSec * bsKib * 1024 * (100 - readPercent)) / 100],
  ]);
  for (const direction of ['read', 'write']) {
    columns.set(`${direction}ClatMicros.mean`, clat);
    columns.set(`${direction}ClatMicros.min`, clat * 0.5);
    columns.set(`${direction}ClatMicros.p50`, clat);
    columns.set(`${direction}ClatMicros.max`, clat * 1.5);
  }
  return { file: 't', pattern: 'random', readPercent, iodepth, numjobs: 1, bsKib, timestampSec: null, columns };
}

const points = [0, 100].flatMap((read) => [1, 4, 16].flatMap((depth) => [4, 64].map((bs) => point(read, depth, bs))));
const device = envelopeDevice(buildEnvelope(points, { name: 'test', source: 'test', inputs: [] }).model);
const constant: DeviceModel = { kind: 'constant', name: 'c', source: 't', readBytesPerSec: 4096e4, writeBytesPerSec: 2048e4 };

function requestsEvery(micros: number, count: number, isRead = (_: number): boolean => true): RequestStream {
  const builder = createRequestBuilder();
  builder.beginJob();
  for (let i = 0; i < count; i++) builder.add(i * micros, isRead(i), 4096);
  return builder.finish();
}

function replay(more: Partial<ReplayScenario>): ReplayResult {
  return simulateReplay(scenario(more));
}

function scenario(more: Partial<ReplayScenario>): ReplayScenario {
  return {
    ...{ kind: 'replay', name: 'test', seed: 1, device, timing: 'fast', iodepth: 4, requests: requestsEvery(0, 20_000) },
    ...{ recorded: null, assumptions: [], warnings: [] },
    ...more,
  };
}

describe('a closed loop', () => {
  test.each([1, 2, 4, 9, 16, 64])('of depth %i gives the bandwidth and latency that the envelope measured there', (iodepth) => {
    const result = replay({ iodepth });
    expect(result.meanOpsPerSec).toBeGreaterThan(9_900);
    expect(result.meanOpsPerSec).toBeLessThan(10_100);
    // Between depths, too; beyond the deepest latencies grow with the queue.
    const exact = iodepth === 64 ? 4 * 1590 : iodepth * 100 - 10;
    expect(Math.abs(meanMicros(result.latencyMicros) / exact - 1)).toBeLessThan([1, 4, 16, 64].includes(iodepth) ? 0.01 : 0.02);
    // A place in the queue is empty during submission and reaping, which fio's latencies leave out.
    expect(result.device.meanOutstandingCount).toBeLessThanOrEqual(iodepth);
    expect(result.device.meanOutstandingCount).toBeGreaterThan(0.85 * iodepth);
  });

  test('of reads and writes gives each its share', () => {
    const result = replay({ requests: requestsEvery(0, 20_000, (i) => i % 4 !== 0) });
    expect(totalCount(result.readLatencyMicros)).toBe(15_000);
    expect(totalCount(result.writeLatencyMicros)).toBe(5_000);
    expect(result.readBytes + result.writtenBytes).toBe(20_000 * 4096);
  });

  test('on two constants is served first come, first served', () => {
    // 4096 bytes at 40.96 MB/s take 100 us, alone; four in flight take four times as long and move as much.
    const result = replay({ device: constant });
    expect(valueAtPercentile(result.latencyMicros, 50)).toBe(400);
    expect(result.meanOpsPerSec).toBeGreaterThan(9_990);
    expect(replay({ device: constant, requests: requestsEvery(0, 2000, () => false) }).meanOpsPerSec).toBeGreaterThan(4_990);
  });
});

describe('requests timed as recorded', () => {
  test('go to the device when they were made', () => {
    const result = replay({ timing: 'recorded', iodepth: 1024, requests: requestsEvery(1000, 5000) });
    expect(result.simulatedSec).toBeGreaterThan(4.999);
    expect(result.simulatedSec).toBeLessThan(5.001);
    expect(result.lagMicros).toEqual({ mean: 0, max: 0 });
    expect(meanMicros(result.latencyMicros)).toBeGreaterThan(87);
    expect(meanMicros(result.latencyMicros)).toBeLessThan(93);
    expect(result.device.busyFraction).toBeGreaterThan(0.08);
    expect(result.device.busyFraction).toBeLessThan(0.1);
    expect(result.series.readBytesPerSec[0]).toBe(1000 * 4096);
  });

  test('fall behind when the queue is full', () => {
    const result = replay({ timing: 'recorded', iodepth: 1, requests: requestsEvery(50, 10_000) });
    expect(result.meanOpsPerSec).toBeGreaterThan(9_900);
    expect(result.lagMicros.max).toBeGreaterThan(400_000);
  });
});

describe('a device with memory', () => {
  test('caps the replay where its bucket does', () => {
    const capped: DeviceModel = {
      ...{
        kind: 'layered',
        name: 'l',
        source: 't',
        base: device as Exclude<DeviceModel, { kind: 'layered' }>,
        timeline: null,
        garbage: null,
      },
      buckets: [throughputCap(4096 * 2500, 'test')],
    };
    const result = replay({ device: capped });
    expect(result.meanOpsPerSec).toBeGreaterThan(2_450);
    expect(result.meanOpsPerSec).toBeLessThan(2_550);
  });
});

describe('every replay', () => {
  test('is the same whatever the slices, and another with another seed', () => {
    const run = startReplay(scenario({}));
    while (run.advance(7) === 'more');
    const whole = replay({});
    const encoded = (result: ReplayResult): string => encodeJson(encodeReplayResult(result, notValidated));
    expect(encoded(run.finish())).toBe(encoded(whole));
    expect(encoded(replay({ seed: 2 }))).not.toBe(encoded(whole));
  });

  test('encodes to its schema', () => {
    const document = encodeReplayResult(replay({ requests: requestsEvery(0, 100) }), notValidated);
    const sha = 'a'.repeat(64);
    const manifest = {
      schema: 'putmodel/manifest/1',
      engineVersion: '1',
      scenarioHash: sha,
      seed: 1,
      inputs: [],
      resultHash: sha,
    } as const;
    const plain: unknown = JSON.parse(encodeJson(withManifest(document, manifest)));
    expect(replayResultSchema.safeParse(plain).error).toBeUndefined();
  });

  test('of an envelope without latencies is refused', () => {
    const bare = points.map((entry) => ({ ...entry, columns: new Map([...entry.columns].filter(([name]) => !name.includes('Clat'))) }));
    const model = envelopeDevice(buildEnvelope(bare, { name: 'bare', source: 't', inputs: [] }).model);
    expect(() => replay({ device: model })).toThrow('the envelope "bare" has no latencies to replay with');
  });
});

describe('recordings', () => {
  const read = (files: Readonly<Record<string, string>>): Recording => {
    const reader = createRecordingReader();
    for (const [name, text] of Object.entries(files)) {
      reader.begin(name);
      for (let at = 0; at < text.length; at += 1000) reader.push(text.slice(at, at + 1000));
      reader.end();
    }
    return reader.finish();
  };
  const trace = 'fio version 3 iolog\n1 f add\n2 f open\n100 f read 0 4096\n300 f write 4096 8192\n350 f datasync 0 0\n900 f close\n';

  test('of a trace and its latency log are requests and measured latencies', () => {
    const { requests, recorded } = read({ 'a.iolog': trace, 'a_clat.1.log': '0, 150000, 0, 4096, 0\n0, 250400, 1, 8192, 0\n' });
    expect(requests).toMatchObject({ requestCount: 2, jobCount: 1, leftOut: { datasync: 1 } });
    expect([...requests.timeMicros]).toEqual([0, 200]);
    expect([...requests.blockBytes]).toEqual([4096, 8192]);
    expect(recorded?.latencyOf).toBe('clat');
    expect(valueAtPercentile(recorded!.writeMicros, 50)).toBe(250);
  });

  test('of several jobs are merged by time', () => {
    const { requests } = read({ 'a.iolog': trace, 'b.iolog': trace.replaceAll('300', '101') });
    expect([...requests.timeMicros]).toEqual([0, 0, 1, 200]);
    expect([...requests.jobIndex]).toEqual([0, 1, 1, 0]);
  });

  test('of a latency log alone are requests, too: completion less latency', () => {
    const { requests } = read({ 'a_clat.1.log': '10, 2000000, 0, 4096, 0\n12, 3000000, 1, 4096, 0\n' });
    expect([...requests.timeMicros]).toEqual([0, 1000]);
  });

  test('of blkparse are issues to the device, with latencies from issue to completion', () => {
    const text = readFileSync(new URL('../fixtures/replay/blkparse.txt', import.meta.url), 'utf8');
    const { requests, recorded } = read({ 'trace.txt': text });
    expect([...requests.timeMicros]).toEqual([0, 80]);
    expect([...requests.isRead]).toEqual([0, 1]);
    expect([...requests.blockBytes]).toEqual([4096, 32_768]);
    expect(requests.leftOut).toEqual({ sync: 1, trim: 1 });
    expect(valueAtPercentile(recorded!.writeMicros, 50)).toBe(300);
    expect(valueAtPercentile(recorded!.readMicros, 50)).toBe(601);
    const queuedOnly = text
      .split('\n')
      .filter((line) => / Q +[RW]/.test(line))
      .join('\n');
    expect([...read({ 'q.txt': queuedOnly }).requests.timeMicros]).toEqual([0, 98]);
  });

  test('that hold no requests are refused by name', () => {
    expect(() => read({ 'a_bw.1.log': '1000, 5, 0, 0\n' })).toThrow(
      'a_bw.1.log: no requests can be replayed from this file: found a bw log',
    );
    expect(() => read({ 'a_clat.1.log': '1000, 5, 0, 0\n' })).toThrow('a_clat.1.log: this log holds averages over windows, not requests');
    expect(() => read({ 'a.iolog': 'fio version 3 iolog\n' })).toThrow('the recordings hold no reads and no writes');
  });
});
