import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../engine/scenario/document.js';
import { kindOf } from '../../engine/scenario/kinds.js';
import { sampleInputs } from './sample.js';

const directory = new URL('../../scenarios/', import.meta.url);
const names = readdirSync(directory).filter((name) => name.endsWith('.yaml'));

test('the scenarios of the README are there', () => {
  const told = [
    'fillrandom-nvme',
    'rate-limited',
    'universal',
    'dynamic-levels',
    'bursty-writes',
    'small-memtable-stalls',
    'overwrite-settled-tree',
  ];
  expect(names).toEqual(
    expect.arrayContaining(
      [...told, 'backup-window', 'seed-lab', 'backlog-nvme', 'baseline', 'baseline-latency', 'cas-contention'].map(
        (name) => `${name}.yaml`,
      ),
    ),
  );
});

describe.each(names)('%s', (name) => {
  const text = readFileSync(new URL(name, directory), 'utf8');

  test('begins with the question it answers', () => {
    expect(text.split('\n')[0]).toMatch(/^# [A-Z].*\?$/);
  });

  test('is a valid scenario without warnings, and runs', () => {
    const document = readDocument(text, name, ['duration_seconds=20']);
    const kind = kindOf(document);
    const scenario = kind.resolve(document, sampleInputs);
    expect(scenario).toHaveProperty('warnings', []);
    const run = kind.start(scenario);
    let slices = 0;
    while (run.advance(1000) === 'more') expect(++slices).toBeLessThan(1000);
    // Each load takes its time; a put that is stopped when the time is up ends the load when it returns.
    const { simulatedSec } = run.finish();
    const { steps = [{ kind: 'write' }] } = scenario as { steps?: readonly { kind: string }[] };
    const loads = steps.filter((step) => step.kind === 'write').length;
    const settling = steps.some((step) => step.kind === 'waitForCompaction') ? 60 : 0;
    expect(simulatedSec).toBeGreaterThanOrEqual(20 * loads);
    expect(simulatedSec).toBeLessThan(25 * loads + settling);
  });
});
