/** What documents are made of, before anything is known of them. */

/**
 * True for a map (a JSON object): no list, not null. Checks over several fields of a schema ask it, too: they run even where a field of
 * the same map is wrong, so that all errors come at once.
 */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
