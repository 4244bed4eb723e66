/** The tabs: one a kind of scenario that the page shows. What only one of them needs is loaded with it. */
import { byId, element } from './dom.js';
import type { View } from './run.js';

/** A tab. */
export interface Tab {
  readonly kind: string;
  readonly label: string;
  /** The shipped scenario that it opens with. */
  readonly firstScenario: string;
  readonly loadView: () => Promise<View>;
  /** Whether its runs have a tree to watch. */
  readonly hasTree: boolean;
}

/** In the order on the page; the first opens. */
export const tabs: readonly [Tab, ...Tab[]] = [
  {
    kind: 'lsm',
    label: 'LSM store',
    firstScenario: 'rate-limited',
    loadView: async () => (await import('./lsm-view.js')).lsmView,
    hasTree: true,
  },
  {
    kind: 'commit',
    label: 'Object store',
    firstScenario: 'baseline',
    loadView: async () => (await import('./commit-view.js')).commitView,
    hasTree: false,
  },
];

/** The row of tabs. Arrow keys, Home and End move along it, as in any list of tabs. */
export function createTabList(root: HTMLElement, onChoose: (tab: Tab) => void): { readonly show: (kind: unknown) => void } {
  const buttons = tabs.map(({ kind, label }) =>
    element('button', { type: 'button', role: 'tab', id: `tab-${kind}`, class: 'tab', 'aria-controls': 'panel' }, label),
  );
  const choose = (index: number): void => {
    const tab = tabs[index];
    if (tab === undefined) return;
    buttons[index]?.focus();
    onChoose(tab);
  };
  for (const [index, button] of buttons.entries()) {
    button.addEventListener('click', () => {
      choose(index);
    });
    button.addEventListener('keydown', (event) => {
      const next = nextIndex(event.key, index);
      if (next === null) return;
      event.preventDefault();
      choose(next);
    });
  }
  root.replaceChildren(...buttons);
  return {
    show(kind) {
      const shown = tabs.findIndex((tab) => tab.kind === kind);
      for (const [index, button] of buttons.entries()) {
        const isShown = index === shown;
        button.setAttribute('aria-selected', String(isShown));
        // One is always reached by keys, also while no tab shows what there is.
        button.tabIndex = index === Math.max(0, shown) ? 0 : -1;
        if (isShown) byId('panel', HTMLElement).setAttribute('aria-labelledby', button.id);
      }
    },
  };
}

function nextIndex(key: string, index: number): number | null {
  if (key === 'ArrowRight') return (index + 1) % tabs.length;
  if (key === 'ArrowLeft') return (index + tabs.length - 1) % tabs.length;
  if (key === 'Home') return 0;
  return key === 'End' ? tabs.length - 1 : null;
}
