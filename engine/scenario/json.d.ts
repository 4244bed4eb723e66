/** The value as JSON text with two-space indents and a final newline; arrays of numbers stand on one line. */
export declare function encodeJson(value: unknown): string;
/** The value as JSON text on one line with sorted keys and no newline: the form that scenario hashes are taken of. */
export declare function canonicalJson(value: unknown): string;
