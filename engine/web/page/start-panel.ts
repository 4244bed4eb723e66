/** Ways to begin: a shipped scenario, a pasted command line, files. */
import type { Issue } from '../../kernel/errors.js';
import type { TextFile } from '../simulation-api.js';
import { byId, element } from './dom.js';
import { tabs } from './tabs.js';

const shipped = import.meta.glob<string>('../../../scenarios/*.yaml', { query: '?raw', import: 'default', eager: true });

/** The shipped scenarios that the page shows, by name. */
export const shippedScenarios: ReadonlyMap<string, TextFile> = new Map(
  Object.entries(shipped)
    .filter(([, text]) => tabs.some(({ kind }) => isOfKind(text, kind)))
    .map(([path, text]) => [path.replace(/^.*\/|\.yaml$/g, ''), { name: path.replace(/^.*\//, ''), text }]),
);

function isOfKind(text: string, kind: string): boolean {
  return new RegExp(`^kind: ${kind}$`, 'm').test(text);
}

/** Hears files, and what is wrong with those that could not be opened. */
type OnFiles = (files: readonly TextFile[], issues: readonly Issue[]) => void;

/** The panel; `onFiles` hears what was chosen, pasted or dropped anywhere on the page. */
export function createStartPanel(onFiles: OnFiles): HTMLElement {
  const select = element(
    'select',
    { id: 'start-scenario' },
    element('option', { value: '' }, 'choose a scenario…'),
    ...tabs.map(({ kind, label }) => {
      const names = [...shippedScenarios].flatMap(([name, { text }]) => (isOfKind(text, kind) ? [name] : []));
      return element('optgroup', { label }, ...names.map((name) => element('option', { value: name }, name)));
    }),
  );
  select.addEventListener('change', () => {
    const file = shippedScenarios.get(select.value);
    if (file !== undefined) onFiles([file], []);
    select.value = '';
  });
  const paste = element('textarea', {
    id: 'paste',
    rows: 3,
    spellcheck: 'false',
    placeholder: 'db_bench --benchmarks=fillrandom --num=20000000 …',
  });
  const read = element('button', { type: 'button', class: 'button primary', id: 'read-paste' }, 'Read it');
  read.addEventListener('click', () => {
    onFiles([{ name: 'pasted text', text: paste.value }], []);
  });
  const choose = element('input', { type: 'file', id: 'files', multiple: true });
  choose.addEventListener('change', () => {
    void unpack(choose.files, onFiles);
    choose.value = '';
  });
  takeDrops(onFiles);
  return element(
    'details',
    { class: 'group card', open: matchMedia('(width >= 1000px)').matches },
    element('summary', {}, 'Start from'),
    element('div', { class: 'field' }, element('label', { for: 'start-scenario' }, 'A shipped scenario'), select),
    element('div', { class: 'field' }, element('label', { for: 'paste' }, 'A db_bench command, OPTIONS or YAML, pasted'), paste, read),
    element(
      'div',
      { class: 'field' },
      element('label', { for: 'files' }, 'Files: OPTIONS, LOG, fio results, envelope, host'),
      choose,
      element('p', { class: 'doc' }, 'Or drop them anywhere. They stay in this browser.'),
    ),
    element('ul', { id: 'notes', class: 'notes', 'aria-live': 'polite' }),
  );
}

/** Says what was taken over from files. */
export function showNotes(notes: readonly string[]): void {
  byId('notes', HTMLElement).replaceChildren(...notes.map((note) => element('li', {}, note)));
}

function takeDrops(onFiles: OnFiles): void {
  const sign = byId('drop', HTMLElement);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    sign.classList.add('shown');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) sign.classList.remove('shown');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    sign.classList.remove('shown');
    void unpack(event.dataTransfer?.files ?? null, onFiles);
  });
}

async function unpack(list: FileList | null, onFiles: OnFiles): Promise<void> {
  const files: TextFile[] = [];
  const issues: Issue[] = [];
  for (const one of await Promise.all(Array.from(list ?? [], open))) {
    if ('code' in one) issues.push(one);
    else files.push(one);
  }
  onFiles(files, issues);
}

async function open(file: File): Promise<TextFile | Issue> {
  let isGzip = false;
  try {
    const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    isGzip = head[0] === 0x1f && head[1] === 0x8b;
    const text = isGzip ? await new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text() : await file.text();
    return { name: file.name.replace(/\.gz$/, ''), text };
  } catch {
    // What browsers say of it differs, and says nothing to people: a folder is a TypeError or a NotFoundError, broken gzip "Failed to fetch".
    const issue = { code: 'INPUT_SYNTAX', file: file.name } as const;
    if (isGzip) return { ...issue, message: 'gzip that cannot be unpacked', expected: 'the whole file' };
    return { ...issue, code: 'INPUT_MISSING', message: 'the browser cannot read it', expected: 'a file, not a folder' };
  }
}
