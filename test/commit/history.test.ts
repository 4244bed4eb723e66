import { describe, expect, it } from 'vitest';
import type { Fault } from '../../engine/commit/faults.js';
import { profiles } from '../../engine/commit/profiles.js';
import { simulateCommit } from '../../engine/commit/simulate.js';
import { commitScenario, type Changes } from './build.js';

interface Entry {
  readonly index: number;
  readonly time: number;
  readonly type: string;
  readonly process: number;
  readonly ops: readonly (readonly [kind: string, register: string, value: number | null])[];
}

function historyOf(changes: Changes, fault: Fault = 'none'): Entry[] {
  const lines: string[] = [];
  simulateCommit(commitScenario(changes), { fault, historySink: (line) => void lines.push(line) });
  return lines.map((line) => {
    const match = /^\{:index (\d+), :time (\d+), :type :(invoke|ok|fail|info), :process (\d+), :f :txn, :value \[(.*)\]\}\n$/.exec(line);
    expect(match, line).not.toBeNull();
    const [, index, time, type, process, value] = match!;
    const ops = [...value!.matchAll(/\[:([rw]) "([^"]+)" (nil|\d+)\]/g)].map(
      ([, kind, register, text]) => [kind!, register!, text === 'nil' ? null : Number(text)] as const,
    );
    expect(ops.map(([kind, register, number]) => `[:${kind} "${register}" ${String(number ?? 'nil')}]`).join(' ')).toBe(value);
    return { index: Number(index), time: Number(time), type: type!, process: Number(process), ops };
  });
}

/**
 * An independent look at a history: HEAD's writers form one chain (each read what the one before wrote), and whoever reads a key under a
 * version of HEAD reads a key that was written before it. Returns what is wrong.
 */
function faultsOf(entries: readonly Entry[]): string[] {
  const readOf = new Map<number, number | null>();
  const faults: string[] = [];
  for (const { type, ops } of entries.filter((entry) => entry.type === 'ok')) {
    const write = ops.find(([kind, register]) => kind === 'w' && register === 'head');
    const read = ops.find(([kind, register]) => kind === 'r' && register === 'head');
    if (write !== undefined && read !== undefined) {
      if ([...readOf.values()].includes(read[2])) faults.push(`${type}: two transactions based on ${String(read[2])}`);
      readOf.set(write[2]!, read[2]);
    }
  }
  const order = new Map<number, number>();
  const next = new Map([...readOf].map(([write, read]) => [read, write]));
  for (let at = next.get(null); at !== undefined; at = next.get(at)) order.set(at, order.size);
  if (order.size !== readOf.size) faults.push(`${readOf.size - order.size} transactions lie beside the chain`);
  for (const { ops } of entries.filter((entry) => entry.type === 'ok')) {
    const head = ops.find(([kind, register]) => kind === 'r' && register === 'head');
    const writes = ops.some(([kind]) => kind === 'w');
    for (const [kind, register, value] of ops) {
      if (kind !== 'r' || register === 'head' || writes) continue;
      if (!((order.get(value!) ?? Infinity) <= (order.get(head![2]!) ?? -1))) faults.push(`${register} was read before it was committed`);
    }
  }
  return faults;
}

const crowd: Changes = {
  workload: { writerCount: 2, compactorCount: 1, readerCount: 2, readerOpsPerSec: 5, writerOpsPerSec: 0.3 },
  store: profiles.document,
};

describe('a history', () => {
  const entries = historyOf(crowd);

  it('has one line for each begin and end, numbered and in order of time', () => {
    expect(entries.length).toBeGreaterThan(1000);
    entries.forEach(({ index, time }, row) => {
      expect(index).toBe(row);
      expect(time).toBeGreaterThanOrEqual(entries[Math.max(0, row - 1)]!.time);
    });
  });

  it('every process has one operation at a time', () => {
    const open = new Set<number>();
    for (const { type, process } of entries) {
      expect(open.has(process)).toBe(type !== 'invoke');
      if (type === 'invoke') open.add(process);
      else open.delete(process);
    }
  });

  it('is serialisable as an outside checker sees it', () => {
    expect(faultsOf(entries)).toEqual([]);
  });

  it('names each key when its write begins, so that whoever reads it reads what somebody writes', () => {
    const told = historyOf({
      durationSec: 90,
      workload: {
        ...{ writerCount: 4, compactorCount: 6, readerCount: 2, readerOpsPerSec: 5, writerOpsPerSec: 1 },
        ...{ compactorPauseMicros: 1_000_000, compactorSleepMicros: 1_000_000 },
      },
      store: { ...profiles['s3-standard'], lossFraction: 0.05, timeoutMicros: 100_000_000 },
    });
    const written = new Set<string>();
    let compactions = 0;
    for (const { type, ops } of told) {
      for (const [kind, register, value] of ops) {
        if (kind === 'w' && type === 'invoke') {
          expect(written.has(`${register} ${String(value)}`)).toBe(false);
          written.add(`${register} ${String(value)}`);
          if (register.startsWith('compacted_')) compactions++;
        } else if (value !== null) expect(written.has(`${register} ${String(value)}`), `${register} ${String(value)}`).toBe(true);
      }
    }
    expect(compactions).toBeGreaterThan(10);
  });

  it('says nothing of a compactor that found too few keys', () => {
    const told = historyOf({ durationSec: 60, workload: { writerCount: 0, compactorCount: 2, readerCount: 1, readerOpsPerSec: 1 } });
    expect(told.length).toBeGreaterThan(50);
    expect(told.filter(({ ops }) => ops.some(([kind]) => kind === 'w'))).toEqual([]);
  });

  it('of a broken store is not', () => {
    expect(faultsOf(historyOf({ ...crowd, workload: { ...crowd.workload, readerCount: 0 } }, 'blindCommit'))).not.toEqual([]);
  });

  it('ends in doubt where an answer was lost and the operation given up, and its process never comes back', () => {
    const lossy = historyOf({
      durationSec: 600,
      workload: { writerCount: 3, writerOpsPerSec: 1, maxRetryCount: 0 },
      store: { ...profiles.document, lossFraction: 0.2, timeoutMicros: 2_000_000 },
    });
    const inDoubt = lossy.filter(({ type }) => type === 'info');
    expect(inDoubt.length).toBeGreaterThan(3);
    for (const { index, process } of inDoubt) expect(lossy.some((entry) => entry.index > index && entry.process === process)).toBe(false);
  });

  it('does not change the run', () => {
    const scenario = commitScenario(crowd);
    const { events, transactionCount } = simulateCommit(scenario, { historySink: () => undefined });
    expect(simulateCommit(scenario)).toMatchObject({ events, transactionCount });
  });
});
