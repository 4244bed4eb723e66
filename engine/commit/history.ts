/**
 * The history of a run as Elle and Jepsen read it: EDN, one operation a line, transactions over read-write registers. HEAD is a register
 * whose value is the operation that wrote it last, and so is each key; both are unique, so that an outside checker can order all transactions
 * by what they read. Begins are `:invoke`; ends are `:ok`, `:fail` (nothing took effect) or `:info` (it may have).
 *
 *   {:index 0, :time 10000000000, :type :invoke, :process 2, :f :txn, :value [[:r "head" nil] [:w "key_000001" 7] [:w "head" 7]]}
 */
import { keyName } from './checks.js';
import { COLLECTOR, COMPACTOR, READER, WRITER } from './counters.js';
import type { State } from './state.js';

/** Takes lines of a history, each with its newline. */
export type HistorySink = (line: string) => void;

/** Where a history stands. */
export interface History {
  readonly sink: HistorySink;
  lineCount: number;
  /** How often a process has ended in doubt: as in Jepsen, its number is not used again. */
  readonly crashes: Map<number, number>;
}

/** How an operation ended. */
export type Ending = 'ok' | 'fail' | 'info';

/** A history that goes to `sink`. */
export function createHistory(sink: HistorySink): History {
  return { sink, lineCount: 0, crashes: new Map() };
}

/** An operation begins. */
export function historyBegins(state: State, op: number): void {
  const role = state.role[state.ops.client[op]!]!;
  if (role === COLLECTOR) return;
  const head = headName(state, op);
  const serial = state.ops.serial[op]!;
  const key = role === WRITER ? ` [:w ${nameOf(state, op, state.ops.key[op]!)} ${serial}]` : '';
  writeLine(state, op, 'invoke', role === READER ? `[:r ${head} nil]` : `[:r ${head} nil]${key} [:w ${head} ${serial}]`);
}

/** An operation ends. What it read and wrote is known only where it is `ok`. */
export function historyEnds(state: State, op: number, ending: Ending): void {
  const { ops, heads, role, scenario, inputs } = state;
  const client = ops.client[op]!;
  const partition = ops.partition[op]!;
  if (role[client] === COLLECTOR) return;
  const head = headName(state, op);
  const serial = ops.serial[op]!;
  const { compactorReadCount } = scenario.workload;
  const read = (place: number): string => `[:r ${nameOf(state, op, heads.log[partition]![place]!)} ${heads.serials[partition]![place]!}]`;
  const writes = role[client] === READER ? '' : `[:w ${head} ${serial}]`;
  const parts = [`[:r ${head} nil]`, writes];
  if (ending === 'ok') {
    const base = role[client] === READER ? ops.snapshot[op]! : ops.base[op]!;
    parts[0] = `[:r ${head} ${base === 0 ? 'nil' : heads.serials[partition]![base - 1]!}]`;
  }
  if (ending === 'ok' && role[client] === READER) parts.push(read(ops.key[op]!));
  if (ending === 'ok' && role[client] === COMPACTOR) {
    for (let i = 0; i < compactorReadCount; i++) parts.push(read(inputs[client * compactorReadCount + i]!));
  }
  const hasKey = role[client] === WRITER || (role[client] === COMPACTOR && ops.key[op]! < -0.5);
  if (hasKey) parts.push(`[:w ${nameOf(state, op, ops.key[op]!)} ${serial}]`);
  writeLine(state, op, ending, parts.filter((part) => part !== '').join(' '));
}

function headName({ ops, scenario }: State, op: number): string {
  return scenario.workload.partitionCount === 1 ? '"head"' : `"p${ops.partition[op]!}/head"`;
}

function nameOf({ ops, scenario }: State, op: number, key: number): string {
  return scenario.workload.partitionCount === 1 ? `"${keyName(key)}"` : `"p${ops.partition[op]!}/${keyName(key)}"`;
}

/** A slot holds one operation at a time, so it is what Jepsen calls a process; after a crash its number is not used again. */
function writeLine(state: State, op: number, type: 'invoke' | Ending, value: string): void {
  const history = state.history!;
  const crashes = history.crashes.get(op) ?? 0;
  const process = op + crashes * processStride;
  const time = state.queue.timeMicros * 1000;
  history.sink(`{:index ${history.lineCount}, :time ${time}, :type :${type}, :process ${process}, :f :txn, :value [${value}]}\n`);
  history.lineCount++;
  if (type === 'info') history.crashes.set(op, crashes + 1);
}

/** Jepsen's process numbers are below this until one crashes. */
const processStride = 10_000_000;
