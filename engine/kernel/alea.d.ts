/** The one file of `seedrandom` that kernel/random.ts uses; @types/seedrandom describes the package's main file only. */
declare module 'seedrandom/lib/alea.js' {
  interface AleaState {
    readonly c: number;
    readonly s0: number;
    readonly s1: number;
    readonly s2: number;
  }
  interface AleaGenerator {
    /** 53 random bits as a fraction. */
    double(): number;
    state(): AleaState;
  }
  function alea(seed: string, options: { readonly state: true | AleaState }): AleaGenerator;
  export = alea;
}
