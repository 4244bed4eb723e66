/** Lists of numbers that grow by doubling. */

/** The array, twice as long when `length` fills it. */
export function withRoom<T extends Float64Array | Int32Array | Uint8Array>(list: T, length: number): T {
  if (length < list.length) return list;
  const larger = new (list.constructor as new (length: number) => T)(list.length * 2);
  larger.set(list);
  return larger;
}
