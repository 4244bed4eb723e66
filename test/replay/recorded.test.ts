import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadReplay } from '../../engine/files/recordings.js';
import { simulateReplay } from '../../engine/replay/simulate.js';

const at = (name: string): string => fileURLToPath(new URL(`../fixtures/replay/${name}`, import.meta.url));

describe('heads of real recordings on the envelope of their drive', () => {
  test.each([
    ['randread-8k-qd8', 'fast', 8],
    ['randwrite-8k-qd2', 'fast', 2],
    ['mix70-32k-qd2', 'fast', 2],
    ['mix50-split-qd8', 'fast', 8],
    ['poisson-8k-600', 'recorded', 32],
  ] as const)('%s: is replayed in full, and says what the recording says', async (job, timing, iodepth) => {
    const files = [at(`${job}.iolog.gz`), at(`${job}_clat.1.log.gz`)];
    const { scenario } = await loadReplay({ files, device: at('envelope_model.json'), timing, iodepth, seed: 1 });
    const { comparison, requestCount, warnings } = simulateReplay(scenario);
    expect(requestCount).toBe(scenario.requests.requestCount);
    expect(warnings).toEqual([]);
    // The drive was shared: a head of 0.1 s differs from the mean of minutes by up to a half. The figures are in results/reference/replay.json.
    const p50 = comparison!.quantiles.find(({ percent }) => percent === 50)!;
    expect(Math.abs(p50.errorPercent)).toBeLessThan(50);
    const whole: { readonly rows: readonly { readonly job: string }[] } = JSON.parse(
      readFileSync(new URL('../../results/reference/replay.json', import.meta.url), 'utf8'),
    );
    expect(whole.rows.some((row) => row.job === job)).toBe(true);
  });
});
