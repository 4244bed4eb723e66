/** Phase C: what each level read, wrote and was moved, in a real run's ledger and in the simulated one's, side by side. */
import type { Ledger, LedgerLevel } from '../ledger/ledger.js';
import { relativeError } from './score.js';

/** Bytes of one level's row. */
export interface LevelBytes {
  readonly jobs: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly movedBytes: number;
}

/** One level in both. */
export interface LevelComparison {
  readonly level: number;
  readonly real: LevelBytes;
  readonly simulated: LevelBytes;
  /** Part of the real run's written bytes that this level wrote: how much its error weighs. */
  readonly writtenFraction: number;
  /** null where the real level wrote nothing. */
  readonly writtenErrorPercent: number | null;
}

/** Every level that either has, from L0 down. */
export function compareLevels(real: Ledger, simulated: Ledger): LevelComparison[] {
  const [realLevels, simulatedLevels] = [byLevel(real), byLevel(simulated)];
  const levels = [...new Set([...realLevels.keys(), ...simulatedLevels.keys()])].sort((a, b) => a - b);
  const all = real.levels.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0);
  return levels.map((level) => {
    const [there, here] = [bytesOf(realLevels.get(level)), bytesOf(simulatedLevels.get(level))];
    const error = relativeError(here.writtenBytes, there.writtenBytes);
    return {
      level,
      real: there,
      simulated: here,
      writtenFraction: all === 0 ? 0 : there.writtenBytes / all,
      writtenErrorPercent: error === null ? null : error * 100,
    };
  });
}

/** Mean of |error| over the levels, weighted with what they wrote: percent; null when nothing was written. */
export function levelErrorPercent(levels: readonly LevelComparison[]): number | null {
  const known = levels.filter(({ writtenErrorPercent }) => writtenErrorPercent !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, { writtenFraction, writtenErrorPercent }) => sum + writtenFraction * Math.abs(writtenErrorPercent ?? 0), 0);
}

function byLevel(ledger: Ledger): Map<number, LedgerLevel> {
  return new Map(ledger.levels.map((row) => [row.level, row]));
}

function bytesOf(row: LedgerLevel | undefined): LevelBytes {
  const { jobs = 0, readBytes = 0, writtenBytes = 0, movedBytes = 0 } = row ?? {};
  return { jobs, readBytes, writtenBytes, movedBytes };
}
