/**
 * When writes are delayed or stopped, and how fast delayed writes go.
 *
 * The state is recalculated whenever a memtable is switched or a flush or compaction is committed. Source: column_family.cc
 * GetWriteStallConditionAndCause, RecalculateWriteStallConditions, SetupDelay; write_controller.cc (rocksdb-semantics, section 2).
 * The delayed rate is never reset: a store that left a long stall enters the next one at the rate it had.
 */
import type { LsmOptions } from '../rocksdb/options.js';
import type { StallCause } from './result.js';

/** The smallest delayed write rate, bytes/s (kMinWriteRate in SetupDelay). */
const MIN_WRITE_RATE = 16 * 1024;
/** SetupDelay's ratios: kIncSlowdownRatio 0.8, its inverse, kNearStopSlowdownRatio 0.6, kDelayRecoverSlowdownRatio 1.4. */
const SLOWER = 0.8;
const FASTER = 1 / SLOWER;
const NEAR_STOP = 0.6;
const RECOVER = 1.4;

/** What a family holds against the writers (WriteControllerToken). */
export type Token = 'none' | 'pressure' | 'delay' | 'stop';

/** RocksDB's WriteController: the tokens of all families and the delayed rate they share. */
export interface WriteController {
  /** delayed_write_rate after sanitizing, bytes/s of write batches. */
  maxRateBytesPerSec: number;
  rateBytesPerSec: number;
  /** One token a family. */
  tokens: Token[];
  causes: (StallCause | null)[];
  /** Debt at the last recalculation, a family. */
  previousDebtBytes: Float64Array;
}

/** A controller that holds nothing; the delayed rate begins at its maximum, bytes/s. */
export function createWriteController(maxRateBytesPerSec: number, familyCount: number): WriteController {
  return {
    maxRateBytesPerSec,
    rateBytesPerSec: maxRateBytesPerSec,
    tokens: new Array<Token>(familyCount).fill('none'),
    causes: new Array<StallCause | null>(familyCount).fill(null),
    previousDebtBytes: new Float64Array(familyCount),
  };
}

/** What the conditions look at. */
export interface StallInputs {
  readonly options: LsmOptions;
  /** Immutable memtables, those being flushed included. */
  readonly immutableMemtables: number;
  /** L0 files, busy ones included (universal: sorted runs); 0 for FIFO. */
  readonly l0DelayTriggerCount: number;
  /** Estimated pending compaction bytes; 0 unless leveled. */
  readonly debtBytes: number;
  /** The debt at which compactions run in parallel (jobs.ts debtPressureBytes). */
  readonly pressureDebtBytes: number;
}

/** The first condition that holds, in RocksDB's order; null when none does. */
export function stallCause(inputs: StallInputs): StallCause | 'memtableSlowdown' | null {
  const { options, immutableMemtables, l0DelayTriggerCount, debtBytes } = inputs;
  const auto = !options.disable_auto_compactions;
  const soft = options.soft_pending_compaction_bytes_limit;
  const hard = options.hard_pending_compaction_bytes_limit;
  if (immutableMemtables >= options.max_write_buffer_number) return 'memtable';
  if (auto && l0DelayTriggerCount >= options.level0_stop_writes_trigger) return 'l0Stop';
  if (auto && hard > 0 && debtBytes >= hard) return 'pendingStop';
  if (
    options.max_write_buffer_number > 3 &&
    immutableMemtables >= options.max_write_buffer_number - 1 &&
    immutableMemtables - 1 >= options.min_write_buffer_number_to_merge
  ) {
    return 'memtableSlowdown';
  }
  if (auto && options.level0_slowdown_writes_trigger >= 0 && l0DelayTriggerCount >= options.level0_slowdown_writes_trigger)
    return 'l0Slowdown';
  if (auto && soft > 0 && debtBytes >= soft) return 'pendingSlowdown';
  return null;
}

/** True when some family holds this against the writers. */
export function holds(controller: WriteController, token: Token): boolean {
  const { tokens } = controller;
  for (let i = 0; i < tokens.length; i++) if (tokens[i] === token) return true;
  return false;
}

/** RecalculateWriteStallConditions for one family; returns its new token. */
export function recalculate(controller: WriteController, family: number, inputs: StallInputs): Token {
  const cause = stallCause(inputs);
  const wasDelayed = holds(controller, 'delay');
  const wasStopped = holds(controller, 'stop');
  const previousDebt = controller.previousDebtBytes[family]!;
  let token: Token;
  if (cause === 'memtable' || cause === 'l0Stop' || cause === 'pendingStop') {
    token = 'stop';
  } else if (cause !== null) {
    token = 'delay';
    setupDelay(controller, inputs, cause, wasDelayed, wasStopped, previousDebt);
  } else {
    token = underPressure(inputs) ? 'pressure' : 'none';
    // Only a delay that was held, by whichever family, pays back; a stop that ends does not.
    if (wasDelayed) {
      controller.rateBytesPerSec = Math.min(controller.maxRateBytesPerSec, Math.floor(controller.rateBytesPerSec * RECOVER));
    }
  }
  controller.tokens[family] = token;
  controller.causes[family] = cause === 'memtableSlowdown' ? 'memtable' : cause;
  controller.previousDebtBytes[family] = inputs.debtBytes;
  return token;
}

function setupDelay(
  controller: WriteController,
  inputs: StallInputs,
  cause: StallCause | 'memtableSlowdown',
  wasDelayed: boolean,
  wasStopped: boolean,
  previousDebtBytes: number,
): void {
  const max = controller.maxRateBytesPerSec;
  if (inputs.options.disable_auto_compactions) {
    controller.rateBytesPerSec = max;
    return;
  }
  if (!wasDelayed || max <= MIN_WRITE_RATE) return;
  const rate = controller.rateBytesPerSec;
  if (wasStopped || isNearStop(inputs, cause)) {
    controller.rateBytesPerSec = Math.max(MIN_WRITE_RATE, Math.floor(rate * NEAR_STOP));
  } else if (previousDebtBytes > 0 && previousDebtBytes <= inputs.debtBytes) {
    controller.rateBytesPerSec = Math.max(MIN_WRITE_RATE, Math.floor(rate * SLOWER));
  } else if (previousDebtBytes > inputs.debtBytes) {
    controller.rateBytesPerSec = Math.min(max, Math.floor(rate * FASTER));
  }
}

function isNearStop(inputs: StallInputs, cause: StallCause | 'memtableSlowdown'): boolean {
  const { options } = inputs;
  if (cause === 'l0Slowdown') return inputs.l0DelayTriggerCount >= options.level0_stop_writes_trigger - 2;
  if (cause !== 'pendingSlowdown') return false;
  const soft = options.soft_pending_compaction_bytes_limit;
  const hard = options.hard_pending_compaction_bytes_limit;
  return hard > soft && inputs.debtBytes - soft > 0.75 * (hard - soft);
}

/** The compaction pressure token: L0 at the speed-up trigger, or enough debt (GetL0ThresholdSpeedupCompaction). */
function underPressure(inputs: StallInputs): boolean {
  const { options } = inputs;
  const trigger = options.level0_file_num_compaction_trigger;
  const slowdown = options.level0_slowdown_writes_trigger;
  if (options.compaction_style === 'fifo') return false;
  const l0Speedup = Math.min(2 * trigger, trigger + Math.floor((slowdown - trigger) / 4));
  return inputs.l0DelayTriggerCount >= l0Speedup || inputs.debtBytes >= inputs.pressureDebtBytes;
}
