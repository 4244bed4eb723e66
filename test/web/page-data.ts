/** What comes with the page, read from the checkout; and a thread for tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { PageData, Thread } from '../../engine/web/simulation.js';
import { rootDir } from '../structure/source.js';

function texts(folder: string): Record<string, string> {
  const names = readdirSync(join(rootDir, folder)).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(names.map((name) => [name.replace('.json', ''), readFileSync(join(rootDir, folder, name), 'utf8')]));
}

/** As page/worker.ts has it. */
export const pageData: PageData = {
  devices: texts('scenarios/data/devices'),
  hosts: texts('scenarios/data/hosts'),
  accuracy: JSON.parse(readFileSync(join(rootDir, 'results/reference/accuracy.json'), 'utf8')),
};

/** Hands over to whatever waits. */
export const testThread: Thread = {
  pause: () => new Promise((resolve) => setImmediate(resolve)),
  nowMillis: () => performance.now(),
};
