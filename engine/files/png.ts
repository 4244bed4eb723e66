/** Pictures as PNG: drawn by resvg (optional) in the font that comes with this package, so that every machine gives the same picture. */
import { fileURLToPath } from 'node:url';
import { loadOptional } from './optional.js';

/** DejaVu Sans 2.37; its licence stands beside it. From engine/files/ and dist/files/ the same folder. */
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
  fileURLToPath(new URL(`../../engine/report/fonts/${name}`, import.meta.url)),
);
const family = 'DejaVu Sans';

/** The part of resvg that is used. */
interface Resvg {
  readonly Resvg: new (svg: string, options: object) => { render(): { asPng(): Uint8Array } };
}

/** Draws SVG texts as PNG files' bytes, at this many pixels for each of the SVG's. @throws as `loadOptional` */
export async function pngDrawer(scale = 1): Promise<(svg: string) => Uint8Array> {
  const { Resvg } = (await loadOptional('@resvg/resvg-js')) as Resvg;
  const options = {
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: family, sansSerifFamily: family },
    fitTo: { mode: 'zoom', value: scale },
  };
  return (svg) => new Resvg(svg, options).render().asPng();
}
