/** What the RocksDB front end says without refusing: codes, and one shape for all its modules. */

/** Every warning this folder raises, with what it means. */
export const warningCodes = {
  OPTION_SANITIZED: 'RocksDB would change this value when it opens the DB',
  OPTION_DERIVED: 'RocksDB fills this value in by itself',
  OPTION_NOT_IN_VERSION: 'this version of RocksDB does not have the option',
  FLAG_NOT_MODELLED: 'a db_bench flag would change a real run and does not change this one',
  BENCHMARK_SKIPPED: 'db_bench skips this benchmark',
  VALUE_SIZE_MEAN: 'values of varying size are simulated at their mean',
  OPTION_UNKNOWN: 'an OPTIONS file has a key that is no known option of its section',
  FAMILY_NOT_USED: 'the options of a column family in an OPTIONS file were not used',
  VERSION_NOT_USED: 'an OPTIONS file is of another version of RocksDB than the run',
  SECTION_NOT_MODELLED: 'a section of an OPTIONS file was skipped',
  FILTER_BITS_ASSUMED: 'an OPTIONS file names a filter without its bits per key',
} as const;

/** A code of `warningCodes`. */
export type WarningCode = keyof typeof warningCodes;

/** One thing worth knowing. `path` is an option's key, `--flag`, or a section's title. */
export interface RocksdbWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly path: string;
}

/** A warning as data. */
export function warning(code: WarningCode, path: string, message: string): RocksdbWarning {
  return { code, message, path };
}
