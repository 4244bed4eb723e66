/** validation_report.html: the verdicts first, then each phase with its pictures, claims beside reproduced figures, and what it was made from. */
import type { ClaimComparison } from '../putrate/reproduce.js';
import { formatBytes, formatBytesPerSec, formatCount } from '../kernel/units.js';
import type { JudgedValidation } from '../validation/documents.js';
import { threeDigits } from '../validation/figures.js';
import type { FigureScore, Sensitivity, ValidatedRun } from '../validation/pipeline.js';
import type { Stretch } from '../validation/transition.js';
import { drawBlandAltman } from './charts/bland-altman.js';
import { drawCurveOverlay } from './charts/curve-overlay.js';
import type { Canvas } from './charts/drawing.js';
import { drawPredictedVsMeasured, type ComparedRun } from './charts/predicted-vs-measured.js';
import { stallBands } from './charts/stalls.js';
import { drawTornado } from './charts/tornado.js';
import { nodeCanvas } from './canvas.js';
import { renderPage, type Block, type Cell, type Column, type Section } from './html.js';
import { mostInfluential } from './influence.js';
import { curvesMissing } from './validation.js';

/** The page's text. Loads jsdom to draw. `claims`: the specification's figures beside what its formulas give. */
export async function validationPage(
  validation: JudgedValidation,
  claims: readonly ClaimComparison[],
  closureReport: string,
): Promise<string> {
  const canvas = await nodeCanvas();
  const { verdicts, passed, runs } = validation;
  const failed = verdicts.filter((verdict) => !verdict.passed).map(({ criterion }) => criterion);
  const mape = validation.scores.find(({ name }) => name === 'put rate')?.mapePercent ?? null;
  return renderPage({
    title: 'Validation report',
    lead:
      `${String(runs.length)} real db_bench runs, each predicted from its command line alone: put rates are off by ${threeDigits(mape)} % in the mean. ` +
      (passed ? 'All four acceptance criteria pass.' : `Acceptance fails on ${failed.join(', ')}.`),
    sections: [
      acceptanceSection(validation),
      holdoutSection(validation, canvas),
      curveSection(runs, canvas),
      calibrationSection(validation),
      transitionSection(runs),
      levelSection(runs),
      sensitivitySection(validation.sensitivity, canvas),
      claimSection(claims),
      closureSection(closureReport),
      provenanceSection(validation),
    ],
    footer: `putmodel ${String(validation.metrics['engineVersion'])}, deterministic: the same runs, device and host give this page byte for byte`,
  });
}

function columns(...labels: readonly string[]): Column[] {
  return labels.map((label, index) => ({ label, align: index === 0 ? 'left' : 'right' }));
}

function words(...labels: readonly string[]): Column[] {
  return labels.map((label) => ({ label, align: 'left' }));
}

function acceptanceSection({ verdicts }: JudgedValidation): Section {
  const table: Block = {
    kind: 'table',
    columns: words('criterion', '', 'bar', 'verdict', 'found'),
    rows: verdicts.map(({ criterion, title, bar, passed, found }) => [
      criterion,
      title,
      bar,
      passed ? { text: 'passed', verdict: 'good' } : { text: 'failed', verdict: 'bad' },
      found,
    ]),
  };
  const evidence = verdicts
    .filter((verdict) => verdict.evidence.length > 0)
    .map(({ criterion, evidence: items }): Block => ({
      kind: 'details',
      summary: `Evidence for ${criterion}`,
      blocks: [{ kind: 'list', items }],
    }));
  return { heading: 'Acceptance', blocks: [table, ...evidence] };
}

function compared(runs: readonly ValidatedRun[], read: (figures: ValidatedRun['comparison']['real']) => number | null): ComparedRun[] {
  return runs.flatMap(({ comparison }): ComparedRun[] => {
    const [measured, predicted] = [read(comparison.real), read(comparison.simulated)];
    if (measured === null || predicted === null) return [];
    const group = comparison.limited ? 'with a rate limiter' : 'without a rate limiter';
    return [{ label: comparison.name, group, measured, predicted }];
  });
}

