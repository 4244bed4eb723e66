/**
 * The fluid backlog model beside the file-level LSM model on the same scenarios. Writes results/reference/backlog-vs-lsm.json.
 * Run: npx tsx bench/backlog-vs-lsm.ts
 *
 * The fluid model is told what it can be told: device, sizes, levels, L0's limit, the puts offered. Its mu, k, eta and merge amplifications
 * come from the LSM model's first half of the run with another seed (`calibrated`), or are a newcomer's guess (`guessed`: equal mu, k 1,
 * eta 0.8, amplification by fan-out and fill). The LSM model is the yardstick here, not the truth; its own errors against real runs are in
 * results/reference/accuracy.json.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBeff } from '../engine/backlog/beff.js';
import { fitDrains, type DrainFit, type DrainJob } from '../engine/backlog/calibrate.js';
import type { BacklogResult } from '../engine/backlog/result.js';
import type { BacklogLevel, BacklogScenario, RatePoint } from '../engine/backlog/scenario.js';
import { simulateBacklog } from '../engine/backlog/simulate.js';
import { loadScenario } from '../engine/files/load.js';
import { writeFileAtomic } from '../engine/files/write.js';
import { invariant } from '../engine/kernel/errors.js';
import { insertNanos } from '../engine/lsm/clients.js';
import type { LsmResult } from '../engine/lsm/result.js';
import type { LsmScenario } from '../engine/lsm/scenario.js';
import { simulateLsm } from '../engine/lsm/simulate.js';
import { encodeJson } from '../engine/scenario/json.js';
import { normalizedRmse, relativeError } from '../engine/validation/score.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = ['rate-limited', 'bursty-writes', 'small-memtable-stalls', 'fillrandom-nvme'];
const place = { iodepth: 16, numjobs: 1, blockKib: 1024 };

function main(): void {
  const rows = names.map(compare);
  const document = {
    schema: 'putmodel/backlog-vs-lsm/1',
    command: 'npx tsx bench/backlog-vs-lsm.ts',
    yardstick: 'the LSM model',
    place,
    rows,
  };
  writeFileAtomic(join(root, 'results/reference/backlog-vs-lsm.json'), encodeJson(document));
  for (const { scenario, lsm, calibrated, guessed } of rows) {
    console.log(
      `${scenario}: LSM ${String(lsm.putsPerSec)} puts/s, stalled ${String(lsm.stalledSec)} s, W-Amp ${String(lsm.writeAmplification)}`,
    );
    for (const [name, fluid] of Object.entries({ calibrated, guessed })) {
      const error = fluid.putRateErrorPercent;
      console.log(
        `  ${name.padEnd(10)} ${String(fluid.putsPerSec)} puts/s (${String(error)} %), stopped ${String(fluid.stalledSec)} s, W-Amp ${String(fluid.writeAmplification)}, curve NRMSE ${String(fluid.curveNrmse)}`,
      );
    }
  }
}

function compare(name: string) {
  const path = join(root, 'scenarios', `${name}.yaml`);
  const scenario = lsmScenario(path, []);
  const lsm = simulateLsm(scenario);
  const half = String(Math.max(1, Math.floor(lsm.simulatedSec / 2)));
  const fit = calibrationOf(simulateLsm(lsmScenario(path, [`duration_seconds=${half}`, 'seed=2'])), scenario);
  const base = fluidScenario(scenario, lsm);
  return {
    scenario: name,
    lsm: {
      putsPerSec: Math.round(lsm.putRate.meanOpsPerSec),
      stalledSec: round(lsm.stall.stoppedSec + lsm.stall.delayedSec),
      writeAmplification: round(lsm.writeAmplificationUser),
      writtenGibByLevel: lsm.levels.map(({ writtenBytes }) => round(writtenBytes / gib)),
    },
    calibrated: against(lsm, simulateBacklog(withFit(base, fit))),
    guessed: against(lsm, simulateBacklog(base)),
    fit: { mu: fit.mu, k: fit.k, baseFraction: fit.baseFraction, mergeAmplification: fit.mergeAmplification },
  };
}

const gib = 1024 * 1024 * 1024;

function lsmScenario(path: string, set: readonly string[]): LsmScenario {
  const { scenario } = loadScenario(path, { set });
  invariant(scenario.kind === 'lsm', `${path} is not of kind lsm`);
  return scenario as LsmScenario;
}

/** One job a level: what the LSM model says each level read and wrote. */
function calibrationOf(run: LsmResult, { device }: LsmScenario): DrainFit {
  const jobs = run.levels.flatMap((row): DrainJob[] => {
    if (row.level === 0 || row.writtenBytes === 0) return [];
    const fromL0 = run.levels.every((other) => other.level === 0 || other.level >= row.level || other.writtenBytes === 0);
    return [
      {
        startMicros: 0,
        endMicros: run.simulatedSec * 1e6,
        outputLevel: row.level,
        l0ReadBytes: fromL0 ? row.readUpperBytes : 0,
        upperReadBytes: fromL0 ? 0 : row.readUpperBytes,
        outputLevelReadBytes: row.readBytes - row.readUpperBytes,
        writtenBytes: row.writtenBytes,
      },
    ];
  });
  return fitDrains([{ jobs, flushes: [{ endMicros: run.simulatedSec * 1e6, writtenBytes: run.flushedBytes }] }], createBeff(device, place));
}

