/**
 * Buckets that devices are known to have. What a maker publishes is here with its source; what differs by drive (sizes, rates) the
 * caller gives from a datasheet or a measurement.
 */
import { GIB, KIB, MIB } from '../kernel/units.js';
import type { BucketModel } from './bucket.js';

/** A cache in front of slower flash. */
export interface WriteCache {
  readonly source: string;
  /** Bytes that it takes before it is full. */
  readonly capacityBytes: number;
  /** Write bandwidth into it; null: what the device does as measured. */
  readonly cachedBytesPerSec: number | null;
  /** Write bandwidth once it is full. */
  readonly flashBytesPerSec: number;
}

/** An SLC (TurboWrite, Dynamic Write Acceleration) cache: emptied into the flash when the drive is idle, at `foldBytesPerSec`. */
export function slcCache(cache: WriteCache & { readonly foldBytesPerSec: number }): BucketModel {
  return {
    name: 'SLC cache',
    source: cache.source,
    counts: 'bytes',
    directions: 'write',
    capacityCount: cache.capacityBytes,
    refillPerSec: cache.foldBytesPerSec,
    refills: 'idle',
    fullPerSec: cache.cachedBytesPerSec,
    emptyPerSec: cache.flashBytesPerSec,
  };
}

/** A DRAM write cache: it drains all the time, at the flash's rate. */
export function dramCache(cache: WriteCache): BucketModel {
  return { ...slcCache({ ...cache, foldBytesPerSec: cache.flashBytesPerSec }), name: 'DRAM write cache', refills: 'always' };
}

const samsungSheet = 'Samsung 970 EVO data sheet, revision 1.0 (2018): Intelligent TurboWrite';
const megabytes = 1_000_000;

/** TurboWrite of the Samsung 970 EVO by capacity in GB: cache in GB, MB/s into it and after it. Source: its data sheet. */
export const samsung970Evo: Readonly<Record<250 | 500 | 1000 | 2000, BucketModel>> = {
  250: turboWrite(13, 1500, 300),
  500: turboWrite(22, 2300, 600),
  1000: turboWrite(42, 2500, 1200),
  2000: turboWrite(78, 2500, 1250),
};

/** The data sheet does not say how fast the cache empties; our assumption is the bandwidth of the flash. */
function turboWrite(cacheGigabytes: number, cachedMegabytesPerSec: number, flashMegabytesPerSec: number): BucketModel {
  const flashBytesPerSec = flashMegabytesPerSec * megabytes;
  const cachedBytesPerSec = cachedMegabytesPerSec * megabytes;
  const capacityBytes = cacheGigabytes * 1000 * megabytes;
  return slcCache({ source: samsungSheet, capacityBytes, cachedBytesPerSec, flashBytesPerSec, foldBytesPerSec: flashBytesPerSec });
}

const ebsGuide = 'Amazon EBS User Guide, "Amazon EBS volume types" (2024)';

/** gp2 by its size in GiB: 5.4 million I/O credits, 3 a second and GiB (100 to 16,000), bursts of 3,000 a second below 1,000 GiB. */
export function ebsGp2(sizeGib: number): BucketModel {
  const baselinePerSec = Math.min(16_000, Math.max(100, 3 * sizeGib));
  const bursts = baselinePerSec < 3000;
  return {
    name: `gp2 credits, ${String(sizeGib)} GiB`,
    source: ebsGuide,
    counts: 'requests',
    directions: 'both',
    capacityCount: bursts ? 5_400_000 : 0,
    refillPerSec: baselinePerSec,
    refills: 'always',
    fullPerSec: bursts ? 3000 : null,
    emptyPerSec: baselinePerSec,
  };
}

/** st1 by its size in TiB: credits of 1 TiB and 40 MiB/s a TiB, bursts of 250 MiB/s a TiB, 500 MiB/s at most. */
export function ebsSt1(sizeTib: number): BucketModel {
  const baselinePerSec = Math.min(500, 40 * sizeTib) * MIB;
  return {
    name: `st1 credits, ${String(sizeTib)} TiB`,
    source: ebsGuide,
    counts: 'bytes',
    directions: 'both',
    capacityCount: sizeTib * 1024 * GIB,
    refillPerSec: baselinePerSec,
    refills: 'always',
    fullPerSec: Math.min(500, 250 * sizeTib) * MIB,
    emptyPerSec: baselinePerSec,
  };
}

/** gp3: no credits, two caps; 3,000 requests and 125 MiB a second unless more was bought (up to 16,000 and 1,000). */
export function ebsGp3(opsPerSec = 3000, mibPerSec = 125): readonly BucketModel[] {
  return [iopsCap(opsPerSec, ebsGuide), throughputCap(mibPerSec * MIB, ebsGuide)];
}

/** io2 by the IOPS that were bought: no credits; 256 KiB a second for each of them, 1,000 MiB/s at most (Block Express: 4,000). */
export function ebsIo2(opsPerSec: number, mibPerSec = 1000): readonly BucketModel[] {
  return [iopsCap(opsPerSec, ebsGuide), throughputCap(Math.min(mibPerSec * MIB, opsPerSec * 256 * KIB), ebsGuide)];
}

const persistentDiskGuide = 'Google Cloud documentation, "Block storage performance" (2022): zonal SSD persistent disks';

/** pd-ssd by its size in GB: no credits; 30 IOPS and 0.48 MB/s a GB, at most what the instance may (100,000 and 1,200 on the largest). */
export function gcpPdSsd(sizeGigabytes: number, opsPerSecMax = 100_000, megabytesPerSecMax = 1200): readonly BucketModel[] {
  return [
    iopsCap(Math.min(opsPerSecMax, 30 * sizeGigabytes), persistentDiskGuide),
    throughputCap(Math.min(megabytesPerSecMax, 0.48 * sizeGigabytes) * megabytes, persistentDiskGuide),
  ];
}

/** No more requests a second than this, reads and writes together. */
export function iopsCap(opsPerSec: number, source: string): BucketModel {
  return { ...cap(opsPerSec, source), name: 'IOPS cap', counts: 'requests' };
}

/** No more bytes a second than this, reads and writes together. */
export function throughputCap(bytesPerSec: number, source: string): BucketModel {
  return { ...cap(bytesPerSec, source), name: 'throughput cap', counts: 'bytes' };
}

function cap(perSec: number, source: string): Omit<BucketModel, 'name' | 'counts'> {
  return { source, directions: 'both', capacityCount: 0, refillPerSec: 0, refills: 'always', fullPerSec: null, emptyPerSec: perSec };
}
