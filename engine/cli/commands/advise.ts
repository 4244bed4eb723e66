/** `putmodel advise`: which options, how fast a device, how much load. */
import { Option, type Command } from 'commander';
import { loadScenario } from '../../files/load.js';
import { PutmodelError } from '../../kernel/errors.js';
import { formatBytesPerSec, formatCount, GIB, parseBytes } from '../../kernel/units.js';
import type { LsmScenario } from '../../lsm/scenario.js';
import { simulateLsm } from '../../lsm/simulate.js';
import { optionsOf } from '../../lsm/with-options.js';
import { nearestKey, optionSpec } from '../../rocksdb/options.js';
import { adviceDocument, boundaryDocument, renderAdvice, renderBoundary, type BoundaryReport } from '../../report/advise.js';
import { encodeJson } from '../../scenario/json.js';
import { lsmKind } from '../../scenario/lsm-kind.js';
import { parseRequirement } from '../../scenario/requirement.js';
import { advise } from '../../whatif/advise.js';
import { deviceScale, findBoundary, loadScale, neverHeld } from '../../whatif/bisect.js';
import type { RunManyOptions } from '../../whatif/run-many.js';
import { addMachineFlags, collect, countProgress, usage, wholeNumber, type CliIo } from '../flags.js';

interface AdviseFlags {
  readonly ask: 'options' | 'device' | 'load';
  readonly goal?: string;
  readonly require?: readonly string[];
  readonly keep?: readonly string[];
  readonly memtables?: string;
  readonly effort: number;
  readonly tolerance: number;
  readonly set?: readonly string[];
  readonly device?: string;
  readonly host?: string;
  readonly seed?: number;
  readonly json?: true;
}

const help = `
The goal is settledPutRate (puts a second until the tree has settled) where writers put as fast as they may, heldSec (how long writes are
held) where the load is given, or any figure of the result: 'writeAmplification', 'less:simulatedSec'. Requirements come first.
Compression, WAL, I/O mode and what is kept are never changed; nor is the rate limiter's rate, which is yours to give.

Examples:
  $ putmodel advise scenarios/rate-limited.yaml --require 'spaceAmplification<=1.3' --keep max_background_jobs
  $ putmodel advise scenarios/rate-limited.yaml --require 'writeAmplification<12' --require 'putLatencyMicros.p99<10000' --json
  $ putmodel advise scenarios/bursty-writes.yaml --ask device --require 'stall.stoppedSec<=0'
  $ putmodel advise scenarios/rate-limited.yaml --ask load --tolerance 1

The reverse questions are answered by bisection: a device so many times as fast, or so many puts/s, for which the requirements still hold
(default: writes are never held).
`;

/** Events simulated in about ten seconds on two cores of the machine of results/reference/speed.json. */
const EVENTS_DEFAULT = 600_000;
/** The limiter's rate is a decision, not a setting. */
const keptAlways = ['rate_limiter_bytes_per_sec'];

/** Adds the command. */
export function addAdviseCommand(program: Command, io: CliIo): void {
  const command = program
    .command('advise')
    .description('search for better options, verify them, and print the lines to paste; or how fast a device, how much load')
    .argument('<scenario>', 'a scenario file of kind lsm')
    .addOption(
      new Option('--ask <what>', 'options to set, how fast a device is needed, or how much load is possible')
        .choices(['options', 'device', 'load'])
        .default('options'),
    )
    .option('--goal <metric>', "what to improve, such as 'writeAmplification' or 'less:simulatedSec' (default: see below)")
    .option('--require <expr>', "what must hold, such as 'spaceAmplification<=1.3'; may be given several times", collect)
    .option('--keep <option>', 'an option to leave as it is; may be given several times', collect)
    .option('--memtables <bytes>', "memory for memtables at most (default: 1GiB, or the scenario's own when that is more)")
    .option('--effort <events>', 'simulated events to search with', wholeNumber('--effort', 1, 1e12), EVENTS_DEFAULT)
    .option('--tolerance <percent>', 'how near a reverse question is answered', wholeNumber('--tolerance', 1, 50), 2)
    .option('--set <path=value>', 'change a value of the scenario first; may be given several times', collect);
  addMachineFlags(command)
    .option('--seed <n>', "seed (default: the scenario's, else 1)", wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER))
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', help)
    .action(async (path: string, flags: AdviseFlags) => {
      refuseIdleFlags(flags);
      const scenario = loadLsm(path, flags);
      const progress = countProgress(io);
      const options = { signal: io.signal, onDone: progress.show };
      await (flags.ask === 'options' ? adviseOptions(scenario, flags, options, io) : askReverse(flags.ask, scenario, flags, options, io));
      progress.clear();
    });
}