function holdoutSection({ runs, scores, summary }: JudgedValidation, canvas: Canvas): Section {
  const rates = compared(runs, ({ opsPerSec }) => opsPerSec);
  const putRate = scores.find(({ name }) => name === 'put rate');
  const agreement = putRate?.agreement ?? null;
  const blocks: Block[] = [
    {
      kind: 'table',
      columns: runColumns,
      rows: runs.map(runRow),
      caption:
        'Errors are signed, in percent of the real figure; stalled time in percent of the run. NRMSE is of 20-second means. Levels: mean error of the bytes each level wrote, weighted with them.',
    },
    ...missBlocks(runs),
    {
      kind: 'picture',
      svg: drawPredictedVsMeasured(
        { title: 'Put rate, predicted and measured', unit: 'puts/s', runs: rates, tolerancePercent: 15 },
        canvas,
      ),
    },
    ...(agreement === null
      ? []
      : [
          {
            kind: 'picture' as const,
            svg: drawBlandAltman({ title: 'Agreement of put rates', unit: 'puts/s', runs: rates, ...agreement }, canvas),
          },
        ]),
    {
      kind: 'picture',
      svg: drawPredictedVsMeasured(
        {
          title: 'Write amplification, predicted and measured',
          unit: 'flushed bytes = 1',
          runs: compared(runs, ({ writeAmplification }) => writeAmplification),
          tolerancePercent: 10,
        },
        canvas,
      ),
    },
    {
      kind: 'table',
      columns: columns('figure', 'pairs', 'MAPE, %', 'bias', 'lower limit', 'upper limit'),
      rows: scores.map(scoreRow),
      caption: 'Bias: mean of predicted - measured (Bland and Altman); limits hold 95 % of differences, if these spread normally.',
    },
    {
      kind: 'text',
      text: `Of the ${String(summary.limitedRuns)} rate-limited runs the median put-rate error is ${threeDigits(summary.medianPutRateErrorPercent)} %.`,
    },
  ];
  return { heading: 'D. Hold-out: predictions against real runs', blocks };
}

const runColumns = columns(
  'run',
  'puts/s',
  'predicted',
  'error, %',
  'W-Amp',
  'predicted',
  'error, %',
  'stalled, s',
  'predicted',
  '% of run',
  'curve NRMSE',
  'levels, %',
  'bars',
);

function runRow({ comparison: row, levelErrorPercent }: ValidatedRun): Cell[] {
  return [
    row.name,
    formatCount(Math.round(row.real.opsPerSec)),
    formatCount(Math.round(row.simulated.opsPerSec)),
    signed(row.putRateErrorPercent),
    fixed(row.real.writeAmplification, 1),
    fixed(row.simulated.writeAmplification, 2),
    signed(row.writeAmplificationErrorPercent),
    row.real.stallSec.toFixed(1),
    row.simulated.stallSec.toFixed(1),
    signed(row.stallErrorPercent),
    fixed(row.curveNrmse, 2),
    fixed(levelErrorPercent, 1),
    row.misses.length === 0 ? { text: 'met', verdict: 'good' } : { text: 'missed', verdict: 'bad' },
  ];
}

function missBlocks(runs: readonly ValidatedRun[]): Block[] {
  const items = runs
    .filter(({ comparison }) => comparison.misses.length > 0)
    .map(({ comparison }) => `${comparison.name}: ${comparison.misses.join('; ')}`);
  return items.length === 0
    ? []
    : [
        { kind: 'text', text: 'Bars that are missed:' },
        { kind: 'list', items },
      ];
}

function scoreRow({ name, unit, runs, mapePercent, agreement }: FigureScore): Cell[] {
  const limit = (value: number | undefined): string =>
    value === undefined ? '-' : unit === 'bytes' ? formatBytes(value) : `${threeDigits(value)}${unit === 'ratio' ? '' : ` ${unit}`}`;
  return [name, String(runs), fixed(mapePercent, 1), limit(agreement?.bias), limit(agreement?.lowerLimit), limit(agreement?.upperLimit)];
}

function curveSection(runs: readonly ValidatedRun[], canvas: Canvas): Section {
  const picture = ({ truth, run }: ValidatedRun): Block => ({
    kind: 'picture',
    svg: drawCurveOverlay(
      {
        title: `${truth.name}: put rate over time`,
        unit: 'puts/s',
        intervalSec: 1,
        windowSec: 20,
        curves: [
          {
            name: 'measured',
            values: truth.opsPerSecCurve,
            stalls: truth.stalls.map(({ startSec, endSec, state }) => ({ startSec, endSec, state })),
          },
          { name: 'predicted', values: run.result.series.opsPerSec, stalls: stallBands(run.result.series) },
        ],
      },
      canvas,
    ),
  });
  const drawn = runs.filter(({ truth }) => truth.opsPerSecCurve.length > 0);
  const [first, ...others] = drawn.map(picture);
  const missing: Block[] = curvesMissing(runs).map((text) => ({ kind: 'text', text: `${text}.` }));
  if (first === undefined) return { heading: 'Curves', blocks: missing };
  const more: Block[] =
    others.length === 0 ? [] : [{ kind: 'details', summary: `The other ${String(others.length)} runs`, blocks: others }];
  return { heading: 'Curves', blocks: [first, ...more, ...missing] };
}

