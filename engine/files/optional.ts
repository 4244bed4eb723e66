/** Packages that only some people need: not dependencies, loaded when asked for, with an error that says how to get them. */
import { PutmodelError } from '../kernel/errors.js';

/** The optional packages, what each is for, and the versions this program was tried with. */
export const optionalPackages = {
  bullmq: { purpose: 'running a sweep on many machines (--queue)', range: '^6.7' },
  ioredis: { purpose: 'running a sweep on many machines through Redis (--queue redis://...)', range: '^6' },
  pg: { purpose: 'running a sweep on many machines through PostgreSQL (--queue postgres://...)', range: '^8' },
  '@duckdb/node-api': { purpose: 'SQL over results (putmodel query)', range: '1.5.6-r.1' },
  '@resvg/resvg-js': { purpose: 'writing charts as PNG', range: '^2.6' },
} as const;

export type OptionalPackage = keyof typeof optionalPackages;

/**
 * The package's module. Its type is the caller's to state: the package may be absent when this program is compiled.
 * @throws PutmodelError INPUT_UNSUPPORTED with the install command when it is not installed; its own error when it fails to load
 */
export async function loadOptional(
  name: OptionalPackage,
  load: (name: string) => Promise<unknown> = (found) => import(found),
): Promise<unknown> {
  try {
    return await load(name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // The message names what was not found: a missing dependency of an installed package is that package's own error.
    const isAbsent =
      (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && error instanceof Error && error.message.includes(`'${name}'`);
    if (!isAbsent) throw error;
    const { purpose, range } = optionalPackages[name];
    throw new PutmodelError({
      code: 'INPUT_UNSUPPORTED',
      message: `${purpose} needs the package ${name}, which is not installed`,
      expected: `npm install ${name}@${range}`,
    });
  }
}
