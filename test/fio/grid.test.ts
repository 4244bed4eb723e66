import { describe, expect, it } from 'vitest';
import {
  describePoint,
  fillArguments,
  gridPoints,
  guideGrid,
  pointArguments,
  preconditionArguments,
  probeArguments,
  quickGrid,
  resultName,
} from '../../engine/fio/grid.js';
import { gridScript, plannedSec, type GridPlan } from '../../engine/fio/grid-script.js';

const point = { readPercent: 25, iodepth: 4, numjobs: 2, bsKib: 64 };
const settings = { target: '/dev/nvme1n1p1', sizeBytes: null, runtimeSec: 30, rampSec: 10 };
const plan: GridPlan = {
  axes: { readPercent: [0, 100], iodepth: [1], numjobs: [1], bsKib: [4] },
  settings: { target: '/mnt/the disk/t', sizeBytes: 16777216, runtimeSec: 30, rampSec: 10 },
  output: "it's here",
  pauseSec: 5,
  precondition: false,
};

describe('the grid', () => {
  it("has the guide's 180 points, block size innermost", () => {
    const points = gridPoints(guideGrid);
    expect(points).toHaveLength(5 * 4 * 3 * 3);
    expect(points.slice(0, 4).map(resultName)).toEqual([
      'result_0_1_1_4.json',
      'result_0_1_1_64.json',
      'result_0_1_1_1024.json',
      'result_0_1_2_4.json',
    ]);
    expect(points.at(-1)).toEqual({ readPercent: 100, iodepth: 64, numjobs: 4, bsKib: 1024 });
    expect(new Set(points.map(resultName)).size).toBe(180);
  });

  it('for people in a hurry has 54 points with the same range on every axis', () => {
    expect(gridPoints(quickGrid)).toHaveLength(3 * 3 * 2 * 3);
    for (const axis of ['readPercent', 'iodepth', 'numjobs', 'bsKib'] as const) {
      expect([Math.min(...quickGrid[axis]), Math.max(...quickGrid[axis])]).toEqual([
        Math.min(...guideGrid[axis]),
        Math.max(...guideGrid[axis]),
      ]);
    }
  });

  it('takes (ramp + runtime + pause) a point: 180 and the repeated one take 2 h 16 min', () => {
    expect(plannedSec(plan, 181) / 60).toBeCloseTo(135.75);
  });

  it('names a point in words', () => {
    expect(describePoint(point)).toBe('read 25 %, iodepth 4, numjobs 2, 64 KiB');
  });
});

describe("fio's arguments", () => {
  it("are the guide's, verbatim and in its order, with time_based before the output", () => {
    expect(pointArguments(point, 'io_uring', settings, 'out/result_25_4_2_64.json').join(' ')).toBe(
      '--name=mixed_test --filename=/dev/nvme1n1p1 --ioengine=io_uring --direct=1 --rw=randrw --rwmixread=25 --iodepth=4 --numjobs=2 ' +
        '--bs=64k --runtime=30 --ramp_time=10 --norandommap=1 --randrepeat=0 --time_based=1 --output-format=json ' +
        '--output=out/result_25_4_2_64.json',
    );
  });

  it('name a size only where one is set', () => {
    const sized = { ...settings, sizeBytes: 16777216 };
    const commands = (of: typeof settings | typeof sized) => [
      pointArguments(point, 'libaio', of, 'x'),
      fillArguments(of),
      preconditionArguments(of),
      probeArguments('libaio', of, 4),
    ];
    for (const args of commands(sized)) expect(args).toContain('--size=16777216');
    for (const args of commands(settings)) expect(args.join(' ')).not.toContain('--size');
  });

  it('write the target twice in sequence to precondition it, and only read to probe an engine', () => {
    expect(preconditionArguments(settings)).toEqual(expect.arrayContaining(['--rw=write', '--loops=2']));
    expect(probeArguments('io_uring', settings, 64)).toEqual(
      expect.arrayContaining(['--readonly', '--rw=randread', '--ioengine=io_uring']),
    );
  });
});

describe('the script', () => {
  it('quotes what a shell would split or read', () => {
    const script = gridScript(plan);
    expect(script).toContain("target='/mnt/the disk/t'\n");
    expect(script).toContain(String.raw`out='it'\''s here'` + '\n');
    expect(script).toContain("'--filename=/mnt/the disk/t'");
  });

  it('fills a file first, runs every point once, and the first again last', () => {
    const script = gridScript(plan);
    const files = [...script.matchAll(/^point (\S+) /gm)].map((match) => match[1]);
    expect(files).toEqual(['result_0_1_1_4.json', 'result_100_1_1_4.json', 'repeat/result_0_1_1_4.json']);
    expect(script.indexOf('once filled --name=fill')).toBeLessThan(script.indexOf('point result_0'));
    expect(script).toContain('  sleep 5\n');
  });

  it('for a device fills nothing; preconditions only when asked', () => {
    const device = { ...plan, settings };
    expect(gridScript(device)).not.toContain('--name=fill');
    expect(gridScript(device)).not.toContain('--name=precondition');
    expect(gridScript({ ...device, precondition: true })).toContain('once preconditioned --name=precondition');
  });

  it('is not written for a name that fio would take for two files', () => {
    for (const target of ['/mnt/a:/mnt/b', 'a\\b', 'a\nb']) {
      const bad = { ...plan, settings: { ...plan.settings, target } };
      expect(() => gridScript(bad)).toThrow('fio cannot be given a path with a colon, backslash or control character');
    }
  });
});
