/** The folders of engine/, their order and what each may import. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from './source.js';

/** test/support/core-bans.json, which the lint rules read too. */
export interface CoreBans {
  readonly coreFolders: readonly string[];
  readonly exactMath: readonly string[];
  readonly inexactMath: readonly string[];
  readonly impureGlobals: readonly string[];
  readonly localeMethods: readonly string[];
}

/** What the core must not use. */
export const coreBans = JSON.parse(readFileSync(join(rootDir, 'test/support/core-bans.json'), 'utf8')) as CoreBans;

/** From right to left: a folder may import those of lower ranks only, so folders of one rank do not import each other. */
const ranks: readonly (readonly string[])[] = [
  ['kernel'],
  ['fio', 'rocksdb'],
  ['device'],
  ['ledger'],
  ['lsm', 'backlog', 'commit', 'replay', 'putrate'],
  ['scenario'],
  ['files'],
  ['sweep'],
  ['validation'],
  ['whatif'],
  ['report'],
  ['web'],
  ['cli'],
];

/** The folder below engine/ that a path lies in; '' for the public entries beside the folders. */
export function folderOf(path: string): string {
  return /^engine\/([^/]+)\//.exec(path)?.[1] ?? '';
}

/** Position from the right, 0 for kernel; undefined for a folder that the design does not name. */
export function rankOf(folder: string): number | undefined {
  const rank = ranks.findIndex((folders) => folders.includes(folder));
  return rank === -1 ? undefined : rank;
}

/** Whether a file belongs to the core: no disk, network, clock, environment or console. */
export function isCore(path: string): boolean {
  return coreBans.coreFolders.includes(folderOf(path)) || path === 'engine/index.ts' || path === 'engine/policy.ts';
}
