/**
 * A load over time as a table that people export from their monitoring: a header line, then `time,puts per second` in each line, both
 * columns by any name. Times are seconds or ISO 8601 (UTC where no zone is said) and count from the first line; each rate holds until the
 * next one.
 */
import { PutmodelError, type Issue } from '../kernel/errors.js';

/** A rate, and from when on it holds. */
export interface RatePoint {
  readonly atSec: number;
  readonly opsPerSec: number;
}

/** More problems than these say nothing new. */
const ISSUES_MAX = 10;

/** The table's points. @throws PutmodelError INPUT_SYNTAX with the number of each line that is wrong, ten at the most */
export function ratePointsOf(text: string, file: string): readonly RatePoint[] {
  const issues: Issue[] = [];
  const points: RatePoint[] = [];
  const refuse = (line: number, message: string, found: string, expected: string): void => {
    issues.push({ code: 'INPUT_SYNTAX', message, file, line, found: JSON.stringify(found.slice(0, 80)), expected });
  };
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const [header = ''] = lines;
  if (header.split(',').length !== 2 || secondsOf(header.split(',')[0] ?? '') !== null)
    refuse(1, 'not a header of two columns', header, 'time,puts per second');
  let firstSec: number | null = null;
  for (let at = 1; at < lines.length && issues.length < ISSUES_MAX; at++) {
    const line = lines[at]!;
    if (line.trim() === '') continue;
    const [time = '', rate = '', ...more] = line.split(',');
    const sec = secondsOf(time);
    const opsPerSec = rate.trim() === '' ? Number.NaN : Number(rate);
    if (sec === null || more.length > 0 || !(opsPerSec >= 0 && opsPerSec <= 1e12)) {
      refuse(at + 1, 'not a time and a rate', line, 'seconds or 2026-01-31T12:00:00Z, then puts per second, 0 or more');
      continue;
    }
    firstSec ??= sec;
    const atSec = sec - firstSec;
    if (points.length > 0 && atSec <= points.at(-1)!.atSec)
      refuse(at + 1, 'the times must ascend', line, 'a later time than in the line before');
    else points.push({ atSec, opsPerSec });
  }
  if (issues.length === 0 && points.length === 0) refuse(2, 'no rates', '', 'at least one line after the header');
  if (issues.length > 0) throw new PutmodelError(issues);
  return points;
}

/** Seconds from some fixed time; null for a text that is none. */
function secondsOf(text: string): number | null {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(?:Z|([+-])(\d\d):?(\d\d))?$/.exec(trimmed);
  if (match === null) return null;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = [1, 2, 3, 4, 5, 6, 8, 9].map((group) => Number(match[group] ?? 0));
  if (month! < 1 || month! > 12 || day! < 1 || day! > 31 || hour! > 23 || minute! > 59 || second! >= 61) return null;
  const zone = (match[7] === '-' ? -1 : 1) * (zoneHour! * 3600 + zoneMinute! * 60);
  return daysOf(year!, month!, day!) * 86_400 + hour! * 3600 + minute! * 60 + second! - zone;
}

/** Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil). */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
