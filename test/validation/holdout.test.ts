import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadDbBench, runScenario } from '../../engine/node.js';
import { compareRun, summarizeComparisons } from '../../engine/validation/holdout.js';
import { readTruth, truthDirectories } from '../../engine/validation/truth.js';

const fixtures = fileURLToPath(new URL('../fixtures/truth', import.meta.url));

describe('hold-out', () => {
  it('a real run beside the prediction of its command line: errors, bars, misses', async () => {
    const truth = await readTruth(`${fixtures}/limited`);
    const run = runScenario(loadDbBench(truth.argv));
    const row = compareRun(truth, run);
    expect(row).toMatchObject({ name: 'limited', limited: true, bars: { putRatePercent: 5 }, real: { opsPerSec: 4025 } });
    expect(row.putRateErrorPercent).toBeCloseTo((run.result.putRate.meanOpsPerSec / 4025 - 1) * 100, 9);
    expect(row.misses.length > 0).toBe(
      Math.abs(row.putRateErrorPercent) > 5 ||
        Math.abs(row.writeAmplificationErrorPercent ?? 0) > 5 ||
        Math.abs(row.stallErrorPercent!) > 5 ||
        (row.curveNrmse ?? 0) > row.bars.curveNrmse! ||
        row.real.largerStall !== row.simulated.largerStall,
    );
  });

  it('the summary takes the median over rate-limited runs and counts misses', async () => {
    const truth = await readTruth(`${fixtures}/limited`);
    const row = compareRun(truth, runScenario(loadDbBench(truth.argv)));
    const of = (putRateErrorPercent: number, limited = true, misses: string[] = []) => ({ ...row, putRateErrorPercent, limited, misses });
    expect(summarizeComparisons([of(-1), of(2), of(9, true, ['put rate']), of(50, false)])).toEqual({
      limitedRuns: 3,
      medianPutRateErrorPercent: 2,
      medianMisses: false,
      runsThatMiss: 1,
    });
    expect(summarizeComparisons([])).toMatchObject({ limitedRuns: 0, medianPutRateErrorPercent: null, medianMisses: false });
  });

  it('a directory of truth directories stands for those in it', () => {
    expect(truthDirectories(fixtures)).toEqual([`${fixtures}/limited`, `${fixtures}/universal`]);
    expect(truthDirectories(`${fixtures}/limited`)).toEqual([`${fixtures}/limited`]);
  });
});
