/** Making elements, in a line each. Texts are set as text: nothing that is typed or read becomes markup. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string;

/** An element with attributes (true: present, false or undefined: absent) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(key, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** A RocksDB name that may break after its underscores, where a line is too short for it. */
export function nameElement(name: string): HTMLElement {
  const parts = name.split(/(?<=_)/);
  return element('code', {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [document.createElement('wbr'), part])));
}

/** The element of the page with this id; index.html has it. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with id ${id}`);
  return found;
}

/** The next time the browser paints, or soon where it does not (a page in the background). */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 50);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
