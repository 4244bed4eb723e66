/** Places the pictures of a run on the page, one frame of the browser each. */
import { createCanvas } from '../../report/charts/drawing.js';
import { darkTheme, lightTheme } from '../../report/charts/theme.js';
import { element, nextFrame } from './dom.js';
import type { PageRun, View } from './run.js';

/** Pixels of pictures that need more room than others: level sizes are a frame a level, conflicts two bars a role. */
const heights: Readonly<Record<string, number>> = { 'level-sizes': 600, conflicts: 460, 'failed-latency': 460 };

/** Titles and legends take more lines where it is narrow. */
function heightOf(name: string, widthPixels: number): number {
  const base = heights[name] ?? 400;
  return widthPixels < 500 ? base + 80 : base;
}

/** Draws every picture into `root`, one a frame; gives up when `isStale` says that a newer run is there. True when all are drawn. */
export async function drawPictures(
  root: HTMLElement,
  view: View,
  runs: { readonly run: PageRun; readonly pinned: PageRun | null },
  isStale: () => boolean,
): Promise<boolean> {
  const theme = matchMedia('(prefers-color-scheme: dark)').matches ? darkTheme : lightTheme;
  const pictures = view.pictures(runs.run, runs.pinned);
  for (const { name } of pictures) figureOf(root, name);
  for (const figure of root.children) figure.toggleAttribute('hidden', !pictures.some(({ name }) => figure.id === `picture-${name}`));
  for (const { name, draw } of pictures) {
    await nextFrame();
    if (isStale()) return false;
    const figure = figureOf(root, name);
    const widthPixels = Math.max(300, Math.floor(figure.clientWidth));
    figure.innerHTML = forPage(draw(createCanvas(document, { theme, widthPixels, heightPixels: heightOf(name, widthPixels) })));
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
