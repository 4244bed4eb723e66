/** What the commands share: the outside world as they see it, flags that mean the same everywhere, and values checked as they are read. */
import { Option, type Command } from 'commander';
import { PutmodelError, type Issue } from '../kernel/errors.js';

/** The process as the commands see it; tests hand in their own. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Of standard output: characters in a line, whether Unicode shows, whether colour is welcome. */
  readonly style: { readonly columns: number; readonly unicode: boolean; readonly color: boolean };
  /** True when standard error is a terminal: progress may rewrite its line. */
  readonly liveProgress: boolean;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Milliseconds of a monotonic clock. */
  nowMillis(): number;
}

/** `--device` and `--host`, which mean the same in every command that simulates. */
export function addMachineFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--device <device>',
        'preset, envelope_model.json, directory of fio results, output of iostat, or read=5400MiB/s,write=1900MiB/s (default: debian-vm)',
      ),
    )
    .addOption(new Option('--host <host>', 'preset or host profile: what the CPU and file system cost (default: debian-vm)'));
}

/** Collects a flag that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/**
 * A flag's text as a whole number.
 * @throws PutmodelError USAGE naming the flag.
 */
export function wholeNumber(flag: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new PutmodelError(usage(`wrong value of ${flag}`, text, `a whole number from ${String(minimum)} to ${String(maximum)}`));
  };
}

/** An issue about the command line. */
export function usage(message: string, found?: string, expected?: string): Issue {
  return { code: 'USAGE', message, found: found === undefined ? undefined : JSON.stringify(found), expected };
}

const progressMillis = 5000;
const liveProgressMillis = 200;

/** Says on standard error how many of many runs are done, now and then. */
export function countProgress(io: CliIo): { readonly show: (done: number, total: number) => void; readonly clear: () => void } {
  const everyMillis = io.liveProgress ? liveProgressMillis : progressMillis;
  let nextMillis = io.nowMillis() + everyMillis;
  let shown = false;
  return {
    show(done, total) {
      if (io.nowMillis() < nextMillis) return;
      nextMillis = io.nowMillis() + everyMillis;
      const text = `${String(done)} of ${String(total)} runs`;
      io.stderr(io.liveProgress ? `\r\u001B[K${text}` : `${text}\n`);
      shown = true;
    },
    clear() {
      if (shown && io.liveProgress) io.stderr('\r\u001B[K');
    },
  };
}

/** Prints every warning on standard error, one line each. */
export function printWarnings(io: CliIo, warnings: readonly string[]): void {
  for (const warning of warnings) io.stderr(`putmodel: warning: ${warning}\n`);
}
