/**
 * The specification's own four pictures, claimed figures beside those that its formulas give on its data: V4 against V5, the dual
 * structure, the phases, and the 120-minute experiment. Source: put-rate-models.md; what is drawn is putrate/reproduce.ts.
 */
import * as Plot from '@observablehq/plot';
import { performanceAt } from '../../putrate/dual-structure.js';
import { parameterSets } from '../../putrate/parameters.js';
import { phaseBoundaryMinutes, phases, type Phase } from '../../putrate/phase.js';
import { publishedExperiment } from '../../putrate/published.js';
import { claimComparisons, type ClaimComparison } from '../../putrate/reproduce.js';
import { barPanel, type BarGroup } from './bars.js';
import { axis, gridMarks, type Canvas, type LegendEntry, type NamedPicture } from './drawing.js';
import { drawPanels, type Panel } from './panels.js';
import { seriesColor, type Theme } from './theme.js';
import { tickText } from './ticks.js';

/** All four, under names of their own. */
export function putRatePictures(): readonly NamedPicture[] {
  const claims = claimComparisons();
  return [
    { name: 'v4-v5-comparison', draw: (canvas) => drawModelComparison(claims, canvas) },
    { name: 'dual-structure', draw: (canvas) => drawDualStructure(claims, canvas) },
    { name: 'phase-evolution', draw: (canvas) => drawPhases(claims, canvas) },
    { name: 'experimental-validation', draw: drawExperiment },
  ];
}

function claimLegend(theme: Theme): LegendEntry[] {
  return [
    { label: 'claimed by the specification', color: seriesColor(theme, 0), shape: 'square' },
    { label: 'reproduced from its formulas and data', color: seriesColor(theme, 1), shape: 'square' },
  ];
}

/** A group a figure: what was claimed, and what was reproduced under the same name. */
function groupsOf(claims: readonly ClaimComparison[], figures: Readonly<Record<string, string>>): BarGroup[] {
  return Object.entries(figures).map(([name, figure]) => {
    const found = claims.find((claim) => claim.figure === figure);
    return { name, values: [found?.claimed ?? null, found?.reproduced ?? null] };
  });
}

function claimPanel(
  title: string,
  label: string,
  groups: readonly BarGroup[],
  { theme }: Canvas,
  domain?: readonly [number, number],
): Panel {
  const format = (value: number): string => tickText(Number(value.toPrecision(3)));
  return barPanel({ title, label, colors: [seriesColor(theme, 0), seriesColor(theme, 1)], groups, format, ...(domain ? { domain } : {}) });
}

/** Accuracies fall far below 0 where a prediction is many times the truth: bars end here, figures are written. */
const accuracyDomain = [-140, 125] as const;

function drawModelComparison(claims: readonly ClaimComparison[], canvas: Canvas): string {
  const overall = groupsOf(claims, {
    V4: 'V4 accuracy, overall',
    'V4.1': 'V4.1 accuracy, overall',
    V5: 'V5 original accuracy, overall',
    'V5 indep.': 'V5 independence-optimised accuracy, overall',
  });
  const accuracyEach = groupsOf(claims, {
    V4: 'V4 accuracy for each parameter',
    V5: 'V5 original accuracy for each parameter',
    'V5 indep.': 'V5 independence-optimised accuracy for each parameter',
  });
  const bitsEach = groupsOf(claims, { V4: 'V4 information for each parameter', V5: 'V5 information for each parameter' });
  const bits = groupsOf(claims, {
    physical: 'physical information',
    software: 'software information',
    V4: 'V4 information',
    V5: 'V5 information',
  });
  return drawPanels(
    {
      title: 'Put-rate models: V4 against V5',
      subtitle: 'Accuracy is 100 % less the relative error, mean of the three phases; below −100 % a bar is cut and its figure written',
      legend: claimLegend(canvas.theme),
      columns: 2,
      panels: [
        claimPanel('Accuracy over all phases', 'accuracy, %', overall, canvas, accuracyDomain),
        claimPanel('Accuracy for each parameter', '% each', accuracyEach, canvas, accuracyDomain),
        claimPanel('Information in the parameters', 'bits', bits, canvas),
        claimPanel('Information for each parameter', 'bits each', bitsEach, canvas),
      ],
    },
    canvas,
  );
}

function drawPhases(claims: readonly ClaimComparison[], canvas: Canvas): string {
  const byPhase = (figure: (phase: Phase) => string): BarGroup[] =>
    groupsOf(claims, Object.fromEntries(phases.map((phase) => [phase, figure(phase)])));
  return drawPanels(
    {
      title: 'Put-rate models: the three phases',
      subtitle:
        'Initial until 30 minutes, middle until 90, then final; accuracies are those of the published factors on the published points',
      legend: claimLegend(canvas.theme),
      columns: 2,
      panels: [
        claimPanel(
          'Utilization factor',
          'share of the theoretical maximum',
          byPhase((phase) => `utilization factor, ${phase}`),
          canvas,
        ),
        claimPanel(
          'V4 prediction',
          'puts/s',
          byPhase((phase) => `V4 prediction, ${phase}`),
          canvas,
        ),
        claimPanel(
          'Accuracy of V4',
          'accuracy, %',
          byPhase((phase) => `V4 accuracy, ${phase}`),
          canvas,
        ),
        claimPanel(
          'Accuracy of V4.1',
          'accuracy, %',
          byPhase((phase) => `V4.1 accuracy, ${phase}`),
          canvas,
        ),
      ],
    },
    canvas,
  );
}

const experimentMinutes = 120;
const everyMinutes = 0.5;

