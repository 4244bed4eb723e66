/** Several frames in one picture, under one head. */
import type * as Plot from '@observablehq/plot';
import {
  adder,
  createShape,
  drawFrame,
  drawHead,
  layOutHead,
  marginsOf,
  padding,
  pictureText,
  type AddShape,
  type Canvas,
  type DrawingElement,
  type Frame,
  type LegendEntry,
  type Margins,
} from './drawing.js';
import { fontFamily, fontSizes } from './theme.js';

/** One frame with its own axes. */
export interface Panel {
  readonly title: string;
  /** Scales and marks; margins may be given. The canvas has the size of the panel. */
  readonly plot: (canvas: Canvas) => Plot.PlotOptions;
  /** Draws what no mark of Plot does, in pixels of the panel. */
  readonly overlay?: (frame: Frame, add: AddShape) => void;
}

/** A picture of panels, filled row by row. */
export interface PanelPicture {
  readonly title: string;
  readonly subtitle?: string;
  readonly legend?: readonly LegendEntry[];
  readonly columns: number;
  readonly panels: readonly Panel[];
}

const gap = 16;
const titleRoom = 34;
const panelMargins: Margins = { marginTop: titleRoom, marginRight: 16, marginBottom: 54, marginLeft: 84 };

/** The SVG's text. */
export function drawPanels(picture: PanelPicture, canvas: Canvas): string {
  const { document, theme, widthPixels, heightPixels } = canvas;
  const head = layOutHead(picture, widthPixels);
  const root = createShape(document, 'svg', {
    width: widthPixels,
    height: heightPixels,
    viewBox: `0 0 ${String(widthPixels)} ${String(heightPixels)}`,
    'aria-label': picture.title,
    'font-family': fontFamily,
    'font-size': fontSizes.text,
    'text-anchor': 'middle',
  });
  const add = adder(root, canvas);
  add('rect', { width: widthPixels, height: heightPixels, fill: theme.surface });
  drawHead(head, theme, add);
  const columns = Math.max(1, Math.min(picture.columns, picture.panels.length));
  const rows = Math.max(1, Math.ceil(picture.panels.length / columns));
  const width = (widthPixels - 2 * padding - (columns - 1) * gap) / columns;
  const height = (heightPixels - head.height - gap - padding - (rows - 1) * gap) / rows;
  picture.panels.forEach((panel, index) => {
    const left = padding + (index % columns) * (width + gap);
    const top = head.height + gap + Math.floor(index / columns) * (height + gap);
    root.append(drawPanel(panel, left, top, { ...canvas, widthPixels: width, heightPixels: height }));
  });
  return pictureText(root, canvas);
}

function drawPanel(panel: Panel, left: number, top: number, canvas: Canvas): DrawingElement {
  const plot = panel.plot(canvas);
  const { drawn, frame } = drawFrame(plot, { ...panelMargins, ...marginsOf(plot) }, panel.title, canvas);
  const group = createShape(canvas.document, 'g', { transform: `translate(${String(left)} ${String(top)})`, 'aria-label': panel.title });
  const style = { x: 0, y: 16, 'text-anchor': 'start', 'font-size': fontSizes.text + 1, 'font-weight': 600, fill: canvas.theme.ink };
  group.append(createShape(canvas.document, 'text', style, panel.title));
  // A nested SVG would be sized by Plot's own style rules: its marks move into the group.
  for (const child of [...drawn.children]) if (child.tagName !== 'style') group.append(child);
  panel.overlay?.(frame, adder(group, canvas));
  return group;
}
