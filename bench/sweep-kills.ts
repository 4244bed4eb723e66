/**
 * Does a sweep survive kill -9 at any moment? Kills the process of a sweep at 20 random moments of its time, goes on with --resume, and
 * compares: no recorded run lost, none made twice, the same bytes as of a sweep that nobody killed. Then the same sweep through a
 * redis-server of its own, 20 times, the worker killed at a random moment and another one started. Needs redis-server.
 *
 *   npm run build && npx tsx bench/sweep-kills.ts [--kills 20] [--out results/reference/sweep-kills.json]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStream } from '../engine/kernel/random.js';
import { startRedis } from '../test/support/redis.js';
import { journalBytes, killAndResume, killWorker, sweepOnce, type KillMoment } from '../test/support/sweep-kills.js';
import { sweepFiles, writeSweep } from '../test/sweep/sample.js';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' }, out: { type: 'string' } } });
const directory = mkdtempSync(join(tmpdir(), 'putmodel-sweep-kills-'));
const axes = '    workload.rate: { range: { from: 10000, to: 90000, count: 500 } }\n    backlog.mu: [0.2, 0.4, 0.8]\n';
const sweep = writeSweep(join(directory, 'in'), axes, '');
const totalRuns = 1500;
const reference = join(directory, 'reference');
sweepOnce(sweep, reference);
const wholeBytes = await journalBytes(sweep);
const expected = JSON.stringify(sweepFiles(reference));
const moments = createStream(1, 'sweep-kills');

/** A tenth of the moments is while the process starts, a tenth after the last run, while results are written; the rest in between. */
function momentAt(part: number): KillMoment {
  if (part < 0.1) return { journalBytes: 0, afterMillis: Math.round(part * 10 * startMillis) };
  if (part > 0.9) return { journalBytes: Math.round(wholeBytes * 0.98), afterMillis: Math.round((part - 0.9) * 10 * resultMillis) };
  return { journalBytes: Math.max(1, Math.round(((part - 0.1) / 0.8) * wholeBytes)), afterMillis: Math.round(moments.uniform() * 10) };
}
/** About what starting and writing the results take. */
const startMillis = 800;
const resultMillis = 400;

const rows = [];
for (let kill = 0; kill < Number(values.kills); kill++) {
  const moment = momentAt(moments.uniform());
  const out = join(directory, `kill-${String(kill)}`);
  const outcome = await killAndResume(sweep, out, moment);
  const nothingLost = outcome.doneBefore === (outcome.wasComplete ? totalRuns : outcome.recordedAtKill);
  const sameBytes = JSON.stringify(sweepFiles(out)) === expected;
  rows.push({ ...moment, ...outcome, nothingLost, sameBytes });
  console.log(
    `kill ${String(kill + 1).padStart(2)} at ${String(moment.journalBytes).padStart(6)} B + ${String(moment.afterMillis).padStart(3)} ms: ${String(outcome.recordedAtKill).padStart(4)} of ${String(totalRuns)} recorded, ` +
      `${String(outcome.doneBefore).padStart(4)} taken over, ${nothingLost ? 'nothing lost' : 'LOST OR DOUBLED'}, ${sameBytes ? 'same bytes' : 'OTHER BYTES'}`,
  );
  rmSync(out, { recursive: true });
}
const killed = rows.filter((row) => row.wasKilled);
const good = rows.filter((row) => row.nothingLost && row.sameBytes);
const midway = killed.filter((row) => row.recordedAtKill > 0 && !row.wasComplete);
console.log(
  `coordinator: ${String(killed.length)} killed (${String(midway.length)} with runs recorded and not complete), ` +
    `${String(good.length)} of ${String(rows.length)} as they should be`,
);

const redis = await startRedis(directory);
const workerRows = [];
for (let kill = 0; kill < Number(values.kills); kill++) {
  const moment = {
    journalBytes: Math.round(moments.uniform() * 0.9 * wholeBytes),
    afterMillis: Math.round(moments.uniform() * 100),
  };
  const out = join(directory, `worker-kill-${String(kill)}`);
  const outcome = await killWorker(sweep, out, redis.url, moment);
  const sameBytes = JSON.stringify(sweepFiles(out)) === expected;
  workerRows.push({ ...moment, ...outcome, sameBytes });
  console.log(
    `worker kill ${String(kill + 1).padStart(2)} at ${String(moment.journalBytes).padStart(6)} B + ${String(moment.afterMillis).padStart(3)} ms: ` +
      `${String(outcome.recordedAtKill).padStart(4)} of ${String(totalRuns)} recorded, ${sameBytes ? 'same bytes' : 'OTHER BYTES'}`,
  );
  rmSync(out, { recursive: true });
}
await redis.stop();
const goodWorkers = workerRows.filter((row) => row.status === 0 && row.sameBytes);
const midwayWorkers = workerRows.filter((row) => row.wasMidway);
console.log(
  `queue worker: ${String(workerRows.length)} killed (${String(midwayWorkers.length)} with runs missing), ` +
    `${String(goodWorkers.length)} of ${String(workerRows.length)} as they should be`,
);
if (values.out !== undefined) {
  const document = {
    schema: 'putmodel/sweep-kills/1',
    command: 'npx tsx bench/sweep-kills.ts',
    totalRuns,
    coordinator: rows,
    queueWorker: workerRows,
  };
  writeFileSync(values.out, `${JSON.stringify(document, null, 2)}\n`);
}
rmSync(directory, { recursive: true });
process.exitCode = good.length === rows.length && goodWorkers.length === workerRows.length ? 0 : 1;
