/** fio 3.x documents written by hand for tests: only the keys that matter, with values that are easy to check. */
import { parseFioJson } from '../../engine/fio/json.js';
import { pointsOf } from '../../engine/device/points.js';
import type { EnvelopePoint } from '../../engine/device/envelope.js';

export interface FioRun {
  readonly rw?: string;
  readonly rwmixread?: number;
  readonly bs?: string;
  readonly iodepth?: number | string;
  readonly numjobs?: number;
  readonly readMibPerSec?: number;
  readonly writeMibPerSec?: number;
  /** Mean completion latency; 100 unless said. */
  readonly readMicros?: number;
  readonly writeMicros?: number;
  readonly error?: number;
  readonly options?: Readonly<Record<string, string>>;
}

const mib = 1024 * 1024;

/** One direction: percentile 99 is ten times the mean, 1000 requests of `kib`. */
export function transfer(mibPerSec: number, meanMicros = 100, kib = 4): object {
  const latency = { min: meanMicros * 500, max: meanMicros * 20_000, mean: meanMicros * 1000, stddev: meanMicros * 100, N: 1000 };
  const none = { min: 0, max: 0, mean: 0, stddev: 0, N: 0 };
  return {
    io_bytes: mibPerSec * mib * 10,
    io_kbytes: mibPerSec * 10_240,
    bw_bytes: mibPerSec * mib,
    bw: mibPerSec * 1024,
    iops: (mibPerSec * 1024) / kib,
    runtime: 10_000,
    total_ios: mibPerSec === 0 ? 0 : 1000,
    clat_ns: mibPerSec === 0 ? none : { ...latency, percentile: { '50.000000': meanMicros * 900, '99.000000': meanMicros * 10_000 } },
  };
}

/** One entry of `jobs`. */
export function fioJob(run: FioRun, group = 0): object {
  const { rw = 'randrw', rwmixread = 50, bs = '4k', iodepth = 1, numjobs = 1 } = run;
  const kib = Number.parseFloat(bs) * (bs.endsWith('m') ? 1024 : 1);
  return {
    jobname: 'test',
    groupid: group,
    error: run.error ?? 0,
    'job options': {
      rw,
      rwmixread: String(rwmixread),
      bs,
      ioengine: 'libaio',
      iodepth: String(iodepth),
      numjobs: String(numjobs),
      ...run.options,
    },
    read: transfer(run.readMibPerSec ?? 0, run.readMicros, kib),
    write: transfer(run.writeMibPerSec ?? 0, run.writeMicros, kib),
  };
}

/** A whole document. */
export function fioText(jobs: readonly object[], more: object = {}): string {
  return JSON.stringify({ 'fio version': 'fio-3.33', timestamp: 1_700_000_000, ...more, jobs });
}

/** The point of one run. */
export function fioPoint(run: FioRun, file = 'test.json'): EnvelopePoint {
  const [point] = pointsOf(parseFioJson(fioText([fioJob(run)]), file)).points;
  if (point === undefined) throw new Error('the run gave no point');
  return point;
}
