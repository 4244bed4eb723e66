/** `putmodel merge`: the shards of a sweep into its results. */
import type { Command } from 'commander';
import { formatCount } from '../../kernel/units.js';
import { encodeJson } from '../../scenario/json.js';
import { mergeSweeps } from '../../sweep/merge.js';
import { renderSweepAnswers } from '../../report/sweep.js';
import type { CliIo } from '../flags.js';
import { unitsOf } from './sweep.js';

const help = `
Examples:
  $ putmodel merge part-0 part-1 part-2 part-3 --out results/my-sweep

The results are the same bytes as those of one process that ran the whole sweep. Shards may overlap; every run has to be in one of them.
`;

/** Adds the command. */
export function addMergeCommand(program: Command, io: CliIo): void {
  program
    .command('merge')
    .description("join the shards that 'putmodel sweep --shard' wrote into the results of the sweep")
    .argument('<dir...>', 'directories of shards')
    .requiredOption('--out <dir>', 'result directory')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', help)
    .action((directories: readonly string[], flags: { readonly out: string; readonly json?: boolean }) => {
      const { loaded, runCount, failedRuns, answers } = mergeSweeps(directories, flags.out);
      const { name } = loaded.open.bundle;
      if (flags.json === true) {
        const { planHash } = loaded;
        const summary = { schema: 'putmodel/sweep/1', name, planHash, directory: flags.out, runs: runCount, failedRuns, complete: true };
        io.stdout(encodeJson({ ...summary, answers }));
        return;
      }
      io.stdout(`${renderSweepAnswers(answers, unitsOf(loaded.open), io.style)}\n`);
      const failures = failedRuns === 0 ? '' : `, ${formatCount(failedRuns)} failed (failures.csv)`;
      io.stdout(
        `${name}: ${formatCount(runCount)} runs of ${formatCount(directories.length)} directories${failures}\nResults in   ${flags.out}\n`,
      );
    });
}
