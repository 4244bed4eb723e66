/** The own files of single runs (series, histograms), kept on request: `runs/<run index>/` below the sweep's directory. */
import { join } from 'node:path';
import { writeFileAtomic } from '../files/write.js';
import type { Kind, Result, Scenario } from '../scenario/kind.js';

/** Where they go in a sweep's directory. */
export function runFilesDirectory(directory: string): string {
  return join(directory, 'runs');
}

/** Writes what the kind writes of a run. The same bytes whenever and wherever it is made. @throws PutmodelError OUTPUT_FAILED */
export function writeRunFiles(
  directory: string,
  runIndex: number,
  kind: Kind,
  { scenario, result }: { readonly scenario: Scenario; readonly result: Result },
): void {
  for (const [name, text] of Object.entries(kind.files(scenario, result))) writeFileAtomic(join(directory, String(runIndex), name), text);
}
