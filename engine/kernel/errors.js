/**
 * Errors as data. An issue says where it is, what was found and what was expected; text is made from it in one place, and it
 * crosses threads and processes as a plain object (structured clone drops an Error's class and fields).
 *
 * Two kinds: a `PutmodelError` is expected (bad input, a failed check) and is printed as one line per issue; an `InvariantError`
 * is a mistake in this program and is never caught in the core.
 */
/** Every code this package raises, with what it means. A test keeps it complete. */
export const errorCodes = {
    USAGE: 'the command line is not one this program understands',
    INPUT_MISSING: 'a file or directory that was named does not exist or cannot be read',
    INPUT_SYNTAX: 'a document cannot be parsed',
    INPUT_INVALID: 'a document parses, but a value in it is wrong',
    INPUT_UNSUPPORTED: 'the input is understood, but asks for something this program does not do',
    OUTPUT_FAILED: 'a result could not be written',
    SIMULATION_LIMIT: 'the simulation left the range in which its numbers are exact',
    CHECK_FAILED: 'a check the user asked for failed',
    CANCELLED: 'the run was interrupted',
};
/** `file:line:column: path: message: found X (expected Y)`; parts that are not known are left out. One line, always. */
export function formatIssue(issue) {
    let place = '';
    if (issue.file !== undefined) {
        place = issue.file;
        if (issue.line !== undefined)
            place += `:${String(issue.line)}`;
        if (issue.line !== undefined && issue.column !== undefined)
            place += `:${String(issue.column)}`;
        place += ': ';
    }
    const path = issue.path === undefined || issue.path === '' ? '' : `${issue.path}: `;
    const found = issue.found === undefined ? '' : `: found ${issue.found}`;
    const expected = issue.expected === undefined ? '' : ` (expected ${issue.expected})`;
    return `${place}${path}${issue.message}${found}${expected}`.replaceAll(/[\r\n]+/g, ' ');
}
/** An expected failure, carrying every issue found (never empty). */
export class PutmodelError extends Error {
    issues;
    constructor(issues) {
        const list = Array.isArray(issues) ? issues : [issues];
        super(list.map(formatIssue).join('\n'));
        this.name = 'PutmodelError';
        this.issues = list;
    }
    get code() {
        return this.issues[0]?.code ?? 'INPUT_INVALID';
    }
}
/** A mistake in this program, not in its input. */
export class InvariantError extends Error {
    constructor(message) {
        super(message);
        this.name = 'InvariantError';
    }
}
/** Throws `InvariantError` unless the condition holds. */
export function invariant(condition, message) {
    if (!condition)
        throw new InvariantError(message);
}
/** Any thrown value as plain data. */
export function errorToData(error) {
    if (error instanceof PutmodelError)
        return { name: error.name, message: error.message, issues: error.issues };
    if (error instanceof Error)
        return { name: error.name, message: error.message };
    return { name: 'Error', message: String(error) };
}
/** The error rebuilt on the other side. */
export function errorFromData(data) {
    if (data.issues !== undefined && data.issues.length > 0)
        return new PutmodelError(data.issues);
    if (data.name === 'InvariantError')
        return new InvariantError(data.message);
    return new Error(data.message);
}
//# sourceMappingURL=errors.js.map