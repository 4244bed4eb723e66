/** A sweep whose process is killed (SIGKILL) at random moments: nothing lost, nothing done twice, the same bytes in the end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalBytes, killAndResume, sweepOnce } from '../support/sweep-kills.js';
import { sweepFiles, writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-kills-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const reference = join(directory, 'reference');
let sweep = '';
let wholeBytes = 0;
beforeAll(async () => {
  sweep = writeSweep(
    join(directory, 'in'),
    '    workload.rate: { range: { from: 10000, to: 90000, count: 200 } }\n    backlog.mu: [0.2, 0.4, 0.8]\n',
    '',
  );
  sweepOnce(sweep, reference);
  wholeBytes = await journalBytes(sweep);
});

describe('killed while it runs', () => {
  let midwayKills = 0;
  it.each([0.05, 0.5, 0.95])('with about %f of its runs recorded, a sweep goes on to the same bytes', async (part) => {
    const out = join(directory, `killed-${part}`);
    const { recordedAtKill, doneBefore, wasKilled, wasComplete } = await killAndResume(sweep, out, {
      journalBytes: wholeBytes * part,
      afterMillis: 5,
    });
    // Every line that was whole when the process died counts, none is made again.
    if (wasKilled) expect(doneBefore).toBe(wasComplete ? 600 : recordedAtKill);
    if (wasKilled && recordedAtKill > 0 && !wasComplete) midwayKills += 1;
    expect(sweepFiles(out)).toEqual(sweepFiles(reference));
    const runs = readFileSync(join(out, 'sweep.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[0]));
    expect(runs).toEqual(Array.from({ length: 600 }, (_, run) => run));
  });

  it('at least one of the kills came with some runs recorded and others not', () => {
    expect(midwayKills).toBeGreaterThan(0);
  });
});
