/** A comparison as one page: the answer, every figure, overlaid curves and latencies, and how far each run was checked. */
import { GIB } from '../kernel/units.js';
import type { LsmResult } from '../lsm/result.js';
import type { Comparison, ComparedRun } from '../whatif/compare.js';
import type { CommitResult } from '../commit/result.js';
import { commitRunPictures } from './charts/commit-run-pictures.js';
import { drawCurveOverlay } from './charts/curve-overlay.js';
import { drawLatencyPercentiles } from './charts/latency-percentiles.js';
import type { Canvas } from './charts/drawing.js';
import { changeText, figureName, figureText, reasonText } from './figures.js';
import type { Block, Cell, Page, Section } from './html.js';

/** Curves that can be told apart in one picture. */
const CURVES_MAX = 6;

/** The page as data. `footer` says what made it. */
export function comparisonPage(comparison: Comparison, canvas: Canvas, footer: string): Page {
  const { runs, seeds } = comparison;
  const pictures = pictureBlocks(runs, canvas);
  return {
    title: `Comparison of ${String(runs.length)} runs`,
    lead: leadText(comparison),
    sections: [
      ...(runs.some(({ reasons, issues }) => reasons.length + issues.length > 0)
        ? [{ heading: 'Why they differ', blocks: runs.slice(1).map(reasonBlock) }]
        : []),
      ...(pictures.length === 0 ? [] : [{ heading: 'Pictures', blocks: pictures }]),
      figureSection(comparison),
      {
        heading: 'How far this was checked',
        blocks: [
          { kind: 'list', items: runs.map(checkText) },
          { kind: 'text', text: `Seeds: ${seeds.join(', ')}` },
        ],
      },
    ],
    footer,
  };
}

function leadText({ runs, metrics }: Comparison): string {
  const metric = metrics.find(({ better }) => better !== 'neither');
  if (metric === undefined) return '';
  const best = runs
    .filter(({ figures }) => (figures[metric.path]?.median ?? null) !== null)
    .sort((a, b) => (b.figures[metric.path]?.median ?? 0) - (a.figures[metric.path]?.median ?? 0));
  const [first] = metric.better === 'less' ? best.toReversed() : best;
  if (first === undefined) return 'No run finished.';
  const change = first.differencesPercent[metric.path]?.median ?? null;
  const against = change === null ? '' : `, ${changeText(change)} against ${runs[0]?.label ?? 'the first'}`;
  return `Best ${figureName(metric.path)}: ${nameOf(first)} with ${figureText(first.figures[metric.path]?.median ?? null, metric.unit)}${against}.`;
}

function nameOf({ label, scenario }: ComparedRun): string {
  return label === '' ? scenario : label;
}

function reasonBlock(run: ComparedRun): Block {
  const items = run.issues.length > 0 ? run.issues.map(({ message }) => `failed: ${message}`) : run.reasons.map(reasonText);
  return { kind: 'list', items: [`${nameOf(run)}: ${items.length === 0 ? 'no limit, stall or level differs by much' : items.join('; ')}`] };
}

function figureSection({ runs, metrics }: Comparison): Section {
  const told = metrics.filter(({ path }) => runs.some(({ figures }) => (figures[path]?.median ?? 0) !== 0));
  const rows = told.map((metric): Cell[] => [
    figureName(metric.path).trim(),
    ...runs.map(({ figures, differencesPercent }): Cell => {
      const value = figureText(figures[metric.path]?.median ?? null, metric.unit);
      const change = differencesPercent[metric.path]?.median ?? null;
      if (change === null || Math.abs(change) < 0.05) return value;
      const text = `${value} (${changeText(change)})`;
      if (metric.better === 'neither') return text;
      return { text, verdict: change > 0 === (metric.better === 'more') ? 'good' : 'bad' };
    }),
  ]);
  const columns = [{ label: 'figure', align: 'left' as const }, ...runs.map((run) => ({ label: nameOf(run), align: 'right' as const }))];
  return {
    heading: 'Every figure',
    blocks: [{ kind: 'table', columns, rows, caption: 'Medians over the seeds; the change against the first run' }],
  };
}

function pictureBlocks(runs: readonly ComparedRun[], canvas: Canvas): Block[] {
  return [...lsmBlocks(runs, canvas), ...commitBlocks(runs, canvas)];
}

/** Of the first two runs against an object store: curves of more roles cannot be told apart. */
function commitBlocks(runs: readonly ComparedRun[], canvas: Canvas): Block[] {
  const drawn = runs.flatMap((run) => (run.result?.kind === 'commit' ? [{ name: nameOf(run), result: run.result as CommitResult }] : []));
  if (drawn.length === 0) return [];
  const pictures = commitRunPictures('', drawn.slice(0, 2)).map(({ draw }): Block => ({ kind: 'picture', svg: draw(canvas) }));
  return drawn.length > 2 ? [...pictures, { kind: 'text', text: 'The first 2 runs are drawn.' }] : pictures;
}

function lsmBlocks(runs: readonly ComparedRun[], canvas: Canvas): Block[] {
  const drawn = runs
    .flatMap((run) => (run.result?.kind === 'lsm' ? [{ name: nameOf(run), result: run.result as LsmResult }] : []))
    .slice(0, CURVES_MAX);
  if (drawn.length === 0) return [];
  const overlay = (title: string, unit: string, values: (result: LsmResult) => ArrayLike<number>, windowSec: number | null): Block => ({
    kind: 'picture',
    svg: drawCurveOverlay(
      { title, unit, intervalSec: 1, windowSec, curves: drawn.map(({ name, result }) => ({ name, values: values(result), stalls: null })) },
      canvas,
    ),
  });
  const seconds = Math.max(...drawn.map(({ result }) => result.simulatedSec));
  return [
    overlay('Put rate', 'puts/s', ({ series }) => series.opsPerSec, Math.max(5, Math.round(seconds / 48))),
    overlay(
      'Pending compaction bytes',
      'GiB',
      ({ series }) => Float64Array.from(series.pendingCompactionBytes, (bytes) => bytes / GIB),
      null,
    ),
    overlay('Files in L0', 'files', ({ series }) => series.l0Files, null),
    {
      kind: 'picture',
      svg: drawLatencyPercentiles(
        { title: 'Put latency', curves: drawn.map(({ name, result }) => ({ name, histogram: result.putLatencyMicros })) },
        canvas,
      ),
    },
    ...(runs.length > CURVES_MAX ? [{ kind: 'text' as const, text: `The first ${String(CURVES_MAX)} runs are drawn.` }] : []),
  ];
}

function checkText(run: ComparedRun): string {
  const { validity } = run;
  if (validity === null) return `${nameOf(run)}: did not finish`;
  if (!validity.inside) return `${nameOf(run)}: NOT validated: ${validity.outside.join(', ')}`;
  return `${nameOf(run)}: like ${String(validity.runs)} real runs, typical error ${(validity.expectedErrorPercent?.p50 ?? 0).toFixed(1)} %`;
}
