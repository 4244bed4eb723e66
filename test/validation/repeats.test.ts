import { expect, test } from 'vitest';
import { readReference } from '../../engine/files/reference.js';
import { repeatNrmse, withoutSeed, type Repeats } from '../../engine/validation/repeats.js';

const { commands } = readReference('repeats.json') as Repeats;

test('a command that was repeated is known by its flags, whatever its seed', () => {
  expect(commands.length).toBeGreaterThan(0);
  for (const { command, curveNrmse, runs } of commands) {
    expect(repeatNrmse([...command.split(' '), '--seed=5'], 'level')).toBe(curveNrmse);
    expect(new Set(runs.map(({ seed }) => seed)).size).toBe(runs.length);
    expect(runs.length).toBeGreaterThan(1);
  }
});

test('another command is taken to vary as its compaction style does', () => {
  expect(repeatNrmse(['--benchmarks=fillrandom'], 'level')).toBe(0.1);
  expect(repeatNrmse(['--benchmarks=fillrandom'], 'universal')).toBe(0.3);
  expect(repeatNrmse(['--benchmarks=fillrandom'], 'fifo')).toBe(0);
});

test('a command is its flags without the seed', () => {
  expect(withoutSeed(['--benchmarks=fillrandom', '--seed=42', '--num=5'])).toBe('--benchmarks=fillrandom --num=5');
});
