/** How much real runs of one command differ from each other: results/reference/repeats.json (bench/repeats.ts), which ships with the package. */
import { readReference } from '../files/reference.js';

/** Schema name of results/reference/repeats.json. */
export const repeatsSchemaName = 'putmodel/repeats/1';

/** One command that was run with several seeds. */
export interface RepeatedCommand {
  /** Of the truth directory. */
  readonly name: string;
  /** Its flags but for the seed. */
  readonly command: string;
  readonly pairs: number;
  /** Curve NRMSE of two runs, mean over all pairs. */
  readonly curveNrmse: number;
  /** Fastest over slowest run. */
  readonly putRateSpreadPercent: number;
  /** Curves in means of `windowSec` seconds, ops/s. */
  readonly runs: readonly { readonly seed: number; readonly opsPerSec: number; readonly curve: readonly number[] }[];
}

/** The table. */
export interface Repeats {
  readonly schema: typeof repeatsSchemaName;
  readonly windowSec: number;
  readonly commands: readonly RepeatedCommand[];
}

/** Curve NRMSE of two real runs of one command, by style, where the command itself was not repeated (../shared/truth/repeats.md). */
const nrmseOfStyle = new Map([
  ['level', 0.1],
  ['universal', 0.3],
]);

/** A command's flags in one line, without its seed. */
export function withoutSeed(argv: readonly string[]): string {
  return argv.filter((flag) => !flag.startsWith('--seed=')).join(' ');
}

/** What the curves of two real runs of this command differ by, as far as is known. */
export function repeatNrmse(argv: readonly string[], compactionStyle: string): number {
  const table = readReference('repeats.json') as Repeats | null;
  const command = withoutSeed(argv);
  return table?.commands.find((one) => one.command === command)?.curveNrmse ?? nrmseOfStyle.get(compactionStyle) ?? 0;
}
