/** The part of WebAssembly that interpolate-batch.ts uses: every engine has it, but neither ECMAScript's library nor the core's types name it. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object;
  const Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
}
