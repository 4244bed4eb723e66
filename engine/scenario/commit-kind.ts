/** Kind `commit` as the registry holds it: optimistic commits on an object store, with its documents. */
import { readContention } from '../commit/contention-file.js';
import { commitScenarioFromDocument, type MeasuredContention } from '../commit/from-document.js';
import { commitMetrics, commitSchema, type CommitDocument } from '../commit/kind.js';
import type { CommitResult, RoleName } from '../commit/result.js';
import type { CommitScenario } from '../commit/scenario.js';
import { startCommit } from '../commit/simulate.js';
import { encodeV2Base64, toHgrm } from '../kernel/histogram-codec.js';
import { totalCount, type Histogram } from '../kernel/histogram.js';
import { PutmodelError } from '../kernel/errors.js';
import { formatSeconds } from '../kernel/units.js';
import {
  commitResultSchema,
  commitResultSchemaName,
  decodeCommitResult,
  encodeCommitResult,
  latencyFileNames,
  latencyRow,
  wideRow,
} from './commit-result.js';
import { encodeRows, type CsvCells } from './csv.js';
import type { PositionedDocument } from './document.js';
import type { Inputs, Kind } from './kind.js';
import { resolveDocument } from './resolve.js';

const contentionKey = 'store.fitFrom';

/** Writers, compactors and readers, or plain compare-and-swap clients, on an object store. */
export const commitKind: Kind<CommitScenario, CommitResult> = {
  name: 'commit',
  schema: commitSchema,
  resultSchema: commitResultSchema,
  resultSchemaName: commitResultSchemaName,
  metrics: commitMetrics,
  machine: [],
  fileKeys: [contentionKey],
  moduleKey: null,
  resolve: resolveCommit,
  describe: describeCommit,
  start: (scenario, { historySink } = {}) => startCommit(scenario, { historySink }),
  encode: encodeCommitResult,
  files: (scenario, result) => ({
    ...(scenario.workload.clientCount > 0
      ? {}
      : { 'latency.csv': encodeRows([latencyRow(scenario, result)]), 'wide.csv': encodeRows([wideRow(scenario, result)]) }),
    ...latencyFiles(result),
  }),
  decode: decodeCommitResult,
  histograms: latenciesByRole,
  features: () => null,
  writesHistory: true,
  csvLayouts: ['latency', 'wide'],
  csvRow,
};

function resolveCommit(document: PositionedDocument, { files }: Inputs): CommitScenario {
  return resolveDocument(document, commitSchema, (checked, name) => {
    const file = files.get(contentionKey);
    return commitScenarioFromDocument(checked, file === undefined ? null : measuredIn(checked, file), name);
  });
}

/** A row in one of the workload documents' layouts, which know writers, compactors and readers only. */
function csvRow(layout: string, scenario: CommitScenario, result: CommitResult): CsvCells {
  if (scenario.workload.clientCount > 0) {
    const message = `the ${layout} layout has no columns for plain compare-and-swap clients`;
    throw new PutmodelError({ code: 'INPUT_INVALID', message, path: 'clients', expected: 'a scenario with a workload, or --json' });
  }
  return layout === 'wide' ? wideRow(scenario, result) : latencyRow(scenario, result);
}

/** The rows of the file that the document asks for. */
function measuredIn({ store }: CommitDocument, file: { readonly name: string; readonly text: string }): MeasuredContention {
  const said = store?.fitThreads;
  const threads = said === undefined || Array.isArray(said) ? said : String(said).split(',').map(Number);
  const name = file.name.split(/[/\\]/).at(-1) ?? file.name;
  return { name, rows: readContention(file.text, file.name, store?.fitKey ?? '', threads) };
}

function describeCommit({ workload, durationMicros }: CommitScenario): string {
  const { writerCount, compactorCount, readerCount, clientCount } = workload;
  const crowd = [
    [writerCount, 'writer'],
    [compactorCount, 'compactor'],
    [readerCount, 'reader'],
    [clientCount, 'compare-and-swap client'],
  ] as const;
  const parts = crowd.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}${count === 1 ? '' : 's'}`);
  return `${parts.join(', ')}, ${formatSeconds(durationMicros / 1e6)}`;
}

/** Latencies of the successes of each role that has some, by file name without its ending. */
function latenciesByRole({ roles }: CommitResult): Readonly<Record<string, Histogram>> {
  const names = Object.keys(roles) as RoleName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const histogram = roles[name]?.latencyMicros ?? null;
      return histogram === null ? [] : [[latencyFileNames(name).succeeded, histogram] as const];
    }),
  );
}

/** The same in HdrHistogram's formats, and of the attempts that another commit beat. */
function latencyFiles(result: CommitResult): Readonly<Record<string, string>> {
  const beaten = (Object.keys(result.roles) as RoleName[]).flatMap((name) => {
    const histogram = result.roles[name]?.preconditionFailedMicros ?? null;
    return histogram === null || totalCount(histogram) === 0 ? [] : [[latencyFileNames(name).beaten, histogram] as const];
  });
  return Object.fromEntries(
    [...Object.entries(latenciesByRole(result)), ...beaten].flatMap(([name, histogram]) => [
      [`${name}.hgrm`, toHgrm(histogram)],
      [`${name}.hdr`, `${encodeV2Base64(histogram)}\n`],
    ]),
  );
}
