import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testDir } from './process.js';
import { differences, resultFiles } from './result-directory.js';

function resultDirectory(files: Readonly<Record<string, string>>): Map<string, string> {
  const directory = join(testDir(), 'result');
  mkdirSync(directory);
  const all = { 'manifest.json': '{}', 'run.json': String(Math.random()), 'summary.json': '{}', ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(directory, name), text);
  return resultFiles(directory);
}

it('result directories are equal whatever their run.json says', () => {
  expect(differences(resultDirectory({ 'series.csv': 'a\n' }), resultDirectory({ 'series.csv': 'a\n' }))).toBe('');
});

it('a difference between result directories is named by file, line and both texts', () => {
  const expected = resultDirectory({ 'series.csv': 't\n1\n', 'only.txt': '' });
  const actual = resultDirectory({ 'series.csv': 't\n2\n', 'new.txt': '' });
  expect(differences(expected, actual)).toBe('new.txt: not expected\nonly.txt: missing\nseries.csv:2: expected 1, got 2');
});

it('a directory without a summary is no result directory', () => {
  const directory = testDir();
  writeFileSync(join(directory, 'run.json'), '{}');
  expect(() => resultFiles(directory)).toThrow('has no manifest.json, only run.json');
});
