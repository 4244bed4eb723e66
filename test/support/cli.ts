import type { CliIo } from '../../engine/cli/flags.js';
import { runCli, type ExitStatus } from '../../engine/cli/program.js';

/** What a command line printed, and how it ended. */
export interface Outcome {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as if in a terminal of 80 columns without colour. `world` replaces parts of it. */
export async function runPutmodel(argv: readonly string[], world: Partial<CliIo> = {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const status = await runCli(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    style: { columns: 80, unicode: false, color: false },
    liveProgress: false,
    signal: new AbortController().signal,
    nowMillis: () => 0,
    ...world,
  });
  return { status, stdout, stderr };
}
