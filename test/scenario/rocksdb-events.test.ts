import { describe, expect, it } from 'vitest';
import { runToEnd } from '../../engine/kernel/run.js';
import { checkLog, ledgerOfLog } from '../../engine/ledger/from-log.js';
import { createLogAccount } from '../../engine/ledger/log-account.js';
import { ledgerOfLsmResult } from '../../engine/lsm/ledger.js';
import { createJobLog, jobsLogged, logJob } from '../../engine/lsm/job-log.js';
import { startLsm } from '../../engine/lsm/simulate.js';
import type { Job } from '../../engine/lsm/state.js';
import type { LsmOptions } from '../../engine/rocksdb/options.js';
import { createLogReader, type LogEvent } from '../../engine/rocksdb/log.js';
import { rocksdbLogText } from '../../engine/scenario/rocksdb-log.js';
import { scenarioOf, smallStore, writeStep } from '../lsm/build.js';

function simulated(options: Partial<LsmOptions>) {
  const scenario = scenarioOf({ ...smallStore, ...options }, [writeStep({ puts: 200_000, keyCount: 200_000, disableWal: false })]);
  const result = runToEnd(startLsm(scenario));
  return { result, text: rocksdbLogText(scenario, result) };
}

function read(text: string) {
  const account = createLogAccount({ until: 'log', printedUptimeSec: null });
  const events: LogEvent[] = [];
  const unread: unknown[] = [];
  const onEvent = (event: LogEvent): void => {
    events.push(event);
    account.add(event);
  };
  const reader = createLogReader({ onEvent, onUnread: (issue) => unread.push(issue) });
  reader.push(text);
  reader.end();
  return { account: account.finish(), events, unread };
}

describe('the events of a simulated LOG', () => {
  it.each(['level', 'universal'] as const)('close, %s: events against the table and the tickers', (compaction_style) => {
    const { result, text } = simulated({ compaction_style });
    const { account, unread } = read(text);
    expect(unread).toEqual([]);
    const { checks } = checkLog(account, null);
    expect(checks.filter(({ decides }) => decides).length).toBeGreaterThan(3);
    expect(checks.filter(({ closed }) => !closed)).toEqual([]);
    const tickers = checks.filter(({ name }) => name.includes('tickers at'));
    expect(tickers.map(({ differenceBytes }) => differenceBytes)).toEqual([0, 0, 0]);
    // The same ledger, from the LOG and from the run.
    const [fromLog, fromRun] = [ledgerOfLog(account, null), ledgerOfLsmResult(result)];
    expect(fromLog.flushedBytes).toBe(fromRun.flushedBytes);
    const columns = ({ levels }: typeof fromRun) =>
      levels.map(({ level, jobs, readBytes, writtenBytes, movedBytes }) => ({ level, jobs, readBytes, writtenBytes, movedBytes }));
    expect(columns(fromLog)).toEqual(columns(fromRun));
  });

  it('name every file once, and as inputs only files that were created', () => {
    const { events } = read(simulated({}).text);
    const created = new Set<number>();
    let inputs = 0;
    let finished = 0;
    for (const event of events) {
      if (event.kind === 'fileCreated') {
        expect(created.has(event.file)).toBe(false);
        created.add(event.file);
      } else if (event.kind === 'compactionStarted') {
        for (const file of event.inputs.flatMap(({ files }) => files)) {
          inputs++;
          expect(created.has(file)).toBe(true);
        }
      } else if (event.kind === 'compactionFinished') finished++;
    }
    expect(inputs).toBeGreaterThan(finished);
  });

  it('stand with the stall counts', () => {
    const { result, text } = simulated({});
    const { l0Delays, l0Stops, memtableStops } = result.jobLog.stalls;
    expect(memtableStops + l0Delays).toBeGreaterThan(0);
    const stats = read(text).events.find((event) => event.kind === 'stats');
    expect(stats?.kind === 'stats' && stats.dump.families[0]?.stallCounts).toMatchObject({ l0Delays, l0Stops, memtableStops });
  });

  it('are left out as a whole beyond the number that is kept, and the LOG says so', () => {
    const scenario = scenarioOf(smallStore, [writeStep({ puts: 30_000 })]);
    const log = createJobLog();
    let last: Job | null = null;
    const result = runToEnd(startLsm(scenario, (job) => (last = job)));
    for (let i = 0; i < jobsLogged; i++) logJob(log, last!, i);
    expect(log.jobs).toHaveLength(jobsLogged);
    logJob(log, last!, jobsLogged);
    expect(log.jobs).toBeNull();
    const { account, events, unread } = read(rocksdbLogText(scenario, { ...result, jobLog: log }));
    expect(rocksdbLogText(scenario, { ...result, jobLog: log })).toContain('No events of jobs: there were more than 4096');
    expect(unread).toEqual([]);
    expect(events.some(({ kind }) => kind === 'flushFinished' || kind === 'compactionFinished')).toBe(false);
    expect(checkLog(account, null).checks).toEqual([]);
  });
});
