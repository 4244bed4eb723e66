/**
 * The benchmark suite: `npm run bench` times everything and writes results/reference/bench/<name>.json; `npm run bench -- --smoke` only shows
 * that all of it runs. No timing fails it: peers that disagree do.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { benchCommit } from './commit.bench.js';
import { benchEvents } from './events.bench.js';
import { benchHistogram } from './histogram.bench.js';
import { benchInterpolate } from './interpolate.bench.js';
import { tableOf, type Size } from './measure.js';
import { benchModels } from './models.bench.js';
import { benchProgram } from './program.bench.js';
import { benchRandom } from './random.bench.js';

const size: Size = argv.includes('--smoke') ? 'smoke' : 'full';
const chosen = argv.slice(2).filter((word) => !word.startsWith('--'));
const benches = {
  interpolate: benchInterpolate,
  histogram: benchHistogram,
  events: benchEvents,
  random: benchRandom,
  models: benchModels,
  commit: benchCommit,
  program: benchProgram,
};
const directory = new URL('../results/reference/bench/', import.meta.url);
mkdirSync(directory, { recursive: true });
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const report = bench(size);
  console.log(`${tableOf(report)}\n`);
  if (size === 'full') writeFileSync(new URL(`${name}.json`, directory), `${JSON.stringify(report, null, 1)}\n`);
}