function calibrationSection({ machine: { device, host, calibration, warnings } }: JudgedValidation): Section {
  const surface = device.kind === 'envelope' ? (device.envelope.surfaces.random ?? device.envelope.surfaces.sequential) : undefined;
  const best = (column: string): string => {
    const values = (surface?.columns[column] ?? []).filter((value) => value !== null);
    return values.length === 0 ? 'not known' : formatBytesPerSec(Math.max(...values));
  };
  const deviceFacts: readonly (readonly [string, string])[] =
    device.kind === 'constant'
      ? [['bandwidth', `read ${formatBytesPerSec(device.readBytesPerSec)}, write ${formatBytesPerSec(device.writeBytesPerSec)}`]]
      : [
          [
            'grid',
            Object.entries(surface?.axes ?? {})
              .map(([name, values]) => `${name} ${values.join(' ')}`)
              .join('; '),
          ],
          ['most at any point', `read ${best('readBytesPerSec')}, write ${best('writeBytesPerSec')}`],
        ];
  const files = new Map<string, number>();
  for (const { of } of calibration) files.set(of, (files.get(of) ?? 0) + 1);
  return {
    heading: 'A. Calibration: device and host',
    blocks: [
      {
        kind: 'facts',
        facts: [
          ['device', `${device.name} (${device.source})`],
          ...deviceFacts,
          ['host', `${host.name} (${host.source})`],
          [
            'CPU',
            `${String(host.cores)} cores; a put ${String(host.insertNanosPerRecord)} ns + ${String(host.insertNanosPerByte)} ns/byte, a merged record ${String(host.mergeNanosPerRecord)} ns + ${String(host.mergeNanosPerByte)} ns/byte + ${String(host.mergeNanosPerBlock)} ns/block`,
          ],
          ['made from', [...files].map(([of, count]) => `${String(count)} ${count === 1 ? 'file' : 'files'} for the ${of}`).join(', ')],
        ],
      },
      {
        kind: 'text',
        text: 'Isolation: no file of a held-out run is among the files that device and host were made from; their SHA-256 are compared, packed and unpacked. All figures are in calibration_results.json.',
      },
      ...(warnings.length === 0 ? [] : [{ kind: 'list' as const, items: warnings }]),
    ],
  };
}

function transitionSection(runs: readonly ValidatedRun[]): Section {
  const rows = runs.flatMap(({ truth, stretches }) => [
    ...stretches.real.map((stretch, index) => stretchRow(index === 0 ? truth.name : '', 'real', stretch)),
    ...stretches.simulated.map((stretch) => stretchRow('', 'predicted', stretch)),
  ]);
  return {
    heading: 'B. Transitions: where the pace changes',
    blocks: [
      {
        kind: 'text',
        text: "Each curve is cut into one, two or three stretches of constant mean, as few as Schwarz's criterion allows. Phases are those of the specification, whose boundaries are 30 and 90 minutes: shorter runs are initial by the first detector, whatever they do.",
      },
      {
        kind: 'table',
        columns: [
          ...words('run', ''),
          ...columns('', 'from, s', 'to, s', 'puts/s', 'variation', 'written, MiB/s').slice(1),
          ...words('runtime-first', 'majority-vote'),
        ],
        rows,
      },
    ],
  };
}

function stretchRow(name: string, source: string, stretch: Stretch): Cell[] {
  return [
    name,
    source,
    String(stretch.startSec),
    String(stretch.endSec),
    formatCount(Math.round(stretch.meanOpsPerSec)),
    fixed(stretch.variationFraction, 2),
    fixed(stretch.writeMibPerSec, 1),
    stretch.phase?.['runtime-first'] ?? '-',
    stretch.phase?.['majority-vote'] ?? '-',
  ];
}

