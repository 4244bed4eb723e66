/** A measurement as a shell script, for people who want to read it first or run it where this program is not. */
import { describePoint, fillArguments, gridPoints, pointArguments, preconditionArguments, resultName } from './grid.js';
import type { GridAxes, GridEngine, GridPoint, GridSettings } from './grid.js';

/** What a measurement does, in the order in which it does it. */
export interface GridPlan {
  readonly axes: GridAxes;
  readonly settings: GridSettings;
  /** Directory of the results. */
  readonly output: string;
  /** Seconds of rest between two runs. */
  readonly pauseSec: number;
  readonly precondition: boolean;
}

/** The subdirectory for the first point's second run, so that `envelope build` does not take it for a result of the grid. */
export const repeatDirectory = 'repeat';

/** Seconds that all runs and pauses take together, the repeated first point included, without what fio needs to start and stop. */
export function plannedSec(plan: GridPlan, pointCount: number): number {
  return pointCount * (plan.settings.rampSec + plan.settings.runtimeSec + plan.pauseSec);
}

/**
 * A POSIX shell script that leaves the same result files. It skips points that are there already, and it refuses a target that exists
 * and that it did not make, unless its argument is --i-know-this-destroys-data. What it does not do: choose between engines, wait for a
 * hot drive, record conditions.
 */
export function gridScript(plan: GridPlan, engine: GridEngine = 'io_uring'): string {
  const points = gridPoints(plan.axes);
  const [first] = points;
  if (first === undefined) return '';
  const measuring = (point: GridPoint): string =>
    quoteAll(pointArguments(point, engine, plan.settings, '').filter((argument) => !argument.startsWith('--output=')));
  return `${[
    ...head(plan, points.length),
    ...(plan.precondition
      ? [`[ -e "$out/preconditioned" ] || { ${fio(preconditionArguments(plan.settings))} && touch "$out/preconditioned"; }`]
      : []),
    `# ${String(points.length)} points, then the first again: how much it moved is the drift.`,
    ...points.map((point) => `point ${resultName(point)} ${measuring(point)} # ${describePoint(point)}`),
    `point ${repeatDirectory}/${resultName(first)} ${measuring(first)}`,
  ].join('\n')}\n`;
}

function head(plan: GridPlan, pointCount: number): readonly string[] {
  const { settings } = plan;
  return [
    '#!/bin/sh',
    `# Overwrites ${oneLine(settings.target)}. Runs and pauses: ${String(Math.ceil(plannedSec(plan, pointCount + 1) / 60))} min.`,
    'set -eu',
    `target=${quote(settings.target)}`,
    `out=${quote(plan.output)}`,
    'made=$(cat "$out/made-target" 2>/dev/null || true)',
    'if [ -e "$target" ] && { [ -b "$target" ] || [ "$made" != "$target" ]; } && [ "${1-}" != --i-know-this-destroys-data ]; then',
    '  echo "$target exists and would be overwritten: give --i-know-this-destroys-data if that is meant" >&2',
    '  exit 2',
    'fi',
    `mkdir -p "$out/${repeatDirectory}"`,
    'point() { # FILE OPTIONS...',
    '  file=$out/$1',
    '  shift',
    '  [ ! -s "$file" ] || return 0',
    '  echo "$file" >&2',
    '  fio "$@" --output="$out/unfinished"',
    '  mv "$out/unfinished" "$file"',
    `  sleep ${String(plan.pauseSec)}`,
    '}',
    // A device needs no filling, and without a size there is nothing to say how large a file would be.
    ...(settings.sizeBytes === null
      ? []
      : [
          `if [ ! -b "$target" ] && [ ! -e "$out/filled" ]; then printf '%s\\n' "$target" > "$out/made-target"; ${fio(fillArguments(settings))}; touch "$out/filled"; fi`,
        ]),
  ];
}

function fio(words: readonly string[]): string {
  return `fio ${quoteAll(words)} > /dev/null`;
}

function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s/g, ' ');
}
