/**
 * The what-if page: a document (in the link, too), the form that edits it, and the run that answers it. Every change of the document
 * starts a run, which ends the one before; a finished run shows its answer at once and its pictures in the next frames.
 */
import { proxy, wrap } from 'comlink';
import { PutmodelError, type Issue } from '../../kernel/errors.js';
import { formatSeconds } from '../../kernel/units.js';
import { valueAt, withValue } from '../edit-document.js';
import { decodeLink, encodeLink, linkLengthMax, type DocumentData } from '../share-link.js';
import type { Progress, SimulationApi, TextFile } from '../simulation-api.js';
import { showAnswer, showIssues, showNoAnswer } from './answer.js';
import { byId, element } from './dom.js';
import { createForm, focusIn, giveBackFocus, type FormView } from './form.js';
import { drawPictures } from './pictures.js';
import { pageRun, type PageRun, type View } from './run.js';
import { createStartPanel, shippedScenarios, showNotes } from './start-panel.js';
import { showTables, type FieldsByPath } from './tables.js';
import { createTabList, tabs, type Tab } from './tabs.js';
import { createTreeView } from './tree-view.js';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'simulation' });
const api = wrap<SimulationApi>(worker);

let documentNow: DocumentData = {};
let form: FormView | null = null;
let formKey: string | null = null;
let fields: FieldsByPath = new Map();
let current: PageRun | null = null;
let generation = 0;
/** What each tab was left with, by kind. */
const left = new Map<unknown, DocumentData>();
const pinnedRuns = new Map<unknown, PageRun>();
let isRunning = false;

const tree = createTreeView(byId('tree', HTMLElement), () => (current === null ? Promise.resolve([]) : api.frames(current.document)));
const startPanel = createStartPanel((files, issues) => void readFiles(files, issues));
const tabList = createTabList(byId('tabs', HTMLElement), (tab) => void openTab(tab));
const bar = byId('progress', HTMLProgressElement);
const onProgress = proxy(({ fraction, nowSec }: Progress) => {
  if (!isRunning) return;
  // It runs: what was wrong before is mended.
  if (bar.hidden) showProblems([]);
  bar.hidden = false;
  if (fraction === null) bar.removeAttribute('value');
  else bar.value = fraction;
  bar.title = `${formatSeconds(nowSec)} simulated`;
});

// ---- the document ----

async function setDocument(next: DocumentData): Promise<void> {
  documentNow = next;
  const kind = valueAt(next, 'kind');
  left.set(kind, next);
  tabList.show(kind);
  // It lists files of the document before.
  menu.open = false;
  history.replaceState(null, '', `#${encodeLink(next)}`);
  await showForm();
  await run();
}

/** A tab opens with what it was left with, or with its first scenario. */
async function openTab({ kind, firstScenario }: Tab): Promise<void> {
  if (valueAt(documentNow, 'kind') === kind) return;
  if (form !== null) showNotes([]);
  const before = left.get(kind);
  const first = shippedScenarios.get(firstScenario);
  if (before !== undefined) await setDocument(before);
  else if (first !== undefined) await setDocument((await api.read({}, [first])).document);
}

/** What decides which fields there are, and their defaults. */
function formKeyOf(document: DocumentData): string {
  const texts = ['kind', 'rocksdb_version'].map((path) => String(valueAt(document, path)));
  const names = ['clients', 'workload.duration'].map((path) => String(valueAt(document, path) !== undefined));
  return [...texts, ...names].join('\n');
}

/** Makes the form anew where that changed, or `form` is null for another document; then shows the values. */
async function showForm(): Promise<void> {
  const key = formKeyOf(documentNow);
  if (form === null || key !== formKey) {
    const isSameDocument = form !== null;
    formKey = key;
    const description = await api.describeForm(documentNow);
    // Another one is on its way.
    if (key !== formKey) return;
    const all = [...description.groups, ...(description.others === null ? [] : [description.others])].flatMap((group) => group.fields);
    fields = new Map(all.map((field) => [field.path, field]));
    const root = byId('form', HTMLElement);
    const focused = focusIn(root);
    form = createForm(root, description, startPanel, {
      onValue: (path, value) => void setDocument(withValue(documentNow, path, value)),
      onProblem: () => {
        showProblems([]);
      },
    });
    form.show(documentNow);
    giveBackFocus(root, focused, isSameDocument);
  }
  form.show(documentNow);
}

// ---- runs ----

async function run(): Promise<void> {
  generation += 1;
  const mine = generation;
  const began = performance.now();
  const asked = documentNow;
  isRunning = true;
  const [outcome, view] = await Promise.all([api.simulate(asked, onProgress), viewOf(asked)]);
  if (mine !== generation || outcome.status === 'superseded') return;
  isRunning = false;
  bar.hidden = true;
  if (outcome.status === 'invalid' || view === null) {
    showProblems(outcome.status === 'invalid' ? outcome.issues : [unknownKind(outcome.scenario.kind)]);
    if (current === null) showNoAnswer();
    return;
  }
  showProblems([]);
  current = pageRun(asked, outcome);
  const pinned = pinnedRuns.get(outcome.scenario.kind) ?? null;
  const runs = { run: current, pinned };
  showPin(pinned !== null);
  showAnswer(view, current, pinned);
  performance.measure('answer', { start: began });
  byId('tree', HTMLElement).hidden = tabOf(asked)?.hasTree !== true;
  tree.reset();
  if (!(await drawPictures(byId('pictures', HTMLElement), view, runs, () => mine !== generation))) return;
  showTables(byId('tables', HTMLElement), view, runs, fields);
  performance.measure('pictures', { start: began });
}

