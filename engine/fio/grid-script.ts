/** A measurement as a shell script, for people who want to read it first or run it where this program is not. */
import { PutmodelError } from '../kernel/errors.js';
import { describePoint, fillArguments, gridPoints, judgeFileName, pointArguments, preconditionArguments, resultName } from './grid.js';
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
 * A POSIX shell script that leaves the same result files, and looks at its target as `envelope measure` does: a device in use is refused,
 * a file must fit, and what it did not make itself it leaves alone unless its argument is --i-know-this-destroys-data. It skips points
 * that are there already. What it does not do: choose between engines, wait for a hot drive, record conditions.
 * @throws PutmodelError USAGE for a target whose name fio would read as something else
 */
export function gridScript(plan: GridPlan, engine: GridEngine = 'io_uring'): string {
  const { settings, precondition } = plan;
  const issue = judgeFileName(settings.target);
  if (issue !== null) throw new PutmodelError(issue);
  const points = gridPoints(plan.axes);
  const [first] = points;
  if (first === undefined) return '';
  const measuring = (point: GridPoint): string =>
    quoteAll(pointArguments(point, engine, settings, '').filter((argument) => !argument.startsWith('--output=')));
  return `${[
    '#!/bin/sh',
    `# Overwrites ${oneLine(settings.target)}. Runs and pauses: ${String(Math.ceil(plannedSec(plan, points.length + 1) / 60))} min.`,
    'set -eu',
    `target=${quote(settings.target)}`,
    `out=${quote(plan.output)}`,
    `size=${String(settings.sizeBytes ?? 0)} # bytes; 0: all of a device`,
    checks,
    `mkdir -p "$out/${repeatDirectory}"`,
    steps(plan.pauseSec),
    // A device needs no filling.
    ...(settings.sizeBytes === null ? [] : [`if [ ! -b "$target" ]; then once filled ${quoteAll(fillArguments(settings))}; fi`]),
    ...(precondition ? [`once preconditioned ${quoteAll(preconditionArguments(settings))}`] : []),
    `# ${String(points.length)} points, then the first again: how much it moved is the drift.`,
    ...points.map((point) => `point ${resultName(point)} ${measuring(point)} # ${describePoint(point)}`),
    `point ${repeatDirectory}/${resultName(first)} ${measuring(first)}`,
  ].join('\n')}\n`;
}

/** What `judgeTarget` refuses, in shell; nothing is written before it is through. Linux, GNU or BusyBox tools. */
const checks = String.raw`
refuse() { echo "$target: $*" >&2; exit 2; }
number() { printf '%d:%d' $(stat -L -c '0x%t 0x%T' -- "$1"); }
# Inode numbers are used again, so the time of birth goes with them.
identity() { stat -L -c %d-%i-%.9W -- "$target"; }
# What uses a device or one of its partitions: mounts, swap, volumes on top.
users() {
  whole=$(number "$target")
  for part in "/sys/dev/block/$whole" "/sys/dev/block/$whole"/*; do
    case $part in
    "/sys/dev/block/$whole") number=$whole ;;
    *)
      [ -e "$part/partition" ] || continue
      number=$(cat "$part/dev")
      ;;
    esac
    awk -v number="$number" '$3 == number { print "mounted at " $5 }' /proc/self/mountinfo
    awk '{ print $1 }' /proc/mounts /proc/swaps | while read -r user; do
      if [ -b "$user" ] && [ "$(number "$user")" = "$number" ]; then echo "mounted or swapped to as $user"; fi
    done
    if [ -d "$part/holders" ]; then ls "$part/holders" | sed "s/^/part of /"; fi
  done
}
# 5 % of the file system, at most 1 GiB, stay free.
fits() { # KIB_NEEDED
  df -P -k -- "$place" | awk -v needed="$1" 'NR == 2 { spare = $2 / 20; exit needed > 0 && needed > $4 - (spare < 1048576 ? spare : 1048576) }'
}

flag="$*"
may_destroy() { [ "$flag" = --i-know-this-destroys-data ]; }
if [ -b "$target" ]; then
  use=$(users)
  [ -z "$use" ] || refuse "the device is in use:" $use
  may_destroy || refuse "this is a block device: all that is on it would be overwritten (expected --i-know-this-destroys-data)"
elif [ -f "$target" ]; then
  if [ -s "$target" ] && [ "$(identity)" != "$(cat "$out/made-target" 2> /dev/null || true)" ] && ! may_destroy; then
    refuse "this file exists, and its content would be overwritten (expected a new name, or --i-know-this-destroys-data)"
  fi
  place=$target
  has=$(($(stat -L -c '%b * %B' -- "$target") / 1024))
elif [ -e "$target" ] || [ -L "$target" ]; then
  refuse "is neither a file nor a block device"
else
  place=$(dirname -- "$target")
  [ -d "$place" ] || refuse "there is no directory $place"
  case $(readlink -f -- "$place")/ in
  /dev/shm/*) ;;
  /dev/*) refuse "there is no such device" ;;
  esac
  has=0
fi
if [ ! -b "$target" ]; then
  [ "$size" -gt 0 ] || refuse "is no block device"
  fits $((size / 1024 - has)) || refuse "a file of $size bytes does not fit"
fi
`;

/** Makes the target, and says how a thing is done once, and how a point is measured. */
function steps(pauseSec: number): string {
  return String.raw`
if [ ! -b "$target" ]; then
  # Not left to fio, which replaces a file that is too short by a new one.
  if [ ! -e "$target" ]; then
    (set -C && : > "$target")
    identity > "$out/made-target"
  fi
  [ "$(stat -L -c %s -- "$target")" -ge "$size" ] || truncate -s "$size" -- "$target"
fi
once() { # NAME OPTIONS...: unless that was done to this target and size
  name=$out/$1
  key="$(identity) $size"
  shift
  [ "$(cat "$name" 2> /dev/null || true)" != "$key" ] || return 0
  fio "$@" > /dev/null
  echo "$key" > "$name"
}
point() { # FILE OPTIONS...
  file=$out/$1
  shift
  [ ! -s "$file" ] || return 0
  echo "$file" >&2
  fio "$@" --output="$out/unfinished"
  mv "$out/unfinished" "$file"
  sleep ${String(pauseSec)}
}
`;
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
