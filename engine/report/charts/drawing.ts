/**
 * What every picture shares: title, legend, axes and size, around marks of Observable Plot. Plain data in, the text of one SVG out, the
 * same bytes for the same data. The document is handed in (jsdom's in Node, see ../canvas.ts; the page's own in a browser), so the same
 * functions draw in both. Nothing refers to anything outside of the SVG.
 */
import * as Plot from '@observablehq/plot';
import { invariant } from '../../kernel/errors.js';
import { fontFamily, fontSizes, lightTheme, textWidth, type Theme } from './theme.js';

/** The part of a DOM document that drawing needs. */
export interface DrawingDocument {
  createElementNS(namespace: string, name: string): DrawingElement;
}

/** The part of an SVG element that drawing needs. */
export interface DrawingElement {
  readonly outerHTML: string;
  readonly tagName: string;
  readonly children: Iterable<DrawingElement>;
  textContent: string | null;
  setAttribute(name: string, value: string): void;
  append(child: DrawingElement): void;
  prepend(child: DrawingElement): void;
}

/** Where and how large to draw. */
export interface Canvas {
  readonly document: DrawingDocument;
  readonly theme: Theme;
  readonly widthPixels: number;
  readonly heightPixels: number;
}

/** A canvas on this document: light and 1200 x 800 unless said otherwise. */
export function createCanvas(document: DrawingDocument, options: Partial<Omit<Canvas, 'document'>> = {}): Canvas {
  return { theme: lightTheme, widthPixels: 1200, heightPixels: 800, ...options, document };
}

/** How a legend shows its entry. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly shape: 'line' | 'dashed' | 'area' | 'circle' | 'triangle' | 'square';
}

/** Places inside the frame, in pixels of the SVG. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Pixels from the left, or from the top, of a value. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Adds an SVG element with these attributes (and text) on top of what is drawn. */
export type AddShape = (name: string, attributes: Readonly<Record<string, string | number>>, text?: string) => void;

/** One picture. */
export interface Picture {
  readonly title: string;
  /** What is shown and in which units, in a sentence. */
  readonly subtitle?: string;
  readonly legend?: readonly LegendEntry[];
  /** Scales and marks. Sizes, margins at the top, fonts and colours of axes are set here. */
  readonly plot: Plot.PlotOptions;
  /** Pixels kept free between legend and frame. */
  readonly roomAbove?: number;
  /** Draws what no mark of Plot does, once places are known. */
  readonly overlay?: (frame: Frame, add: AddShape) => void;
}

/** A picture that can be drawn on any canvas. The name suits a file. */
export interface NamedPicture {
  readonly name: string;
  readonly draw: (canvas: Canvas) => string;
}

/** "run: what", or "What" for a run without a name. */
export function titled(run: string, what: string): string {
  return run === '' ? what.charAt(0).toUpperCase() + what.slice(1) : `${run}: ${what}`;
}

const svgNamespace = 'http://www.w3.org/2000/svg';
/** Pixels between the picture's edge and what stands in it. */
export const padding = 24;

/** Draws a picture and gives the SVG's text: one element that stands for itself as a file and inside a page. */
export function drawPicture(picture: Picture, canvas: Canvas): string {
  const { theme, widthPixels, heightPixels } = canvas;
  const head = layOutHead(picture, widthPixels);
  const margins = {
    marginTop: head.height + (picture.roomAbove ?? 0) + 16,
    marginRight: 40,
    marginBottom: 64,
    marginLeft: 96,
    ...marginsOf(picture.plot),
  };
  const { drawn, frame } = drawFrame(picture.plot, margins, picture.title, canvas);
  const add = adder(drawn, canvas);
  drawn.prepend(createShape(canvas.document, 'rect', { width: widthPixels, height: heightPixels, fill: theme.surface }));
  drawHead(head, theme, add);
  picture.overlay?.(frame, add);
  return pictureText(drawn, canvas);
}

/** Axes and marks in a new SVG, without head. */
export function drawFrame(
  plot: Plot.PlotOptions,
  margins: Margins,
  ariaLabel: string,
  canvas: Canvas,
): { readonly drawn: DrawingElement; readonly frame: Frame } {
  const { document, widthPixels, heightPixels } = canvas;
  const drawn = Plot.plot({
    ...plot,
    ...margins,
    x: { ticks: tickCount(widthPixels, 150), labelOffset: margins.marginBottom - 16, ...plot.x },
    y: { ticks: tickCount(heightPixels, 100), labelOffset: margins.marginLeft - 14, ...plot.y },
    width: widthPixels,
    height: heightPixels,
    className: 'picture',
    ariaLabel,
    style: { fontFamily, fontSize: `${String(fontSizes.text)}px`, background: 'none' },
    document: document as never,
  }) as unknown as DrawnPlot;
  return { drawn, frame: frameOf(drawn, canvas, margins) };
}

/** Adds shapes to this element. */
export function adder(element: DrawingElement, { document }: Canvas): AddShape {
  return (name, attributes, text) => {
    element.append(createShape(document, name, attributes, text));
  };
}

/** The finished SVG as text. */
export function pictureText(drawn: DrawingElement, { theme }: Canvas): string {
  drawn.setAttribute('xmlns', svgNamespace);
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('color', theme.ink);
  drawn.setAttribute('fill', theme.ink);
  // HTML's name for a character that XML only knows by number.
  return drawn.outerHTML.replaceAll('&nbsp;', '&#160;');
}

/** About how many ticks an axis has, and lines a grid: 8 on the usual size, fewer where there is less room. */
function tickCount(pixels: number, pixelsEach: number): number {
  return Math.max(2, Math.min(8, Math.round(pixels / pixelsEach)));
}

