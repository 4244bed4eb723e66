import { describe, expect, it } from 'vitest';
import { scaleLsmMachine } from '../../engine/lsm/scale-machine.js';
import { loadDbBench, runScenario } from '../../engine/node.js';

const argv = ['--benchmarks=fillrandom', '--num=1000000', '--compression_type=none', '--duration=20', '--write_buffer_size=16777216'];

describe('a machine that is faster or slower', () => {
  it('scales bandwidths and costs, and nothing else', () => {
    const { scenario } = loadDbBench(argv, { device: 'read=800MiB/s,write=400MiB/s' });
    const scaled = scaleLsmMachine(scenario, { deviceFactor: 1.5, hostFactor: 0.5 });
    expect(scaled.device).toMatchObject({ readBytesPerSec: 1200 * 1048576, writeBytesPerSec: 600 * 1048576 });
    expect(scaled.host.mergeNanosPerByte).toBe(scenario.host.mergeNanosPerByte * 2);
    expect(scaled.host.compressNanosPerByte.zstd).toBe(scenario.host.compressNanosPerByte.zstd * 2);
    expect(scaled.host.syncMicros).toBe(scenario.host.syncMicros * 2);
    const { cores, pageCacheBytes, compressedFraction, slowdownPerExtraThread } = scenario.host;
    expect(scaled.host).toMatchObject({ cores, pageCacheBytes, compressedFraction, slowdownPerExtraThread });
    expect(scaleLsmMachine(scenario, { deviceFactor: 1, hostFactor: 1 })).toEqual(scenario);
  });

  it('scales an envelope at every point, its latencies the other way', () => {
    const { scenario } = loadDbBench(argv);
    const scaled = scaleLsmMachine(scenario, { deviceFactor: 2, hostFactor: 1 });
    if (scenario.device.kind !== 'envelope' || scaled.device.kind !== 'envelope') throw new Error('the default device is an envelope');
    const [before, after] = [scenario.device.envelope.surfaces.random!.columns, scaled.device.envelope.surfaces.random!.columns];
    for (const [name, values] of Object.entries(before)) {
      const factor = name.includes('PerSec') ? 2 : name.includes('Micros') ? 0.5 : 1;
      expect(after[name]).toEqual(values.map((value) => (value === null ? null : value * factor)));
    }
  });

  it('a faster host puts faster where CPU binds', () => {
    const loaded = loadDbBench(argv);
    const rate = (hostFactor: number): number => {
      const scenario = scaleLsmMachine(loaded.scenario, { deviceFactor: 1, hostFactor });
      return runScenario({ ...loaded, scenario }).result.putRate.meanOpsPerSec;
    };
    expect(rate(1.1)).toBeGreaterThan(rate(0.9));
  });
});
