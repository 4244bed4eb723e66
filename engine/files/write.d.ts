/**
 * Replaces or makes a file; its directory is made when missing. After a failure nothing is left behind.
 * @throws PutmodelError OUTPUT_FAILED with the path and the reason
 */
export declare function writeFileAtomic(path: string, data: string | Uint8Array): void;
