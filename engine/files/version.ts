/** The version of this package, from its own package.json. */
import { readFileSync } from 'node:fs';
import { invariant } from '../kernel/errors.js';

/** Such as `0.1.0`. The file lies two directories up, both from the sources and from the built package. */
export function engineVersion(): string {
  const value: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  invariant(typeof version === 'string', 'package.json has no version');
  return version;
}
