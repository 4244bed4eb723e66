/** What a validation writes as data: performance_metrics.json, calibration_results.json and ledger.csv. */
import { summarize } from '../files/result-directory.js';
import { readGlossary } from '../files/reference.js';
import { engineVersion } from '../files/version.js';
import { envelopeCsv } from '../device/envelope-file.js';
import { ledgerCsv } from '../ledger/csv.js';
import { parameterSets } from '../putrate/parameters.js';
import { claimComparisons, putRateReference } from '../putrate/reproduce.js';
import { encodeSeriesCsv } from '../scenario/lsm-result.js';
import { judgeAcceptance, type Verdict } from './acceptance.js';
import { checkUnitNames, parseGlossary, type UnitCheck } from './glossary.js';
import type { MachinePhase, Sensitivity, ValidatedRun, Validation } from './pipeline.js';

/** A validation with its verdicts and documents. */
export interface JudgedValidation extends Validation {
  readonly verdicts: readonly Verdict[];
  readonly units: UnitCheck;
  readonly passed: boolean;
  /** `putmodel/validation/1`: performance_metrics.json, and what --json prints. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** `putmodel/calibration/1`: calibration_results.json. */
  readonly calibration: Readonly<Record<string, unknown>>;
  /** One row for each run, source, interval and row of a ledger. */
  readonly ledgerCsv: string;
}

const glossaryFile = 'scenarios/data/glossary.json';

/** Judges a validation, with A3 over everything that is written here and by each run. */
export function judgeValidation(validation: Validation): JudgedValidation {
  const metrics = metricsOf(validation);
  const calibration = calibrationOf(validation.machine);
  const csv = ledgersCsv(validation.runs);
  const documents = Object.fromEntries(validation.runs.map(({ truth, run }) => [`${truth.name}/summary.json`, summarize(run).summary]));
  const headers = {
    'ledger.csv': csv,
    'series.csv': seriesHeader(validation.runs),
    'device_envelope.csv': envelopeHeader(validation.machine),
  };
  const units = checkUnitNames(
    { 'performance_metrics.json': metrics, 'calibration_results.json': calibration, ...documents },
    Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, text.split('\n')[0] ?? ''])),
    parseGlossary(readGlossary(), glossaryFile),
  );
  const verdicts = judgeAcceptance(validation, units);
  const passed = verdicts.every((verdict) => verdict.passed);
  const judged = { schema: 'putmodel/validation/1', engineVersion: engineVersion(), passed, acceptance: verdicts, ...metrics };
  return { ...validation, verdicts, units, passed, metrics: judged, calibration, ledgerCsv: csv };
}

function metricsOf({ runs, summary, scores, sensitivity }: Validation): Readonly<Record<string, unknown>> {
  return {
    summary,
    scores,
    runs: runs.map((one) => {
      const { ledger, amplification, closed } = one.realLedger.closed;
      return {
        ...one.comparison,
        levelErrorPercent: one.levelErrorPercent,
        levels: one.levels,
        stretches: one.stretches,
        closure: { closed, ...amplification, userBytes: ledger.userBytes, simulated: one.simulatedLedger.amplification },
        truth: one.truth.inputs,
        manifest: summarize(one.run).manifest,
      };
    }),
    sensitivity: sensitivity.map(sensitivityDocument),
    claims: claimComparisons(),
  };
}

function sensitivityDocument({ name, regime, baseOpsPerSec, oneAtATime, sobol }: Sensitivity): Readonly<Record<string, unknown>> {
  return {
    name,
    regime,
    baseOpsPerSec,
    oneAtATime: oneAtATime.map(({ atLow, atHigh, ...input }) => ({ ...input, atLowOpsPerSec: atLow, atHighOpsPerSec: atHigh })),
    sobol:
      sobol === null
        ? null
        : {
            samples: sobol.samples,
            evaluations: sobol.evaluations,
            meanOpsPerSec: sobol.mean,
            standardDeviationOpsPerSec: sobol.standardDeviation,
            indices: sobol.indices,
          },
  };
}

function calibrationOf({ device, host, calibration, warnings }: MachinePhase): Readonly<Record<string, unknown>> {
  const { fitted, published } = parameterSets;
  const surface = device.kind === 'envelope' ? (device.envelope.surfaces.random ?? device.envelope.surfaces.sequential) : undefined;
  return {
    schema: 'putmodel/calibration/1',
    engineVersion: engineVersion(),
    device: {
      kind: device.kind,
      name: device.name,
      source: device.source,
      ...(device.kind === 'constant' ? { readBytesPerSec: device.readBytesPerSec, writeBytesPerSec: device.writeBytesPerSec } : {}),
      ...(surface === undefined
        ? {}
        : { axes: surface.axes, points: surface.runs.filter((runs) => runs > 0).length, surface: surface.columns }),
    },
    host,
    utilization: { fitted: fitted.utilization, published: published.utilization },
    fittedKFold: putRateReference().fittedKFold,
    calibratedOn: calibration,
    warnings,
  };
}

function ledgersCsv(runs: readonly ValidatedRun[]): string {
  const tables = runs.flatMap(({ truth, realLedger, simulatedLedger }) => [
    { prefix: `${truth.name},log`, text: ledgerCsv(realLedger.closed.ledger) },
    { prefix: `${truth.name},simulation`, text: ledgerCsv(simulatedLedger.ledger) },
  ]);
  const [header = ''] = tables[0]?.text.split('\n') ?? [];
  const rows = tables.flatMap(({ prefix, text }) =>
    text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => `${prefix},${row}`),
  );
  return `${[`run,source,${header}`, ...rows].join('\n')}\n`;
}

function seriesHeader(runs: readonly ValidatedRun[]): string {
  const series = runs[0]?.run.result.series;
  return series === undefined ? '' : encodeSeriesCsv(series);
}

function envelopeHeader({ device }: MachinePhase): string {
  return device.kind === 'envelope' ? envelopeCsv(device.envelope) : '';
}
