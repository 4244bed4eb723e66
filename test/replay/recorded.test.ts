import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { loadReplay } from '../../engine/files/recordings.js';
import { totalCount, valueAtPercentile } from '../../engine/kernel/histogram.js';
import { createRecordingReader, type Recording } from '../../engine/replay/recording.js';
import type { RecordedFigures } from '../../engine/replay/scenario.js';
import type { ReplayComparison } from '../../engine/replay/result.js';
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
    expect(p50.errorPercent).not.toBeNull();
    expect(Math.abs(p50.errorPercent!)).toBeLessThan(50);
    const whole: { readonly rows: readonly { readonly job: string }[] } = JSON.parse(
      readFileSync(new URL('../../results/reference/replay.json', import.meta.url), 'utf8'),
    );
    expect(whole.rows.some((row) => row.job === job)).toBe(true);
  });
});

describe('latency logs without a trace', () => {
  const read = (...logs: readonly (readonly [name: string, text: string])[]): Recording => {
    const reader = createRecordingReader();
    for (const [name, text] of logs) {
      reader.begin(name);
      reader.push(text);
      reader.end();
    }
    return reader.finish();
  };
  const clat = '1, 500000, 0, 4096, 0\n2, 400000, 1, 4096, 0\n3, 400000, 2, 4096, 0\n';
  const lat = '1, 600000, 0, 4096, 0\n2, 500000, 1, 4096, 0\n3, 400000, 2, 4096, 0\n';

  test('of both kinds are one job, whichever comes first', () => {
    for (const logs of [
      [
        ['x/a_clat.1.log', clat],
        ['x/a_lat.1.log', lat],
      ],
      [
        ['x/a_lat.1.log', lat],
        ['x/a_clat.1.log', clat],
      ],
    ] as const) {
      // prettier-ignore
      const { requests, recorded, source } = read(...logs);
      expect(requests).toMatchObject({ requestCount: 2, jobCount: 1, leftOut: { trim: 1 } });
      expect([...requests.jobIndex]).toEqual([0, 0]);
      expect([...requests.timeMicros]).toEqual([0, 1100]);
      expect(recorded?.latencyOf).toBe('clat');
      expect(source).toBe('1 latency log');
    }
  });

  test('of two jobs are two, and an empty log of one kind leaves the other', () => {
    expect(read(['a_lat.1.log', lat], ['a_clat.1.log', clat], ['a_lat.2.log', lat]).requests).toMatchObject({
      requestCount: 4,
      jobCount: 2,
    });
    expect(read(['a_clat.log', ''], ['a_lat.log', lat])).toMatchObject({ requests: { requestCount: 2, jobCount: 1 }, recorded: { latencyOf: 'lat' } }); // prettier-ignore
  });
});

describe('a recording with a histogram log', () => {
  const load = async (...logs: string[]): Promise<ReplayComparison | null> => {
    const files = [at('rw4k-hist.iolog.gz'), ...logs.map(at)];
    const { scenario } = await loadReplay({ files, device: at('envelope_model.json'), timing: 'recorded', iodepth: 4, seed: 1 });
    return simulateReplay(scenario).comparison;
  };

  const textOf = (name: string): string => gunzipSync(readFileSync(at(name))).toString();
  const recordedBy = (name: string, text: string): RecordedFigures => {
    const reader = createRecordingReader();
    reader.begin('a.iolog');
    reader.push(textOf('rw4k-hist.iolog.gz'));
    reader.end();
    reader.begin(name);
    reader.push(text);
    reader.end();
    return reader.finish().recorded!;
  };

  test('has the quantiles of the latency log, but for half the width of a bin: 3.2 % with a coarseness of 2', () => {
    const bins = textOf('rw4k-hist_clat_hist.1.log.gz');
    const endMillis = Number(bins.trimEnd().split('\n').at(-1)!.split(',')[0]);
    const inWindows = textOf('rw4k-hist_clat.1.log.gz')
      .split('\n')
      .filter((line) => line !== '' && Number(line.split(',')[0]) <= endMillis);
    const [binned, single] = [recordedBy('a_clat_hist.1.log', bins), recordedBy('a_clat.1.log', inWindows.join('\n'))];
    expect(binned.latencyOf).toBe('clat');
    for (const side of ['readMicros', 'writeMicros'] as const) {
      expect(totalCount(binned[side])).toBe(totalCount(single[side]));
      for (const percent of [10, 25, 50, 75, 90, 99]) {
        const wanted = valueAtPercentile(single[side], percent);
        expect(Math.abs(valueAtPercentile(binned[side], percent) / wanted - 1)).toBeLessThan(0.034);
      }
    }
  });

  test('is compared with single requests where there are both', async () => {
    const both = await load('rw4k-hist_clat_hist.1.log.gz', 'rw4k-hist_clat.1.log.gz');
    expect(both).toEqual(await load('rw4k-hist_clat.1.log.gz'));
  });

  test('without its requests is refused: bins cannot be replayed', async () => {
    const order = { device: at('envelope_model.json'), timing: undefined, iodepth: undefined, seed: undefined };
    await expect(loadReplay({ files: [at('rw4k-hist_clat_hist.1.log.gz')], ...order })).rejects.toThrow('no reads and no writes');
  });
});