/** Where each phase lies in the experiment. */
const spans: Readonly<Record<Phase, readonly [fromMinutes: number, toMinutes: number]>> = {
  initial: [0, phaseBoundaryMinutes.middle],
  middle: [phaseBoundaryMinutes.middle, phaseBoundaryMinutes.final],
  final: [phaseBoundaryMinutes.final, experimentMinutes],
};

function coursesOf(setName: 'fitted' | 'published') {
  const { utilization } = parameterSets[setName];
  return Array.from({ length: experimentMinutes / everyMinutes + 1 }, (_, index) => performanceAt(index * everyMinutes, utilization));
}

/** Published values as one level line a phase. */
function levelMarks(valueOf: (phase: Phase) => number, { theme }: Canvas): Plot.Markish {
  const lines = phases.map((phase) => ({ x1: spans[phase][0], x2: spans[phase][1], y: valueOf(phase) }));
  return Plot.link(lines, { x1: 'x1', x2: 'x2', y1: 'y', y2: 'y', stroke: seriesColor(theme, 0), strokeWidth: 4 });
}

const minutesAxis = axis('time, minutes', { domain: [0, experimentMinutes], tickFormat: tickText });

function drawDualStructure(claims: readonly ClaimComparison[], canvas: Canvas): string {
  const { theme } = canvas;
  const course = coursesOf('fitted');
  const { middle, final } = publishedExperiment;
  const fresh = publishedExperiment.initial.headline.bandwidthMibPerSec;
  const worn = middle.headline.bandwidthMibPerSec;
  const loss: Readonly<Record<Phase, number>> = { initial: 0, middle: middle.degradationFraction, final: final.degradationFraction };
  const left: Readonly<Record<Phase, number>> = { initial: 1, middle: 1, final: final.headline.bandwidthMibPerSec / worn };
  const panel = (
    title: string,
    label: string,
    top: number,
    valueOf: (phase: Phase) => number,
    key: 'D_physical' | 'A_software' | 'device_write_bw',
  ): Panel => ({
    title,
    plot: (own) => ({
      x: minutesAxis,
      y: axis(label, { domain: [0, top], tickFormat: tickText }),
      marks: [
        ...gridMarks(own),
        levelMarks(valueOf, own),
        Plot.line(course, { x: 't_minutes', y: key, stroke: seriesColor(theme, 1), strokeWidth: 2.5, strokeDasharray: '8 4' }),
        Plot.ruleY([0], { stroke: theme.ink }),
      ],
    }),
  });
  return drawPanels(
    {
      title: 'Put-rate models: dual structure of the bandwidth',
      subtitle:
        'Bandwidth = fresh bandwidth × (1 − physical loss) × share left by software. How a phase passes into the next is not published: assumed over 25–35 and 85–95 minutes',
      legend: [
        { label: 'published, by phase', color: seriesColor(theme, 0), shape: 'line' },
        { label: 'reproduced', color: seriesColor(theme, 1), shape: 'dashed' },
      ],
      columns: 2,
      panels: [
        panel('Physical loss D', 'share of the fresh bandwidth', 1.1, (phase) => loss[phase], 'D_physical'),
        panel('Share left by software A', 'share of what the drive gives', 1.1, (phase) => left[phase], 'A_software'),
        panel('Bandwidth', 'MiB/s', fresh * 1.1, (phase) => publishedExperiment[phase].headline.bandwidthMibPerSec, 'device_write_bw'),
        claimPanel('Figures', 'fraction', groupsOf(claims, { 'D, worn in': 'D_physical', 'A, compacting': 'A_software' }), canvas),
      ],
    },
    canvas,
  );
}

function drawExperiment(canvas: Canvas): string {
  const { theme } = canvas;
  const measured = (phase: Phase): number => publishedExperiment[phase].headline.qpsOpsPerSec;
  const sets = ['fitted', 'published'] as const;
  const labels = { fitted: 'predicted, factors fitted to the data', published: 'predicted, factors as printed' } as const;
  const samples = phases.flatMap((phase) => {
    const [from, to] = spans[phase];
    const values = publishedExperiment[phase].qpsSamplesOpsPerSec;
    // The document does not say when its samples were taken: they stand evenly over their phase.
    return values.map((opsPerSec, index) => ({ x: from + ((index + 0.5) / values.length) * (to - from), opsPerSec }));
  });
  const panel: Panel = {
    title: 'Put rate, puts/s',
    plot: (own) => ({
      x: minutesAxis,
      y: axis('put rate, puts/s', { tickFormat: tickText, zero: true }),
      marks: [
        ...gridMarks(own),
        levelMarks(measured, own),
        Plot.dot(samples, { x: 'x', y: 'opsPerSec', fill: seriesColor(theme, 0), r: 4 }),
        ...sets.map((name, index) =>
          Plot.line(coursesOf(name), {
            ...{ x: 't_minutes', y: 'P', stroke: seriesColor(theme, index + 1), strokeWidth: 2.5 },
            ...(index === 0 ? { strokeDasharray: '8 4' } : { strokeDasharray: '2 4' }),
          }),
        ),
        Plot.ruleY([0], { stroke: theme.ink }),
      ],
    }),
  };
  return drawPanels(
    {
      title: 'Put-rate models: the 120-minute experiment',
      subtitle:
        'Published: the headline put rate of each phase (line) and its five samples (circles, spread evenly: their times are not published). The peaks are the formulas’ own: factors change at once, the bandwidth over ten minutes',
      legend: [
        { label: 'published', color: seriesColor(theme, 0), shape: 'line' },
        ...sets.map((name, index) => ({ label: labels[name], color: seriesColor(theme, index + 1), shape: 'dashed' as const })),
      ],
      columns: 1,
      panels: [panel],
    },
    canvas,
  );
}
