import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadLedger } from '../../engine/files/ledger-inputs.js';
import { judge } from '../support/corpus.js';
import { sharedDir } from '../support/shared.js';

describe('the corpus check', () => {
  it('names what it cannot explain, and tells it from what is refused, damaged or has no reader', () => {
    const line = (rest: string): string => `2026/11/20-22:58:00.000000 1 ${rest}\n`;
    expect(judge(line('RocksDB version: 7.8.3'), 'LOG')).toMatchObject({ kind: 'ok', reader: 'LOG' });
    expect(judge(line('RocksDB version: 3.1.0'), 'LOG').kind).toBe('refused');
    expect(judge(line('EVENT_LOG_v1 {"time'), 'LOG')).toMatchObject({
      kind: 'BAD',
      told: expect.stringContaining('LOG:1: an event that is cut') as string,
    });
    expect(judge('secs_elapsed,interval_qps,x\n,1,2,3,4\n', 'report.csv').kind).toBe('damaged');
    expect(judge('secs_elapsed,interval_qps\n1,x\n2,3\n', 'report.csv').kind).toBe('BAD');
    expect(judge('hello', 'a.txt').kind).toBe('none');
  });
});

describe.runIf(sharedDir !== null)('the real runs beside the checkout', () => {
  const root = String(sharedDir);
  const truths = existsSync(`${root}/truth`)
    ? readdirSync(`${root}/truth`).filter((name) => existsSync(`${root}/truth/${name}/LOG.gz`))
    : [];

  it.each(truths)('truth/%s closes from the LOG alone and with what db_bench printed', async (name) => {
    const log = `${root}/truth/${name}/LOG.gz`;
    const alone = await loadLedger({ logs: [log] });
    const printed = await loadLedger({ logs: [log], stdout: `${root}/truth/${name}/stdout.txt.gz` });
    for (const { closed, unread } of [alone, printed]) {
      expect(unread).toEqual([]);
      expect(closed.checks.filter((check) => check.decides && !check.closed)).toEqual([]);
      expect(closed.closed).toBe(true);
      // The sums: within 1 %, whatever the printing rounds.
      for (const check of closed.checks.filter(({ decides, name: what }) => decides && /^(flush|all|compaction) writes/.test(what))) {
        expect(Math.abs(check.differenceBytes)).toBeLessThan(0.01 * check.otherBytes);
      }
    }
    expect(Math.abs((printed.closed.ledger.userBytes ?? 0) / (alone.closed.ledger.userBytes ?? 1) - 1)).toBeLessThan(0.06);
  });

  it.each([
    ['NVMeSSD-4cpu', '147'],
    ['NVMeSSD-20cpu', '179'],
  ])('%s closes against iostat without its WAL, against the sampler with it, and against its last table', async (folder, number) => {
    const file = (name: string): string => `${root}/data/ledger-runs/${folder}/${name}`;
    const { closed, unread } = await loadLedger({
      logs: [file(`LOG_${number}.gz`)],
      stdout: file(`stdout.txt_${number}`),
      iostat: file(`iostat.txt_${number}.gz`),
      sampler: file(`stat_result.csv_${number}`),
    });
    expect(unread).toEqual([]);
    expect(closed.closed).toBe(true);
    expect(closed.ledger.userBytes).toBe(20_000_000 * 1016);
    expect(closed.ledger.walDeviceBytes).toBe(0);
    expect(closed.amplification.closure_error).toBeLessThan(0.01);
    // As the document writes it, the same run would be open.
    expect(closed.amplification.closure_error_document).toBeGreaterThan(0.1);
    expect(closed.amplification.ra_runtime).toBeLessThan(0.01);
    expect(closed.amplification.ra_comp).toBeGreaterThan(4);
    expect(closed.devices.map(({ source }) => source)).toEqual(['iostat', 'sampler']);
    expect(closed.notes[0]).toMatch(/^iostat nvme0n1: \d+\.0 s of samples; the first \d+\.\d s count/);
  });
});
