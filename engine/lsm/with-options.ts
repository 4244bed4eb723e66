/** A resolved scenario with other options: what RocksDB derives from them when it opens a DB is derived anew. */
import {
  mergeOptions,
  sanitizeOptions,
  validateOptions,
  type LsmOptions,
  type OptionKey,
  type PartialLsmOptions,
} from '../rocksdb/options.js';
import type { RocksdbVersion } from '../rocksdb/version.js';
import type { LsmScenario } from './scenario.js';

/** Options that RocksDB fills in where 0 was said. */
const derivedKeys = [
  'arena_block_size',
  'max_compaction_bytes',
  'bytes_per_sync',
  'delayed_write_rate',
  'compaction_readahead_size',
] as const satisfies readonly OptionKey[];

/**
 * The scenario with these options over its own. A value that RocksDB would have derived from the scenario's other options counts as
 * derived, whoever said it: it follows the change.
 * @throws PutmodelError INPUT_INVALID for options that RocksDB refuses
 */
export function withOptions(scenario: LsmScenario, changes: PartialLsmOptions): LsmScenario {
  const { rocksdbVersion: version } = scenario;
  const changed = (options: LsmOptions): LsmOptions => {
    const merged = mergeOptions(underived(options, version), changes);
    validateOptions(merged);
    return sanitizeOptions(merged, version).options;
  };
  return {
    ...scenario,
    stores: scenario.stores.map((store) => ({
      ...store,
      options: changed(store.options),
      families: store.families.map((family) => ({ ...family, options: changed(family.options) })),
    })),
  };
}

/** Sanitized options with 0 where that is what their values follow from. */
function underived(options: LsmOptions, version: RocksdbVersion): LsmOptions {
  const zeros = derivedKeys.filter((key) => {
    if (options[key] === 0) return false;
    return sanitizeOptions({ ...options, [key]: 0 }, version).options[key] === options[key];
  });
  return mergeOptions(options, Object.fromEntries(zeros.map((key) => [key, 0])));
}

/** The first family's options: those that decide where there is one store with one family. */
export function optionsOf({ stores }: LsmScenario): LsmOptions {
  const options = stores[0]?.families[0]?.options;
  if (options === undefined) throw new Error('a scenario without a column family');
  return options;
}
