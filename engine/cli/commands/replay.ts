/** `putmodel replay`: recorded requests against a device, beside what was measured when they were recorded. */
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { loadReplay } from '../../files/recordings.js';
import type { ReplayTiming } from '../../replay/scenario.js';
import { collect, wholeNumber, type CliIo } from '../flags.js';
import { answer, prepareOutput, runAll, type OutputFlags } from '../run.js';

interface ReplayFlags extends OutputFlags {
  readonly device?: string;
  readonly timing?: ReplayTiming;
  readonly iodepth?: number;
  readonly seed?: number;
}

const help = `
Requests come from iologs (fio's write_iolog, version 2 or 3; one a job), from blkparse's text, or, without those, from latency logs
with a row a request. What the replay is compared with are latency logs beside a trace: <name>_clat.1.log, else <name>_clat_hist.1.log (write_hist_log
and log_hist_msec), else <name>_lat.1.log. Files may be gzip. A recorded bandwidth log is a device: simulate --device <name>_bw.1.log.

Examples:
  $ fio --name=job --write_iolog=job.iolog --write_lat_log=job ...
  $ putmodel replay job.iolog job_clat.1.log --device my-drive/ --timing fast --iodepth 8
  $ putmodel replay blkparse.txt --device seed-lab-nvme --json
`;

/** Adds the command. */
export function addReplayCommand(program: Command, io: CliIo): void {
  program
    .command('replay')
    .description('replay recorded requests (fio iolog, latency log, blktrace) against a device: latencies, bandwidth, busy time')
    .argument('<recording...>', 'iologs, text of blkparse, latency logs')
    .addOption(
      new Option(
        '--device <device>',
        'preset, envelope_model.json, directory of fio results, device file, or read=5400MiB/s,write=1900MiB/s (default: debian-vm)',
      ),
    )
    .addOption(
      new Option('--timing <when>', 'recorded: when they were made; fast: as soon as the queue has room (default: recorded)').choices([
        'recorded',
        'fast',
      ]),
    )
    .option(
      '--iodepth <n>',
      'requests of a job in flight at most (default: with fast what the latency log shows, else 1024)',
      wholeNumber('--iodepth', 1, 4096),
    )
    .option('--seed <n>', 'seed of the latencies that are drawn (default: 1)', wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER))
    .option('--seeds <n>', 'run n seeds from there on; figures are given with median and range', wholeNumber('--seeds', 1, 10_000))
    .option('--require <expr>', "exit with 1 unless it holds, such as 'latencyMicros.p99<=5000'; may be given several times", collect)
    .option('--out <dir>', 'result directory (default: results/<name>-replay; with --json none)')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', help)
    .action(async (files: string[], flags: ReplayFlags) => {
      const output = prepareOutput(flags);
      const { device, timing, iodepth, seed } = flags;
      const loaded = await loadReplay({ files, device, timing, iodepth, seed });
      const runs = await runAll(loaded, output, io);
      const { kind, scenario } = loaded;
      const context = { output, title: `${scenario.name}: ${kind.describe(scenario)}`, head: [] };
      answer(runs, { ...context, defaultDirectory: join('results', `${scenario.name}-replay`) }, io);
    });
}
