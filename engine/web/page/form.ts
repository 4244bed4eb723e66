/** The form: every field with its own name, its default, one line of what it does; sliders beside exact values. */
import type { Issue } from '../../kernel/errors.js';
import { valueAt } from '../edit-document.js';
import { fieldText, nearestStop, readField } from '../field-text.js';
import type { Field, FieldGroup, FormDescription } from '../field.js';
import type { DocumentData } from '../share-link.js';
import { element, nameElement } from './dom.js';

/** What the form tells: a field's new value (undefined: its default), or that the text in one is no value. */
export interface FormEvents {
  readonly onValue: (path: string, value: unknown) => void;
  readonly onProblem: () => void;
}

/** A form on the page. */
export interface FormView {
  /** Shows the document's values; the field that is being edited keeps its text, and what is wrong with it. */
  show(document: DocumentData): void;
  /** Texts that are no values, as they stand in their fields. */
  problems(): readonly Issue[];
  /** Marks the fields at these paths as wrong, and no others. */
  mark(paths: ReadonlySet<string>): void;
}

interface FieldView {
  readonly field: Field;
  readonly root: HTMLElement;
  readonly show: (value: unknown) => void;
  readonly problem: () => string | null;
}

/** Fills `root` with the form, groups unfolded as they were there before. `head` stands first: ways to start from something. */
export function createForm(root: HTMLElement, description: FormDescription, head: HTMLElement, events: FormEvents): FormView {
  const views: FieldView[] = [];
  const add = (field: Field): HTMLElement => {
    const view = createField(field, events);
    views.push(view);
    return view.root;
  };
  // On a narrow screen the answer and the pictures are far apart when everything is open.
  const wide = matchMedia('(width >= 1000px)').matches;
  const before = new Map(Array.from(root.querySelectorAll('details'), (details) => [details.firstElementChild?.textContent, details.open]));
  const { groups, others } = description;
  root.replaceChildren(
    head,
    ...groups.map(({ title, isOpen, fields }) => group(title, before.get(title) ?? (wide && isOpen), ...fields.map(add))),
    ...(others === null ? [] : [searchableGroup(others, before.get(others.title) ?? false, add)]),
  );
  return {
    show(document) {
      for (const { field, root: row, show } of views) {
        row.hidden = field.partOf !== undefined && valueAt(document, field.partOf) === undefined;
        show(valueAt(document, field.path));
      }
    },
    problems: () =>
      views.flatMap(({ field: { path }, problem }): Issue[] => {
        const message = problem();
        return message === null ? [] : [{ code: 'INPUT_INVALID', path, message }];
      }),
    mark(paths) {
      for (const { field, root: row } of views) {
        for (const control of row.querySelectorAll('input, select')) control.toggleAttribute('aria-invalid', paths.has(field.path));
        row.classList.toggle('wrong', paths.has(field.path));
      }
    },
  };
}

function group(title: string, open: boolean, ...children: HTMLElement[]): HTMLElement {
  return element('details', { class: 'group card', open }, element('summary', {}, title), ...children);
}

function searchableGroup({ title, fields }: FieldGroup, open: boolean, add: (field: Field) => HTMLElement): HTMLElement {
  const list = element('div', { class: 'fields' }, ...fields.map(add));
  return group(title, open, searchBox(list), list);
}

/** What has the focus in the form, to be given back by `giveBackFocus` to the form that takes its place. */
export function focusIn(root: HTMLElement): HTMLElement | null {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement && root.contains(activeElement) ? activeElement : null;
}

/** Focuses what stands where `before` stood, or the form's first element; with `typing`, the text that was being typed goes on there. */
export function giveBackFocus(root: HTMLElement, before: HTMLElement | null, typing: boolean): void {
  if (before === null) return;
  const now = before.id === '' ? null : root.querySelector<HTMLElement>(`#${CSS.escape(before.id)}`);
  const isText = before instanceof HTMLInputElement && before.type === 'text' && now instanceof HTMLInputElement;
  if (typing && isText) now.value = before.value;
  (now ?? root.querySelector('summary'))?.focus({ preventScroll: true });
  if (typing && isText) now.setSelectionRange(before.selectionStart, before.selectionEnd);
}

function searchBox(list: HTMLElement): HTMLElement {
  const box = element('input', { type: 'search', placeholder: 'Find an option', 'aria-label': 'Find an option', class: 'search' });
  box.addEventListener('input', () => {
    const word = box.value.trim().toLowerCase();
    for (const row of list.children) row.toggleAttribute('hidden', !row.textContent.toLowerCase().includes(word));
  });
  return box;
}

