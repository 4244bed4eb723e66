/** The name a user probably meant: nearest by edit distance. */
/**
 * The candidate with the smallest Levenshtein distance to `name` (case and `-`/`_` do not count; ties: the earlier candidate), or null
 * when none is within a third of the name's length (at least 2). O(candidates x length squared); for error messages.
 */
export function nearestName(name, candidates) {
    const wanted = normalize(name);
    let best = null;
    let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
    for (const candidate of candidates) {
        const distance = editDistance(wanted, normalize(candidate));
        if (distance < bestDistance) {
            best = candidate;
            bestDistance = distance;
        }
    }
    return best;
}
function normalize(name) {
    return name.toLowerCase().replaceAll('-', '_');
}
/** Insertions, deletions and substitutions that turn a into b (Levenshtein 1966), by the two-row table of Wagner and Fischer 1974. */
export function editDistance(a, b) {
    let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let row = 1; row <= a.length; row++) {
        const current = [row];
        for (let column = 1; column <= b.length; column++) {
            const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
            current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
        }
        previous = current;
    }
    return previous[b.length] ?? 0;
}
//# sourceMappingURL=nearest.js.map