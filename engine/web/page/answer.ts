/** The answer: in words first, then the figures people ask for, beside those of the pinned run. */
import { formatCount } from '../../kernel/units.js';
import type { Issue } from '../../kernel/errors.js';
import type { Validity } from '../../scenario/result.js';
import { byId, element } from './dom.js';
import type { PageRun, ShownResult, Tile, View } from './run.js';

/** Shows a finished run's answer. */
export function showAnswer(view: View, run: PageRun, pinned: PageRun | null): void {
  const [headline = '', ...rest] = view.sentences(run);
  byId('sentences', HTMLElement).replaceChildren(
    element('p', { class: 'headline' }, headline),
    element('p', { class: 'sentences' }, rest.join(' ')),
  );
  byId('tiles', HTMLElement).replaceChildren(...view.tiles(run).map((tile) => drawTile(tile, run.result, pinned?.result ?? null)));
  const checked = byId('checked', HTMLElement);
  checked.textContent = validityText(run.validity);
  checked.classList.toggle('outside', !run.validity.inside);
}

/** Instead of an answer, while there was none yet. */
export function showNoAnswer(): void {
  byId('sentences', HTMLElement).replaceChildren(element('p', { class: 'headline' }, 'No answer yet: the scenario cannot run as it is'));
}

/** Shows what is wrong, one line each; the last answer stays, faded. */
export function showIssues(issues: readonly Issue[]): void {
  byId('answer', HTMLElement).classList.toggle('stale', issues.length > 0);
  byId('issues', HTMLElement).replaceChildren(
    ...issues.map(({ file, line, path, message, found, expected }) =>
      element(
        'li',
        {},
        ...(file === undefined ? [] : [element('strong', {}, line === undefined ? file : `${file}:${String(line)}`), ' ']),
        ...(path === undefined ? [] : [element('code', {}, path), ' ']),
        `${message}${found === undefined ? '' : `: found ${found}`}${expected === undefined ? '' : ` (expected ${expected})`}`,
      ),
    ),
  );
}

function drawTile(figure: Tile, result: ShownResult, pinned: ShownResult | null): HTMLElement {
  const { label, better, format } = figure;
  const value = figure.read(result);
  const tile = element(
    'div',
    { class: 'tile' },
    element('span', { class: 'tile-label' }, label),
    element('span', { class: 'tile-value' }, value === null ? 'n/a' : format(value)),
  );
  const before = pinned === null ? null : figure.read(pinned);
  if (value !== null && before !== null) tile.append(changeBadge(value, before, better, `pinned ${format(before)}`));
  return tile;
}

/** How a figure changed against the pinned run: in words and percent, so that colour only helps. */
export function changeBadge(value: number, before: number, better: 'more' | 'less' | 'neither', title: string): HTMLElement {
  if (value === before) return element('span', { class: 'change same', title }, 'same');
  const percent = before === 0 ? null : ((value - before) / Math.abs(before)) * 100;
  if (percent !== null && Math.abs(percent) < 0.05) return element('span', { class: 'change same', title }, 'under 0.1 %');
  const size =
    percent === null
      ? 'from 0'
      : `${value > before ? '+' : '−'}${Math.abs(percent) < 10 ? Math.abs(percent).toFixed(1) : formatCount(Math.abs(percent))} %`;
  const verdict = better === 'neither' ? '' : value > before === (better === 'more') ? 'better' : 'worse';
  return element('span', { class: `change ${verdict}`, title }, verdict === '' ? size : `${size} ${verdict}`);
}

function validityText({ inside, outside, expectedErrorPercent: error, runs }: Validity): string {
  if (inside && error !== null) {
    return `Checked: like ${String(runs)} real runs, typical error ${error.p50.toFixed(1)} %, nine in ten within ${error.p90.toFixed(1)} %.`;
  }
  return `Not validated by real runs: ${outside.length === 0 ? 'none like this was compared' : outside.join('; ')}.`;
}
