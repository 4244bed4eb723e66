/** Least squares for costs: coefficients that are never negative, residuals that are relative. */

/**
 * Coefficients c >= 0 with rows x c close to `targets`, minimising the sum of squared relative errors. A coefficient that would be negative
 * is held at 0, the most negative first. Columns that say the same as others (a singular system) give 0 for what adds nothing.
 * @param rows one row an observation, all of one length
 * @param targets above 0
 */
export function fitCosts(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0;
  let kept = Array.from({ length: size }, (_, index) => index);
  for (;;) {
    const scaled = rows.map((row, index) => kept.map((column) => (row[column] ?? 0) / (targets[index] ?? 1)));
    const matrix = kept.map((_, i) => kept.map((_column, j) => scaled.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)));
    const solution = solve(
      matrix,
      kept.map((_, i) => scaled.reduce((sum, row) => sum + (row[i] ?? 0), 0)),
    );
    const lowest = solution.indexOf(Math.min(...solution));
    if (kept.length === 0 || (solution[lowest] ?? 0) >= 0) {
      return Array.from({ length: size }, (_, column) => solution[kept.indexOf(column)] ?? 0);
    }
    kept = kept.filter((_, index) => index !== lowest);
  }
}

/** Gauss-Jordan elimination with pivoting; an unknown that the others determine already is 0. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = matrix.length;
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const largest = Math.max(0, ...matrix.map((row, index) => row[index] ?? 0));
  const pivotOf = new Map<number, number[]>();
  for (let column = 0; column < size; column++) {
    const free = rows.filter((row) => ![...pivotOf.values()].includes(row));
    const pivot = free.reduce<number[] | null>(
      (best, row) => (best === null || Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best),
      null,
    );
    if (pivot === null || Math.abs(pivot[column] ?? 0) <= 1e-12 * largest) continue;
    pivotOf.set(column, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      for (let i = column; i <= size; i++) row[i] = (row[i] ?? 0) - factor * (pivot[i] ?? 0);
    }
  }
  return Array.from({ length: size }, (_, column) => {
    const pivot = pivotOf.get(column);
    return pivot === undefined ? 0 : (pivot[size] ?? 0) / (pivot[column] ?? 1);
  });
}
