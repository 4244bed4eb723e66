/** The Pareto front: the points of which no other is at least as good in every objective and better in one. */

/** One objective: its value at each point (NaN: the point does not take part), and which way is better. */
export interface Objective {
  readonly values: Float64Array;
  readonly better: 'more' | 'less';
}

/**
 * Indexes of the points on the front, the best in the first objective first (ties by the others, then by index). Points that are equal in
 * all objectives are all on it. O(points x front) after sorting: in that order nobody is dominated by a later one.
 */
export function paretoFront(objectives: readonly Objective[]): readonly number[] {
  const costs = objectives.map(({ values, better }) => (better === 'more' ? values.map((value) => -value) : values));
  const costAt = (objective: number, point: number): number => costs[objective]?.[point] ?? Number.NaN;
  const points = Array.from({ length: costs[0]?.length ?? 0 }, (_, point) => point);
  const sorted = points
    .filter((point) => costs.every((_, objective) => !Number.isNaN(costAt(objective, point))))
    .sort((a, b) => costs.reduce((order, _, objective) => order || costAt(objective, a) - costAt(objective, b), 0) || a - b);
  const front: number[] = [];
  for (const point of sorted) {
    const isDominated = front.some((other) => dominates(costs, other, point));
    if (!isDominated) front.push(point);
  }
  return front;
}

/** At least as good in all, better in one. */
function dominates(costs: readonly Float64Array[], a: number, b: number): boolean {
  let isBetter = false;
  for (const cost of costs) {
    const difference = (cost[a] ?? 0) - (cost[b] ?? 0);
    if (difference > 0) return false;
    if (difference < 0) isBetter = true;
  }
  return isBetter;
}
