/** Beff: what the device gives at a read share, with iodepth, numjobs and block size held. */
import type { DeviceModel } from '../device/device.js';
import { createLookup } from '../device/envelope.js';
import type { EnvelopePlace } from './scenario.js';

/** A device at one place of its envelope. */
export interface Beff {
  /** Bytes per second, reads and writes together, never below 0; `readFraction` 0 to 1. */
  at(readFraction: number): number;
  /** What was noticed so far: one line for each axis on which the place left the grid. */
  readonly warnings: readonly string[];
}

/**
 * The device of a run. An envelope is interpolated on its random surface where measured, else on the sequential one; two constants take
 * turns (r/R + w/W seconds a byte). The guide's clamp min(Beff, min(Br, Bw)) is applied where the device asks for it.
 * @throws PutmodelError INPUT_INVALID from `at`, outside the grid of a device with `outside: 'error'`
 */
export function createBeff(device: DeviceModel, { iodepth, numjobs, blockKib }: EnvelopePlace): Beff {
  if (device.kind === 'constant') {
    const { readBytesPerSec, writeBytesPerSec } = device;
    return { at: (readFraction) => 1 / (readFraction / readBytesPerSec + (1 - readFraction) / writeBytesPerSec), warnings: [] };
  }
  if (device.kind === 'layered') {
    const base = createBeff(device.base, { iodepth, numjobs, blockKib });
    return {
      at: (readFraction) => base.at(readFraction),
      get warnings() {
        return [...base.warnings, `${device.name}: the fluid model takes the device underneath; its memory does not count`];
      },
    };
  }
  const { envelope, axes, outside, clampToPhysical } = device;
  const pattern = envelope.surfaces.random === undefined ? 'sequential' : 'random';
  const lookup = createLookup(envelope, { pattern, column: 'totalBytesPerSec', axes, outside });
  const limitBytesPerSec = clampToPhysical ? lookup.physicalLimitBytesPerSec : Infinity;
  return {
    // A line carried on beyond the grid may fall below 0.
    at: (readFraction) => Math.max(0, Math.min(limitBytesPerSec, lookup.at(readFraction * 100, iodepth, numjobs, blockKib))),
    warnings: lookup.warnings,
  };
}
