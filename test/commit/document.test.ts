import { describe, expect, it } from 'vitest';
import { clientsOnly } from '../../engine/commit/profiles.js';
import type { CommitScenario } from '../../engine/commit/scenario.js';
import { simulateCommit } from '../../engine/commit/simulate.js';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { commitKind } from '../../engine/scenario/commit-kind.js';
import { commitResultSchema, encodeCommitResult, latencyRow, wideRow } from '../../engine/scenario/commit-result.js';
import { encodeRows } from '../../engine/scenario/csv.js';
import { readDocument } from '../../engine/scenario/document.js';
import { notValidated, withManifest } from '../../engine/scenario/result.js';

const noFiles = {
  device: null,
  host: null,
  files: new Map<string, { readonly name: string; readonly text: string; readonly sha256: string }>(),
};
const resolve = (text: string, files = noFiles.files): CommitScenario =>
  commitKind.resolve(readDocument(text, 'a.yaml'), { ...noFiles, files });

function issuesOf(text: string): readonly Issue[] {
  try {
    resolve(text);
    return [];
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
}

const documented = `
kind: commit
workload:
  num_writers: 2
  num_compactors: 1
  num_readers: 3
  writer_rate: 0.05
  compactor_rate: 0.04
  reader_rate: 7
  compactor_sleep_secs: 4
  compactor_read_count: 3
  value_size: 512
  max_retry_count: 6
  duration: 90
limit: false
`;

describe('a document', () => {
  it("takes every field of the documents' WorkloadConfig by its name", () => {
    const { workload, durationMicros } = resolve(documented);
    expect(durationMicros).toBe(90e6);
    expect(workload).toMatchObject({
      ...{ writerCount: 2, compactorCount: 1, readerCount: 3, writerOpsPerSec: 0.05, compactorPauseMicros: 25e6, readerOpsPerSec: 7 },
      ...{ compactorSleepMicros: 4e6, compactorReadCount: 3, valueBytes: 512, maxRetryCount: 6 },
    });
  });

  it.each(['key_overlap_ratio', 'key_pool_size', 'write_delete_ratio'])(
    'refuses %s, which the documents have removed, with a hint',
    (field) => {
      expect(issuesOf(`kind: commit\nworkload:\n  ${field}: 1\n`)).toEqual([
        expect.objectContaining({
          path: `workload.${field}`,
          line: 3,
          message: 'the documents have removed this field',
          expected: expect.stringMatching(/remove it|merged keys/),
        }),
      ]);
    },
  );

  it.each([
    ['clients: 2\nworkload: {num_writers: 1}', 'clients'],
    ['duration_seconds: 1\nworkload: {duration: 1}', 'duration_seconds'],
    ['store: {fitKey: x}', 'store.fitFrom'],
    ['workload: {num_writers: 0}', 'workload'],
    ['chaos: {networkBlocks: {count: 1, lengthSec: 1, gapSec: [9, 3]}}', 'chaos.networkBlocks.gapSec'],
    ['workload: {rateFactors: [{atSec: 2, factor: 1}, {atSec: 2, factor: 1}]}', 'workload.rateFactors'],
    ['store: {latency: {lognormal: {p50Millis: 1}}}', 'store.latency.lognormal.sigma'],
    ['workload: {partitions: 10000, num_readers: 100000}', 'workload.partitions'],
    ['store: {latency: {quantilesMillis: {p0: 1, p50: 10}}}', 'store.latency.quantilesMillis'],
    ['store: {latency: {quantilesMillis: {}}}', 'store.latency.quantilesMillis'],
    ['store: {latency: {quantilesMillis: {p50: 100, p99: 10}}}', 'store.latency.quantilesMillis'],
    ['store: {latency: {quantilesMillis: {p50: 10, p50.0: 10}}}', 'store.latency.quantilesMillis'],
    ['store: {latency: {quantilesMillis: {p50: 10, p99: -1}}}', 'store.latency.quantilesMillis.p99'],
    ['store: {latency: {fit: gamma, percentilesMillis: {p50: 10}}}', 'store.latency.percentilesMillis'],
    ['store: {latency: {fit: gamma, percentilesMillis: {}}}', 'store.latency.percentilesMillis'],
    ['workload: {arrivals: closed, rateFactors: [{atSec: 2, factor: 1}]}', 'workload.rateFactors'],
    ['clients: 2\nstore: {profile: instant}', 'clients'],
    ['clients: 2\nstore: {latency: {constantMillis: 0.0004}}', 'clients'],
    ['workload: {arrivals: closed}\nstore: {profile: instant}', 'workload.arrivals'],
    ['workload: {arrivals: closed, num_readers: 1}\nstore: {getLatency: {constantMillis: 0}}', 'workload.arrivals'],
  ])('%j is refused at %s', (text, path) => {
    expect(issuesOf(`kind: commit\n${text}\n`).map((issue) => issue.path)).toEqual([path]);
  });

  it('states latencies as log-normal, gamma, quantiles, constant or fitted', () => {
    const store = resolve(`
kind: commit
store:
  latency: {constantMillis: 5}
  getLatency: {gamma: {meanMillis: 20, shape: 2}}
  putLatency: {quantilesMillis: {p50: 10, p99.9: 90}}
  commitLatency: {fit: lognormal, percentilesMillis: {p50: 10, p99: 40}}
`).store;
    expect(store.latency.list).toEqual({ kind: 'constant', micros: 5000 });
    expect(store.latency.get).toEqual({ kind: 'gamma', meanMicros: 20_000, shape: 2 });
    expect(store.latency.put).toMatchObject({ kind: 'quantiles', points: [{ fraction: 0.5, micros: 10_000 }, { micros: 90_000 }] });
    expect(store.latency.commit).toMatchObject({ kind: 'lognormal', medianMicros: expect.closeTo(10_000, 6) });
    expect(store.failedLatency).toEqual(store.latency.commit);
  });

  it('fits the store to the rows that it names, relative to the scenario', () => {
    const rows = { 1: { failure_rate: 0, n_total: 100, latency_ms: { mean: 50, p50: 50, p95: 60 }, throughput_ops_sec: { mean: 20 } } };
    const files = new Map([
      ['store.fitFrom', { name: 'dir/m.json', text: JSON.stringify({ S: { CAS: { per_thread: rows } } }), sha256: '0' }],
    ]);
    const scenario = resolve('kind: commit\nclients: 4\nstore: {fitFrom: m.json, fitKey: S/CAS, fitThreads: 1}\n', files);
    expect(scenario.store).toMatchObject({ name: 'm.json', source: 'fitted to m.json, rows of 1 threads', decideFraction: 0.95 });
    expect(scenario.workload).toMatchObject({ clientCount: 4, writerCount: 0 });
  });

  it.each([
    'clients: 2\nclientIdleMillis: 1\nstore: {profile: instant}',
    'clients: 2\nstore: {profile: instant, serialMillis: 1}',
    'workload: {arrivals: closed}\nstore: {profile: instant, capacityOpsPerSec: 100}',
  ])('closed loops in which time passes are taken: %j', (text) => {
    expect(issuesOf(`kind: commit\n${text}\n`)).toEqual([]);
  });

  it.each([
    ['workload: {num_readers: 1, inFlight: 2}', 'workload.inFlight'],
    ['clients: 2\nchaos: {cpu: {dropTickFraction: 0.5, stretchFactor: 1}}', 'chaos.cpu.dropTickFraction'],
    ['workload: {gcIntervalSec: 5}', 'workload.gcIntervalSec'],
  ])('%j says something that changes nothing: a warning at %s', (text, path) => {
    expect(resolve(`kind: commit\n${text}\n`).warnings).toEqual([expect.objectContaining({ code: 'UNUSED', path })]);
  });

  it('warns of writers in lock-step', () => {
    expect(resolve('kind: commit\nworkload: {num_writers: 3}\n').warnings).toEqual([expect.objectContaining({ code: 'LOCK_STEP' })]);
    expect(resolve('kind: commit\nworkload: {num_writers: 3, arrivals: poisson}\n').warnings).toEqual([]);
  });
});

describe('a result', () => {
  const scenario = resolve(documented);
  const result = simulateCommit(scenario);

  it('is a document of its schema', () => {
    const manifest = {
      schema: 'putmodel/manifest/1',
      engineVersion: '0',
      scenarioHash: 'a'.repeat(64),
      seed: 1,
      inputs: [],
      resultHash: 'b'.repeat(64),
    } as const;
    const document: unknown = JSON.parse(JSON.stringify(withManifest(encodeCommitResult(result, notValidated), manifest)));
    expect(commitResultSchema.safeParse(document).error?.issues ?? []).toEqual([]);
  });

  it('has a figure for each metric, at its path', () => {
    const document = encodeCommitResult(result, notValidated);
    for (const metric of commitKind.metrics) {
      const { path } = metric;
      const at = path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], document);
      expect(at ?? null, path).toBe(metric.read(result));
    }
  });

  it('has no percentile or mean above the largest latency', () => {
    const { writer } = encodeCommitResult(simulateCommit({ ...scenario, durationMicros: 5e6 }), notValidated) as {
      writer: { latencyMillis: Record<string, number> };
    };
    const { count, max, ...others } = writer.latencyMillis;
    expect(count).toBeGreaterThan(0);
    for (const [name, millis] of Object.entries(others)) expect(millis, name).toBeLessThanOrEqual(max!);
  });

  it('has no row in layouts of writers and readers where there are none', () => {
    const swaps = { ...scenario, workload: clientsOnly(2) };
    expect(() => commitKind.csvRow('wide', swaps, simulateCommit(swaps))).toThrow(/^clients: the wide layout has no columns/);
    expect(Object.keys(commitKind.files(swaps, simulateCommit(swaps))).sort()).toEqual([
      'client-latency.hdr',
      'client-latency.hgrm',
      ...['client-precondition-failed.hdr', 'client-precondition-failed.hgrm'],
    ]);
  });

  it("as CSV has the revision's 17 columns, verbatim", () => {
    expect(encodeRows([latencyRow(scenario, result)]).split('\n')[0]).toBe(
      'config_label,num_writers,num_readers,writer_rate,reader_rate,duration_secs,total_writes,total_reads,write_tps,read_tps,' +
        'writer_p50_ms,writer_p95_ms,writer_p99_ms,read_p50_ms,read_p95_ms,read_p99_ms,precondition_failure_rate',
    );
  });

  it('as wide CSV has every field of the configuration and the metrics of each role, and a cell for each column', () => {
    const [header, cells] = encodeRows([wideRow(scenario, result)])
      .split('\n')
      .map((line) => line.split(','));
    expect(header!.slice(0, 12)).toEqual([
      ...['config_label', 'num_writers', 'num_compactors', 'num_readers', 'writer_rate', 'compactor_rate', 'reader_rate'],
      ...['compactor_sleep_secs', 'compactor_read_count', 'value_size', 'max_retry_count', 'duration_secs'],
    ]);
    expect(cells!.slice(0, 12)).toEqual(['W2_WR0.05_RD3_RT7', '2', '1', '3', '0.05', '0.04', '7', '4', '3', '512', '6', '90']);
    expect(cells).toHaveLength(header!.length);
    expect(header!.length).toBeGreaterThan(30);
  });
});
