/**
 * The history of a run as Elle and Jepsen read it: EDN, one operation a line, transactions over read-write registers. HEAD is a register
 * whose value is the operation that wrote it last, and so is each key; both are unique, so that an outside checker can order all transactions
 * by what they read. Begins are `:invoke`; ends are `:ok`, `:fail` (nothing took effect) or `:info` (it may have).
 *
 *   {:index 0, :time 10000000000, :type :invoke, :process 2, :f :txn, :value [[:r "head" nil] [:w "key_000001" 7] [:w "head" 7]]}
 */
import { keyName } from './checks.js';
import { COLLECTOR, COMPACTOR, READER } from './counters.js';
import { NO_KEY, type State } from './state.js';

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

/** An operation begins: of a compactor, when it has chosen its keys; one that found too few has no place in a history. */
export function historyBegins(state: State, op: number): void {
  if (isTold(state, op)) writeLine(state, op, 'invoke', transactionOf(state, op, false));
}

/** An operation ends. What it read is known only where it is `ok`. */
export function historyEnds(state: State, op: number, ending: Ending): void {
  if (isTold(state, op)) writeLine(state, op, ending, transactionOf(state, op, ending === 'ok'));
}

function isTold({ ops, role }: State, op: number): boolean {
  const one = role[ops.client[op]!]!;
  return one !== COLLECTOR && (one !== COMPACTOR || ops.key[op] !== NO_KEY);
}

/** What an operation reads and writes: HEAD, the keys it reads, the key it adds, and HEAD again. */
function transactionOf(state: State, op: number, isKnown: boolean): string {
  const { ops, heads, role, scenario, inputs } = state;
  const client = ops.client[op]!;
  const partition = ops.partition[op]!;
  const serial = ops.serial[op]!;
  const serials = heads.serials[partition]!;
  const read = (register: string, transaction: number): string =>
    `[:r ${register} ${isKnown && transaction > 0 ? serials[transaction - 1]! : 'nil'}]`;
  const readKey = (place: number): string => read(nameOf(state, op, heads.log[partition]![place]!), place + 1);
  const head = headName(state, op);
  if (role[client] === READER) return [read(head, ops.snapshot[op]!), ...(isKnown ? [readKey(ops.key[op]!)] : [])].join(' ');
  const { compactorReadCount } = scenario.workload;
  const row = client * compactorReadCount;
  const places = role[client] === COMPACTOR ? inputs.subarray(row, row + compactorReadCount) : [];
  const key = ops.key[op] === NO_KEY ? [] : [`[:w ${nameOf(state, op, ops.key[op]!)} ${serial}]`];
  return [read(head, ops.base[op]!), ...Array.from(places, readKey), ...key, `[:w ${head} ${serial}]`].join(' ');
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
