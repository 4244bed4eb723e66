/** Result directories as the determinism tests compare them: every file's bytes except run.json, which holds times and paths. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** File name -> content in base64, in name order. Throws when the directory lacks the files that every run writes. */
export function resultFiles(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
  for (const needed of ['manifest.json', 'run.json', 'summary.json']) {
    if (!names.includes(needed)) throw new Error(`${directory} has no ${needed}, only ${names.join(', ')}`);
  }
  const compared = names.filter((name) => name !== 'run.json');
  return new Map(compared.map((name) => [name, readFileSync(join(directory, name)).toString('base64')]));
}

/** What differs between two result directories, one line a file with the first differing text line; '' when nothing does. */
export function differences(expected: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string>): string {
  const names = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return names.flatMap((name) => differenceIn(name, expected.get(name), actual.get(name))).join('\n');
}

function differenceIn(name: string, expected: string | undefined, actual: string | undefined): string[] {
  if (expected === actual) return [];
  if (expected === undefined) return [`${name}: not expected`];
  if (actual === undefined) return [`${name}: missing`];
  const left = Buffer.from(expected, 'base64').toString('utf8').split('\n');
  const right = Buffer.from(actual, 'base64').toString('utf8').split('\n');
  const lineCount = Math.max(left.length, right.length);
  for (let line = 0; line < lineCount; line += 1) {
    if (left[line] !== right[line]) return [`${name}:${line + 1}: expected ${left[line] ?? 'the end'}, got ${right[line] ?? 'the end'}`];
  }
  return [`${name}: bytes differ that are no text`];
}
