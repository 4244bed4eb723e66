/** The answer: in words first, then the figures people ask for, beside those of the pinned run. */
import { maxMicros, valueAtPercentile } from '../../kernel/histogram.js';
import { formatBytes, formatCount, formatFraction, formatMicros } from '../../kernel/units.js';
import type { Issue } from '../../kernel/errors.js';
import { answerSentences } from '../../report/words.js';
import type { LsmResult } from '../../lsm/result.js';
import type { Validity } from '../../scenario/result.js';
import { byId, element } from './dom.js';
import type { LsmRun } from './run.js';

/** Shows a finished run's answer. */
export function showAnswer(run: LsmRun, pinned: LsmRun | null): void {
  const [headline = '', ...rest] = answerSentences(run.result, run.options);
  byId('sentences', HTMLElement).replaceChildren(
    element('p', { class: 'headline' }, headline),
    element('p', { class: 'sentences' }, rest.join(' ')),
  );
  byId('tiles', HTMLElement).replaceChildren(...tiles.map((tile) => drawTile(tile, run.result, pinned?.result ?? null)));
  const checked = byId('checked', HTMLElement);
  checked.textContent = validityText(run.validity);
  checked.classList.toggle('outside', !run.validity.inside);
}

/** Shows what is wrong, one line each; the last answer stays, faded. */
export function showIssues(issues: readonly Issue[]): void {
  byId('answer', HTMLElement).classList.toggle('stale', issues.length > 0);
  byId('issues', HTMLElement).replaceChildren(
    ...issues.map(({ path, message, found, expected }) =>
      element(
        'li',
        {},
        ...(path === undefined ? [] : [element('code', {}, path), ' ']),
        `${message}${found === undefined ? '' : `: found ${found}`}${expected === undefined ? '' : ` (expected ${expected})`}`,
      ),
    ),
  );
}

interface Tile {
  readonly label: string;
  readonly better: 'more' | 'less' | 'neither';
  readonly read: (result: LsmResult) => number | null;
  readonly format: (value: number) => string;
}

const stalledFraction = ({ stall, simulatedSec }: LsmResult): number | null =>
  simulatedSec > 0 ? (stall.stoppedSec + stall.delayedSec) / simulatedSec : null;

const tiles: readonly Tile[] = [
  { label: 'Put rate, puts/s', better: 'more', read: (r) => r.putRate.meanOpsPerSec, format: formatCount },
  { label: 'Time stalled', better: 'less', read: stalledFraction, format: formatFraction },
  { label: 'Write amplification', better: 'less', read: (r) => r.writeAmplification, format: (value) => value.toFixed(2) },
  { label: 'Put latency p99', better: 'less', read: (r) => valueAtPercentile(r.putLatencyMicros, 99), format: formatMicros },
  { label: 'Slowest put', better: 'less', read: (r) => maxMicros(r.putLatencyMicros), format: formatMicros },
  { label: 'Space, peak', better: 'less', read: (r) => r.space.peakTransientBytes, format: formatBytes },
  { label: 'Compaction debt', better: 'less', read: (r) => r.debt.pendingCompactionBytes, format: formatBytes },
  { label: 'Device busy', better: 'neither', read: (r) => r.device.busyFraction, format: formatFraction },
];

function drawTile({ label, better, read, format }: Tile, result: LsmResult, pinned: LsmResult | null): HTMLElement {
  const value = read(result);
  const tile = element(
    'div',
    { class: 'tile' },
    element('span', { class: 'tile-label' }, label),
    element('span', { class: 'tile-value' }, value === null ? 'n/a' : format(value)),
  );
  const before = pinned === null ? null : read(pinned);
  if (value !== null && before !== null) tile.append(changeBadge(value, before, better, `pinned ${format(before)}`));
  return tile;
}

/** How a figure changed against the pinned run: in words and percent, so that colour only helps. */
export function changeBadge(value: number, before: number, better: 'more' | 'less' | 'neither', title: string): HTMLElement {
  if (value === before) return element('span', { class: 'change same', title }, 'same');
  const percent = before === 0 ? null : ((value - before) / Math.abs(before)) * 100;
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
