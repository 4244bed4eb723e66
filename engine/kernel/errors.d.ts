/**
 * Errors as data. An issue says where it is, what was found and what was expected; text is made from it in one place, and it
 * crosses threads and processes as a plain object (structured clone drops an Error's class and fields).
 *
 * Two kinds: a `PutmodelError` is expected (bad input, a failed check) and is printed as one line per issue; an `InvariantError`
 * is a mistake in this program and is never caught in the core.
 */
/** Every code this package raises, with what it means. A test keeps it complete. */
export declare const errorCodes: {
    readonly USAGE: "the command line is not one this program understands";
    readonly INPUT_MISSING: "a file or directory that was named does not exist or cannot be read";
    readonly INPUT_SYNTAX: "a document cannot be parsed";
    readonly INPUT_INVALID: "a document parses, but a value in it is wrong";
    readonly INPUT_UNSUPPORTED: "the input is understood, but asks for something this program does not do";
    readonly OUTPUT_FAILED: "a result could not be written";
    readonly SIMULATION_LIMIT: "the simulation left the range in which its numbers are exact";
    readonly CHECK_FAILED: "a check the user asked for failed";
    readonly CANCELLED: "the run was interrupted";
};
export type ErrorCode = keyof typeof errorCodes;
/** One thing that is wrong. Lines and columns count from 1. */
export interface Issue {
    readonly code: ErrorCode;
    /** What is wrong, in words, without the place. */
    readonly message: string;
    /** What would have been accepted. */
    readonly expected?: string | undefined;
    /** What was there instead. */
    readonly found?: string | undefined;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
    readonly column?: number | undefined;
    /** Dotted path inside the document, such as `lsm.write_buffer_size`. */
    readonly path?: string | undefined;
}
/** `file:line:column: path: message: found X (expected Y)`; parts that are not known are left out. One line, always. */
export declare function formatIssue(issue: Issue): string;
/** An expected failure, carrying every issue found (never empty). */
export declare class PutmodelError extends Error {
    readonly issues: readonly Issue[];
    constructor(issues: readonly Issue[] | Issue);
    get code(): ErrorCode;
}
/** A mistake in this program, not in its input. */
export declare class InvariantError extends Error {
    constructor(message: string);
}
/** Throws `InvariantError` unless the condition holds. */
export declare function invariant(condition: boolean, message: string): asserts condition;
/** The form in which an error crosses a thread: plain data. */
export interface ErrorData {
    readonly name: string;
    readonly message: string;
    readonly issues?: readonly Issue[] | undefined;
}
/** Any thrown value as plain data. */
export declare function errorToData(error: unknown): ErrorData;
/** The error rebuilt on the other side. */
export declare function errorFromData(data: ErrorData): Error;
