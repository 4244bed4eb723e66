import { type EnvelopeModel } from '../device/envelope.js';
import { type Issue } from '../kernel/errors.js';
/** A model just built, with what to tell about it. */
export interface BuiltEnvelope {
    readonly model: EnvelopeModel;
    readonly issues: readonly Issue[];
    /** Files that gave at least one point, and points in all. */
    readonly fileCount: number;
    readonly pointCount: number;
}
/**
 * Builds an envelope from fio's JSON files. A directory stands for its `*.json` and `*.json.gz`, in order of name.
 * Failed jobs and output that is only an error message are told and left out.
 * @throws PutmodelError with every problem at once: files that are missing, empty, cut off or not fio's; fewer than two usable runs
 */
export declare function buildEnvelopeFromFiles(paths: readonly string[], options?: {
    readonly name?: string | undefined;
    readonly source?: string | undefined;
    readonly outliers?: 'keep' | 'fill' | undefined;
}): BuiltEnvelope;
