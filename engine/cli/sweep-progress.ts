/**
 * How far a sweep is, on standard error: a bar on a terminal, a line every five seconds elsewhere, or JSON for machines (one object a
 * line: `{"event":"progress","done":..,"total":..,"failed":..,"runsPerSec":..,"etaSec":..}`, and `{"event":"notice","text":..}`).
 */
import { SingleBar } from 'cli-progress';
import process from 'node:process';
import { formatCount, formatSeconds } from '../kernel/units.js';
import type { Snapshot } from '../kernel/run.js';
import type { SweepProgress } from '../sweep/run-sweep.js';
import type { CliIo } from './flags.js';

/** Told by a sweep. */
export interface ProgressDisplay {
  update(progress: SweepProgress): void;
  /** A single run that takes long enough to be told about. */
  updateRun(runIndex: number, snapshot: Snapshot): void;
  /** Says something in words, on a line of its own. */
  notice(text: string): void;
  /** Says the last state and gives the line back. May be called twice. */
  finish(): void;
}

const lineMillis = 5000;
const barMillis = 200;
const jsonMillis = 500;

/** A display of the kind that suits the terminal, or JSON where asked for. */
export function createProgress(io: CliIo, form: 'text' | 'json'): ProgressDisplay {
  const say = (event: unknown): void => io.stderr(`${JSON.stringify(event)}\n`);
  if (form === 'json') return throttled(io, jsonMillis, say, (text) => say({ event: 'notice', text }));
  if (io.liveProgress) return bar(io);
  return throttled(
    io,
    lineMillis,
    (state) => io.stderr(`${lineOf(state)}\n`),
    (text) => io.stderr(`${text}\n`),
  );
}

interface ProgressState {
  readonly event: 'progress';
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly runsPerSec: number | null;
  readonly etaSec: number | null;
  /** The longest-running single run, when there is one to tell about. */
  readonly run?: { readonly runIndex: number; readonly fraction: number | null };
}

/** Rate and remaining time from what this process has done. */
function stateOf({ done, total, failed, doneBefore }: SweepProgress, elapsedMillis: number): ProgressState {
  const made = done - doneBefore;
  const runsPerSec = made > 0 && elapsedMillis > 0 ? (made * 1000) / elapsedMillis : null;
  return { event: 'progress', done, total, failed, runsPerSec, etaSec: runsPerSec === null ? null : (total - done) / runsPerSec };
}

function lineOf({ done, total, failed, runsPerSec, etaSec, run }: ProgressState): string {
  const left = etaSec === null || done === total ? '' : `, ${formatSeconds(etaSec)} left`;
  const rate = runsPerSec === null ? '' : `, ${runsPerSec.toPrecision(3)} runs/s${left}`;
  const percent = run?.fraction == null ? '' : `, run ${String(run.runIndex)} at ${String(Math.floor(run.fraction * 100))} %`;
  return `${formatCount(done)} of ${formatCount(total)} runs${failed === 0 ? '' : `, ${formatCount(failed)} failed`}${rate}${percent}`;
}

/** Says every state that comes long enough after the last, and the final one if it was not said. */
function throttled(
  io: CliIo,
  everyMillis: number,
  say: (state: ProgressState) => void,
  sayNotice: (text: string) => void,
): ProgressDisplay {
  const startMillis = io.nowMillis();
  let saidMillis = startMillis;
  let state: ProgressState | null = null;
  let said = true;
  const consider = (): void => {
    const now = io.nowMillis();
    if (state === null || now - saidMillis < everyMillis) return;
    saidMillis = now;
    said = true;
    say(state);
  };
  return {
    update(progress) {
      state = stateOf(progress, io.nowMillis() - startMillis);
      said = false;
      consider();
    },
    updateRun(runIndex, { fraction }) {
      if (state === null) return;
      state = { ...state, run: { runIndex, fraction } };
      consider();
    },
    notice: (text) => {
      sayNotice(text);
    },
    finish() {
      if (state !== null && !said) say(state);
      said = true;
    },
  };
}

function bar(io: CliIo): ProgressDisplay {
  const single = new SingleBar({
    format: '{bar} {done} of {total} runs{note}',
    fps: 1000 / barMillis,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
    barCompleteChar: io.style.unicode ? '█' : '#',
    barIncompleteChar: io.style.unicode ? '░' : '.',
  });
  const startMillis = io.nowMillis();
  let started = false;
  return {
    update(progress) {
      const state = stateOf(progress, io.nowMillis() - startMillis);
      const [, ...notes] = lineOf(state).split(', ');
      const payload = { done: formatCount(progress.done), note: notes.length === 0 ? '' : `, ${notes.join(', ')}` };
      if (started) single.update(progress.done, payload);
      else single.start(progress.total, progress.done, payload);
      started = true;
    },
    updateRun: () => undefined,
    notice(text) {
      if (started) io.stderr('\r\u001B[K');
      io.stderr(`${text}\n`);
    },
    finish() {
      if (started) single.stop();
      started = false;
    },
  };
}
