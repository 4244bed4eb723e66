import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadScenario } from '../../engine/files/load.js';
import { readResultDirectory, writeResultDirectory } from '../../engine/files/result-directory.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { runToEnd } from '../../engine/kernel/run.js';
import { notValidated } from '../../engine/scenario/result.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-result-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const circumstances = { command: ['simulate'], startedAt: '2026-01-01T00:00:00.000Z', wallMillis: 5, node: 'v20', platform: 'linux x64' };

function written(name: string, set: readonly string[]): string {
  const loaded = loadScenario(new URL(`../../scenarios/${name}`, import.meta.url).pathname, { set });
  const result = runToEnd(loaded.kind.start(loaded.scenario));
  return writeResultDirectory(join(directory, name), { ...loaded, result, validity: notValidated }, circumstances);
}

function issuesOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues.map(({ file, line, path, message }) => [file, line, path, message].join('|'));
  }
  return [];
}

describe('a result directory', () => {
  test.each([
    ['small-memtable-stalls.yaml', ['duration_seconds=20']],
    ['universal.yaml', ['duration_seconds=20']],
    ['backlog-nvme.yaml', []],
  ])('of %s is read back: what is read is encoded to the same document and files', (name, set) => {
    const path = written(name, set);
    const run = readResultDirectory(path);
    const { kind, document, result } = run;
    expect(run).toMatchObject({ name, circumstances, validity: notValidated });
    expect(result).not.toBeNull();
    const { manifest, ...rest } = document;
    expect(manifest).toBeDefined();
    const again = JSON.parse(JSON.stringify(kind.encode(result, run.validity), (_, value: unknown) => plain(value))) as Record<
      string,
      unknown
    >;
    // A histogram of the HDR format holds its smallest and largest value to their slot only, and hence its mean.
    for (const one of [again, rest as Record<string, unknown>]) {
      const latency = one['putLatencyMicros'] as Record<string, unknown> | undefined;
      if (latency !== undefined) one['putLatencyMicros'] = { ...latency, max: null, mean: null };
    }
    expect(again).toEqual(rest);
  });

  test('says what is missing or broken by its path', () => {
    const path = written('small-memtable-stalls.yaml', ['duration_seconds=2']);
    const break_ = (name: string, text: string): string[] => {
      writeFileSync(join(path, name), text);
      return issuesOf(() => readResultDirectory(path));
    };
    expect(break_('run.json', '{')).toEqual([`${join(path, 'run.json')}|||not what a run writes`]);
    expect(break_('series.csv', 'tSec,opsPerSec\n1,2\n1,x\n')).toEqual([`${join(path, 'series.csv')}|3||not a row of the table`]);
    expect(break_('series.csv', 'tSec,opsPerSec\n1,2\n')).toEqual([`${join(path, 'series.csv')}|1||no column l0Files`]);
    expect(break_('latency.hdr', 'x')[0]).toContain(`${join(path, 'latency.hdr')}|||not an HdrHistogram`);
    expect(break_('summary.json', '{"schema":"putmodel/lsm-result/1"}')[0]).toContain(`${join(path, 'summary.json')}||assumptions|`);
    expect(issuesOf(() => readResultDirectory(join(directory, 'none')))[0]).toContain('summary.json|||cannot be read');
  });
});

function plain(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
}
