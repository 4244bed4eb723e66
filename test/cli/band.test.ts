import { describe, expect, it } from 'vitest';
import { lsmResultSchema } from '../../engine/scenario/lsm-result-schema.js';
import { runPutmodel } from '../support/cli.js';

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, stdout, stderr } = await runPutmodel(argv, { style: { columns: 100, unicode: false, color: false } });
  return { status, out: stdout, err: stderr };
}

const command = ['db_bench', '--benchmarks=fillrandom', '--num=1000000', '--compression_type=none', '--duration=5'];

interface Document {
  readonly putRate: { readonly meanOpsPerSec: number };
  readonly band: {
    readonly seeds: readonly number[];
    readonly deviceFactors: readonly number[];
    readonly hostFactors: readonly number[];
    readonly metrics: Readonly<Record<string, { readonly min: number; readonly max: number; readonly values: readonly number[] }>>;
  };
}

describe('--band', () => {
  it('runs five seeds, and the first on four machines a tenth slower and faster: figures with their range', async () => {
    const { status, out } = await run(...command, '--band', '--json');
    const { band, putRate } = JSON.parse(out) as Document;
    expect(status).toBe(0);
    expect(lsmResultSchema.safeParse(JSON.parse(out)).success).toBe(true);
    expect(band.seeds).toEqual([1, 2, 3, 4, 5, 1, 1, 1, 1]);
    expect(band.deviceFactors).toEqual([1, 1, 1, 1, 1, 0.9, 0.9, 1.1, 1.1]);
    expect(band.hostFactors).toEqual([1, 1, 1, 1, 1, 0.9, 1.1, 0.9, 1.1]);
    const rate = band.metrics['putRate.meanOpsPerSec']!;
    expect(rate.values[0]).toBe(putRate.meanOpsPerSec);
    expect([rate.min, rate.max]).toEqual([Math.min(...rate.values), Math.max(...rate.values)]);
    expect(rate.max / rate.min).toBeGreaterThan(1.05);
  });

  it('says the range in text, after the answer', async () => {
    const { out } = await run(...command, '--band');
    expect(out).toContain(
      '\nOver 5 seeds and 4 machines (device and host 10 % faster and slower): median (range)\n  putRate.meanOpsPerSec',
    );
  });
});
