/** What can be reported: a title, pictures that can also be files, and the page that holds them. */
import type { EnvelopeModel } from '../device/envelope.js';
import { claimComparisons } from '../putrate/reproduce.js';
import { formatCount } from '../kernel/units.js';
import type { Canvas, NamedPicture } from './charts/drawing.js';
import { envelopePictures } from './charts/envelope-pictures.js';
import { putRatePictures } from './charts/putrate-pictures.js';
import { renderPage, type Block, type Page } from './html.js';
import type { StoredSweep } from '../sweep/read-sweep.js';
import type { ResultDocument } from '../scenario/kind.js';
import { compareFinished } from '../whatif/compare.js';
import { comparisonPage } from './comparison-page.js';
import { sweepPage } from './sweep-page.js';
import { sweepPictures } from './sweep-pictures.js';
import { renderRunPage, runPictures, type ReportedRun } from './pages.js';

/** Something with pictures and a page. */
export interface Subject {
  readonly pictures: readonly NamedPicture[];
  /** The text of an HTML file; the canvas must have the light theme. */
  readonly renderPage: (canvas: Canvas) => string;
}

/** A run. */
export function runSubject(run: ReportedRun): Subject {
  return { pictures: runPictures(run), renderPage: (canvas) => renderRunPage(run, canvas) };
}

/** Runs side by side; their pictures are on the page only. */
export function comparisonSubject(runs: readonly ReportedRun[], engineVersion: string): Subject {
  const comparison = compareFinished(
    runs.map(({ name, kind, document, validity, result }) => ({ label: name, kind, validity, result, seed: seedOf(document) })),
  );
  return { pictures: [], renderPage: (canvas) => renderPage(comparisonPage(comparison, canvas, `putmodel ${engineVersion}`)) };
}

function seedOf(document: ResultDocument): number {
  return (document['manifest'] as { readonly seed: number }).seed;
}

/** A sweep. */
export function sweepSubject(sweep: StoredSweep): Subject {
  return { pictures: sweepPictures(sweep), renderPage: (canvas) => renderPage(sweepPage(sweep, canvas)) };
}

/** A device's envelope. */
export function envelopeSubject(model: EnvelopeModel, engineVersion: string): Subject {
  const pictures = envelopePictures(model);
  const facts = Object.entries(model.surfaces).map(([pattern, surface]) => {
    const measured = surface.runs.filter((runs) => runs > 0).length;
    return [pattern, `${formatCount(measured)} of ${formatCount(surface.runs.length)} points of the grid measured`] as const;
  });
  return {
    pictures,
    renderPage: (canvas) =>
      renderPage({
        title: `Envelope of ${model.name}`,
        lead: model.source,
        sections: [
          { heading: 'Measurements', blocks: [{ kind: 'facts', facts }, ...(model.notes.length === 0 ? [] : [noteBlock(model.notes)])] },
          { heading: 'Pictures', blocks: pictureBlocks(pictures, canvas) },
        ],
        footer: `putmodel ${engineVersion}`,
      }),
  };
}

const notesShown = 8;

function noteBlock(notes: readonly string[]): Block {
  const list: Block = { kind: 'list', items: notes };
  return notes.length <= notesShown ? list : { kind: 'details', summary: `${formatCount(notes.length)} notes`, blocks: [list] };
}

/** The closed-form models: the specification's claims and pictures beside what its formulas give. */
export function putRateSubject(engineVersion: string): Subject {
  const pictures = putRatePictures();
  return {
    pictures,
    renderPage: (canvas) => renderPage({ ...putRatePage(pictures, canvas), footer: `putmodel ${engineVersion}` }),
  };
}

function putRatePage(pictures: readonly NamedPicture[], canvas: Canvas): Omit<Page, 'footer'> {
  const claims = claimComparisons();
  const figure = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(4))));
  const rows = claims.map(({ figure: name, unit, claimed, reproduced, note }) => [
    name,
    unit,
    figure(claimed),
    figure(reproduced),
    note ?? '',
  ]);
  const columns = ['figure', 'unit', 'claimed', 'reproduced', 'how'].map((label) => ({
    label,
    align: label === 'claimed' || label === 'reproduced' ? ('right' as const) : ('left' as const),
  }));
  return {
    title: 'Closed-form put-rate models',
    lead: 'Every figure that the specification claims, beside what its own formulas give on its own data. A claim is not a result.',
    sections: [
      { heading: 'Pictures', blocks: pictureBlocks(pictures, canvas) },
      { heading: 'Figures', blocks: [{ kind: 'table', columns, rows }] },
    ],
  };
}

function pictureBlocks(pictures: readonly NamedPicture[], canvas: Canvas): Block[] {
  return pictures.map(({ draw }) => ({ kind: 'picture', svg: draw(canvas) }));
}
