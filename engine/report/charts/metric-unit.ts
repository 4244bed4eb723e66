/** The unit in which a figure of a metric is drawn. */
import { bytesUnit } from './ticks.js';

/** A drawn unit: what stands on the axis, and how much of the metric's own unit one of it is. */
export interface DrawnUnit {
  readonly name: string;
  readonly size: number;
}

/** The unit that suits values up to this one. `unit` is a metric's, such as `micros` or `opsPerSec`; '' where there is none. */
export function drawnUnit(unit: string, largest: number): DrawnUnit {
  switch (unit) {
    case 'bytes': {
      const { name, bytes } = bytesUnit(largest);
      return { name, size: bytes };
    }
    case 'micros':
      return largest < 1e4 ? { name: 'us', size: 1 } : largest < 1e7 ? { name: 'ms', size: 1e3 } : { name: 's', size: 1e6 };
    case 'millis':
      return largest < 1e4 ? { name: 'ms', size: 1 } : { name: 's', size: 1e3 };
    case 'sec':
      return largest < 600 ? { name: 's', size: 1 } : { name: 'min', size: 60 };
    case 'opsPerSec':
      return { name: '1/s', size: 1 };
    case 'mibPerSec':
      return { name: 'MiB/s', size: 1 };
    case 'fraction':
      return { name: '%', size: 0.01 };
    case 'percent':
      return { name: '%', size: 1 };
    default:
      return { name: '', size: 1 };
  }
}

/** "put rate, 1/s". */
export function labelWithUnit(name: string, { name: unit }: DrawnUnit): string {
  return unit === '' ? name : `${name}, ${unit}`;
}
