/** The pictures of a run, by the functions that draw them in reports; over those of the pinned run where there is one. */
import { drawCurveOverlay, type Curve, type StallBand } from '../../report/charts/curve-overlay.js';
import { createCanvas, type Canvas } from '../../report/charts/drawing.js';
import { darkTheme, lightTheme } from '../../report/charts/theme.js';
import { GIB } from '../../kernel/units.js';
import type { LsmSeries } from '../../lsm/result.js';
import { element, nextFrame } from './dom.js';
import type { LsmRun } from './run.js';

interface Picture {
  readonly name: string;
  readonly heightPixels: number;
  readonly draw: (runs: readonly NamedRun[], canvas: Canvas) => string;
}

interface NamedRun {
  readonly name: string;
  readonly series: LsmSeries;
}

const pictures: readonly Picture[] = [
  { name: 'put-rate', heightPixels: 420, draw: (runs, canvas) => drawCurveOverlay(putRate(runs), canvas) },
  {
    name: 'l0',
    heightPixels: 340,
    draw: (runs, canvas) =>
      drawCurveOverlay(
        plain('Files in L0', 'files', runs, ({ l0Files }) => l0Files),
        canvas,
      ),
  },
  {
    name: 'debt',
    heightPixels: 340,
    draw: (runs, canvas) =>
      drawCurveOverlay(
        plain('Compaction debt', 'GiB', runs, ({ pendingCompactionBytes }) => pendingCompactionBytes.map((bytes) => bytes / GIB)),
        canvas,
      ),
  },
];

/** Draws every picture into `root`, one a frame; gives up when `isStale` says that a newer run is there. True when all are drawn. */
export async function drawPictures(root: HTMLElement, run: LsmRun, pinned: LsmRun | null, isStale: () => boolean): Promise<boolean> {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const runs = [
    { name: pinned === null ? 'run' : 'this run', series: run.result.series },
    ...(pinned === null ? [] : [{ name: 'pinned', series: pinned.result.series }]),
  ];
  for (const { name, heightPixels, draw } of pictures) {
    await nextFrame();
    if (isStale()) return false;
    const figure = figureOf(root, name);
    const widthPixels = Math.max(300, Math.floor(figure.clientWidth));
    const canvas = createCanvas(document, { theme: dark ? darkTheme : lightTheme, widthPixels, heightPixels });
    figure.innerHTML = forPage(draw(runs, canvas));
  }
  return true;
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

/** Neighbouring intervals in one state are one band. */
function stallBands({ state, intervalSec }: LsmSeries): StallBand[] {
  const bands: StallBand[] = [];
  for (let from = 0; from < state.length;) {
    let to = from + 1;
    while (to < state.length && state[to] === state[from]) to++;
    const worst = state[from] ?? 0;
    if (worst > 0) bands.push({ startSec: from * intervalSec, endSec: to * intervalSec, state: worst === 2 ? 'stopped' : 'delayed' });
    from = to;
  }
  return bands;
}
