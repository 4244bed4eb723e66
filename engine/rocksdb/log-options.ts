/**
 * The options that a LOG prints when a store is opened, as options of the table. RocksDB prints them after sanitizing, by names of their
 * own in places (`NoCompression`, `max_bytes_for_level_multiplier_addtl[0]`); the rate limiter is a pointer, so that only its being there is told.
 * Source: options/db_options.cc and options/cf_options.cc (Dump), 4.9 to 10.9, compared with the LOGs and OPTIONS files of db_bench 7.8.3.
 */
import type { LogEvent } from './log.js';
import {
  defaultOptions,
  mergeOptions,
  modelledSpecs,
  parseOption,
  type LsmOptions,
  type NamedOptionSpec,
  type OptionValue,
} from './options.js';
import { parseVersion, type RocksdbVersion } from './version.js';

/** What a LOG says of the store's options. */
export interface LogOptions {
  /** null: the LOG has no header. */
  readonly version: RocksdbVersion | null;
  /** Families in the order of their options blocks. */
  readonly families: readonly string[];
  /** The DB's options and one family's, over the library's defaults of that version (of `fallback` without a header). */
  optionsOf(family: string, fallback: RocksdbVersion): LsmOptions;
  /** True when there is a rate limiter: the LOG does not say its rate. */
  readonly hasRateLimiter: boolean;
  /** Values of known options that could not be read, as `name: value`. */
  readonly unread: readonly string[];
}

/** Hears a LOG's events; `finish` gives the options of its last opening. */
export interface LogOptionsCollector {
  readonly onEvent: (event: LogEvent) => void;
  readonly finish: () => LogOptions;
}

type Values = Record<string, OptionValue>;

/** Names in the LOG's text that are not those of an OPTIONS file. */
const codecNames: Readonly<Record<string, string>> = {
  NoCompression: 'kNoCompression',
  Snappy: 'kSnappyCompression',
  Zlib: 'kZlibCompression',
  BZip2: 'kBZip2Compression',
  LZ4: 'kLZ4Compression',
  LZ4HC: 'kLZ4HCCompression',
  Xpress: 'kXpressCompression',
  ZSTD: 'kZSTD',
  ZSTDNotFinal: 'kZSTD',
  Disabled: 'kDisableCompressionOption',
  DisableOption: 'kDisableCompressionOption',
};
const listNames: Readonly<Record<string, string>> = {
  max_bytes_for_level_multiplier_addtl: 'max_bytes_for_level_multiplier_additional',
  compression: 'compression_per_level',
};
/** By the name in an OPTIONS file; the limiter's, which RocksDB does not print, by the key under which a simulated run's LOG has them. */
const specByName: ReadonlyMap<string, NamedOptionSpec> = new Map(
  modelledSpecs.flatMap((spec) => {
    const name = spec.scope === 'limiter' ? spec.key : spec.optionsFile;
    return name === null ? [] : [[name, spec] as const];
  }),
);

/** As glibc, macOS, Windows and RocksDB itself print it. */
const nullPointer = /^(?:\(nil\)|(?:0x)?0+|nullptr|)$/i;

/** Starts collecting. */
export function collectLogOptions(): LogOptionsCollector {
  let version: RocksdbVersion | null = null;
  let hasRateLimiter = false;
  let db: Values = {};
  let families = new Map<string, Values>();
  let lists = new Map<string, string[]>();
  const unread = new Set<string>();
  const valuesOf = (family: string | null): Values => {
    if (family === null) return db;
    const values = families.get(family) ?? {};
    families.set(family, values);
    return values;
  };
  const read = (spec: NamedOptionSpec, text: string, values: Values): void => {
    const parsed = parseOption(spec, spec.kind === 'choice' || spec.kind === 'choices' ? codecText(text) : text);
    if (parsed.ok) values[spec.key] = parsed.value;
    else unread.add(`${spec.key}: ${text}`);
  };
  const onOption = (family: string | null, name: string, text: string): void => {
    if (name === 'rate_limiter') {
      hasRateLimiter = !nullPointer.test(text);
      return;
    }
    if (name === 'filter_policy') {
      const bits = bloomBits(text);
      if (bits !== null) valuesOf(family)['bloom_bits'] = bits;
      return;
    }
    const element = /^(\w+)\[(\d+)\]$/.exec(name);
    if (element !== null) {
      const [, list = '', index = '0'] = element;
      const key = listNames[list];
      const spec = key === undefined ? undefined : specByName.get(key);
      if (spec === undefined) return;
      const id = `${family ?? ''}\n${spec.key}`;
      const elements = lists.get(id) ?? [];
      elements[Number(index)] = codecText(text);
      lists.set(id, elements);
      read(spec, elements.join(':'), valuesOf(family));
      return;
    }
    const spec = specByName.get(name);
    if (spec !== undefined) read(spec, text, valuesOf(family));
  };
  return {
    onEvent(event) {
      if (event.kind === 'opened') {
        version = versionOf(event.version) ?? version;
        db = {};
        families = new Map<string, Values>();
        lists = new Map<string, string[]>();
      } else if (event.kind === 'option') onOption(event.family, event.name, event.value);
    },
    finish: () => ({
      version,
      families: [...families.keys()],
      optionsOf: (family, fallback) =>
        mergeOptions(defaultOptions(version ?? fallback, { dbBench: false }), db, families.get(family) ?? {}),
      hasRateLimiter,
      unread: [...unread],
    }),
  };
}

function codecText(text: string): string {
  return codecNames[text] ?? text;
}

function versionOf(text: string): RocksdbVersion | null {
  return /^\d+\.\d+/.test(text) ? parseVersion(text) : null;
}

/** `bloomfilter:10:false` and `rocksdb.BloomFilter:..`; the bits of `rocksdb.BuiltinBloomFilter` are not told. */
function bloomBits(text: string): number | null {
  if (text === '' || text === 'nullptr') return 0;
  const bits = /:(\d+(?:\.\d+)?)/.exec(text)?.[1];
  return bits === undefined ? null : Number(bits);
}
