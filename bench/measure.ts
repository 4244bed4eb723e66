/**
 * What every `<question>.bench.ts` shares: two sizes (`smoke` runs inside the tests, so that benches never rot; `full` by hand), batches of
 * operations timed by tinybench, and one JSON report with medians, spread and a hash of what was computed.
 *
 * Subjects that answer one question stand in one group and are timed in turns, round by round, so that a machine that slows down slows
 * them all: ratios to the group's first subject are taken within a round, and told as median, least and largest. Batches of milliseconds are
 * timed in CPU time, as the programs in other languages are, so that neighbours on the machine do not count; shorter ones by the clock,
 * whose median a neighbour does not reach.
 */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import process, { argv, versions } from 'node:process';
import { pathToFileURL } from 'node:url';
import { Bench } from 'tinybench';

export type Size = 'smoke' | 'full';

/** One thing to time: `run` does `operations` operations and returns a number that depends on all of them. */
export interface Subject {
  readonly name: string;
  readonly operations: number;
  readonly run: () => number;
  /** Subjects of one group, and outsiders, are compared with its first; without a name each stands alone. */
  readonly group?: string;
  /** Waits for something that is not this process: timed by the clock, however long. */
  readonly isWall?: boolean;
}

/** A program in another language, timed by itself: `run` returns nanoseconds an operation and its result, or null where it can't run. */
export interface Outsider {
  readonly name: string;
  readonly group: string;
  readonly run: () => { readonly nanos: number; readonly result: number } | null;
}

export interface SubjectReport {
  readonly name: string;
  readonly group?: string;
  /** Median and median absolute deviation of the batches, nanoseconds an operation; of an outsider over the rounds. */
  readonly medianNanos: number;
  readonly madNanos: number;
  /** Its time over that of the group's first subject (or outsider, where there are no others), in each round. */
  readonly ratio?: { readonly median: number; readonly min: number; readonly max: number };
  /** What the first run returned: the same on every machine. */
  readonly result: number;
}

export interface Report {
  readonly bench: string;
  readonly size: Size;
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly rounds: number;
  /** Of the machine, the minute before and the minute at the end: above 1, others took part of what was timed. */
  readonly load: { readonly before: number; readonly after: number };
  /** What was not measured, and why. */
  readonly missing: readonly string[];
  readonly subjects: readonly SubjectReport[];
}

const settings = {
  smoke: { rounds: 1, time: 1, iterations: 2, warmup: false },
  full: { rounds: 5, time: 60, iterations: 5, warmup: true },
} as const;

/** From here on a batch is long: the CPU clock of a process has whole microseconds. */
const longMillis = 2;

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times the subjects in turns. Outsiders run in full size only. */
export function measure(bench: string, size: Size, subjects: readonly Subject[], outsiders: readonly Outsider[] = []): Report {
  const { rounds, time, iterations, warmup } = settings[size];
  const loadBefore = loadavg()[0] ?? 0;
  const isLong: boolean[] = [];
  const results = subjects.map((subject) => {
    const result = subject.run();
    const start = performance.now();
    subject.run();
    isLong.push(performance.now() - start >= longMillis && subject.isWall !== true);
    return result;
  });
  const nanos: number[][] = subjects.map(() => []);
  const mads: number[][] = subjects.map(() => []);
  const outside = outsiders.map((): { nanos: number; result: number }[] => []);
  for (let round = 0; round < rounds; round++) {
    subjects.forEach((subject, i) => {
      const now = isLong[i]! ? cpuMillis : performance.now.bind(performance);
      const timer = new Bench({ now, time, iterations, warmup: warmup && round === 0, warmupTime: 20, warmupIterations: 2 });
      timer.add(subject.name, () => void subject.run());
      timer.runSync();
      const result = timer.tasks[0]!.result;
      if (result.state !== 'completed') throw new Error(`${subject.name}: ${result.state}`);
      nanos[i]!.push((result.latency.p50 * 1e6) / subject.operations);
      mads[i]!.push((result.latency.mad * 1e6) / subject.operations);
    });
    if (size === 'full') outsiders.forEach((outsider, i) => outside[i]!.push(...asList(outsider.run())));
  }
  const first = (group: string | undefined): readonly number[] | undefined =>
    nanos[subjects.findIndex((subject) => subject.group === group)] ??
    outside[outsiders.findIndex((outsider) => outsider.group === group)]?.map((run) => run.nanos);
  const ratioOf = (values: readonly number[], group: string | undefined): Partial<SubjectReport> => {
    const base = first(group);
    if (group === undefined || base === undefined) return group === undefined ? {} : { group };
    const ratios = values.map((value, round) => value / base[round]!);
    return { group, ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) } };
  };
  const own = subjects.map(({ name, group }, i): SubjectReport => {
    const values = nanos[i]!;
    return { name, medianNanos: median(values), madNanos: median(mads[i]!), result: results[i]!, ...ratioOf(values, group) };
  });
  const theirs = outsiders.flatMap(({ name, group }, i): SubjectReport[] => {
    const runs = outside[i]!;
    if (runs.length < rounds) return [];
    const values = runs.map((run) => run.nanos);
    const middle = median(values);
    const madNanos = median(values.map((value) => Math.abs(value - middle)));
    return [{ name, medianNanos: middle, madNanos, result: runs[0]!.result, ...ratioOf(values, group) }];
  });
  return {
    bench,
    size,
    node: versions.node,
    v8: versions.v8,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1073741824),
    rounds,
    load: { before: loadBefore, after: loadavg()[0] ?? 0 },
    missing: outsiders.filter((_, i) => outside[i]!.length < rounds).map(({ name }) => `${name}: not run`),
    subjects: [...own, ...theirs],
  };
}

function asList<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value];
}

/** The middle value; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}

/** What a program prints, or null when it is missing or fails. */
export function outputOf(command: string, args: readonly string[]): string | null {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

/** The report as a table for people. */
export function tableOf(report: Report): string {
  const rows = report.subjects.map(({ name, group, medianNanos, madNanos, ratio }) => [
    group === undefined ? name : `${group}: ${name}`,
    `${medianNanos.toPrecision(4)} ns`,
    `± ${madNanos.toPrecision(2)}`,
    ratio === undefined ? '' : `${ratio.median.toFixed(2)}x (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([name, time, mad, ratio]) =>
    `  ${name!.padEnd(widths[0]!)}  ${time!.padStart(widths[1]!)}  ${mad!.padEnd(widths[2]!)}  ${ratio!}`.trimEnd(),
  );
  return [`${report.bench} (${report.size}, Node ${report.node})`, ...lines, ...report.missing.map((line) => `  ${line}`)].join('\n');
}

/** Runs the bench when its file is the program: `npx tsx bench/<question>.bench.ts [--smoke]`. */
export function runAsProgram(moduleUrl: string, bench: (size: Size) => Report): void {
  if (argv[1] === undefined || pathToFileURL(argv[1]).href !== moduleUrl) return;
  console.log(JSON.stringify(bench(argv.includes('--smoke') ? 'smoke' : 'full'), null, 2));
}
