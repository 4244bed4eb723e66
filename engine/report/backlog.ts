/** A run of the fluid backlog model as text for a terminal: put rate and stall, backlog and efficiency, the levels, the backlog over time. */
import { GIB, formatBytes, formatBytesPerSec, formatCount, formatFraction, formatSeconds } from '../kernel/units.js';
import type { BacklogResult } from '../backlog/result.js';
import {
  assumptionLines,
  barChart,
  closingLines,
  joinSections,
  number,
  paint,
  plainStyle,
  row,
  warningLines,
  type TerminalContext,
  type TerminalStyle,
} from './terminal-text.js';

/** The whole report, with a final newline. */
export function renderBacklogReport(result: BacklogResult, context: TerminalContext, style: TerminalStyle = plainStyle): string {
  return joinSections(
    [
      [paint(context.title, 'bold', style)],
      assumptionLines(result.assumptions, style),
      answerLines(result, style),
      barChart('Backlog over time, GiB', totalGib(result), result.series.intervalSec, style),
      levelLines(result),
      warningLines(result.warnings, style),
      closingLines(result, context, style, 'steps'),
    ],
    style,
  );
}

function answerLines(result: BacklogResult, style: TerminalStyle): string[] {
  const { putRate, backlog, efficiency, device } = result;
  const rate = paint(`${formatCount(putRate.meanOpsPerSec)} puts/s`, 'bold', style);
  const amplification = result.writeAmplificationUser === null ? 'nothing was written' : result.writeAmplificationUser.toFixed(2);
  return [
    row('Put rate', `${rate}, ${number(putRate.meanMiBPerSec)} MiB/s, of ${formatCount(putRate.offeredOpsPerSec)} puts/s offered`),
    row('Stalled', stallText(result)),
    row('Backlog', `${formatBytes(backlog.endBytes)} at the end, ${formatBytes(backlog.peakBytes)} at ${formatSeconds(backlog.peakAtSec)}`),
    row('Efficiency', `${efficiency.model}, mean ${efficiency.meanFraction.toFixed(3)}, least ${efficiency.minFraction.toFixed(3)}`),
    row('Device', `${formatBytesPerSec(device.meanBeffBytesPerSec)} at ${formatFraction(device.meanReadFraction)} reads, on average`),
    row('Write amp.', `${amplification} (without WAL, of user bytes)`),
  ];
}

function stallText({ stall, simulatedSec }: BacklogResult): string {
  if (stall.firstAtSec === null) return 'never';
  const share = formatFraction(stall.stoppedSec / simulatedSec);
  return `${formatSeconds(stall.stoppedSec)} (${share}), first at ${formatSeconds(stall.firstAtSec)}; L0 at its limit for ${formatSeconds(stall.limitedSec)}`;
}

function totalGib({ series }: BacklogResult): Float64Array {
  const total = new Float64Array(series.readFraction.length);
  for (const values of series.backlogBytes) values.forEach((bytes, step) => (total[step] = (total[step] ?? 0) + bytes / GIB));
  return total;
}

function levelLines({ levels }: BacklogResult): string[] {
  const width = Math.max(5, ...levels.map(({ name }) => name.length));
  const gib = (bytes: number, columns: number): string => (bytes / GIB).toFixed(1).padStart(columns);
  return [
    `${'Level'.padStart(width)} Received(GiB) Drained(GiB) Backlog(GiB) Peak(GiB) Kept(GiB) Capacity`,
    ...levels.map((level) =>
      [
        level.name.padStart(width),
        gib(level.receivedBytes, 13),
        gib(level.drainedBytes, 12),
        gib(level.backlogBytes, 12),
        gib(level.peakBacklogBytes, 9),
        gib(level.residentBytes, 9),
        formatBytesPerSec(level.meanCapacityBytesPerSec),
      ].join(' '),
    ),
  ];
}
