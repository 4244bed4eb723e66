/** The pictures of a run of the fluid backlog model. */
import type { BacklogResult, BacklogSeries } from '../../backlog/result.js';
import { formatBytes, GIB, MIB } from '../../kernel/units.js';
import { titled, type Canvas, type NamedPicture } from './drawing.js';
import { drawStackedArea } from './stacked-area.js';

/** The part of a result that is drawn. */
export interface BacklogRun {
  /** Stands in front of every title; '' for none. */
  readonly name: string;
  readonly levelNames: readonly string[];
  readonly series: Pick<BacklogSeries, 'intervalSec' | 'backlogBytes' | 'capacityBytesPerSec'>;
  readonly backlog: Pick<BacklogResult['backlog'], 'endBytes' | 'peakBytes'>;
}

/** All of them. */
export function backlogPictures(run: BacklogRun): readonly NamedPicture[] {
  return [
    { name: 'backlog', draw: (canvas) => drawBacklog(run, canvas) },
    { name: 'capacity', draw: (canvas) => drawCapacity(run, canvas) },
  ];
}

/** Merge work waiting, by level. */
export function drawBacklog(run: BacklogRun, canvas: Canvas): string {
  const { backlog, series } = run;
  return drawStackedArea(
    {
      title: titled(run.name, 'backlog by level'),
      subtitle: `Merge work that waits: ${formatBytes(backlog.peakBytes)} at its peak, ${formatBytes(backlog.endBytes)} at the end`,
      label: 'backlog, GiB',
      intervalSec: series.intervalSec,
      layers: layersOf(run, series.backlogBytes, GIB),
    },
    canvas,
  );
}

/** How fast each level could drain. */
export function drawCapacity(run: BacklogRun, canvas: Canvas): string {
  const { series } = run;
  return drawStackedArea(
    {
      title: titled(run.name, 'drain capacity by level'),
      subtitle: 'Capacity of each level: its share of the device times what a byte of bandwidth drains, times efficiency',
      label: 'capacity, MiB/s',
      intervalSec: series.intervalSec,
      layers: layersOf(run, series.capacityBytesPerSec, MIB),
    },
    canvas,
  );
}

function layersOf({ levelNames }: BacklogRun, byLevel: readonly Float64Array[], unit: number): { name: string; values: Float64Array }[] {
  return levelNames.map((name, level) => ({ name, values: (byLevel[level] ?? new Float64Array()).map((value) => value / unit) }));
}
