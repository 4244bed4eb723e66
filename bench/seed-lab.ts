/**
 * The seed lab's 3.2-billion-put run (188,617 puts/s over 4.7 hours, write amplification 4.37 on user bytes) against the model, for every
 * host profile there is, on the envelope of the run's own drive. No profile comes from that run. The published figures are those of
 * seehwan/rocksdb-put-model, run of 2025-09-05, recomputed from its LOG.
 *
 *   npx tsx bench/seed-lab.ts [--out results/reference/seed-lab.json]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listPresets } from '../engine/files/presets.js';
import { loadScenario } from '../engine/node.js';
import { simulateLsm } from '../engine/lsm/simulate.js';
import type { LsmScenario } from '../engine/lsm/scenario.js';
import { relativeError } from '../engine/validation/score.js';

const published = { opsPerSec: 188_617, writeAmplificationUser: 4.37, stallPercent: 45.3 };
const bars = { putRatePercent: 20, writeAmplificationPercent: 10 };
/** Profiles of smaller machines are given the server's cores; everything else of them stays. */
const ownHost = 'seed-lab-xeon-4310';

function isLsm(scenario: { readonly kind: string }): scenario is LsmScenario {
  return scenario.kind === 'lsm';
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const scenarioOn = (host: string): LsmScenario => {
  const { scenario } = loadScenario('scenarios/seed-lab.yaml', { host });
  if (!isLsm(scenario)) throw new Error('scenarios/seed-lab.yaml is of kind lsm');
  return scenario;
};
const { cores } = scenarioOn(ownHost).host;
const rows = listPresets('hosts').map((host) => {
  const scenario = scenarioOn(host);
  const result = simulateLsm({ ...scenario, host: { ...scenario.host, cores } });
  const stalledSec = result.stall.stoppedSec + result.stall.delayedSec;
  const putRatePercent = 100 * (relativeError(result.putRate.meanOpsPerSec, published.opsPerSec) ?? NaN);
  const writeAmplificationPercent = 100 * (relativeError(result.writeAmplificationUser ?? 0, published.writeAmplificationUser) ?? NaN);
  return {
    host,
    opsPerSec: Math.round(result.putRate.meanOpsPerSec),
    putRatePercent,
    writeAmplificationUser: result.writeAmplificationUser,
    writeAmplificationPercent,
    stallPercent: (100 * stalledSec) / result.simulatedSec,
    passes: Math.abs(putRatePercent) <= bars.putRatePercent && Math.abs(writeAmplificationPercent) <= bars.writeAmplificationPercent,
  };
});
console.log('host                    puts/s  err %   WA on user bytes  err %   stalled %');
console.log(
  `measured              ${String(published.opsPerSec).padStart(8)}                ${published.writeAmplificationUser.toFixed(2)}`.padEnd(
    62,
  ) + published.stallPercent.toFixed(1),
);
for (const row of rows) {
  console.log(
    `${row.host.padEnd(22)}${String(row.opsPerSec).padStart(8)} ${row.putRatePercent.toFixed(1).padStart(6)}` +
      `${(row.writeAmplificationUser ?? 0).toFixed(2).padStart(14)} ${row.writeAmplificationPercent.toFixed(1).padStart(10)}` +
      `${row.stallPercent.toFixed(1).padStart(12)}  ${row.passes ? 'ok' : 'MISS'}`,
  );
}
if (values.out !== undefined)
  writeFileSync(values.out, `${JSON.stringify({ schema: 'putmodel/seed-lab/1', published, bars, rows }, null, 2)}\n`);
