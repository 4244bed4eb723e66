/**
 * A fio document as points of a device's envelope: where each run lies on the axes, and everything it measured there. The axes come
 * from the options the file itself echoes; a file name that says otherwise is reported and not believed.
 */
import type { FioDocument } from '../fio/json.js';
import type { Issue } from '../kernel/errors.js';
export type Pattern = 'random' | 'sequential';
/** One measured run. */
export interface EnvelopePoint {
  readonly file: string;
  readonly pattern: Pattern;
  readonly readPercent: number;
  readonly iodepth: number;
  readonly numjobs: number;
  readonly bsKib: number;
  readonly timestampSec: number | null;
  /**
   * Column name to value: `totalBytesPerSec`, `readOpsPerSec`, `writeClatMicros.p99.9`, `readLatMicros.mean`... A direction without
   * requests has rates of 0 and no latencies.
   */
  readonly columns: ReadonlyMap<string, number>;
}
/** The points of one document. Runs that can't be placed or trusted become issues, one each, and no point. */
export declare function pointsOf(document: FioDocument): {
  readonly points: readonly EnvelopePoint[];
  readonly issues: readonly Issue[];
};
