/** A table that scrolls by itself where it is too wide. */
import { element } from './dom.js';

/** What may stand in a cell. */
export type Cell = Node | string;

/** The table; columns with these indexes hold numbers. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], numeric: readonly number[]): HTMLElement {
  const side = (index: number): string => (numeric.includes(index) ? 'number' : 'words');
  return element(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': `Table: ${head.join(', ')}` },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head.map((text, index) => element('th', { scope: 'col', class: side(index) }, text)))),
      element(
        'tbody',
        {},
        ...rows.map((cells) => element('tr', {}, ...cells.map((cell, index) => element('td', { class: side(index) }, cell)))),
      ),
    ),
  );
}
