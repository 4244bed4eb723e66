/** Checks on who imports whom: the arrows of the house, what the core may load, and what a bundle of the models contains. */
import { folderOf, isCore, rankOf } from './house.js';
import { importsOf, resolveImport, type Finding, type Import, type Source } from './source.js';

/** Packages that every part of the core may load: they run in a browser and are deterministic. */
const corePackages = ['seedrandom', 'hdr-histogram-js', 'd3-array'];
/** Packages for reading documents: in scenario/, in each kind's kind.ts and in files called `*-file.ts` only. */
const documentPackages = ['zod', 'yaml'];
const diskModules = ['node:fs', 'node:fs/promises', 'node:crypto', 'node:zlib'];

/** Imports against the arrows, from one model into another, into a public entry, or of a folder that the design does not name. */
export function checkArrows(sources: readonly Source[]): Finding[] {
  return perImport(sources, (source, { specifier }) => {
    if (!specifier.startsWith('.')) return null;
    const target = resolveImport(source.path, specifier);
    if (!target.startsWith('engine/')) return `imports ${target}, which is outside engine/`;
    const [from, to] = [folderOf(source.path), folderOf(target)];
    if (from === to) return null;
    const [fromRank, toRank] = [from === '' ? Infinity : rankOf(from), rankOf(to)];
    if (fromRank === undefined) return `engine/${from} has no place in the order of folders`;
    if (to === '') return `imports the public entry ${target}`;
    if (toRank === undefined) return `imports engine/${to}, which has no place in the order of folders`;
    return fromRank > toRank ? null : `${from} must not import ${to} (imports point from cli towards kernel)`;
  });
}

/** Node modules or shell packages in the core; disk modules outside files/. */
export function checkModules(sources: readonly Source[]): Finding[] {
  return perImport(sources, (source, { specifier }) => {
    if (specifier.startsWith('.')) return null;
    const folder = folderOf(source.path);
    if (isCore(source.path)) return coreModuleFault(source.path, specifier);
    const isDisk = diskModules.includes(specifier);
    return isDisk && folder !== 'files' ? `imports ${specifier}: only engine/files reaches disk, hashes and compression` : null;
  });
}

/**
 * Packages or kind.ts files that an entry would load when run, although it should not: follows imports that survive compilation from
 * `entry`; `isForbidden` judges package names and paths. Reported where the forbidden import stands.
 */
export function checkReachable(sources: readonly Source[], entry: string, isForbidden: (target: string) => boolean): Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  if (!byPath.has(entry)) return [{ file: entry, line: 1, message: 'does not exist' }];
  const findings: Finding[] = [];
  const reached = new Set([entry]);
  for (const path of reached) {
    const source = byPath.get(path);
    if (source === undefined) continue;
    for (const { specifier, typeOnly, line } of importsOf(source)) {
      if (typeOnly) continue;
      const target = specifier.startsWith('.') ? resolveImport(path, specifier) : specifier;
      if (isForbidden(target)) findings.push({ file: path, line, message: `loads ${target}, and ${entry} reaches it` });
      else if (specifier.startsWith('.')) reached.add(target);
    }
  }
  return findings;
}

/** Whether a package specifier or path would bring a document reader into a bundle of the models. */
export function isDocumentReader(target: string): boolean {
  return target.endsWith('/kind.ts') || documentPackages.some((name) => isOf(target, name));
}

function coreModuleFault(path: string, specifier: string): string | null {
  const readsDocuments = /\/(kind|[\w-]+-file)\.ts$/.test(path) || folderOf(path) === 'scenario';
  const allowed = readsDocuments ? [...corePackages, ...documentPackages] : corePackages;
  if (specifier.startsWith('node:')) return `the core imports ${specifier}`;
  if (allowed.some((name) => isOf(specifier, name))) return null;
  return `the core imports ${specifier === '' ? 'something chosen at run time' : specifier} (allowed here: ${allowed.join(', ')})`;
}

function isOf(specifier: string, packageName: string): boolean {
  return specifier === packageName || specifier.startsWith(`${packageName}/`);
}

function perImport(sources: readonly Source[], faultOf: (source: Source, imported: Import) => string | null): Finding[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap((imported) => {
      const message = faultOf(source, imported);
      return message === null ? [] : [{ file: source.path, line: imported.line, message }];
    }),
  );
}
