/**
 * What every `<question>.bench.ts` shares: two sizes (`smoke` runs inside the tests, so that benches never rot; `full` by hand), batches of
 * operations timed by tinybench, and one JSON report with medians, spread and a hash of what was computed.
 */
import { cpus } from 'node:os';
import { argv, versions } from 'node:process';
import { pathToFileURL } from 'node:url';
import { Bench } from 'tinybench';

export type Size = 'smoke' | 'full';

/** One thing to time: `run` does `operations` operations and returns a number that depends on all of them. */
export interface Subject {
  readonly name: string;
  readonly operations: number;
  readonly run: () => number;
}

export interface Report {
  readonly bench: string;
  readonly size: Size;
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly subjects: readonly {
    readonly name: string;
    /** Median and median absolute deviation of the batches, nanoseconds an operation. */
    readonly medianNanos: number;
    readonly madNanos: number;
    /** What the first run returned: the same on every machine. */
    readonly result: number;
  }[];
}

/** Times the subjects one after the other. */
export function measure(bench: string, size: Size, subjects: readonly Subject[]): Report {
  const timer = new Bench({ time: size === 'full' ? 1000 : 1, iterations: size === 'full' ? 32 : 2, warmup: size === 'full' });
  const results = subjects.map((subject) => subject.run());
  for (const subject of subjects) timer.add(subject.name, () => void subject.run());
  timer.runSync();
  return {
    bench,
    size,
    node: versions.node,
    v8: versions.v8,
    cpu: cpus()[0]?.model ?? 'unknown',
    subjects: subjects.map((subject, i) => {
      const result = timer.tasks[i]!.result;
      if (result.state !== 'completed') throw new Error(`${subject.name}: ${result.state}`);
      const nanos = 1e6 / subject.operations;
      return { name: subject.name, medianNanos: result.latency.p50 * nanos, madNanos: result.latency.mad * nanos, result: results[i]! };
    }),
  };
}

/** Runs the bench when its file is the program: `npx tsx bench/<question>.bench.ts [--smoke]`. */
export function runAsProgram(moduleUrl: string, bench: (size: Size) => Report): void {
  if (argv[1] === undefined || pathToFileURL(argv[1]).href !== moduleUrl) return;
  console.log(JSON.stringify(bench(argv.includes('--smoke') ? 'smoke' : 'full'), null, 2));
}
