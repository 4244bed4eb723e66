/**
 * What changes while a store runs: options that RocksDB takes online (SetOptions, SetDBOptions, RateLimiter::SetBytesPerSecond), a pause of
 * compactions (PauseBackgroundWork around a backup, which lets flushes go on here), and the part of the device that is left to the store (another
 * tenant, a drive that wears out).
 *
 * A limit applies from the next decision on; a memtable keeps the size it was made with; running jobs keep their plan.
 */
import type { LsmOptions } from '../rocksdb/options.js';
import { jobLimits, memtableCapacity, shapesOf } from './jobs.js';
import { changeRate } from './rate-limiter.js';
import type { Change } from './scenario.js';
import { scaleDevice } from './speeds.js';
import type { FamilyState, HostState, StoreState } from './state.js';

/** Applies one change to all stores; the stall conditions and the schedule are the caller's to look at again. */
export function applyChange(host: HostState, change: Change): void {
  if (change.deviceFraction !== null) scaleDevice(host.speeds, change.deviceFraction);
  host.stores.forEach((store, index) => {
    if (change.compactionsPaused !== null) store.compactionsPaused = change.compactionsPaused;
    store.families.forEach((family, at) => {
      const options = change.optionsByFamily?.[index]?.[at] ?? change.options;
      if (options === null) return;
      // Options of the DB are the same in all its families.
      if (at === 0) changeStore(store, options);
      changeFamily(host, family, options);
    });
  });
}

function changeStore(store: StoreState, options: LsmOptions): void {
  const limitBefore = store.options.rate_limiter_bytes_per_sec;
  store.options = options;
  const slots = jobLimits(options);
  store.flushSlots = slots.flushes;
  store.compactionSlots = slots.compactions;
  store.flushPool.size = Math.max(store.flushPool.size, slots.flushes);
  store.compactionPool.size = Math.max(store.compactionPool.size, slots.compactions);
  if (options.rate_limiter_bytes_per_sec !== limitBefore) changeRate(store.limiterUse.limiter, options.rate_limiter_bytes_per_sec);
  if (options.delayed_write_rate !== store.controller.maxRateBytesPerSec) {
    // WriteController::set_max_delayed_write_rate sets the present rate along.
    store.controller.maxRateBytesPerSec = options.delayed_write_rate;
    store.controller.rateBytesPerSec = options.delayed_write_rate;
  }
}

function changeFamily(host: HostState, family: FamilyState, options: LsmOptions): void {
  family.options = options;
  const { keySizeBytes, valueSizeBytes } = family;
  family.nextCapacityEntries = memtableCapacity(family);
  family.shapes = shapesOf(options, host.profile, keySizeBytes, valueSizeBytes, family.valueCompressionRatio);
  if (family.tombstones !== null) {
    family.tombstones.shapes = shapesOf(options, host.profile, keySizeBytes, 0, family.valueCompressionRatio);
  }
}
