/** The pictures of a run, by the functions that draw them in reports; over those of the pinned run where there is one. */
import { drawCurveOverlay, type Curve } from '../../report/charts/curve-overlay.js';
import { createCanvas, type Canvas } from '../../report/charts/drawing.js';
import { stallBands } from '../../report/charts/stalls.js';
import { darkTheme, lightTheme } from '../../report/charts/theme.js';
import { drawLatencyPercentiles } from '../../report/charts/latency-percentiles.js';
import { lsmPictures } from '../../report/charts/lsm-pictures.js';
import type { Histogram } from '../../kernel/histogram.js';
import { GIB } from '../../kernel/units.js';
import type { LsmSeries } from '../../lsm/result.js';
import { element, nextFrame } from './dom.js';
import type { LsmRun } from './run.js';

/** What is laid over the pinned run's; the rest is drawn of this run alone. */
const overlays: Readonly<Record<string, (runs: readonly NamedRun[], canvas: Canvas) => string>> = {
  'put-rate': (runs, canvas) => drawCurveOverlay(putRate(runs), canvas),
  'l0-files': (runs, canvas) =>
    drawCurveOverlay(
      plain('Files in L0', 'files', runs, ({ l0Files }) => l0Files),
      canvas,
    ),
  'pending-bytes': (runs, canvas) => drawCurveOverlay(plain('Compaction debt', 'GiB', runs, debtGib), canvas),
  'put-latency': (runs, canvas) =>
    drawLatencyPercentiles({ title: 'Put latency', curves: runs.map(({ name, histogram }) => ({ name, histogram })) }, canvas),
};

interface NamedRun {
  readonly name: string;
  readonly series: LsmSeries;
  readonly histogram: Histogram;
}

/** Titles and legends take more lines where it is narrow; level sizes are a frame a level. */
function heightOf(name: string, widthPixels: number): number {
  const base = name === 'level-sizes' ? 600 : 400;
  return widthPixels < 500 ? base + 80 : base;
}

/** Draws every picture into `root`, one a frame; gives up when `isStale` says that a newer run is there. True when all are drawn. */
export async function drawPictures(root: HTMLElement, run: LsmRun, pinned: LsmRun | null, isStale: () => boolean): Promise<boolean> {
  const theme = matchMedia('(prefers-color-scheme: dark)').matches ? darkTheme : lightTheme;
  const both = pinned === null ? [] : [named('this run', run), named('pinned', pinned)];
  const { result, options } = run;
  const own = lsmPictures({ ...result, name: '', meanOpsPerSec: result.putRate.meanOpsPerSec, options });
  for (const { name } of own) figureOf(root, name);
  for (const figure of root.children) figure.toggleAttribute('hidden', !own.some(({ name }) => figure.id === `picture-${name}`));
  for (const { name, draw } of own) {
    await nextFrame();
    if (isStale()) return false;
    const figure = figureOf(root, name);
    const widthPixels = Math.max(300, Math.floor(figure.clientWidth));
    const canvas = createCanvas(document, { theme, widthPixels, heightPixels: heightOf(name, widthPixels) });
    const overlay = pinned === null ? undefined : overlays[name];
    figure.innerHTML = forPage(overlay === undefined ? draw(canvas) : overlay(both, canvas));
  }
  return true;
}

function named(name: string, { result }: LsmRun): NamedRun {
  return { name, series: result.series, histogram: result.putLatencyMicros };
}

function debtGib({ pendingCompactionBytes }: LsmSeries): Float64Array {
  return pendingCompactionBytes.map((bytes) => bytes / GIB);
}

function figureOf(root: HTMLElement, name: string): HTMLElement {
  const id = `picture-${name}`;
  const there = document.getElementById(id);
  if (there !== null) return there;
  const made = element('figure', { class: 'picture-frame card', id });
  root.append(made);
  return made;
}

/**
 * The SVG as it may stand in this page. Its policy allows no styles but its own: style.css has the rules that a picture brings with it. And
 * a picture is one image with one name to who hears it: the names of its parts have no place.
 */
function forPage(svg: string): string {
  return svg
    .replaceAll(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/^(<svg[^>]*?) style="[^"]*"/, '$1')
    .replaceAll(/<g aria-label="[^"]*"/g, '<g');
}

function putRate(runs: readonly NamedRun[]): Parameters<typeof drawCurveOverlay>[0] {
  const intervalSec = runs[0]?.series.intervalSec ?? 1;
  const spanSec = Math.max(...runs.map(({ series }) => series.opsPerSec.length * series.intervalSec));
  const curves = runs.map(({ name, series }): Curve => ({ name, values: series.opsPerSec, stalls: stallBands(series) }));
  return { title: 'Put rate', unit: 'puts/s', intervalSec, curves, windowSec: spanSec >= 120 ? Math.ceil(spanSec / 48) : null };
}

function plain(
  title: string,
  unit: string,
  runs: readonly NamedRun[],
  read: (series: LsmSeries) => ArrayLike<number>,
): Parameters<typeof drawCurveOverlay>[0] {
  const curves = runs.map(({ name, series }): Curve => ({ name, values: read(series), stalls: null }));
  return { title, unit, intervalSec: runs[0]?.series.intervalSec ?? 1, curves, windowSec: null };
}
