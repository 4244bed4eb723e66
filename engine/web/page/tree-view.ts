/** The tree over simulated time: a bar for each level with its files, those in compactions marked, and the compactions that run. */
import { formatBytes, formatCount, formatSeconds } from '../../kernel/units.js';
import type { TreeFrame } from '../tree-frames.js';
import { element } from './dom.js';

/** A view that plays frames. */
export interface TreeView {
  /** A new run is there: frames of the one before are gone. */
  reset(): void;
}

/** Seconds that the whole run takes to watch. */
const playSec = 20;

/** Fills `root`. Frames are asked for when somebody wants to see them. */
export function createTreeView(root: HTMLElement, load: () => Promise<readonly TreeFrame[]>): TreeView {
  const play = element('button', { type: 'button', class: 'button' }, 'Play');
  const slider = element('input', { type: 'range', min: 0, max: 0, value: 0, step: 1, disabled: true, 'aria-label': 'Simulated time' });
  const clock = element('output', { class: 'clock' }, 'not played yet');
  const levels = element('div', { class: 'levels' });
  const jobs = element('p', { class: 'jobs' }, 'Play shows files moving down the levels and the compactions that move them.');
  let frames: readonly TreeFrame[] = [];
  let generation = 0;
  let playing = false;

  const show = (): void => {
    const frame = frames[Number(slider.value)];
    if (frame === undefined) return;
    const most = Math.max(1, ...frames.flatMap((one) => one.levels.map(({ bytes }) => bytes)));
    clock.textContent = formatSeconds(frame.atSec);
    slider.setAttribute('aria-valuetext', clock.textContent);
    const used = frames.reduce(
      (deepest, one) =>
        Math.max(
          deepest,
          one.levels.findLastIndex(({ files }) => files > 0),
        ),
      0,
    );
    levels.replaceChildren(...frame.levels.slice(0, used + 1).map((level, index) => levelBar(level, index, most)));
    const running = frame.compactions.map(
      ({ fromLevel, toLevel, files }) => `L${String(fromLevel)} → L${String(toLevel)} (${formatCount(files)} files)`,
    );
    jobs.textContent = `Immutable memtables ${String(frame.immutableMemtables)}. ${running.length === 0 ? 'No compaction runs.' : `Compacting ${running.join(', ')}.`}`;
  };
  const ensure = async (): Promise<boolean> => {
    if (frames.length > 0) return true;
    const mine = generation;
    const loaded = await load();
    if (mine !== generation || loaded.length === 0) return false;
    frames = loaded;
    slider.max = String(frames.length - 1);
    slider.disabled = false;
    return true;
  };
  const stop = (): void => {
    playing = false;
    play.textContent = 'Play';
  };
  const start = async (): Promise<void> => {
    if (!(await ensure())) return;
    if (Number(slider.value) >= frames.length - 1) slider.value = '0';
    playing = true;
    play.textContent = 'Pause';
    let last = performance.now();
    let place = Number(slider.value);
    const step = (now: number): void => {
      if (!playing) return;
      place += ((now - last) / 1000 / playSec) * frames.length;
      last = now;
      slider.value = String(Math.min(frames.length - 1, Math.floor(place)));
      show();
      if (place >= frames.length - 1) stop();
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };
  play.addEventListener('click', () => {
    if (playing) stop();
    else void start();
  });
  slider.addEventListener('input', () => {
    stop();
    show();
  });
  root.replaceChildren(
    element('h2', { id: 'tree-title' }, 'The tree over time'),
    element('div', { class: 'player' }, play, slider, clock),
    levels,
    jobs,
  );
  return {
    reset() {
      generation += 1;
      stop();
      frames = [];
      slider.disabled = true;
      slider.max = '0';
      slider.value = '0';
      clock.textContent = '';
      levels.replaceChildren();
      jobs.textContent = 'Play shows files moving down the levels and the compactions that move them.';
    },
  };
}

function levelBar({ files, bytes, busyFiles }: TreeFrame['levels'][number], index: number, most: number): HTMLElement {
  const bar = element('div', { class: 'bar-fill' });
  const busy = element('div', { class: 'bar-busy' });
  // Levels differ by factors of ten: the width follows the square root, so that small ones are seen.
  bar.style.width = `${String(Math.sqrt(bytes / most) * 100)}%`;
  busy.style.width = files === 0 ? '0' : `${String((busyFiles / files) * 100)}%`;
  bar.append(busy);
  return element(
    'div',
    { class: 'level' },
    element('span', { class: 'level-name' }, `L${String(index)}`),
    element('div', { class: 'bar-track' }, bar),
    element(
      'span',
      { class: 'level-text' },
      `${formatCount(files)} files, ${formatBytes(bytes)}${busyFiles === 0 ? '' : `, ${formatCount(busyFiles)} busy`}`,
    ),
  );
}