function fluidScenario(scenario: LsmScenario, lsm: LsmResult): BacklogScenario {
  const options = scenario.stores[0]?.families[0]?.options;
  const step = scenario.steps.find((one) => one.kind === 'write');
  invariant(options !== undefined && step?.kind === 'write', 'a scenario writes into one store');
  const { keySizeBytes, valueSizeBytes, arrival } = step.workload;
  const { host } = scenario;
  const putBytes = keySizeBytes + valueSizeBytes;
  const putNanos = insertNanos(host, putBytes, options.write_buffer_size);
  const closedLoop: RatePoint[] = [{ atSec: 0, opsPerSec: (step.workload.threads * 1e9) / putNanos }];
  const profile = arrival.kind === 'open' && arrival.profile.shape === 'piecewise' ? arrival.profile : null;
  const deepest = Math.max(1, ...lsm.levels.filter((row) => row.writtenBytes > 0).map((row) => row.level));
  const levels = Array.from({ length: deepest + 1 }, (_, level): BacklogLevel => {
    let targetBytes = level === 0 ? 0 : options.max_bytes_for_level_base;
    for (let i = 1; i < level; i++) targetBytes *= options.max_bytes_for_level_multiplier;
    const guess = { muFraction: 1 / (deepest + 1), kFactor: 1, mergeAmplification: null };
    return { name: `L${String(level)}`, ...guess, targetBytes, initialBacklogBytes: 0, initialResidentBytes: 0 };
  });
  return {
    kind: 'backlog',
    name: scenario.name,
    seed: 1,
    stepCount: Math.ceil(lsm.simulatedSec),
    dtSec: 1,
    device: scenario.device,
    place,
    levels,
    fanOutRatio: options.max_bytes_for_level_multiplier,
    offered: profile?.points ?? closedLoop,
    putBytes,
    l0LimitBytes: options.write_buffer_size * options.level0_stop_writes_trigger,
    readShare: { kind: 'heuristic' },
    efficiency: { model: 'saturating', baseFraction: 0.8, contentionBytes: 100 * gib, waveFraction: 0 },
    assumptions: [],
    warnings: [],
  };
}

function withFit(scenario: BacklogScenario, fit: DrainFit): BacklogScenario {
  return {
    ...scenario,
    levels: scenario.levels.map((level) => ({
      ...level,
      muFraction: fit.mu[level.name] ?? 0,
      kFactor: fit.k[level.name] ?? 1,
      mergeAmplification: fit.mergeAmplification[level.name] ?? 1,
    })),
    readShare: { kind: 'byLevel', readFractions: scenario.levels.map((level) => fit.rho_r[level.name] ?? 0) },
    efficiency: { ...scenario.efficiency, baseFraction: fit.baseFraction },
  };
}

function against(lsm: LsmResult, fluid: BacklogResult) {
  const error = relativeError(fluid.putRate.meanOpsPerSec, lsm.putRate.meanOpsPerSec);
  return {
    putsPerSec: Math.round(fluid.putRate.meanOpsPerSec),
    putRateErrorPercent: round(error === null ? null : error * 100),
    stalledSec: round(fluid.stall.stoppedSec),
    writeAmplification: round(fluid.writeAmplificationUser),
    writtenGibByLevel: fluid.levels.map(({ drainedBytes }, level) => round((level === 0 ? fluid.userBytes : drainedBytes) / gib)),
    curveNrmse: round(normalizedRmse(fluid.series.opsPerSec, lsm.series.opsPerSec)),
    backlogEndGib: round(fluid.backlog.endBytes / gib),
  };
}

function round(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

main();
