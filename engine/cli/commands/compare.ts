/** `putmodel compare`: scenarios, or variations of one, side by side. */
import type { Command } from 'commander';
import { loadScenario } from '../../files/load.js';
import { engineVersion } from '../../files/version.js';
import { writeFileAtomic } from '../../files/write.js';
import { formatIssue, PutmodelError, type Issue } from '../../kernel/errors.js';
import { nodeCanvas } from '../../report/canvas.js';
import { comparisonPage } from '../../report/comparison-page.js';
import { renderPage } from '../../report/html.js';
import { comparisonDocument, renderComparison } from '../../report/compare.js';
import { encodeJson } from '../../scenario/json.js';
import { compare, type Comparison, type Contestant } from '../../whatif/compare.js';
import { compareTwoPhase } from '../../whatif/two-phase.js';
import { crossVariations } from '../../whatif/vary.js';
import { addMachineFlags, collect, countProgress, usage, wholeNumber, type CliIo } from '../flags.js';

interface CompareFlags {
  readonly vary?: readonly string[];
  readonly set?: readonly string[];
  readonly device?: string;
  readonly host?: string;
  readonly seed?: number;
  readonly seeds?: number;
  readonly twoPhase?: true;
  readonly out?: string;
  readonly json?: true;
}

const help = `
Examples:
  $ putmodel compare scenarios/rate-limited.yaml --vary lsm.max_background_jobs=2,4,8
  $ putmodel compare scenarios/rate-limited.yaml --vary policy=rocksdb,silk --vary lsm.max_subcompactions=1,4 --seeds 5
  $ putmodel compare scenarios/rate-limited.yaml --vary policy=rocksdb,greedy,silk --two-phase
  $ putmodel compare scenarios/rate-limited.yaml --vary lsm.rocksdb_version=7.8,9.10,10.10
  $ putmodel compare scenarios/rate-limited.yaml scenarios/universal.yaml --json

Changes are against the first run, seed by seed. Why two runs differ: the limits that bind for another share of the time, the stalls that
come or go and from when on, and the level whose writes change most.

--two-phase measures each run's maximum with a closed loop, then offers it 95 % of that whatever it does, and compares stalls and latencies there
(Luo and Carey, "On Performance Stability in LSM-based Storage Systems").
`;

/** Adds the command. */
export function addCompareCommand(program: Command, io: CliIo): void {
  const command = program
    .command('compare')
    .description('compare scenarios, or variations of one: every figure side by side, the change against the first, and why')
    .argument('<scenario...>', 'scenario files; one, with --vary')
    .option('--vary <path=a,b,c>', 'run with each of these values; given several times, all combinations', collect)
    .option('--set <path=value>', 'change a value of every scenario first; may be given several times', collect);
  addMachineFlags(command)
    .option('--seed <n>', "first seed (default: the first scenario's, else 1)", wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER))
    .option('--seeds <n>', 'run n seeds from there on: medians, and the range of the change', wholeNumber('--seeds', 1, 1000))
    .option('--two-phase', "measure each run's maximum, then compare them at 95 % of it")
    .option('--out <file.html>', 'also write a report page with overlaid curves')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', help)
    .action(async (paths: readonly string[], flags: CompareFlags) => {
      const comparison = await compareFiles(paths, flags, io);
      io.stdout(flags.json === true ? encodeJson(comparisonDocument(comparison)) : renderComparison(comparison, io.style));
      if (flags.out !== undefined) await writePage(flags.out, comparison);
      failWhenNoneRan(comparison);
    });
}

async function writePage(path: string, comparison: Comparison): Promise<void> {
  const canvas = await nodeCanvas();
  writeFileAtomic(path, renderPage(comparisonPage(comparison, canvas, `putmodel ${engineVersion()} compare`)));
}

async function compareFiles(paths: readonly string[], flags: CompareFlags, io: CliIo): Promise<Comparison> {
  const contestants = contestantsOf(paths, flags);
  if (contestants.length < 2) {
    throw new PutmodelError(usage('nothing to compare with', String(contestants.length), 'two scenarios, or one with --vary path=a,b'));
  }
  const progress = countProgress(io);
  const run = flags.twoPhase === true ? compareTwoPhase : compare;
  const comparison = await run(contestants, flags.seeds ?? 1, { signal: io.signal, onDone: progress.show });
  progress.clear();
  return comparison;
}

function contestantsOf(paths: readonly string[], { vary = [], set = [], device, host, seed }: CompareFlags): readonly Contestant[] {
  const variations = crossVariations(vary);
  const issues = new Map<string, Issue>();
  const contestants = paths.flatMap((path) =>
    variations.flatMap(({ label, settings }) => {
      try {
        const loaded = loadScenario(path, { set: [...set, ...settings], device, host, seed });
        const name = paths.length > 1 ? loaded.scenario.name : '';
        return [{ label: [name, label].filter((part) => part !== '').join(' '), path, loaded }];
      } catch (error) {
        if (!(error instanceof PutmodelError)) throw error;
        for (const issue of error.issues) issues.set(formatIssue(issue), issue);
        return [];
      }
    }),
  );
  if (issues.size > 0) throw new PutmodelError([...issues.values()]);
  // Scenarios of one name are told apart by their files.
  const isDouble = (label: string): boolean => contestants.filter((other) => other.label === label).length > 1;
  return contestants.map(({ label, path, loaded }) => ({ label: isDouble(label) ? `${path} ${label}`.trim() : label, loaded }));
}

function failWhenNoneRan({ runs }: Comparison): void {
  if (runs.some(({ result }) => result !== null)) return;
  throw new PutmodelError(runs.flatMap(({ issues }) => issues));
}