function unknownKind(kind: string): Issue {
  const expected = tabs.map((tab) => tab.kind).join(' or ');
  return { code: 'INPUT_UNSUPPORTED', path: 'kind', message: 'this page does not show this kind', found: kind, expected };
}

function tabOf(asked: DocumentData): Tab | undefined {
  return tabs.find(({ kind }) => kind === valueAt(asked, 'kind'));
}

async function viewOf(asked: DocumentData): Promise<View | null> {
  return (await tabOf(asked)?.loadView()) ?? null;
}

function showProblems(issues: readonly Issue[]): void {
  const all = [...(form?.problems() ?? []), ...issues];
  showIssues(all);
  form?.mark(new Set(all.flatMap(({ path }) => path ?? [])));
}

/** `unread`: what is wrong with files that could not be opened. */
async function readFiles(files: readonly TextFile[], unread: readonly Issue[]): Promise<void> {
  const { document: read, notes, issues: found } = await api.read(documentNow, files, left.get('lsm'));
  const issues = [...unread, ...found];
  showNotes(notes);
  if (notes.length > 0) {
    form = null;
    await setDocument(read);
  }
  if (issues.length > 0) showIssues(issues);
}

// ---- pin, share, download ----

const pinButton = byId('pin', HTMLButtonElement);
pinButton.addEventListener('click', () => {
  if (current === null) return;
  const { kind } = current.scenario;
  if (!pinnedRuns.delete(kind)) pinnedRuns.set(kind, current);
  showPin(pinnedRuns.has(kind));
  void run();
});

function showPin(isPinned: boolean): void {
  pinButton.textContent = isPinned ? 'Unpin' : 'Pin this run';
  pinButton.setAttribute('aria-pressed', String(isPinned));
}

let toastTimer: ReturnType<typeof setTimeout> | undefined;
function toast(text: string): void {
  const place = byId('toast', HTMLElement);
  place.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    place.textContent = '';
  }, 4000);
}

byId('share', HTMLButtonElement).addEventListener('click', () => {
  const part = encodeLink(documentNow);
  if (part.length > linkLengthMax) {
    toast('Too long for a link: download scenario.yaml and send that');
    return;
  }
  const dropped = ['device', 'host']
    .map((path) => valueAt(documentNow, path))
    .filter((name) => typeof name === 'string' && name.endsWith('.json'));
  const extra = dropped.length === 0 ? '' : `; send ${dropped.join(' and ')} with it`;
  // Not offered on pages from other machines without TLS: the address bar has the link.
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  const copied =
    clipboard === undefined ? Promise.reject(new Error('no clipboard')) : clipboard.writeText(new URL(`#${part}`, location.href).href);
  copied.then(
    () => {
      toast(`Link copied${extra}`);
    },
    () => {
      toast(`Copy the link from the address bar${extra}`);
    },
  );
});

const menu = byId('download', HTMLDetailsElement);
menu.addEventListener('toggle', () => {
  if (menu.open) void listDownloads();
});
document.addEventListener('click', ({ target }) => {
  if (target instanceof Node && !menu.contains(target)) menu.open = false;
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') menu.open = false;
});

async function listDownloads(): Promise<void> {
  const items = byId('download-items', HTMLElement);
  const asked = documentNow;
  items.replaceChildren(element('span', {}, 'Preparing…'));
  try {
    const files = await api.files(asked);
    // The menu was closed meanwhile.
    if (asked !== documentNow) return;
    items.replaceChildren(...Object.entries(files).map(([name, text]) => downloadButton(name, text)));
  } catch {
    // What is wrong with the scenario stands above the answer.
    items.replaceChildren(element('span', {}, 'Nothing to download: the scenario cannot run.'));
  }
}

function downloadButton(name: string, text: string): HTMLElement {
  const button = element('button', { type: 'button' }, name);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([text]));
    element('a', { href: url, download: name }).click();
    setTimeout(() => {
      URL.revokeObjectURL(url);
    }, 10_000);
  });
  return button;
}

// ---- the beginning ----

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => void run());
let width = innerWidth;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  void run();
});
addEventListener('hashchange', () => void openLink());
// Following it would put its target where the document stands in the address.
byId('skip', HTMLAnchorElement).addEventListener('click', (event) => {
  event.preventDefault();
  byId('answer', HTMLElement).focus();
});

/** Opens what the address says: at first the first tab where it says nothing. A damaged link changes nothing that is there. */
async function openLink(): Promise<void> {
  const isFirst = form === null;
  try {
    const linked = decodeLink(location.hash);
    if (linked === null && isFirst) await openTab(tabs[0]);
    if (linked === null || encodeLink(linked) === encodeLink(documentNow)) return;
    form = null;
    await setDocument(linked);
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    if (isFirst) await openTab(tabs[0]);
    const what = isFirst ? `: what is shown is ${tabs[0].firstScenario}` : ', and what is shown is something else';
    showIssues(error.issues.map((issue) => ({ ...issue, message: issue.message + what })));
  }
}

// Not awaited: what a tab loads imports from this module, which then would wait for itself.
void openLink();