function levelSection(runs: readonly ValidatedRun[]): Section {
  const rows = runs.flatMap(({ truth, levels }) =>
    levels.map(({ level, real, simulated, writtenErrorPercent }, index): Cell[] => [
      index === 0 ? truth.name : '',
      `L${String(level)}`,
      String(real.jobs),
      String(simulated.jobs),
      formatBytes(real.readBytes),
      formatBytes(simulated.readBytes),
      formatBytes(real.writtenBytes),
      formatBytes(simulated.writtenBytes),
      signed(writtenErrorPercent),
      formatBytes(real.movedBytes),
      formatBytes(simulated.movedBytes),
    ]),
  );
  return {
    heading: 'C. Levels: what each read and wrote',
    blocks: [
      {
        kind: 'table',
        columns: columns(
          'run',
          'level',
          'jobs',
          'predicted',
          'read',
          'predicted',
          'written',
          'predicted',
          'error, %',
          'moved',
          'predicted',
        ),
        rows,
        caption: "Keyed by output level, as RocksDB prints them; real figures from the LOG's events, to the end of the benchmark.",
      },
    ],
  };
}

function sensitivitySection(sensitivity: readonly Sensitivity[], canvas: Canvas): Section {
  const blocks = sensitivity.flatMap((one): Block[] => {
    const bars = mostInfluential(one);
    const most = bars[0];
    const base = formatCount(Math.round(one.baseOpsPerSec));
    return [
      { kind: 'text', text: `${one.name} is bound by ${one.regime}. ${most === undefined ? '' : `Most influential: ${most.label}.`}` },
      {
        kind: 'picture',
        svg: drawTornado(
          { title: `What moves the put rate of ${one.name}`, answer: `put rate, from ${base} puts/s`, bars: bars.slice(0, 10) },
          canvas,
        ),
      },
      ...sobolBlocks(one),
    ];
  });
  return {
    heading: 'E. Sensitivity: which input matters',
    blocks: [{ kind: 'text', text: 'The first run of each regime, each input from half to double.' }, ...blocks],
  };
}

function sobolBlocks({ sobol }: Sensitivity): Block[] {
  if (sobol === null) return [];
  const ranked = [...sobol.indices].sort((a, b) => b.totalFraction - a.totalFraction);
  return [
    {
      kind: 'table',
      columns: columns('input', 'alone', 'with interactions'),
      rows: ranked.map(({ name, firstOrderFraction, totalFraction }) => [name, firstOrderFraction.toFixed(2), totalFraction.toFixed(2)]),
      caption: `Sobol's indices: parts of the put rate's variance when all inputs vary at once; Saltelli's design with ${String(sobol.samples)} rows, ${String(sobol.evaluations)} simulations. Estimates from so few rows are rough, and can be a little below 0.`,
    },
  ];
}

function claimSection(claims: readonly ClaimComparison[]): Section {
  return {
    heading: 'Published claims beside what is reproduced',
    blocks: [
      {
        kind: 'text',
        text: "The specification's own figures, and what its formulas give on its own data. None of the claims is a result of this project.",
      },
      {
        kind: 'table',
        columns: [...columns('figure', 'published claim', 'reproduced'), ...words('unit', 'how')],
        rows: claims.map(({ figure, unit, claimed, reproduced, note }) => [
          figure,
          plain(claimed),
          reproduced === null ? '-' : plain(reproduced),
          unit,
          note ?? '',
        ]),
      },
    ],
  };
}

function plain(value: number): string {
  return Math.abs(value) >= 1000 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(4)));
}

function closureSection(report: string): Section {
  return {
    heading: 'Ledgers',
    blocks: [
      { kind: 'text', text: 'Every byte by what moved it, of each real run and of its simulation, with what it was checked against.' },
      { kind: 'details', summary: 'Closure report', blocks: [{ kind: 'verbatim', text: report }] },
    ],
  };
}

function provenanceSection({ runs, machine }: JudgedValidation): Section {
  const files = runs.flatMap(({ truth }) => truth.inputs.map(({ name, sha256 }): Cell[] => [truth.name, name, sha256]));
  const calibration = machine.calibration.map(({ of, name, sha256 }): Cell[] => [of, name, sha256]);
  return {
    heading: 'What this was made from',
    blocks: [
      {
        kind: 'details',
        summary: 'Commands',
        blocks: [{ kind: 'verbatim', text: runs.map(({ comparison }) => `${comparison.name}\n  ${comparison.command}`).join('\n') }],
      },
      {
        kind: 'details',
        summary: 'Files and their SHA-256',
        blocks: [{ kind: 'table', columns: words('of', 'file', 'SHA-256'), rows: [...files, ...calibration] }],
      },
    ],
  };
}

function fixed(value: number | null, decimals: number): string {
  return value === null ? '-' : value.toFixed(decimals);
}

function signed(value: number | null): string {
  return value === null ? '-' : `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
}
