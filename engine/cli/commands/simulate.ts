/** `putmodel simulate`: a scenario file in, the answer out. */
import { join } from 'node:path';
import { addMachineFlags, collect, printWarnings, usage, wholeNumber, type CliIo } from '../flags.js';
import { answer, prepareOutput, runAll, type Output, type OutputFlags } from '../run.js';
import { PutmodelError } from '../../kernel/errors.js';
import { loadFromLog, loadScenario, type LoadedScenario } from '../../files/load.js';
import { openFileAtomic } from '../../files/write.js';
import { policyNames } from '../../lsm/policies/policies.js';
import type { Kind } from '../../scenario/kind.js';
import type { Command } from 'commander';

interface SimulateFlags extends OutputFlags {
  readonly set?: readonly string[];
  readonly device?: string;
  readonly host?: string;
  readonly seed?: number;
  readonly fromLog?: string;
  readonly policy?: string;
  readonly history?: string;
}

const help = `
Examples:
  $ putmodel simulate scenarios/fillrandom-nvme.yaml
  $ putmodel simulate scenarios/rate-limited.yaml --set lsm.rate_limiter_bytes_per_sec=33554432 --json
  $ putmodel simulate scenarios/universal.yaml --seeds 10 --require 'stall.stoppedSec<=0'
  $ putmodel simulate scenarios/rate-limited.yaml --policy silk
  $ putmodel simulate --from-log /var/lib/db/LOG --set workload.rateFactor=2
  $ putmodel simulate scenarios/baseline.yaml --csv-layout wide --history baseline.edn

A scenario is a YAML file; 'putmodel schema scenario' prints what it may hold. The result directory holds summary.json, manifest.json
and run.json; for kind lsm also series.csv, latency.hgrm, latency.hdr and LOG (in RocksDB's layout); for kind replay the first three; for kind
backlog sim_out.csv; for kind commit latency.csv, wide.csv and the latencies of each role.
`;

/** Adds the command. */
export function addSimulateCommand(program: Command, io: CliIo): void {
  const command = program
    .command('simulate')
    .description('simulate a scenario (kind lsm, backlog, commit or replay): rates, what binds them, stalls, latencies, failures')
    .argument('[scenario]', 'a scenario file (YAML or JSON); with --from-log it may be left out')
    .option('--set <path=value>', 'change a value of the scenario first; may be given several times', collect);
  addMachineFlags(command)
    .option('--seed <n>', "seed of the random draws (default: the scenario's, else 1)", wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER))
    .option('--seeds <n>', 'run n seeds from there on; figures are given with median and range', wholeNumber('--seeds', 1, 10_000))
    .option('--band', 'run five seeds, and machines whose device and host are 10 % faster and slower; figures are given with their range')
    .option('--require <expr>', "exit with 1 unless it holds, such as 'stall.stoppedSec<=0'; may be given several times", collect)
    .option('--from-log <log>', "go on where a real store's LOG ends: its options, tree and load; a scenario's own values hold over them")
    .option('--policy <policy>', `how compactions are scheduled: ${policyNames.join(', ')}, or your own module (.js)`)
    .option('--history <file>', 'kind commit: write every operation as EDN, for an outside checker such as Elle')
    .option('--csv-layout <name>', 'kind commit: print the run as a row of this CSV layout (latency or wide) instead of the report')
    .option('--out <dir>', 'result directory (default: results/<name>-seed<seed>; with --json none)')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', help)
    .action((path: string | undefined, flags: SimulateFlags) => simulate(path, flags, io));
}

async function simulate(path: string | undefined, flags: SimulateFlags, io: CliIo): Promise<void> {
  const output = prepareOutput(flags);
  const { history } = flags;
  const loaded = await load(path, flags, io);
  refuseForKind(loaded.kind, output, history);
  const runs = await withHistory(history, (historySink) => runAll(loaded, output, io, historySink));
  const { kind, scenario } = loaded;
  const defaultDirectory = join('results', `${scenario.name}-seed${String(scenario.seed)}`);
  answer(runs, { output, title: `${scenario.name}: ${kind.describe(scenario)}`, defaultDirectory, head: [] }, io);
}

async function load(path: string | undefined, flags: SimulateFlags, io: CliIo): Promise<LoadedScenario> {
  const { device, host, seed, set, policy, fromLog } = flags;
  const options = { set, device, host, seed, policy };
  if (fromLog !== undefined) {
    const { loaded, notes } = await loadFromLog(fromLog, path ?? null, options);
    printWarnings(io, notes);
    return loaded;
  }
  if (path === undefined) throw new PutmodelError(usage("missing required argument 'scenario'"));
  return loadScenario(path, options);
}

/** What only some kinds have, and what fits no more than one run. */
function refuseForKind(kind: Kind, { csvLayout, json, seedCount }: Output, history: string | undefined): void {
  const issues = [
    ...(csvLayout === null || kind.csvLayouts.includes(csvLayout)
      ? []
      : [usage(`--csv-layout: kind ${kind.name} has no such layout`, csvLayout, kind.csvLayouts.join(' or ') || 'kind commit')]),
    ...(csvLayout !== null && json ? [usage('--csv-layout and --json both say what to print: give one')] : []),
    ...(history === undefined || kind.writesHistory ? [] : [usage(`--history: kind ${kind.name} has none`)]),
    ...(history !== undefined && seedCount > 1 ? [usage('--history is of one run: give no --seeds or --band')] : []),
  ];
  if (issues.length > 0) throw new PutmodelError(issues);
}

/** Runs with a history that goes to a file, which appears there only when it is whole. */
async function withHistory<T>(path: string | undefined, run: (sink?: (line: string) => void) => Promise<T>): Promise<T> {
  if (path === undefined) return run();
  const file = openFileAtomic(path);
  try {
    const result = await run((line) => file.write(line));
    file.commit();
    return result;
  } catch (error) {
    file.abandon();
    throw error;
  }
}
