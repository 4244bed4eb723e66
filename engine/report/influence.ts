/** One-at-a-time sensitivities as bars: changes of the put rate in percent of its base. */
import { formatBytes, formatBytesPerSec } from '../kernel/units.js';
import type { OneAtATime } from '../validation/sensitivity.js';
import type { Sensitivity } from '../validation/pipeline.js';
import type { TornadoBar } from './charts/tornado.js';

/** All inputs of a run, the most influential first. */
export function mostInfluential({ oneAtATime, baseOpsPerSec }: Sensitivity): TornadoBar[] {
  const change = (value: number | null): number | null => (value === null ? null : (value / baseOpsPerSec - 1) * 100);
  const bars = oneAtATime.map((input) => ({
    label: input.name,
    lowValue: valueText(input, input.low),
    highValue: valueText(input, input.high),
    lowChangePercent: change(input.atLow),
    highChangePercent: change(input.atHigh),
  }));
  return bars.sort((a, b) => reach(b) - reach(a) || (a.label < b.label ? -1 : 1));
}

function valueText({ unit }: OneAtATime, value: number): string {
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'bytes/s') return formatBytesPerSec(value);
  return unit === 'ratio' ? `${String(value)} x` : `${String(value)} ${unit}`;
}

function reach({ lowChangePercent, highChangePercent }: TornadoBar): number {
  return Math.max(Math.abs(lowChangePercent ?? 0), Math.abs(highChangePercent ?? 0));
}
