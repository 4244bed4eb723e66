/** What the stores' files take. */
import type { HostState } from './state.js';

/** Bytes of all files that are in a tree. */
export function liveBytes({ families }: HostState): number {
  let bytes = 0;
  for (let i = 0; i < families.length; i++) bytes += families[i]!.tree.totalBytes;
  return bytes;
}

/** Bytes of files that are replaced and still on disk. */
export function obsoleteBytes({ stores }: HostState): number {
  let bytes = 0;
  for (let i = 0; i < stores.length; i++) bytes += stores[i]!.obsoleteBytes;
  return bytes;
}
