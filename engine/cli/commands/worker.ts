/** `putmodel worker`: simulates what `putmodel sweep --queue` puts into a queue, until it is interrupted. */
import type { Command } from 'commander';
import { workOnQueue } from '../../sweep/queue-worker.js';
import { defaultQueueLostSec } from '../../sweep/run-sweep.js';
import { wholeNumber, type CliIo } from '../flags.js';

interface WorkerFlags {
  readonly queue: string;
  readonly threads?: number;
  readonly lockSeconds: number;
  readonly queueTimeout: number;
  readonly out?: string;
  readonly allowModules?: boolean;
}

const help = `
Examples:
  $ putmodel worker --queue redis://queue-host:6379                          on any number of hosts, then on one:
  $ putmodel sweep my-sweep.yaml --queue redis://queue-host:6379

Runs of a sweep that keeps series write them into its result directory, which has to be shared:
  $ putmodel worker --queue redis://queue-host:6379 --out /shared/my-sweep
  $ putmodel sweep my-sweep.yaml --queue redis://queue-host:6379 --out /shared/my-sweep

Workers may come, go and crash at any time: a job whose worker died is made by another. Only workers of the sweep's own version take part.
`;

/** Adds the command. */
export function addWorkerCommand(program: Command, io: CliIo): void {
  program
    .command('worker')
    .description("simulate what 'putmodel sweep --queue' puts into a queue (needs the packages bullmq and ioredis)")
    .requiredOption('--queue <url>', 'the queue: redis://[user:password@]host:port, rediss:// with TLS')
    .option('--threads <n>', 'threads that simulate (default: one a core)', wholeNumber('--threads', 1, 1024))
    .option(
      '--lock-seconds <s>',
      'after how long the job of a worker that died is taken by another',
      wholeNumber('--lock-seconds', 1, 3600),
      30,
    )
    .option(
      '--queue-timeout <s>',
      'after how long without an answer of the queue to give up',
      wholeNumber('--queue-timeout', 1, 86_400),
      defaultQueueLostSec,
    )
    .option('--out <dir>', 'the result directory of sweeps that keep series, as this host sees it')
    .option('--allow-modules', 'run the modules (policies of their own) that sweeps bring along: code from whoever can write to the queue')
    .addHelpText('after', help)
    .action(({ queue, threads, lockSeconds, queueTimeout, out, allowModules }: WorkerFlags) =>
      workOnQueue(queue, {
        threads,
        lockSec: lockSeconds,
        lostSec: queueTimeout,
        directory: out,
        allowModules: allowModules === true,
        onNotice: (text) => {
          io.stderr(`${text}\n`);
        },
        signal: io.signal,
        onReady: () => {
          io.stderr('ready\n');
        },
      }),
    );
}
