/** Freezing what has been resolved, so that no run can change what another one reads. */

/** Freezes the value and all it holds, typed arrays excepted (JavaScript cannot freeze them). Returns the same value. */
export function deepFreeze<T>(value: T): T {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const item = pending.pop();
    if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item) || Object.isFrozen(item)) continue;
    Object.freeze(item);
    for (const child of Object.values(item)) pending.push(child);
  }
  return value;
}
