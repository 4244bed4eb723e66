/** Figures in sentences. */

/** Three digits that matter; "not known" for null. */
export function threeDigits(value: number | null): string {
  return value === null ? 'not known' : String(Number(value.toPrecision(3)));
}
