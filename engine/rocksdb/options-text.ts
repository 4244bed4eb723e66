/**
 * Options as RocksDB's users write them: an OPTIONS fragment to paste, db_bench's flags, and the calls that change a running DB. The readers
 * of options-file.ts and db-bench.ts read the first two back.
 */
import { modelledSpecs, type NamedOptionSpec, type OptionSpec, type OptionValue, type PartialLsmOptions } from './options.js';

/** How options come into force. */
export interface ChangeSteps {
  /** Calls on the running DB, whose effect begins at once. */
  readonly online: readonly string[];
  /** Calls on the running DB that only files written from then on feel. */
  readonly newFiles: readonly string[];
  /** Options that need the DB to be opened anew, as `name=value`. */
  readonly reopen: readonly string[];
}

interface SaidOption {
  readonly spec: NamedOptionSpec;
  readonly text: string;
}

function saidOptions(options: PartialLsmOptions): readonly SaidOption[] {
  return modelledSpecs.flatMap((spec) => {
    const value = (options as Readonly<Record<string, OptionValue | undefined>>)[spec.key];
    return value === undefined ? [] : [{ spec, text: optionText(spec, value) }];
  });
}

/** A value as an OPTIONS file holds it: choices by RocksDB's names, lists joined by colons. */
export function optionText(spec: OptionSpec, value: OptionValue): string {
  const one = (element: unknown): string => spec.choices.find((choice) => choice.value === element)?.file ?? String(element);
  return Array.isArray(value) ? value.map(one).join(':') : one(value);
}

const sections = [
  { scope: 'db', title: '[DBOptions]' },
  { scope: 'family', title: '[CFOptions "default"]' },
  { scope: 'table', title: '[TableOptions/BlockBasedTable "default"]' },
] as const;

/** Lines for an OPTIONS file, by section. What such a file does not hold (the rate limiter, the Env's threads) stands in comments. */
export function optionsFragment(options: PartialLsmOptions): string {
  const said = saidOptions(options);
  const lines = sections.flatMap(({ scope, title }) => {
    const own = said.filter(({ spec }) => spec.scope === scope && spec.optionsFile !== null);
    return own.length === 0 ? [] : [title, ...namedValues(own).map(([name, value]) => `  ${name}=${value}`)];
  });
  const outside = said
    .filter(({ spec }) => spec.optionsFile === null)
    .map(({ spec, text }) => `# not in an OPTIONS file: ${spec.key}=${text}`);
  return [...lines, ...outside].map((line) => `${line}\n`).join('');
}

/** Names and values as RocksDB takes them: members of one struct come together, `{a=1;b=2;}`. */
function namedValues(said: readonly SaidOption[]): readonly (readonly [name: string, value: string])[] {
  const structs = new Map<string, string>();
  const plain: (readonly [string, string])[] = [];
  for (const { spec, text } of said) {
    const [name = spec.key, member] = (spec.optionsFile ?? spec.key).split('.');
    if (member === undefined) plain.push([name, spec.key === 'bloom_bits' ? filterText(text) : text]);
    else structs.set(name, `${structs.get(name) ?? ''}${member}=${text};`);
  }
  return [...plain, ...[...structs].map(([name, members]) => [name, `{${members}}`] as const)];
}

function filterText(bits: string): string {
  return bits === '0' ? 'nullptr' : `bloomfilter:${bits}:false`;
}

/** Options whose flag takes the number of the C++ enum. */
const numberedFlags: ReadonlySet<string> = new Set(['compaction_style', 'compaction_pri']);

/** db_bench's flags; what it has none for is left out and named in `missing`. */
export function dbBenchFlagsOf(options: PartialLsmOptions): { readonly flags: readonly string[]; readonly missing: readonly string[] } {
  const flags: string[] = [];
  const missing: string[] = [];
  for (const [key, value] of Object.entries(options) as [string, OptionValue][]) {
    const spec = modelledSpecs.find((candidate) => candidate.key === key);
    if (spec?.dbBench === undefined) missing.push(key);
    else flags.push(`--${spec.dbBench.flag}=${flagText(spec, value)}`);
  }
  return { flags, missing };
}

function flagText(spec: NamedOptionSpec, value: OptionValue): string {
  if (numberedFlags.has(spec.key)) return String(spec.choices.find((choice) => choice.value === value)?.number ?? value);
  if (spec.key === 'fifo_max_table_files_size') return String(Math.ceil(Number(value) / 1_048_576));
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** What it takes to bring a running DB to these options. */
export function changeSteps(options: PartialLsmOptions, family = 'default'): ChangeSteps {
  const said = saidOptions(options);
  const calls = (change: OptionSpec['change']): string[] => {
    const own = said.filter(({ spec }) => spec.change === change);
    const pairs = (scope: OptionSpec['scope']): readonly (readonly [string, string])[] =>
      namedValues(own.filter(({ spec }) => spec.scope === scope));
    const table = pairs('table').map(([name, value]) => `${name}=${value};`);
    const ofTable = table.length === 0 ? [] : [['block_based_table_factory', `{${table.join('')}}`] as const];
    const [db, cf] = [pairs('db'), [...pairs('family'), ...ofTable]].map((list) =>
      list.map(([name, value]) => `{"${name}", "${value}"}`).join(', '),
    );
    const limiter = own.filter(({ spec }) => spec.scope === 'limiter').map(({ text }) => `rate_limiter->SetBytesPerSecond(${text})`);
    return [
      ...(db === undefined || db === '' ? [] : [`db->SetDBOptions({${db}})`]),
      ...(cf === undefined || cf === '' ? [] : [`db->SetOptions(${family === 'default' ? '' : `cf_${family}, `}{${cf}})`]),
      ...limiter,
    ];
  };
  return {
    online: calls('online'),
    newFiles: calls('newFiles'),
    reopen: said.filter(({ spec }) => spec.change === 'reopen').map(({ spec, text }) => `${spec.key}=${text}`),
  };
}
