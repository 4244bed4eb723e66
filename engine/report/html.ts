/**
 * One page that needs nothing else: its style and pictures are inside, it loads nothing (its own policy forbids it), it follows the
 * reader's light or dark setting and prints in light. Sections of plain data in, text out, the same bytes for the same data.
 */
import { darkPictureRules, darkTheme, fontFamily, lightTheme } from './charts/theme.js';

/** A cell of a table: text, or text with what it means. */
export type Cell = string | { readonly text: string; readonly verdict: Verdict };

export type Verdict = 'good' | 'bad' | 'unclear';

/** A column; numbers stand at the right. */
export interface Column {
  readonly label: string;
  readonly align: 'left' | 'right';
}

/** A part of a section. Texts are shown as they are: nothing in them is markup. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[]; readonly caption?: string }
  /** `svg`: what a function of charts/ gave, drawn in the light theme. */
  | { readonly kind: 'picture'; readonly svg: string; readonly caption?: string }
  | { readonly kind: 'verbatim'; readonly text: string }
  /** Closed until the reader opens it; printed open. */
  | { readonly kind: 'details'; readonly summary: string; readonly blocks: readonly Block[] };

/** A heading and what stands under it. */
export interface Section {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

/** A whole page. */
export interface Page {
  readonly title: string;
  /** The answer in one or two sentences. */
  readonly lead: string;
  readonly sections: readonly Section[];
  /** The last line: what made the page. */
  readonly footer: string;
}

/** The page as the text of an HTML file. */
export function renderPage({ title, lead, sections, footer }: Page): string {
  const contents = sections.length < 3 ? '' : `<nav><ul>${sections.map(contentsEntry).join('')}</ul></nav>\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>
${styleRules}
</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p></header>
${contents}<main>
${sections.map(renderSection).join('\n')}
</main>
<footer>${escapeHtml(footer)}</footer>
</body>
</html>
`;
}

/** Text as it may stand in an element or an attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** Text whose long words may break, so that a table fits on paper: where names have their parts, and anywhere in a hash. */
function breakable(text: string): string {
  return text
    .split(/(\s+)/)
    .map((word) => (word.length <= unbrokenMax ? escapeHtml(word) : partsOf(word).map(escapeHtml).join('<wbr>')))
    .join('');
}

/** Characters of a word, and of a part of one, that do not break. */
const unbrokenMax = 12;
const partMax = 16;

/** `workload.`, `num_`, `writers`; `mean`, `Ops`, `Per`, `Sec`. */
function partsOf(word: string): string[] {
  const parts = word.split(/(?<=[._=,])|(?<=\/)(?=\w{3})|(?<=[a-z]{2})(?=[A-Z][a-z])/);
  return parts.flatMap((part) => part.match(new RegExp(`.{1,${String(partMax)}}`, 'gsu')) ?? []);
}

function contentsEntry({ heading }: Section, index: number): string {
  return `<li><a href="#section-${String(index + 1)}">${escapeHtml(heading)}</a></li>`;
}

function renderSection({ heading, blocks }: Section, index: number): string {
  const body = blocks.map(renderBlock).join('\n');
  return `<section id="section-${String(index + 1)}">\n<h2>${escapeHtml(heading)}</h2>\n${body}\n</section>`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return `<dl>${block.facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;
    case 'table':
      return renderTable(block.columns, block.rows, block.caption);
    case 'picture':
      return `<figure>${block.svg}${block.caption === undefined ? '' : `<figcaption>${escapeHtml(block.caption)}</figcaption>`}</figure>`;
    case 'verbatim':
      return `<pre>${escapeHtml(block.text)}</pre>`;
    case 'details':
      return `<details><summary>${escapeHtml(block.summary)}</summary>\n${block.blocks.map(renderBlock).join('\n')}\n</details>`;
  }
}

function renderTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], caption: string | undefined): string {
  const head = columns.map(({ label, align }) => `<th scope="col" class="${align}">${breakable(label)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, index) => renderCell(cell, columns[index]?.align ?? 'left')).join('')}</tr>`);
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  return `<div class="table"><table>${title}<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function renderCell(cell: Cell, align: Column['align']): string {
  const { text, verdict } = typeof cell === 'string' ? { text: cell, verdict: '' } : cell;
  return `<td class="${verdict === '' ? align : `${align} ${verdict}`}">${align === 'left' ? breakable(text) : escapeHtml(text)}</td>`;
}

const variables = (theme: typeof lightTheme, good: string, bad: string): string =>
  `--surface:${theme.surface};--ink:${theme.ink};--muted:${theme.muted};--grid:${theme.grid};--link:${theme.series[0] ?? ''};` +
  `--good:${good};--bad:${bad};--unclear:${theme.series[4] ?? ''}`;

// Verdicts are words, so their colours only help the eye.
const styleRules = `:root{color-scheme:light dark;${variables(lightTheme, '#00734f', '#b3261e')}}
body{margin:0 auto;max-width:1200px;padding:24px;background:var(--surface);color:var(--ink);font:16px/1.5 ${fontFamily}}
h1{font-size:28px;line-height:1.2;margin:0 0 8px}
h2{font-size:21px;margin:40px 0 12px;border-bottom:1px solid var(--grid);padding-bottom:4px}
.lead{font-size:18px;margin:0}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;padding:0}
a{color:var(--link)}
.table{overflow-x:auto}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding:4px 0}
th,td{padding:4px 10px;border-bottom:1px solid var(--grid);vertical-align:top}
th{text-align:left;border-bottom:2px solid var(--grid)}
.right{text-align:right}
td.right{white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}.unclear{color:var(--unclear)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 20px}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
figure{margin:16px 0}
figure svg{width:100%;height:auto;display:block}
figcaption,footer{color:var(--muted);font-size:14px}
pre{overflow-x:auto;font-size:13px;line-height:1.35;border:1px solid var(--grid);padding:10px}
footer{margin-top:48px;border-top:1px solid var(--grid);padding-top:8px}
@media screen and (max-width:800px){figure{overflow-x:auto}figure svg{min-width:800px}dl{grid-template-columns:1fr}dt{margin-top:6px}}
@media screen and (prefers-color-scheme:dark){:root{${variables(darkTheme, '#35c99c', '#f2665c')}}
${darkPictureRules('figure svg')}}
@media print{body{max-width:none;padding:0;font-size:11pt}nav{display:none}figure,tr,h2{break-inside:avoid}h2{break-after:avoid}figure svg{width:auto;max-width:100%;max-height:24cm;margin:0 auto}table{font-size:8pt}th,td{padding:2pt 4pt}thead{break-after:avoid}pre,.table{overflow:visible}pre{white-space:pre-wrap}details::details-content{content-visibility:visible;display:block}}`;
