/** The part of `jsdom` that canvas.ts uses; @types/jsdom would bring the types of a browser into all of the shell. */
declare module 'jsdom' {
  interface JsdomElement {
    readonly outerHTML: string;
    readonly tagName: string;
    readonly children: Iterable<JsdomElement>;
    textContent: string | null;
    setAttribute(name: string, value: string): void;
    append(child: JsdomElement): void;
    prepend(child: JsdomElement): void;
  }
  class JSDOM {
    constructor(html: string);
    readonly window: { readonly document: { createElementNS(namespace: string, name: string): JsdomElement } };
  }
  export { JSDOM };
}
