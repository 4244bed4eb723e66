/**
 * The result document of a run of the fluid backlog model (`putmodel/backlog-result/1`), its schema, and `sim_out.csv`. Adding a field
 * keeps the schema's number, changing or removing one raises it.
 */
import { z } from 'zod';
import type { BacklogResult, BacklogSeries } from '../backlog/result.js';
import { GIB, MIB } from '../kernel/units.js';
import { encodeCsv } from './csv.js';
import type { ResultDocument } from './kind.js';
import { commonFields, figure, maybe, values } from './result-schema.js';
import { encodeValidity, pick, type Validity } from './result.js';

/** Names the document and the number of its schema. */
export const backlogResultSchemaName = 'putmodel/backlog-result/1';

/** The document without its manifest. */
export function encodeBacklogResult(result: BacklogResult, validity: Validity): ResultDocument {
  const { series } = result;
  return {
    schema: backlogResultSchemaName,
    putRate: pick(result.putRate, ['meanOpsPerSec', 'meanMiBPerSec', 'offeredOpsPerSec']),
    writeAmplificationUser: result.writeAmplificationUser,
    assumptions: result.assumptions.map((entry) => pick(entry, ['what', 'value', 'source'])),
    stall: pick(result.stall, ['stoppedSec', 'limitedSec', 'firstAtSec', 'longestSec']),
    backlog: pick(result.backlog, ['endBytes', 'peakBytes', 'peakAtSec']),
    efficiency: pick(result.efficiency, ['model', 'meanFraction', 'minFraction', 'lockedAtSec']),
    device: pick(result.device, ['meanBeffBytesPerSec', 'meanReadFraction']),
    levels: result.levels.map((row) => ({
      ...pick(row, ['name', 'receivedBytes', 'drainedBytes', 'backlogBytes', 'peakBacklogBytes', 'passedOnBytes', 'residentBytes']),
      meanCapacityBytesPerSec: row.meanCapacityBytesPerSec,
    })),
    userBytes: result.userBytes,
    series: {
      ...pick(series, ['intervalSec', 'readFraction', 'beffBytesPerSec', 'opsPerSec']),
      backlogBytes: series.backlogBytes,
      capacityBytesPerSec: series.capacityBytesPerSec,
    },
    validity: encodeValidity(validity),
    events: result.events,
    simulatedSec: result.simulatedSec,
    warnings: result.warnings.map((entry) => pick(entry, ['code', 'message', 'path'])),
  };
}

/** The result that a document holds; it has the whole series. */
export function decodeBacklogResult(document: ResultDocument): BacklogResult {
  const figures = document as unknown as BacklogResult;
  const { series, stall, efficiency } = figures;
  const array = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);
  return {
    kind: 'backlog',
    ...pick(figures, ['simulatedSec', 'events', 'putRate', 'writeAmplificationUser', 'backlog', 'device', 'userBytes', 'levels']),
    ...pick(figures, ['assumptions', 'warnings']),
    ...{ stall, efficiency },
    series: {
      intervalSec: series.intervalSec,
      readFraction: array(series.readFraction),
      beffBytesPerSec: array(series.beffBytesPerSec),
      opsPerSec: array(series.opsPerSec),
      backlogBytes: series.backlogBytes.map(array),
      capacityBytesPerSec: series.capacityBytesPerSec.map(array),
    },
  };
}

/** The document's schema, for editors and readers. */
export const backlogResultSchema = z
  .strictObject({
    schema: z.literal(backlogResultSchemaName),
    ...commonFields,
    putRate: z.strictObject({
      meanOpsPerSec: figure('ops/s', 'puts taken'),
      meanMiBPerSec: figure('MiB/s', 'key + value'),
      offeredOpsPerSec: figure('ops/s', 'puts offered'),
    }),
    writeAmplificationUser: maybe('1', '(flushed bytes + merge work drained below L0) / user bytes'),
    stall: z.strictObject({
      stoppedSec: figure('s', 'of each step the part of the offered puts that was not taken'),
      limitedSec: figure('s', 'L0 was at its limit'),
      firstAtSec: maybe('s', 'null when there was none'),
      longestSec: maybe('s', 'longest uninterrupted time at the limit; null when there was none'),
    }),
    backlog: z.strictObject({ endBytes: figure('bytes', ''), peakBytes: figure('bytes', ''), peakAtSec: figure('s', '') }),
    efficiency: z.strictObject({
      model: z.enum(['saturating', 'contention-linear']),
      meanFraction: figure('fraction', 'mean of eta over the steps'),
      minFraction: figure('fraction', ''),
      lockedAtSec: maybe('s', 'the backlog was within 1 % of the size where contention-linear drains nothing; null: never'),
    }),
    device: z.strictObject({
      meanBeffBytesPerSec: figure('bytes/s', 'mean over the steps'),
      meanReadFraction: figure('fraction', 'mean of rho_r over the steps'),
    }),
    levels: z.array(
      z.strictObject({
        name: z.string(),
        receivedBytes: figure('bytes', 'merge work that arrived (L0: flushed bytes)'),
        drainedBytes: figure('bytes', 'merge work done'),
        backlogBytes: figure('bytes', 'at the end'),
        peakBacklogBytes: figure('bytes', ''),
        passedOnBytes: figure('bytes', 'data that went on to the next level'),
        residentBytes: figure('bytes', 'data kept at the end'),
        meanCapacityBytesPerSec: figure('bytes/s', 'mean of mu x k x eta x Beff over the steps'),
      }),
    ),
    userBytes: figure('bytes', 'keys and values put'),
    series: z.strictObject({
      intervalSec: figure('s', 'dt'),
      readFraction: values('fraction', 'rho_r'),
      beffBytesPerSec: values('bytes/s', ''),
      opsPerSec: values('ops/s', 'puts taken'),
      backlogBytes: z.array(values('bytes', '')).meta({ description: 'Q, a list a level' }),
      capacityBytesPerSec: z.array(values('bytes/s', '')).meta({ description: 'C, a list a level' }),
    }),
  })
  .meta({ title: 'putmodel backlog result' });

/**
 * The guide's `sim_out.csv`: one row a step. `t_sec`, `rho_r` (0 to 1), Beff and C are those the step began with, Q is what it left.
 */
export function encodeSimOutCsv(levelNames: readonly string[], series: BacklogSeries): string {
  const scaled = (values: Float64Array | undefined, unit: number) => (row: number) => (values?.[row] ?? Number.NaN) / unit;
  return encodeCsv(series.readFraction.length, [
    ['t_sec', (row) => row * series.intervalSec],
    ['rho_r', series.readFraction],
    ['beff_mib_per_sec', scaled(series.beffBytesPerSec, MIB)],
    ...levelNames.map((name, level) => [`Q_${name}_gib`, scaled(series.backlogBytes[level], GIB)] as const),
    ...levelNames.map((name, level) => [`C_${name}_mib_per_sec`, scaled(series.capacityBytesPerSec[level], MIB)] as const),
  ]);
}
