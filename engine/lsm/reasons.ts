/**
 * Why two runs differ: what binds for another share of the time, which stall came or went and from when on, which level is written more
 * or less often. Reads the figures of both; decides nothing about which is better.
 *
 *   binding.<limit>           fraction of the run for which this limit bound
 *   stall.byCause.<cause>     seconds for which writes were held for this cause; `fromSec`: when it first happened in the run that has more
 *   writtenPerUserByte.L<n>   bytes written into this level for each byte of the user
 */
import type { Reason } from '../kernel/reason.js';
import type { Limit, LsmResult, StallCause } from './result.js';

/** A limit that binds for so much more or less of the time tells something; likewise a stall, as a part of the run. */
const TOLD_FRACTION = 0.02;
/** Bytes a user byte. */
const TOLD_WRITES = 0.1;

/** The differences that count, largest first: limits, then stalls, then levels. Empty for runs that are alike. */
export function reasonsOf(base: LsmResult, other: LsmResult): readonly Reason[] {
  const change = ({ before, after }: Reason): number => Math.abs(after - before);
  const largestFirst = (reasons: readonly Reason[], told: number, most: number): Reason[] =>
    reasons
      .filter((reason) => change(reason) >= told)
      .sort((a, b) => change(b) - change(a))
      .slice(0, most);
  const seconds = Math.max(base.simulatedSec, other.simulatedSec);
  return [
    ...largestFirst(bindingReasons(base, other), TOLD_FRACTION, 2),
    ...largestFirst(stallReasons(base, other), TOLD_FRACTION * seconds, 2),
    ...largestFirst(levelReasons(base, other), TOLD_WRITES, 1),
  ];
}

function bindingReasons(base: LsmResult, other: LsmResult): Reason[] {
  const fractionOf = ({ bottleneck }: LsmResult, limit: Limit): number =>
    bottleneck.binding.find((entry) => entry.limit === limit)?.fraction ?? 0;
  const limits = new Set([...base.bottleneck.binding, ...other.bottleneck.binding].map(({ limit }) => limit));
  return [...limits].map((limit) => ({
    figure: `binding.${limit}`,
    unit: 'fraction',
    before: fractionOf(base, limit),
    after: fractionOf(other, limit),
    fromSec: null,
  }));
}

function stallReasons(base: LsmResult, other: LsmResult): Reason[] {
  return (Object.keys(base.stall.byCause) as StallCause[]).map((cause) => {
    const before = base.stall.byCause[cause];
    const after = other.stall.byCause[cause];
    return { figure: `stall.byCause.${cause}`, unit: 'sec', before, after, fromSec: firstStall(after > before ? other : base, cause) };
  });
}

/** Of the episodes that a result keeps: its longest. */
function firstStall({ stall }: LsmResult, cause: StallCause): number | null {
  const starts = stall.episodes.filter((episode) => episode.cause === cause).map(({ startSec }) => startSec);
  return starts.length === 0 ? null : Math.min(...starts);
}

function levelReasons(base: LsmResult, other: LsmResult): Reason[] {
  const writtenOf = ({ levels, userBytes }: LsmResult, level: number): number =>
    userBytes > 0 ? (levels[level]?.writtenBytes ?? 0) / userBytes : 0;
  const levels = Math.max(base.levels.length, other.levels.length);
  return Array.from({ length: levels }, (_, level) => ({
    figure: `writtenPerUserByte.L${String(level)}`,
    unit: '1',
    before: writtenOf(base, level),
    after: writtenOf(other, level),
    fromSec: null,
  }));
}
