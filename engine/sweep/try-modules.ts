/** Tries every module that a sweep brings along before anything runs: one that cannot be used would fail every run that needs it. */
import { tryModule } from '../files/module-run.js';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { modulesOf, type OpenSweep } from './bundle.js';

/** @throws PutmodelError with what is wrong with each module; CANCELLED when the signal aborts */
export async function tryModules(open: OpenSweep, signal: AbortSignal | undefined): Promise<void> {
  const issues: Issue[] = [];
  for (const module of modulesOf(open)) {
    try {
      await tryModule(open.kind.name, module, { signal });
    } catch (error) {
      if (!(error instanceof PutmodelError) || error.code === 'CANCELLED') throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, file: module.name })));
    }
  }
  if (issues.length > 0) throw new PutmodelError(issues);
}
