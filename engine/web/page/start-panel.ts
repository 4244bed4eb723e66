/** Ways to begin: a shipped scenario, a pasted command line, files. */
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

/** The panel; `onFiles` hears what was chosen, pasted or dropped anywhere on the page. */
export function createStartPanel(onFiles: (files: readonly TextFile[]) => void): HTMLElement {
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
    if (file !== undefined) onFiles([file]);
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
    onFiles([{ name: 'pasted text', text: paste.value }]);
  });
  const choose = element('input', { type: 'file', id: 'files', multiple: true });
  choose.addEventListener('change', () => {
    void unpack(choose.files).then(onFiles);
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

function takeDrops(onFiles: (files: readonly TextFile[]) => void): void {
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
    void unpack(event.dataTransfer?.files ?? null).then(onFiles);
  });
}

async function unpack(list: FileList | null): Promise<readonly TextFile[]> {
  return Promise.all(
    Array.from(list ?? [], async (file) => {
      const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
      const isGzip = head[0] === 0x1f && head[1] === 0x8b;
      const text = isGzip ? await new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text() : await file.text();
      return { name: file.name.replace(/\.gz$/, ''), text };
    }),
  );
}
