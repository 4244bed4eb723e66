/** A document to draw in where there is no page: jsdom, loaded when the first picture is drawn and not before. */
import { createCanvas, type Canvas } from './charts/drawing.js';

/** A canvas in Node; the options are those of `createCanvas`. */
export async function nodeCanvas(options: Partial<Omit<Canvas, 'document'>> = {}): Promise<Canvas> {
  const { JSDOM } = await import('jsdom');
  return createCanvas(new JSDOM('').window.document, options);
}
