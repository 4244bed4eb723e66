/** The report page of one run, whatever its kind: the kind's own answer, tables and pictures between what all pages have. */
import type { LsmResult } from '../lsm/result.js';
import type { BacklogResult } from '../backlog/result.js';
import { formatCount, formatSeconds } from '../kernel/units.js';
import type { InputFile, KindName, Result, ResultDocument } from '../scenario/kind.js';
import type { StoredRun } from '../scenario/kinds.js';
import type { CommitResult } from '../commit/result.js';
import type { ReplayResult } from '../replay/result.js';
import { backlogPage, backlogRunPictures } from './backlog-page.js';
import { commitPage, commitPagePictures } from './commit-page.js';
import { replayPage, replayPagePictures } from './replay-page.js';
import type { Canvas, NamedPicture } from './charts/drawing.js';
import { renderPage, type Block, type Section } from './html.js';
import { lsmPage, lsmRunPictures } from './lsm-page.js';
import { ignoredText, plainStyle, validityTexts } from './terminal-text.js';

/** A run as its result directory holds it. */
export interface ReportedRun extends StoredRun {
  readonly name: string;
  /** Its LOG; null for a kind without one. */
  readonly log: string | null;
  /** How it was made; null when that is not known. */
  readonly circumstances: { readonly command: readonly string[]; readonly startedAt: string; readonly wallMillis: number } | null;
}

/** What a kind has to say of a run. */
export interface KindPage {
  /** The answer in one or two sentences. */
  readonly lead: string;
  /** What stands above the pictures. */
  readonly figures: readonly Block[];
  /** What stands below them. */
  readonly sections: readonly Section[];
}

interface PageOfKind<R extends Result> {
  page(result: R, run: ReportedRun): KindPage;
  pictures(result: R, run: ReportedRun): readonly NamedPicture[];
}

const pages: Readonly<Record<KindName, PageOfKind<never>>> = {
  lsm: { page: lsmPage, pictures: lsmRunPictures } satisfies PageOfKind<LsmResult>,
  backlog: { page: backlogPage, pictures: backlogRunPictures } satisfies PageOfKind<BacklogResult>,
  commit: { page: commitPage, pictures: commitPagePictures } satisfies PageOfKind<CommitResult>,
  replay: { page: replayPage, pictures: replayPagePictures } satisfies PageOfKind<ReplayResult>,
};

/** Pixels: a screen then holds a whole picture with the next one's title. */
const pictureHeight = 640;

/** The pictures of a run. */
export function runPictures(run: ReportedRun): readonly NamedPicture[] {
  return pages[run.kind.name].pictures(run.result as never, run);
}

/** The page as the text of an HTML file. The canvas must have the light theme: the page itself turns dark. */
export function renderRunPage(run: ReportedRun, canvas: Canvas): string {
  const { lead, figures, sections } = pages[run.kind.name].page(run.result as never, run);
  const low = { ...canvas, heightPixels: pictureHeight };
  const pictures: Block[] = runPictures(run).map(({ draw }) => ({ kind: 'picture', svg: draw(low) }));
  return renderPage({
    title: run.name,
    lead,
    sections: [
      { heading: 'Answer', blocks: [...figures, ...trustBlocks(run)] },
      ...(pictures.length === 0 ? [] : [{ heading: 'Pictures', blocks: pictures }]),
      ...sections,
      ...assumptionSections(run.document),
      originSection(run),
    ],
    footer: `putmodel ${manifestOf(run.document).engineVersion}`,
  });
}

/** How far to believe it: always on the page, above everything that is drawn. */
function trustBlocks({ validity }: ReportedRun): Block[] {
  const text = validityTexts(validity, plainStyle).join('; ');
  return [{ kind: 'text', text: validity.inside ? `Checked: ${text}.` : `${text}.` }];
}

function assumptionSections(document: ResultDocument): Section[] {
  const assumptions = document['assumptions'] as readonly { readonly what: string; readonly value: string; readonly source: string }[];
  const warnings = document['warnings'] as readonly { readonly message: string }[];
  const ignored = (document['ignoredFlags'] ?? []) as readonly string[];
  const mind = [
    ...warnings.map(({ message }) => message),
    ...(ignored.length === 0 ? [] : [`Without effect on the model: ${ignoredText(ignored)}`]),
  ];
  const columns = ['what', 'value', 'source'].map((label) => ({ label, align: 'left' as const }));
  const rows = assumptions.map(({ what, value, source }) => [what, value, source]);
  return [
    ...(mind.length === 0 ? [] : [{ heading: 'Mind', blocks: [{ kind: 'list', items: mind }] } satisfies Section]),
    ...(rows.length === 0
      ? []
      : [{ heading: 'Assumed, because nothing else was said', blocks: [{ kind: 'table', columns, rows }] } satisfies Section]),
  ];
}

interface ManifestText {
  readonly engineVersion: string;
  readonly scenarioHash: string;
  readonly seed: number;
  readonly inputs: readonly InputFile[];
  readonly resultHash: string;
}

function manifestOf(document: ResultDocument): ManifestText {
  return document['manifest'] as ManifestText;
}

function originSection({ document, circumstances }: ReportedRun): Section {
  const { engineVersion, scenarioHash, seed, inputs, resultHash } = manifestOf(document);
  const facts: (readonly [string, string])[] = [
    ['Simulated', `${formatSeconds(Number(document['simulatedSec']))}, ${formatCount(Number(document['events']))} events`],
    ['Seed', String(seed)],
    ['Engine', `putmodel ${engineVersion}`],
    ['Scenario', scenarioHash],
    ['Result', resultHash],
    ...inputs.map(({ name, sha256 }) => ['Input', `${name} ${sha256}`] as const),
  ];
  if (circumstances !== null) {
    const { command, startedAt, wallMillis } = circumstances;
    facts.push(['Command', `putmodel ${command.join(' ')}`], ['Run', `${startedAt}, ${String(Math.round(wallMillis))} ms`]);
  }
  return { heading: 'How it was made', blocks: [{ kind: 'facts', facts }] };
}
