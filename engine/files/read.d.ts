import { existsSync } from 'node:fs';
export { existsSync };
/** True for an existing directory. */
export declare function isDirectory(path: string): boolean;
/** A file's bytes as they are. @throws PutmodelError INPUT_MISSING with the reason (not there, a directory, not allowed) */
export declare function readBytes(path: string): Uint8Array;
/** A file as text (UTF-8, a byte order mark dropped; bytes that are not UTF-8 become U+FFFD); gzip is unpacked, whatever its name. @throws as `readBytes`; INPUT_SYNTAX for damaged gzip */
export declare function readText(path: string): string;
/** A file's text with the SHA-256 (hex) of its bytes on disk: what a result's manifest records. @throws as `readText` */
export declare function readHashedText(path: string): {
    readonly text: string;
    readonly sha256: string;
};
/**
 * A file's text in pieces, in constant memory; gzip is unpacked. Pieces break anywhere, but never inside a character.
 * @returns the SHA-256 (hex) of the bytes on disk
 * @throws as `readText`; whatever `onChunk` throws
 */
export declare function streamText(path: string, onChunk: (text: string) => void): Promise<string>;
/** SHA-256 of bytes, or of a text's UTF-8, in hex. */
export declare function sha256(data: Uint8Array | string): string;
/** Names (not paths) of a directory's plain files, sorted by code unit, so that every machine sees one order. @throws PutmodelError INPUT_MISSING */
export declare function listFiles(directory: string): readonly string[];
