import { describe, expect, it } from 'vitest';
import { createRecorder, recordSample, type SampleView } from '../../engine/lsm/recorder.js';

describe('the series', () => {
  const view: SampleView = { l0Files: 0, debtBytes: 0, delayedRate: 0, state: 0, levels: [{ bytes: 1 }], targetBytes: new Float64Array(1) };

  it('has a row a second, however long the run: its columns grow', () => {
    const recorder = createRecorder(1);
    for (let i = 0; i < 1000; i++) recordSample(recorder, view, 1);
    expect(recorder.series.count).toBe(1000);
    expect(recorder.series.levelBytes[0]!.slice(0, 1000).every((bytes) => bytes === 1)).toBe(true);
  });

  it('ends at 4,194,304 s in one line instead of running out of memory', () => {
    const recorder = createRecorder(1);
    // As full as it may be, without the memory that it would take.
    const series = { ...recorder.series, count: 4_194_304, opsPerSec: { length: 4_194_304 } as unknown as Float64Array };
    expect(() => {
      recordSample({ ...recorder, series }, view, 1);
    }).toThrow('the run takes too long: a row is kept for each simulated second: found not at its end after 4,194,304 s');
  });
});