/** An axis as all pictures have it: its label with unit in the middle, no arrow. */
export function axis(label: string, options: Plot.ScaleOptions = {}): Plot.ScaleOptions {
  return { label, labelAnchor: 'center', labelArrow: 'none', nice: false, ...options };
}

/** Faint lines at the ticks of both axes. What is listed before them lies under them, such as a band. */
export function gridMarks({ theme, widthPixels, heightPixels }: Canvas): Plot.Markish[] {
  const lines = { stroke: theme.grid, strokeOpacity: 1 };
  return [Plot.gridX({ ...lines, ticks: tickCount(widthPixels, 150) }), Plot.gridY({ ...lines, ticks: tickCount(heightPixels, 100) })];
}

/** The margins that are given. */
export function marginsOf({ marginTop, marginRight, marginBottom, marginLeft }: Plot.PlotOptions): Partial<Margins> {
  const given = Object.entries({ marginTop, marginRight, marginBottom, marginLeft }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** Pixels around the frame. */
export interface Margins {
  readonly marginTop: number;
  readonly marginRight: number;
  readonly marginBottom: number;
  readonly marginLeft: number;
}

type DrawnPlot = DrawingElement & { readonly scale: (name: string) => { readonly apply?: (value: number) => number } | undefined };

function frameOf(drawn: DrawnPlot, { widthPixels, heightPixels }: Canvas, margins: Margins): Frame {
  const place = (name: 'x' | 'y') => (value: number) => {
    const apply = drawn.scale(name)?.apply;
    invariant(apply !== undefined, `the picture has no ${name} scale`);
    return apply(value);
  };
  return {
    left: margins.marginLeft,
    top: margins.marginTop,
    right: widthPixels - margins.marginRight,
    bottom: heightPixels - margins.marginBottom,
    x: place('x'),
    y: place('y'),
  };
}

/** An SVG element; numbers are rounded to hundredths of a pixel. */
export function createShape(
  document: DrawingDocument,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): DrawingElement {
  const element = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
  }
  if (text !== undefined) element.textContent = text;
  return element;
}

/** What stands above the frame, broken into lines. */
export interface Head {
  readonly title: readonly string[];
  readonly subtitle: readonly string[];
  readonly legend: readonly (readonly PlacedEntry[])[];
  /** Pixels from the top of the picture to the end of the head. */
  readonly height: number;
}

/** Breaks title, subtitle and legend into the lines that a picture of this width needs. */
export function layOutHead({ title, subtitle, legend }: Pick<Picture, 'title' | 'subtitle' | 'legend'>, widthPixels: number): Head {
  const width = widthPixels - 2 * padding;
  const lines = {
    title: brokenText(title, fontSizes.title, width),
    subtitle: brokenText(subtitle ?? '', fontSizes.subtitle, width),
    legend: legendLines(legend ?? [], width),
  };
  const below =
    Math.max(0, lines.title.length - 1) * titleHeight + lines.subtitle.length * subtitleHeight + lines.legend.length * legendHeight;
  return { ...lines, height: padding + fontSizes.title + below };
}

const titleHeight = 26;
const subtitleHeight = fontSizes.subtitle + 10;
const legendHeight = 26;

/** Lines of words of at most this width; none for an empty text. */
function brokenText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return text === '' ? [] : lines;
}

/** Writes title, subtitle and legend. */
export function drawHead({ title, subtitle, legend }: Head, theme: Theme, add: AddShape): void {
  const left = { x: padding, 'text-anchor': 'start' };
  let y = padding + fontSizes.title * 0.8 - titleHeight;
  for (const line of title) {
    y += titleHeight;
    add('text', { ...left, y, 'font-size': fontSizes.title, 'font-weight': 600, fill: theme.ink }, line);
  }
  for (const line of subtitle) {
    y += subtitleHeight;
    add('text', { ...left, y, 'font-size': fontSizes.subtitle, fill: theme.muted }, line);
  }
  for (const line of legend) {
    y += legendHeight;
    for (const entry of line) {
      drawSymbol(entry, y - 5, theme, add);
      add('text', { x: entry.x + 34, y, 'text-anchor': 'start', 'font-size': fontSizes.text, fill: theme.ink }, entry.label);
    }
  }
}

/** A legend entry and its place. */
export interface PlacedEntry extends LegendEntry {
  readonly x: number;
}

/** Entries from left to right, on as many lines as they need. */
function legendLines(entries: readonly LegendEntry[], width: number): PlacedEntry[][] {
  const lines: PlacedEntry[][] = [];
  let x = width;
  for (const entry of entries) {
    const needed = 34 + textWidth(entry.label, fontSizes.text) + 24;
    if (x + needed > width || lines.length === 0) {
      lines.push([]);
      x = 0;
    }
    lines.at(-1)?.push({ ...entry, x: padding + x });
    x += needed;
  }
  return lines;
}

function drawSymbol({ x, color, shape }: PlacedEntry, y: number, theme: Theme, add: AddShape): void {
  const middle = x + 14;
  const solid = { fill: color };
  if (shape === 'line' || shape === 'dashed') {
    const dash = shape === 'dashed' ? { 'stroke-dasharray': '7 5' } : {};
    add('line', { x1: x, x2: x + 28, y1: y, y2: y, stroke: color, 'stroke-width': 3, ...dash });
  } else if (shape === 'area') add('rect', { x, y: y - 7, width: 28, height: 14, ...solid, stroke: theme.grid });
  else if (shape === 'circle') add('circle', { cx: middle, cy: y, r: 6, ...solid });
  else if (shape === 'square') add('rect', { x: middle - 5.5, y: y - 5.5, width: 11, height: 11, ...solid });
  else add('path', { d: `M${String(middle)} ${String(y - 7)}l7 12h-14z`, ...solid });
}
