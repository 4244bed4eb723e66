import { type Axes, type EnvelopeModel, type Outside } from './envelope.js';
/** A device as data: what presets, `--device` and scenarios hold. Bandwidths are bytes per second, above 0. */
export type DeviceModel =
  | {
      readonly kind: 'constant';
      readonly name: string;
      readonly source: string;
      readonly readBytesPerSec: number;
      readonly writeBytesPerSec: number;
    }
  | {
      readonly kind: 'envelope';
      readonly name: string;
      readonly source: string;
      readonly envelope: EnvelopeModel;
      readonly axes: Axes;
      readonly outside: Outside;
      /** min(Beff, min(Br, Bw)), Br and Bw being the best pure read and pure write bandwidth of the envelope. */
      readonly clampToPhysical: boolean;
    };
/** Streams that want the device now: struct of arrays, the first `count` entries count. */
export interface Demands {
  count: number;
  /** isRead[i]: 1 for a read, 0 for a write. */
  readonly isRead: Uint8Array;
  /** blockBytes[i]: bytes of one request, above 0. */
  readonly blockBytes: Float64Array;
  /** iodepth[i]: requests this stream keeps in flight, above 0. */
  readonly iodepth: Float64Array;
  /** wantedBytesPerSec[i]: 0 to Infinity; Infinity means "whatever there is". */
  readonly wantedBytesPerSec: Float64Array;
}
/** A device in use by one run. */
export interface Device {
  /**
   * Writes rates[i] (bytes per second, finite, at most wantedBytesPerSec[i]) for the first `demands.count` streams. The rates hold until
   * `nextChangeMicros(nowMicros)` or until the demands change. Allocates nothing.
   * @throws InvariantError when a demand is NaN or negative; PutmodelError INPUT_INVALID outside the grid with `outside: 'error'`
   */
  grant(demands: Demands, nowMicros: number, rates: Float64Array): void;
  /** When the same demands would be answered differently, microseconds; Infinity when never. */
  nextChangeMicros(nowMicros: number): number;
  /** What was noticed so far: one line for each axis on which a demand left the grid. */
  readonly warnings: readonly string[];
}
/** Room for `capacity` streams; count is 0. */
export declare function createDemands(capacity: number): Demands;
/** A device ready to grant. A run makes its own: it holds caches and warnings. @throws PutmodelError INPUT_INVALID for bandwidths that are not above 0 */
export declare function createDevice(model: DeviceModel): Device;
