/** What the tree looked like over simulated time: for watching compactions at work. */
import type { LsmScenario } from '../lsm/scenario.js';
import { startLsm } from '../lsm/simulate.js';
import type { FamilyState, Observer } from '../lsm/state.js';

/** One level at one moment. */
export interface LevelFrame {
  readonly files: number;
  readonly bytes: number;
  /** Of those, in running compactions. */
  readonly busyFiles: number;
}

/** The tree right after a flush or compaction was committed. */
export interface TreeFrame {
  readonly atSec: number;
  readonly levels: readonly LevelFrame[];
  /** Immutable memtables, waiting or being flushed. */
  readonly immutableMemtables: number;
  /** Running compactions, oldest first. */
  readonly compactions: readonly { readonly fromLevel: number; readonly toLevel: number; readonly files: number }[];
}

/** More frames than this cannot be told apart in an animation of half a minute. */
const framesMax = 1000;

/** Runs the scenario and collects frames as evenly over time as its commits allow; at most `framesMax`. */
export function recordFrames(scenario: LsmScenario): {
  readonly advance: () => 'more' | 'done';
  readonly frames: () => readonly TreeFrame[];
} {
  let frames: TreeFrame[] = [];
  let spacingMicros = 0;
  let nextMicros = 0;
  const observer: Observer = ({ family }, { nowMicros, families }) => {
    // One tree is watched: the first.
    if (nowMicros < nextMicros || family !== families[0]) return;
    frames.push(frameOf(family, nowMicros));
    if (frames.length > framesMax) {
      // Every second one, and from here on half as often.
      frames = frames.filter((_, index) => index % 2 === 0);
      spacingMicros = Math.max(1, 2 * spacingMicros, Math.floor(nowMicros / (framesMax / 2)));
    }
    nextMicros = nowMicros + spacingMicros;
  };
  const run = startLsm(scenario, observer);
  return { advance: () => run.advance(20_000), frames: () => frames };
}

function frameOf({ tree, running, immutables }: FamilyState, nowMicros: number): TreeFrame {
  return {
    atSec: nowMicros / 1e6,
    levels: tree.levels.map(({ count, bytes, idleCount }) => ({ files: count, bytes, busyFiles: count - idleCount })),
    immutableMemtables: immutables.length,
    compactions: running.map(({ task, startLevel }) => ({
      fromLevel: startLevel,
      toLevel: task.outputLevel,
      files: task.inputs.reduce((total, { ids }) => total + ids.length, 0),
    })),
  };
}
