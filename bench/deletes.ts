/**
 * Deletes: what db_bench 7.8.3 (Debian's rocksdb-tools) leaves in its levels after a fill, after deleting as many random keys, and after a
 * full compaction, and what its command line predicts. Rates of deletes are bound by the CPU, so they tell of the machine's mood as well.
 *
 *   npx tsx bench/deletes.ts <empty directory on the drive> [--out results/reference/deletes.json]
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../engine/files/write.js';
import { createStatsReader, type StatsDump } from '../engine/rocksdb/stats-table.js';
import { encodeJson } from '../engine/scenario/json.js';
import { simulateDbBench } from '../engine/validation/run.js';
import { opsPerSecOf, runRealDbBench } from './real-run.js';

const MIB = 1_048_576;
const steps = ['fillrandom,waitforcompaction', 'deleterandom,waitforcompaction', 'compact'];
const common = [
  ...['--num=2000000', '--key_size=16', '--value_size=1024', '--compression_type=none', '--disable_wal=1', '--write_buffer_size=16777216'],
  ...['--target_file_size_base=16777216', '--max_bytes_for_level_base=67108864', '--max_background_jobs=2', '--seed=42'],
  `--rate_limiter_bytes_per_sec=${String(64 * MIB)}`,
];

/** Bytes a level at the end of a step, and RocksDB's own W-Amp until then. */
interface Figures {
  readonly levelMib: readonly number[];
  readonly writeAmplification: number;
}

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const [directory] = positionals;
if (directory === undefined) throw new Error('name an empty directory on the drive');
const real = measure(directory);
const rows = steps.map((_, index) => {
  const benchmarks = steps.slice(0, index + 1).join(',');
  const predicted = predict(benchmarks);
  const measured = real.dumps[index];
  if (measured === undefined) throw new Error(`no statistics after ${benchmarks}`);
  console.log(`${benchmarks}\n  predicted ${tell(predicted.figures)}\n  measured  ${tell(measured)}`);
  return { benchmarks, predicted: predicted.figures, measured };
});
const deletesPerSec = { predicted: predict(steps.join(',')).deletesPerSec, measured: real.deletesPerSec };
console.log(`deletes/s: predicted ${deletesPerSec.predicted.toFixed(0)}, measured ${deletesPerSec.measured.toFixed(0)}`);
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  writeFileAtomic(values.out, encodeJson({ schema: 'putmodel/deletes/1', common, machine, rows, deletesPerSec }));
}

function predict(benchmarks: string): { readonly figures: Figures; readonly deletesPerSec: number } {
  const result = simulateDbBench([`--benchmarks=${benchmarks}`, ...common]);
  return {
    figures: { levelMib: result.levels.map(({ bytes }) => bytes / MIB), writeAmplification: result.writeAmplificationNoWal ?? Number.NaN },
    deletesPerSec: result.benchmarks.find(({ benchmark }) => benchmark === 'deleterandom')?.opsPerSec ?? Number.NaN,
  };
}

/** One run of all steps, each followed by its statistics. */
function measure(parent: string): { readonly dumps: readonly Figures[]; readonly deletesPerSec: number } {
  const benchmarks = steps.map((step) => `${step},stats`).join(',');
  const { stdout } = runRealDbBench(parent, [`--benchmarks=${benchmarks}`, ...common], () => null);
  const dumps: StatsDump[] = [];
  const reader = createStatsReader({ dump: (dump) => dumps.push(dump), unread: () => undefined });
  stdout.split('\n').forEach((line, index) => reader.line(line, index + 1));
  reader.flush();
  return {
    dumps: dumps.map(figuresOf),
    deletesPerSec: opsPerSecOf(stdout, 'deleterandom'),
  };
}

function figuresOf({ families }: StatsDump): Figures {
  const rowsOfDump = families[0]?.levels.rows ?? [];
  const levelMib = Array.from({ length: 7 }, (_, level) => (rowsOfDump.find((row) => row.level === level)?.sizeBytes ?? 0) / MIB);
  return { levelMib, writeAmplification: rowsOfDump.find(({ name }) => name === 'Sum')?.writeAmplification ?? Number.NaN };
}

function tell({ levelMib, writeAmplification }: Figures): string {
  const levels = levelMib.flatMap((mib, level) => (mib > 0 ? [`L${String(level)} ${mib.toFixed(1)} MiB`] : []));
  return `${levels.join(', ')}; W-Amp ${writeAmplification.toFixed(2)}`;
}
