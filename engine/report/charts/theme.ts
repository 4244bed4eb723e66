/**
 * The colours and sizes of every picture. Series follow Okabe and Ito's palette ("Color Universal Design", 2008), whose colours differ
 * for colour-blind readers too, darkened on white and lightened on black until each has a contrast of 3 : 1 or more with its surface
 * (WCAG 2.2, 1.4.11); series that cross also differ in dash or symbol.
 */

/** What a colour stands for, and the colour. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  /** In order of use: the first for what is measured, the second for what is predicted. */
  readonly series: readonly string[];
  /** Where a difference counts as none. */
  readonly tolerance: string;
  readonly delayed: string;
  readonly stopped: string;
}

/** On white: pages, papers, files. */
export const lightTheme: Theme = {
  name: 'light',
  surface: '#ffffff',
  ink: '#1b1f24',
  muted: '#57606a',
  grid: '#d8dee4',
  series: ['#0072b2', '#d55e00', '#00805e', '#a8508b', '#5c4700', '#3a84ad', '#2b1a78'],
  tolerance: '#e3eef6',
  delayed: '#e8b53a',
  stopped: '#b3261e',
};

/** On a dark screen. */
export const darkTheme: Theme = {
  name: 'dark',
  surface: '#14181d',
  ink: '#e6e9ec',
  muted: '#a0a9b3',
  grid: '#333b44',
  series: ['#56b4e9', '#ff8f45', '#35c99c', '#e39ac6', '#e0c244', '#8fc7e6', '#9d5cff'],
  tolerance: '#1c2f3d',
  delayed: '#c99a2c',
  stopped: '#f2665c',
};

/** Characters of all text in pictures; a picture of 1200 x 800 pixels is read from a slide. */
export const fontFamily = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
/** Pixels. */
export const fontSizes = { title: 20, subtitle: 14, text: 14, small: 12 } as const;

/** Pixels that a text of this size takes at most: wide enough for every common sans-serif, so that what is laid out never overlaps. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.58;
}

/** Style rules that turn pictures drawn in `lightTheme` into dark ones inside a page: every colour has one meaning, so it has one partner. */
export function darkPictureRules(selector: string): string {
  return rolePairs()
    .flatMap(([light, dark]) =>
      (['fill', 'stroke', 'color'] as const).map((property) => `${selector} [${property}="${light}"]{${property}:${dark}}`),
    )
    .concat(`${selector}[color="${lightTheme.ink}"]{color:${darkTheme.ink};fill:${darkTheme.ink}}`)
    .join('\n');
}

function rolePairs(): (readonly [light: string, dark: string])[] {
  const single = ['surface', 'ink', 'muted', 'grid', 'tolerance', 'delayed', 'stopped'] as const;
  return [
    ...single.map((role) => [lightTheme[role], darkTheme[role]] as const),
    ...lightTheme.series.map((color, index) => [color, darkTheme.series[index] ?? color] as const),
  ];
}

/** The colour of the n-th series, from 0; colours repeat after the last. */
export function seriesColor(theme: Theme, index: number): string {
  return theme.series[index % theme.series.length] ?? theme.ink;
}
