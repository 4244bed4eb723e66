/** Flat JSON objects with known fields: every field that is missing, unknown or of the wrong type is told at once. */
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { isMap } from '../kernel/maps.js';
import { nearestName } from '../rocksdb/nearest.js';

/** `number`: 0 or more; `rate`: above 0; a list of names: an object with a number, 0 or more, for each of them. */
export type FieldType = 'text' | 'number' | 'rate' | readonly string[];

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The text's JSON object. @throws PutmodelError INPUT_SYNTAX for anything else */
export function parseJsonObject(text: string, file: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isMap(value)) return value;
  } catch {
    // Told below, like JSON that is not an object.
  }
  throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'not a JSON object', file });
}

/** Refuses a file of another schema, or of another number of one, by its name. @throws PutmodelError INPUT_UNSUPPORTED */
export function checkSchema(value: unknown, known: readonly string[], file: string): void {
  const schema = isMap(value) ? value['schema'] : undefined;
  if (typeof schema === 'string' && known.includes(schema)) return;
  throw new PutmodelError({
    code: 'INPUT_UNSUPPORTED',
    message: 'not a file this version reads',
    file,
    path: 'schema',
    found: schema === undefined ? 'no schema' : JSON.stringify(schema),
    expected: known.map((name) => JSON.stringify(name)).join(' or '),
  });
}

/** Access to the fields once all are as they should be; a `schema` field may stand beside them. @throws PutmodelError INPUT_INVALID with every problem and its path */
export function checkFields(
  value: JsonObject,
  fields: Readonly<Record<string, FieldType>>,
  file: string,
): { readonly text: (name: string) => string; readonly number: (name: string) => number } {
  const issues: Issue[] = [];
  for (const [path, type] of Object.entries(fields)) {
    if (isOfType(value[path], type)) continue;
    issues.push({
      code: 'INPUT_INVALID',
      message: path in value ? 'wrong value' : 'missing',
      file,
      path,
      found: path in value ? JSON.stringify(value[path]) : undefined,
      expected: expectation(type),
    });
  }
  for (const path of Object.keys(value)) {
    if (path in fields || path === 'schema') continue;
    const nearest = nearestName(path, Object.keys(fields));
    issues.push({
      code: 'INPUT_INVALID',
      message: 'unknown key',
      file,
      path,
      expected: nearest === null ? undefined : `did you mean ${nearest}?`,
    });
  }
  if (issues.length > 0) throw new PutmodelError(issues);
  return { text: (name) => String(value[name]), number: (name) => Number(value[name]) };
}

function expectation(type: FieldType): string {
  if (type === 'text') return 'a text';
  if (type === 'number') return 'a number, 0 or more';
  return type === 'rate' ? 'a number above 0' : `a number, 0 or more, for each of ${type.join(', ')}`;
}

function isOfType(value: unknown, type: FieldType): boolean {
  if (type === 'text') return typeof value === 'string';
  if (type !== 'number' && type !== 'rate') return isMap(value) && type.every((name) => isOfType(value[name], 'number'));
  return typeof value === 'number' && Number.isFinite(value) && (type === 'rate' ? value > 0 : value >= 0);
}
