/** Directory trees like Linux's /sys, for tests about drives. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes files (path -> content) and links (path -> `-> target`, relative to the link's directory) below a directory, which is returned. */
export function makeTree(directory: string, entries: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(entries)) {
    const place = join(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), place);
    else writeFileSync(place, content);
  }
  return directory;
}
