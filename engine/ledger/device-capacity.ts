/** What a device can do, as far as samples of what it did tell: its busier seconds. */
import { quantile } from 'd3-array';
import { PutmodelError } from '../kernel/errors.js';
import type { DeviceSample, DeviceSeries } from './device-series.js';

/** Bytes/s. */
export interface DeviceCapacity {
  readonly readBytesPerSec: number;
  readonly writeBytesPerSec: number;
  /** What the samples do not tell, in words. */
  readonly notes: readonly string[];
}

/**
 * The mean understates a device that rests while jobs compute, the greatest sample is a burst of its cache: the 75th percentile of the
 * samples lies between them. Our assumption, checked on one drive only (bench/ledger-runs.ts). A device that was never busy can do more.
 */
const BUSY_QUANTILE = 0.75;
/** Reads below this part of the writes come from elsewhere and say nothing about what the device could read. */
const READS_TOLD_FRACTION = 0.05;

/** @throws PutmodelError INPUT_INVALID when nothing was written. */
export function capacityOf(series: DeviceSeries, file?: string): DeviceCapacity {
  const writeBytesPerSec = busyRate(series.samples, ({ writtenBytes }) => writtenBytes);
  const readBytesPerSec = busyRate(series.samples, ({ readBytes }) => readBytes);
  if (!(writeBytesPerSec > 0)) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: `${series.name} wrote nothing in these samples`,
      expected: 'a busy device',
      file,
    });
  }
  const told = readBytesPerSec >= READS_TOLD_FRACTION * writeBytesPerSec;
  return {
    readBytesPerSec: told ? readBytesPerSec : writeBytesPerSec,
    writeBytesPerSec,
    notes: [
      `${series.name}: what it did in its busier seconds is taken for what it can do; it may do more`,
      ...(told ? [] : [`${series.name}: next to no reads in the samples; it is taken to read as fast as it writes`]),
    ],
  };
}

function busyRate(samples: readonly DeviceSample[], bytesOf: (sample: DeviceSample) => number): number {
  const rates = samples
    .filter(({ startSec, endSec }) => endSec > startSec)
    .map((sample) => bytesOf(sample) / (sample.endSec - sample.startSec));
  return quantile(rates, BUSY_QUANTILE) ?? 0;
}
