/** `putmodel explain`: why a store holds writes, when that ends, and what would help. */
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { existsSync, isDirectory, readText } from '../../files/read.js';
import { readFinishedScenario } from '../../files/result-directory.js';
import { parseDeviceArgument, parseHostArgument, parseIostatArgument } from '../../files/presets.js';
import { defaultMachine } from '../../files/machine.js';
import { PutmodelError } from '../../kernel/errors.js';
import { explanationDocument, renderExplanation } from '../../report/explain.js';
import { readOptions, type PartialLsmOptions } from '../../rocksdb/options.js';
import { readDocument } from '../../scenario/document.js';
import { encodeJson } from '../../scenario/json.js';
import { explainLog, explainResult, type Explanation } from '../../whatif/explain.js';
import { runMany, type RunManyOptions } from '../../whatif/run-many.js';
import { findStoreFiles, optionsBeside, readStoreLog } from '../../whatif/store-log.js';
import type { StoreContext } from '../../whatif/store-scenario.js';
import { addMachineFlags, collect, countProgress, usage, type CliIo } from '../flags.js';

interface ExplainFlags {
  readonly iostat?: string;
  readonly set?: readonly string[];
  readonly device?: string;
  readonly host?: string;
  readonly json?: true;
}

const help = `
A DB directory stands for its LOG and the LOG.old.* files before it; the newest OPTIONS file beside a LOG counts over what the LOG printed on opening. A result directory of
'putmodel simulate' is explained by its own scenario. The CPU costs are fitted on the LOG; say what it does not tell with --iostat,
--device, --host and --set.

Examples:
  $ putmodel explain /var/lib/db --iostat iostat.txt
  $ putmodel explain LOG --set lsm.rate_limiter_bytes_per_sec=67108864
  $ putmodel explain results/rate-limited-seed1 --json
`;

/** Adds the command. */
export function addExplainCommand(program: Command, io: CliIo): void {
  const command = program
    .command('explain')
    .description("why a store holds writes and since when, when its debt is gone, and the changes that help most: from RocksDB's LOG")
    .argument('<path>', 'LOG file, DB directory, or result directory')
    .option('--iostat <file>', "iostat's output while the store was busy: what the device can do, and the cores")
    .option('--set <lsm.option=value>', 'what the LOG does not tell, over what it says; may be given several times', collect);
  addMachineFlags(command)
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', help)
    .action(async (path: string, flags: ExplainFlags) => {
      const progress = countProgress(io);
      const options = { signal: io.signal, onDone: progress.show };
      const explanation = await (existsSync(join(path, 'scenario.json'))
        ? explainDirectory(path, flags, options)
        : explainStore(path, flags, options));
      progress.clear();
      io.stdout(flags.json === true ? encodeJson(explanationDocument(explanation)) : renderExplanation(explanation, io.style));
    });
}

async function explainDirectory(directory: string, flags: ExplainFlags, options: RunManyOptions): Promise<Explanation> {
  const given = (['iostat', 'set', 'device', 'host'] as const).filter((flag) => flags[flag] !== undefined);
  if (given.length > 0)
    throw new PutmodelError(given.map((flag) => usage(`--${flag} has no effect on a result directory, which holds its scenario`)));
  const { kind, scenario } = readFinishedScenario(directory);
  const [outcome] = await runMany([{ kind, scenario, modulePath: null }], options);
  if (outcome === undefined || outcome.status === 'failed') throw outcome?.error ?? new Error('no run');
  return explainResult(scenario, outcome.result, options);
}

async function explainStore(path: string, flags: ExplainFlags, options: RunManyOptions): Promise<Explanation> {
  const files = findStoreFiles(path);
  const beside = files.options === null ? null : optionsBeside(files.options, (await readStoreLog(files.logs)).picture);
  const context: StoreContext = {
    name: isDirectory(path) ? basename(path) : join(basename(dirname(path)), basename(path)),
    options: beside,
    said: saidOptions(flags.set ?? []),
    ...machineOf(flags),
  };
  return explainLog(files.logs, context, options);
}

/** The device that --device or --iostat name, and the host; iostat also tells the cores. */
function machineOf({ iostat, device, host }: ExplainFlags): Pick<StoreContext, 'device' | 'host'> {
  const named = device ?? iostat;
  const counted = iostat === undefined ? null : parseIostatArgument(iostat);
  const cores = iostat === undefined ? null : Number(/\((\d+) CPU\)/.exec(readText(iostat))?.[1] ?? 0);
  const profile = parseHostArgument(host ?? defaultMachine.host).model;
  const model = cores !== null && cores > 0 ? { ...profile, cores } : profile;
  return {
    device: {
      model: (device === undefined ? counted : null)?.model ?? parseDeviceArgument(device ?? defaultMachine.device).model,
      source: named === undefined ? 'default: say --iostat or --device' : named,
    },
    host: {
      model,
      source: host === undefined ? `${profile.name}, the default; --host` : host,
      coresKnown: host !== undefined || (cores ?? 0) > 0,
    },
  };
}

/** `lsm.option=value` each. */
function saidOptions(settings: readonly string[]): PartialLsmOptions {
  if (settings.length === 0) return {};
  const { value } = readDocument('{}', '--set', settings);
  const { lsm = {}, ...others } = value as { readonly lsm?: Readonly<Record<string, unknown>> };
  const strangers = Object.keys(others).map((key) => usage(`--set ${key} has no place in a LOG's story`, key, 'lsm.<option>=value'));
  const { options, issues } = readOptions(lsm);
  if (strangers.length + issues.length > 0) throw new PutmodelError([...strangers, ...issues]);
  return options;
}
