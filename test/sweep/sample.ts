/** A small sweep of quick runs in a directory of its own, for tests of everything that runs or reads one. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** 400 steps of the fluid model: a few milliseconds. */
export const backlogBase = `kind: backlog
device: read=500MiB/s,write=200MiB/s
duration_seconds: 400
workload: { rate: 20000, value_size: 1024 }
backlog: { mu: 0.4, mergeAmplification: 4 }
`;

/** 5 rates x 3 shares x 2 seeds = 30 runs. */
export const backlogAxes = `    workload.rate: { range: { from: 10000, to: 90000, step: 20000 } }
    backlog.mu: [0.2, 0.4, 0.8]
`;

/** Writes base.yaml and sweep.yaml into a directory (made if missing) and gives the path of the sweep. */
export function writeSweep(directory: string, axes = backlogAxes, more = '  seeds: 2\n', base = backlogBase): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'base.yaml'), base);
  const path = join(directory, 'sweep.yaml');
  writeFileSync(path, `sweep:\n  base: base.yaml\n  axes:\n${axes}${more}`);
  return path;
}

/** The files of a sweep's directory that are the same however it was made: all but run.json. */
export function sweepFiles(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((name) => name !== 'run.json')
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name)).toString('base64')]));
}
