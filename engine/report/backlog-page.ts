/** A run of the fluid backlog model on its report page. */
import type { BacklogResult } from '../backlog/result.js';
import { formatBytes, formatBytesPerSec, formatCount, formatFraction, formatSeconds } from '../kernel/units.js';
import { backlogPictures } from './charts/backlog-pictures.js';
import type { NamedPicture } from './charts/drawing.js';
import type { Section } from './html.js';
import type { KindPage, ReportedRun } from './pages.js';
import { number } from './terminal-text.js';

/** All pictures of the run. */
export function backlogRunPictures({ levels, series, backlog }: BacklogResult, { name }: ReportedRun): readonly NamedPicture[] {
  return backlogPictures({ name, levelNames: levels.map((level) => level.name), series, backlog });
}

/** What the page says of the run. */
export function backlogPage(result: BacklogResult): KindPage {
  const { putRate, stall, backlog, efficiency, device, simulatedSec } = result;
  const held =
    stall.firstAtSec === null ? 'Writers never wait.' : `Writers wait ${formatFraction(stall.stoppedSec / simulatedSec)} of the time.`;
  const first = stall.firstAtSec === null ? '' : `, first at ${formatSeconds(stall.firstAtSec)}`;
  const amplification = result.writeAmplificationUser;
  return {
    lead: `Takes ${formatCount(putRate.meanOpsPerSec)} of ${formatCount(putRate.offeredOpsPerSec)} puts/s offered. ${held}`,
    figures: [
      {
        kind: 'facts',
        facts: [
          ['Put rate, mean', `${formatCount(putRate.meanOpsPerSec)} puts/s, ${number(putRate.meanMiBPerSec)} MiB/s`],
          ['Writers stood still', `${formatSeconds(stall.stoppedSec)}${first}; L0 at its limit for ${formatSeconds(stall.limitedSec)}`],
          [
            'Backlog',
            `${formatBytes(backlog.endBytes)} at the end, ${formatBytes(backlog.peakBytes)} at ${formatSeconds(backlog.peakAtSec)}`,
          ],
          ['Efficiency', `${efficiency.model}, mean ${efficiency.meanFraction.toFixed(3)}, least ${efficiency.minFraction.toFixed(3)}`],
          ['Device', `${formatBytesPerSec(device.meanBeffBytesPerSec)} at ${formatFraction(device.meanReadFraction)} reads, on average`],
          ['Write amplification', amplification === null ? 'nothing was written' : `${amplification.toFixed(2)}, without WAL`],
        ],
      },
    ],
    sections: [levelSection(result)],
  };
}

function levelSection({ levels }: BacklogResult): Section {
  const columns = ['level', 'received', 'drained', 'backlog', 'peak', 'kept', 'mean capacity'].map((label, index) => ({
    label,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  const rows = levels.map((level) => [
    level.name,
    formatBytes(level.receivedBytes),
    formatBytes(level.drainedBytes),
    formatBytes(level.backlogBytes),
    formatBytes(level.peakBacklogBytes),
    formatBytes(level.residentBytes),
    formatBytesPerSec(level.meanCapacityBytesPerSec),
  ]);
  return { heading: 'Levels', blocks: [{ kind: 'table', columns, rows, caption: 'Merge work, except for what is kept' }] };
}