function createField(field: Field, events: FormEvents): FieldView {
  const id = `field-${field.path.replaceAll('.', '-')}`;
  const byDefault = field.defaultValue === null ? '' : fieldText(field, field.defaultValue);
  const control = createControl(field, id, byDefault, events);
  const reset = element(
    'button',
    { type: 'button', class: 'reset', hidden: true, title: `Back to the default${byDefault === '' ? '' : `, ${byDefault}`}` },
    '↺',
  );
  reset.setAttribute('aria-label', `Reset ${field.name}`);
  reset.addEventListener('click', () => {
    events.onValue(field.path, undefined);
    control.focus.focus();
  });
  const doc = element('p', { class: 'doc', id: `${id}-doc` }, field.doc);
  if (byDefault !== '') doc.append(element('span', { class: 'default' }, `; default ${byDefault}`));
  const label = element('label', { for: id }, nameElement(field.name));
  const root = element(
    'div',
    { class: `field kind-${field.kind}` },
    element('div', { class: 'line' }, label, reset, control.focus),
    ...control.more,
    doc,
  );
  return {
    field,
    root,
    problem: control.problem,
    show(value) {
      reset.hidden = value === undefined || field.partOf !== undefined;
      root.classList.toggle('said', value !== undefined);
      control.show(value);
    },
  };
}

interface Control {
  /** The labelled element. */
  readonly focus: HTMLInputElement | HTMLSelectElement;
  /** What stands below the first line. */
  readonly more: readonly HTMLElement[];
  show(value: unknown): void;
  /** What is wrong with the text in it. */
  readonly problem: () => string | null;
}

/** Of controls that only have values. */
const noProblem = (): null => null;

function createControl(field: Field, id: string, byDefault: string, events: FormEvents): Control {
  if (field.kind === 'boolean') return createSwitch(field, id, events);
  if (field.kind === 'choice') return createSelect(field, id, events);
  return createText(field, id, byDefault, events);
}

function createSwitch({ path, defaultValue, switchedOn }: Field, id: string, { onValue }: FormEvents): Control {
  const box = element('input', { type: 'checkbox', id, 'aria-describedby': `${id}-doc` });
  box.addEventListener('change', () => {
    if (switchedOn === undefined) onValue(path, box.checked);
    else onValue(path, box.checked ? switchedOn : undefined);
  });
  return {
    focus: box,
    more: [],
    problem: noProblem,
    show: (value) => {
      box.checked = switchedOn === undefined ? (value ?? defaultValue) === true : value !== undefined;
    },
  };
}

function createSelect(field: Field, id: string, { onValue }: FormEvents): Control {
  const select = element('select', { id, 'aria-describedby': `${id}-doc` }, element('option', { value: '' }, 'default'));
  const known = new Set<string>();
  const offer = (name: string): void => {
    if (known.has(name)) return;
    known.add(name);
    select.append(element('option', { value: name }, name));
  };
  field.choices.forEach(offer);
  select.addEventListener('change', () => {
    onValue(field.path, select.value === '' ? undefined : select.value);
  });
  const [first] = select.options;
  if (first !== undefined && field.defaultValue !== null) first.textContent = `${String(field.defaultValue)} (default)`;
  return {
    focus: select,
    more: [],
    problem: noProblem,
    show: (value) => {
      if (typeof value === 'string') offer(value);
      select.value = typeof value === 'string' ? value : '';
    },
  };
}

function createText(field: Field, id: string, byDefault: string, { onValue, onProblem }: FormEvents): Control {
  const input = element('input', { type: 'text', id, placeholder: byDefault, 'aria-describedby': `${id}-doc`, spellcheck: 'false' });
  let wrong: string | null = null;
  input.addEventListener('input', () => {
    const read = readField(field, input.value);
    wrong = read.ok ? null : read.message;
    if (read.ok) onValue(field.path, read.value);
    else onProblem();
  });
  const show = (value: unknown): void => {
    // What is being typed stays as it is typed.
    if (document.activeElement === input) return;
    input.value = value === undefined ? '' : fieldText(field, value);
    wrong = null;
  };
  const problem = (): string | null => wrong;
  if (field.kind === 'text' && field.choices.length > 0) {
    const list = element('datalist', { id: `${id}-list` }, ...field.choices.map((choice) => element('option', { value: choice })));
    input.setAttribute('list', list.id);
    return { focus: input, more: [list], show, problem };
  }
  if (field.stops === null) return { focus: input, more: [], show, problem };
  const slider = createSlider(field, field.stops, id, onValue);
  return {
    focus: input,
    more: [slider.input],
    problem,
    show: (value) => {
      show(value);
      slider.show(value);
    },
  };
}

function createSlider(
  field: Field,
  stops: readonly number[],
  id: string,
  onValue: FormEvents['onValue'],
): { readonly input: HTMLInputElement; show(value: unknown): void } {
  const input = element('input', {
    type: 'range',
    id: `${id}-slider`,
    min: 0,
    max: stops.length - 1,
    step: 1,
    'aria-label': `${field.name}, slider`,
  });
  input.addEventListener('input', () => {
    onValue(field.path, stops[Number(input.value)]);
  });
  return {
    input,
    show: (value) => {
      const number = typeof value === 'number' ? value : typeof field.defaultValue === 'number' ? field.defaultValue : (stops[0] ?? 0);
      input.value = String(nearestStop(stops, number));
      input.setAttribute('aria-valuetext', fieldText(field, number));
    },
  };
}
