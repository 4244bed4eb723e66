import { describe, expect, it } from 'vitest';
import { answerSentences } from '../../engine/report/words.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import { simulateDbBench } from '../../engine/validation/run.js';

const limited = simulateDbBench(
  '--benchmarks=fillrandom --num=20000000 --value_size=1024 --compression_type=none --rate_limiter_bytes_per_sec=67108864 --duration=60 --write_buffer_size=16777216'.split(
    ' ',
  ),
);
const options = { rate_limiter_bytes_per_sec: 67_108_864 };

describe('the answer in words', () => {
  it('says put rate, stalls with their main cause, bottleneck and write amplification, in this order', () => {
    const [rate = '', stalls = '', bottleneck = '', amplification = ''] = answerSentences(limited, options);
    expect(rate).toMatch(/^(Averages|Sustains) [\d,]+ puts\/s/);
    const { stall, simulatedSec } = limited;
    expect(stalls).toContain(`${(((stall.stoppedSec + stall.delayedSec) / simulatedSec) * 100).toFixed(0)} % of the time`);
    expect(bottleneck).toMatch(/^Bottleneck: the rate limiter at 64\.0 MiB\/s, \d+ % of the time\.$/);
    expect(amplification).toBe(`Write amplification ${(limited.writeAmplification ?? 0).toFixed(1)}.`);
  });

  it('says sustained only of a steady state', () => {
    const steady: LsmResult = { ...limited, steadyState: { reached: true, atSec: 30, opsPerSec: 12_345.4, writeAmplification: 4 } };
    expect(answerSentences(steady, options)[0]).toBe('Sustains 12,345 puts/s from 30.0 s on.');
    const unsteady: LsmResult = { ...limited, steadyState: { reached: false, atSec: null, opsPerSec: null, writeAmplification: null } };
    expect(answerSentences(unsteady, options)[0]).toMatch(/^Averages [\d,]+ puts\/s over 1 min 00 s\.$/);
  });

  it('of a store that keeps up', () => {
    const free: LsmResult = {
      ...limited,
      writeAmplification: null,
      stall: { ...limited.stall, stoppedSec: 0, delayedSec: 0 },
      bottleneck: { binding: [], table: [], next: null },
    };
    expect(answerSentences(free, options).slice(1)).toEqual(['Writes are never held back.', 'Nothing binds: the store keeps up.']);
  });
});