/** What a reverse question has no use for would silently count for nothing. */
function refuseIdleFlags(flags: AdviseFlags): void {
  if (flags.ask === 'options') return;
  const idle = (['goal', 'keep', 'memtables'] as const).filter((flag) => flags[flag] !== undefined);
  if (idle.length > 0) throw new PutmodelError(idle.map((flag) => usage(`--${flag} has no effect with --ask ${flags.ask}`)));
}

function loadLsm(path: string, { set, device, host, seed }: AdviseFlags): LsmScenario {
  const { kind, scenario, modulePath } = loadScenario(path, { set, device, host, seed });
  if (kind.name === lsmKind.name && modulePath === null) return scenario as LsmScenario;
  throw new PutmodelError({
    code: 'INPUT_UNSUPPORTED',
    message: modulePath === null ? `no options to advise on in kind ${kind.name}` : 'a policy module of your own cannot be advised on',
    expected: 'a scenario of kind lsm with a policy of this package',
    file: path,
  });
}

async function adviseOptions(scenario: LsmScenario, flags: AdviseFlags, options: RunManyOptions, io: CliIo): Promise<void> {
  const { write_buffer_size: bytes, max_write_buffer_number: count } = optionsOf(scenario);
  const given = flags.memtables === undefined ? GIB : parseBytes(flags.memtables, { path: '--memtables' });
  const advice = await advise(
    {
      scenario,
      goal: flags.goal,
      requirements: (flags.require ?? []).map((text) => parseRequirement(text)),
      limits: { keep: keptOptions(flags.keep ?? []), memtableBytesMax: Math.max(given, bytes * count), eventsMax: flags.effort },
    },
    options,
  );
  io.stdout(flags.json === true ? encodeJson(adviceDocument(advice)) : renderAdvice(advice, io.style));
  if (advice.best.score.violation === 0) return;
  throw new PutmodelError({ code: 'CHECK_FAILED', message: 'no options were found that meet every requirement' });
}

function keptOptions(names: readonly string[]): ReadonlySet<string> {
  const keys = names.map((name) => name.replace(/^lsm\./, ''));
  const unknown = keys.filter((key) => optionSpec(key) === null);
  if (unknown.length > 0) {
    throw new PutmodelError(
      unknown.map((key) => usage('--keep names no option', key, `${nearestKey(key) ?? "one of RocksDB's option names"}?`)),
    );
  }
  return new Set([...keptAlways, ...keys]);
}

async function askReverse(
  ask: 'device' | 'load',
  scenario: LsmScenario,
  flags: AdviseFlags,
  options: RunManyOptions,
  io: CliIo,
): Promise<void> {
  const requirements = flags.require === undefined ? neverHeld : flags.require.map((text) => parseRequirement(text));
  const scale = ask === 'device' ? deviceScale(scenario) : loadScale(scenario, simulateLsm(scenario));
  const boundary = await findBoundary(scale, requirements, flags.tolerance / 100, options);
  const meaning = ask === 'device' ? deviceText(scenario, boundary.holds.at) : `${formatCount(boundary.holds.at)} puts/s`;
  const report: BoundaryReport = { ask, name: scenario.name, requirements, tolerancePercent: flags.tolerance, boundary, meaning };
  io.stdout(flags.json === true ? encodeJson(boundaryDocument(report)) : renderBoundary(report, io.style));
}

function deviceText({ device }: LsmScenario, factor: number): string {
  const times = `${factor.toPrecision(3)} times as fast as ${device.name}`;
  if (device.kind !== 'constant') return times;
  return `${times}: read ${formatBytesPerSec(device.readBytesPerSec * factor)}, write ${formatBytesPerSec(device.writeBytesPerSec * factor)}`;
}
