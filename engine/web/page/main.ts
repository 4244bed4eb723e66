/**
 * The what-if page: a document (in the link, too), the form that edits it, and the run that answers it. Every change of the document
 * starts a run, which ends the one before; a finished run shows its answer at once and its pictures in the next frames.
 */
import { proxy, wrap } from 'comlink';
import type { Issue } from '../../kernel/errors.js';
import { formatSeconds } from '../../kernel/units.js';
import { valueAt, withValue } from '../edit-document.js';
import { decodeLink, encodeLink, type DocumentData } from '../share-link.js';
import type { Progress, SimulationApi, TextFile } from '../simulation-api.js';
import { showAnswer, showIssues } from './answer.js';
import { byId, element } from './dom.js';
import { createForm, type FormView } from './form.js';
import { drawPictures } from './pictures.js';
import { lsmRun, type LsmRun } from './run.js';
import { createStartPanel, shippedScenarios, showNotes } from './start-panel.js';
import { showTables } from './tables.js';
import { createTreeView } from './tree-view.js';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'simulation' });
const api = wrap<SimulationApi>(worker);

/** The scenario that the page opens with. */
const firstScenario = 'rate-limited';

let documentNow: DocumentData = {};
let form: FormView | null = null;
let formKey: string | null = null;
let current: LsmRun | null = null;
let pinned: LsmRun | null = null;
let generation = 0;
/** Texts in fields that are no values. */
const problems = new Map<string, string>();

const tree = createTreeView(byId('tree', HTMLElement), () => api.frames(documentNow));
const startPanel = createStartPanel((files) => void readFiles(files));
const bar = byId('progress', HTMLProgressElement);
const onProgress = proxy(({ fraction, nowSec }: Progress) => {
  bar.hidden = false;
  if (fraction === null) bar.removeAttribute('value');
  else bar.value = fraction;
  bar.title = `${formatSeconds(nowSec)} simulated`;
});

// ---- the document ----

async function setDocument(next: DocumentData): Promise<void> {
  documentNow = next;
  history.replaceState(null, '', `#${encodeLink(next)}`);
  await showForm();
  await run();
}

/** A new version has other defaults, a dropped device another choice: then the form is made anew. */
async function showForm(): Promise<void> {
  const key = ['rocksdb_version', 'device', 'host'].map((path) => String(valueAt(documentNow, path))).join('\n');
  const isTyping = document.activeElement?.closest('#form') !== null && form !== null;
  if (form === null || (key !== formKey && !isTyping)) {
    formKey = key;
    form = createForm(byId('form', HTMLElement), await api.describeForm(documentNow), startPanel, {
      onValue: (path, value) => {
        problems.delete(path);
        void setDocument(withValue(documentNow, path, value));
      },
      onProblem: (path, message) => {
        problems.set(path, message);
        showProblems([]);
      },
    });
  }
  form.show(documentNow);
}

// ---- runs ----

async function run(): Promise<void> {
  generation += 1;
  const mine = generation;
  const began = performance.now();
  const asked = documentNow;
  const outcome = await api.simulate(asked, onProgress);
  if (mine !== generation || outcome.status === 'superseded') return;
  bar.hidden = true;
  showProblems(outcome.status === 'invalid' ? outcome.issues : []);
  if (outcome.status === 'invalid') return;
  if (outcome.scenario.kind !== 'lsm') {
    const { kind } = outcome.scenario;
    showProblems([{ code: 'INPUT_UNSUPPORTED', path: 'kind', message: 'this page shows LSM stores', found: kind, expected: 'lsm' }]);
    return;
  }
  current = lsmRun(asked, outcome);
  showAnswer(current, pinned);
  performance.measure('answer', { start: began });
  tree.reset();
  if (!(await drawPictures(byId('pictures', HTMLElement), current, pinned, () => mine !== generation))) return;
  showTables(byId('tables', HTMLElement), current, pinned);
  performance.measure('pictures', { start: began });
}

function showProblems(issues: readonly Issue[]): void {
  const typed = [...problems].map(([path, message]): Issue => ({ code: 'INPUT_INVALID', path, message }));
  showIssues([...typed, ...issues]);
  form?.mark(new Set([...typed, ...issues].flatMap(({ path }) => path ?? [])));
}

async function readFiles(files: readonly TextFile[]): Promise<void> {
  const { document: read, notes, issues } = await api.read(documentNow, files);
  showNotes(notes);
  problems.clear();
  if (issues.length > 0) showIssues(issues);
  if (read === documentNow || (issues.length > 0 && notes.length === 0)) return;
  form = null;
  await setDocument(read);
  if (issues.length > 0) showIssues(issues);
}

// ---- pin, share, download ----

const pinButton = byId('pin', HTMLButtonElement);
pinButton.addEventListener('click', () => {
  pinned = pinned === null ? current : null;
  pinButton.textContent = pinned === null ? 'Pin this run' : 'Unpin';
  pinButton.setAttribute('aria-pressed', String(pinned !== null));
  void run();
});

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
  const dropped = ['device', 'host']
    .map((path) => valueAt(documentNow, path))
    .filter((name) => typeof name === 'string' && name.endsWith('.json'));
  const extra = dropped.length === 0 ? '' : `; send ${dropped.join(' and ')} with it`;
  // Not offered on pages from other machines without TLS: the address bar has the link.
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  const copied = clipboard === undefined ? Promise.reject(new Error('no clipboard')) : clipboard.writeText(location.href);
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
  items.replaceChildren(element('span', {}, 'Preparing…'));
  try {
    const files = await api.files(documentNow);
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
addEventListener('hashchange', () => {
  const linked = decodeLink(location.hash);
  if (linked === null || encodeLink(linked) === encodeLink(documentNow)) return;
  problems.clear();
  form = null;
  void setDocument(linked);
});

const linked = decodeLink(location.hash);
const first = shippedScenarios.get(firstScenario);
if (linked !== null) await setDocument(linked);
else if (first !== undefined) await setDocument((await api.read({}, [first])).document);
