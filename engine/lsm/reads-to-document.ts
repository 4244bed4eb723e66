/** The way back from a scenario's reads to the `reads` block that says them (reads-from-document.ts). */
import type { LsmDocument } from './kind.js';
import { cacheBytesDefault, isRead, readPercentDefault } from './reads-from-document.js';
import type { ReadLoad, ReadStream, Step } from './scenario.js';

type WriteStep = Extract<Step, { kind: 'write' }>;
type ReadsDocument = NonNullable<LsmDocument['reads']>;

/**
 * The block of a scenario whose document has so many keys and threads. A document has one for all its benchmarks: the first that reads
 * points says `point`, the first that reads ranges `range`.
 */
export function readsSaid(steps: readonly WriteStep[], num: number, threads: number): Pick<LsmDocument, 'reads'> {
  const reading = steps.flatMap((step) => (step.workload.reads === undefined ? [] : [{ step, load: step.workload.reads }]));
  const [first] = reading;
  if (first === undefined) return {};
  const streamSaid = (isPoint: boolean): Readonly<Record<string, unknown>> | null => {
    for (const { step, load } of reading)
      for (const stream of load.streams) if ((stream.nexts === null) === isPoint) return said(stream, step, num, threads);
    return null;
  };
  const [point, range] = [streamSaid(true), streamSaid(false)];
  const named = reading.some(({ step }) => isRead(step.benchmark));
  const block = {
    // A benchmark that reads says so itself; beside puts, an empty block would be no reads.
    ...(point === null || (named && Object.keys(point).length === 0) ? {} : { point }),
    ...(range === null || (named && Object.keys(range).length === 1 && range['length'] === 0) ? {} : { range }),
    ...percentSaid(reading.map(({ step }) => step)),
    ...cacheSaid(first.load),
  };
  return Object.keys(block).length === 0 ? {} : { reads: block as ReadsDocument };
}

function said(stream: ReadStream, step: WriteStep, num: number, threads: number): Readonly<Record<string, unknown>> {
  const { arrival } = stream;
  const own = arrival.kind === 'closed' ? arrival.threads : threads;
  const counted = isRead(step.benchmark) && step.workload.durationSec === null ? num * own : null;
  return {
    ...(arrival.kind === 'closed' && arrival.threads !== threads ? { threads: arrival.threads } : {}),
    ...(arrival.kind === 'open' ? { rate: arrival.opsPerSec } : {}),
    ...(stream.reads === null || stream.reads === counted ? {} : { reads: stream.reads }),
    ...(stream.distribution === 'uniform' ? {} : { distribution: stream.distribution, zipfTheta: stream.zipfTheta }),
    ...(stream.nexts === null ? {} : { length: stream.nexts }),
  };
}

function percentSaid(steps: readonly WriteStep[]): Pick<ReadsDocument, 'readwritepercent'> {
  const turns = steps.find(({ benchmark }) => benchmark === 'readrandomwriterandom')?.workload.reads?.streams[0];
  if (turns === undefined) return {};
  const readwritepercent = turns.arrival.kind === 'turns' ? (100 * turns.arrival.readsPerPut) / (1 + turns.arrival.readsPerPut) : 100;
  return Math.abs(readwritepercent - readPercentDefault) < 1e-9 ? {} : { readwritepercent: Number(readwritepercent.toPrecision(12)) };
}

function cacheSaid({ blockCache, cacheIndexAndFilterBlocks }: ReadLoad): Partial<ReadsDocument> {
  const size =
    'hitFraction' in blockCache
      ? { block_cache_hit_fraction: blockCache.hitFraction }
      : blockCache.bytes === cacheBytesDefault
        ? {}
        : { block_cache_bytes: blockCache.bytes };
  return { ...size, ...(cacheIndexAndFilterBlocks ? { cache_index_and_filter_blocks: true } : {}) };
}
