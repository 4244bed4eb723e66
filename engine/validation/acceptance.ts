/**
 * The acceptance criteria A1 to A4 of the V4 guide (section 5.2), each with the evidence that it was judged by. How the vague ones are read
 * is decided in the specification's README (decision 22): A2 passes at 15 % and notes 10 %; A3 goes by the glossary.
 */
import { summarize } from '../files/result-directory.js';
import { threeDigits } from './figures.js';
import type { UnitCheck } from './glossary.js';
import type { ValidatedRun, Validation } from './pipeline.js';

/** One criterion, judged. */
export interface Verdict {
  readonly criterion: 'A1' | 'A2' | 'A3' | 'A4';
  readonly title: string;
  readonly bar: string;
  readonly passed: boolean;
  /** What was found, in one sentence. */
  readonly found: string;
  /** Case by case. */
  readonly evidence: readonly string[];
}

const closureBarFraction = 0.1;
const mapeBarPercent = 15;
const mapeNotePercent = 10;

/** All four. `units`: the glossary's check of everything that the validation writes. */
export function judgeAcceptance(validation: Validation, units: UnitCheck): readonly Verdict[] {
  return [ledgerClosure(validation.runs), holdoutError(validation), unitConsistency(units), reproducibility(validation.runs)];
}

function ledgerClosure(runs: readonly ValidatedRun[]): Verdict {
  const cases = runs.map(({ truth, realLedger: { closed } }) => {
    const { wa_stat, wa_device, closure_error } = closed.amplification;
    const open = closed.checks.filter((check) => check.decides && !check.closed);
    const passes = open.length === 0 && (closure_error === null ? closed.closed === true : closure_error <= closureBarFraction);
    const source = closed.devices[0]?.source ?? null;
    const against = source === null ? 'no device figures' : `against ${source === 'tickers' ? "RocksDB's tickers" : source}`;
    const error = closure_error === null ? 'not known' : `${threeDigits(closure_error * 100)} %`;
    const ratios = `wa_stat ${threeDigits(wa_stat)}, wa_device ${threeDigits(wa_device)}`;
    const internal = open.length === 0 ? 'internal checks closed' : `open: ${open.map(({ name }) => name).join('; ')}`;
    return {
      passes,
      error: closure_error,
      isDevice: source !== null && source !== 'tickers',
      text: `${truth.name}: closure error ${error} ${against} (${ratios}); ${internal}`,
    };
  });
  const worst = Math.max(0, ...cases.map(({ error }) => error ?? 0));
  const devices = cases.filter(({ isDevice }) => isDevice).length;
  return {
    criterion: 'A1',
    title: 'the ledger of each run closes',
    bar: '|WA_stat - WA_device| / WA_stat at most 10 %',
    passed: cases.length > 0 && cases.every(({ passes }) => passes),
    found: `largest closure error ${threeDigits(worst * 100)} %; ${String(devices)} of ${String(cases.length)} runs have device figures, the others RocksDB's own tickers`,
    evidence: cases.map(({ text }) => text),
  };
}

function holdoutError({ scores, runs, machine }: Validation): Verdict {
  const mape = scores.find(({ name }) => name === 'put rate')?.mapePercent ?? null;
  const passed = mape !== null && mape <= mapeBarPercent;
  const note = mape === null ? 'no run to compare' : mape <= mapeNotePercent ? 'within 10 % too' : 'above 10 %';
  return {
    criterion: 'A2',
    title: 'hold-out error of the put rate',
    bar: 'MAPE at most 15 % (noted: 10 %)',
    passed,
    found: `MAPE ${threeDigits(mape)} % over ${String(runs.length)} runs, ${note}`,
    evidence: [
      ...scores.map(({ name, mapePercent, runs: count }) => `${name}: MAPE ${threeDigits(mapePercent)} % over ${String(count)} pairs`),
      `isolation: none of ${String(runs.reduce((sum, { truth }) => sum + truth.inputs.length, 0))} files of the runs is among the ${String(machine.calibration.length)} that device and host were made from`,
    ],
  };
}

function unitConsistency({ numbers, names, faults }: UnitCheck): Verdict {
  return {
    criterion: 'A3',
    title: 'units and symbols',
    bar: 'every number written has its unit in the glossary',
    passed: faults.length === 0 && numbers > 0,
    found: `${String(numbers)} numbers under ${String(names.length)} names, ${String(faults.length)} without a unit`,
    evidence: faults.map(({ document, path }) => `${document}: ${path} has no unit`),
  };
}

function reproducibility(runs: readonly ValidatedRun[]): Verdict {
  const cases = runs.map((one) => {
    const { manifest } = summarize(one.run);
    const recorded = new Set(manifest.inputs.map(({ sha256 }) => sha256));
    const missing = one.reads.filter(({ sha256 }) => !recorded.has(sha256));
    const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
    const complete =
      isHash(manifest.scenarioHash) && isHash(manifest.resultHash) && manifest.engineVersion !== '' && one.truth.inputs.length >= 3;
    const repeats = manifest.resultHash === one.repeatedHash;
    const text = [
      `${one.truth.name}: ${String(one.reads.length)} files read, ${String(missing.length)} not in the manifest`,
      `result ${manifest.resultHash.slice(0, 12)}, ${repeats ? 'the same when repeated' : `but ${one.repeatedHash.slice(0, 12)} when repeated`}`,
    ].join('; ');
    return { passes: missing.length === 0 && complete && repeats, text };
  });
  const failing = cases.filter(({ passes }) => !passes).length;
  return {
    criterion: 'A4',
    title: 'reproducibility',
    bar: 'every file a run needs is hashed in its manifest, and a repeat gives the same bytes',
    passed: cases.length > 0 && failing === 0,
    found: `${String(cases.length - failing)} of ${String(cases.length)} runs complete and repeated to the same hash`,
    evidence: cases.map(({ text }) => text),
  };
}
