import { describe, expect, test } from 'vitest';
import { collectDrains, fitDrains, type DrainJob } from '../../engine/backlog/calibrate.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { MIB } from '../../engine/kernel/units.js';
import { createLogReader } from '../../engine/rocksdb/log.js';

const beff = { at: () => 1000 * MIB, warnings: [] };
const none = { l0ReadBytes: 0, upperReadBytes: 0, outputLevelReadBytes: 0 };

function job(fromSec: number, toSec: number, values: Partial<DrainJob>): DrainJob {
  return { startMicros: fromSec * 1e6, endMicros: toSec * 1e6, outputLevel: 1, ...none, writtenBytes: 0, ...values };
}

describe('mu, k and eta', () => {
  // 10 s busy (the jobs overlap): L0 100 MiB read; L1 100 read, 200 written; L2 200 read from L1, 200 of its own, 400 written; 100 flushed.
  const jobs = [
    job(0, 6, { l0ReadBytes: 100 * MIB, outputLevelReadBytes: 100 * MIB, writtenBytes: 200 * MIB }),
    job(4, 10, { outputLevel: 2, upperReadBytes: 200 * MIB, outputLevelReadBytes: 200 * MIB, writtenBytes: 400 * MIB }),
  ];
  const flushes = [
    { endMicros: 5e6, writtenBytes: 100 * MIB },
    { endMicros: 20e6, writtenBytes: 999 * MIB },
  ];
  const fit = fitDrains([{ jobs, flushes }], beff);

  test('split the traffic of the time in which compactions ran: 100 + 300 + 800 + 100 flushed = 1,300 MiB in 10 s', () => {
    expect(fit.evidence).toMatchObject({ busySec: 10, deviceBytesPerSec: 130 * MIB, jobs: 2 });
    expect(fit.baseFraction).toBeCloseTo(0.13, 12);
    expect(fit.levels).toEqual(['L0', 'L1', 'L2']);
    expect(Object.values(fit.mu)).toEqual([100 / 1300, 300 / 1300, 800 / 1300]);
    expect(Object.values(fit.k)).toEqual([1, 200 / 300, 400 / 800]);
    expect(Object.values(fit.rho_r)).toEqual([1, 100 / 300, 400 / 800]);
    expect(fit.mergeAmplification).toEqual({ L1: 2, L2: 2 });
  });

  test('give back what each level drained: mu k eta Beff = work / busy time', () => {
    const drained = fit.levels.map((name) => (fit.mu[name] ?? 0) * (fit.k[name] ?? 0) * fit.baseFraction * 1000);
    [10, 20, 40].forEach((mibPerSec, index) => {
      expect(drained[index]).toBeCloseTo(mibPerSec, 9);
    });
  });

  test('need a compaction below L0', () => {
    expect(() => fitDrains([{ jobs: [job(0, 1, { outputLevel: 0, writtenBytes: 5 })], flushes }], beff)).toThrow(PutmodelError);
    expect(() => fitDrains([], beff)).toThrow(/nothing to calibrate on/);
  });
});

test("a LOG's compactions read the sizes of the files that they name; files from before share the rest", () => {
  const { onEvent, finish } = collectDrains();
  const reader = createLogReader({ onEvent });
  const line = (sec: number, event: object): string =>
    `2026/01/01-00:00:0${String(sec)}.000000 1 EVENT_LOG_v1 ${JSON.stringify({ time_micros: sec * 1e6, ...event })
      .replaceAll('":', '": ')
      .replaceAll(',"', ', "')}\n`;
  reader.push(line(1, { job: 2, event: 'table_file_creation', file_number: 10, file_size: 300, table_properties: { num_entries: 3 } }));
  reader.push(line(2, { job: 3, event: 'compaction_started', files_L0: [10, 9], files_L1: [8], score: 1, input_data_size: 1000 }));
  const finished = { output_level: 1, num_output_files: 1, total_output_size: 900, num_input_records: 9, num_output_records: 9 };
  reader.push(line(4, { job: 3, event: 'compaction_finished', compaction_time_micros: 2e6, ...finished }));
  reader.end();
  const record = finish();
  expect(record.jobs).toEqual([
    expect.objectContaining({ outputLevel: 1, l0ReadBytes: 300 + 350, outputLevelReadBytes: 350, upperReadBytes: 0, writtenBytes: 900 }),
  ]);
  expect((record.jobs[0]?.endMicros ?? 0) - (record.jobs[0]?.startMicros ?? 0)).toBe(2e6);
});
