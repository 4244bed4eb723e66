/** Why two runs differ, as figures. */
import type { Unit } from './run.js';

/** One figure in which two runs differ and that says why their answers do. */
export interface Reason {
  /** Such as `binding.rateLimiter`: a code of the kind, for programs and for whoever puts it in words. */
  readonly figure: string;
  readonly unit: Unit;
  readonly before: number;
  readonly after: number;
  /** From when on, simulated seconds; null where it has no beginning. */
  readonly fromSec: number | null;
}
