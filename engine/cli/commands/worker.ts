/** `putmodel worker`: simulates what `putmodel sweep --queue` puts into a queue, until it is interrupted. */
import type { Command } from 'commander';
import { workOnQueue } from '../../sweep/queue-worker.js';
import { wholeNumber, type CliIo } from '../flags.js';

const help = `
Examples:
  $ putmodel worker --queue redis://queue-host:6379                          on any number of hosts, then on one:
  $ putmodel sweep my-sweep.yaml --queue redis://queue-host:6379

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
    .addHelpText('after', help)
    .action(({ queue, threads, lockSeconds }: { readonly queue: string; readonly threads?: number; readonly lockSeconds: number }) =>
      workOnQueue(queue, {
        threads,
        lockSec: lockSeconds,
        signal: io.signal,
        onReady: () => {
          io.stderr('ready\n');
        },
      }),
    );
}
