/** The name a user probably meant: nearest by edit distance. */
/**
 * The candidate with the smallest Levenshtein distance to `name` (case and `-`/`_` do not count; ties: the earlier candidate), or null
 * when none is within a third of the name's length (at least 2). O(candidates x length squared); for error messages.
 */
export declare function nearestName(name: string, candidates: Iterable<string>): string | null;
/** Insertions, deletions and substitutions that turn a into b (Levenshtein 1966), by the two-row table of Wagner and Fischer 1974. */
export declare function editDistance(a: string, b: string): number;
