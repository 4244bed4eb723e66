import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadScenario } from '../../engine/files/load.js';
import { defaultMachine as commandLineDefaults } from '../../engine/files/machine.js';
import { summarize } from '../../engine/files/result-directory.js';
import { runToEnd } from '../../engine/kernel/run.js';
import { validityOf } from '../../engine/validation/reference.js';
import { defaultMachine } from '../../engine/web/machine-store.js';
import type { DocumentData } from '../../engine/web/share-link.js';
import { createSimulation } from '../../engine/web/simulation.js';
import { rootDir } from '../structure/source.js';
import { pageData, testThread } from './page-data.js';

const folder = mkdtempSync(join(tmpdir(), 'putmodel-page-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const api = createSimulation(pageData, testThread);
const quiet = (): void => undefined;

/** What `putmodel simulate --json` prints of this text, before the time it took is added. */
function onCommandLine(text: string): { readonly summary: Readonly<Record<string, unknown>>; readonly resultHash: string } {
  const path = join(folder, 'scenario.yaml');
  writeFileSync(path, text);
  const loaded = loadScenario(path);
  const result = runToEnd(loaded.kind.start(loaded.scenario), 777);
  const { summary, manifest } = summarize({ ...loaded, result, validity: validityOf(loaded, result) });
  return { summary, resultHash: manifest.resultHash };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const short = ['rate-limited', 'universal', 'small-memtable-stalls', 'bursty-writes', 'baseline', 'cas-contention'];
const documentOf = (name: string): DocumentData => parse(readFileSync(join(rootDir, `scenarios/${name}.yaml`), 'utf8')) as DocumentData;

describe('the page', () => {
  it.each(short)('gives the same bytes as putmodel simulate --json: %s', async (name) => {
    const document = documentOf(name);
    const files = await api.files(document);
    const { summary, resultHash } = onCommandLine(files['scenario.yaml'] ?? '');
    expect(sha256(files['summary.json'] ?? '')).toBe(resultHash);
    const outcome = await api.simulate(document, quiet);
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
    for (const { path, value } of outcome.metrics) {
      let figure: unknown = summary;
      // A role that the scenario does not have is not in the document.
      for (const key of path.split('.')) figure = (figure as Record<string, unknown> | undefined)?.[key];
      expect(value, path).toBe(figure ?? null);
    }
    expect(outcome.validity).toEqual(summary['validity']);
  });

  it('assumes the same machine as the command line', () => {
    expect(defaultMachine).toEqual(commandLineDefaults);
  });

  it('has every preset that the command line has', async () => {
    const { groups } = await api.describeForm({});
    const choices = (path: string) => [...(groups.flatMap(({ fields }) => fields).find((field) => field.path === path)?.choices ?? [])];
    const names = (kind: string) =>
      readdirSync(join(rootDir, `scenarios/data/${kind}`))
        .map((name) => name.replace('.json', ''))
        .sort();
    expect(choices('device').sort()).toEqual(names('devices'));
    expect(choices('host').sort()).toEqual(names('hosts'));
  });

  it('runs on a device that stands on another', async () => {
    const outcome = await api.simulate({ kind: 'lsm', device: 'seed-lab-nvme-degrading', duration_seconds: 2 }, quiet);
    expect(outcome.status).toBe('done');
  });

  it('ends a run when the next is asked for', async () => {
    const long = { ...documentOf('fillrandom-nvme') };
    const first = api.simulate(long, quiet);
    const second = api.simulate(documentOf('universal'), quiet);
    expect((await first).status).toBe('superseded');
    expect((await second).status).toBe('done');
  });

  it('tells everything that is wrong by its path', async () => {
    const wrong = { kind: 'lsm', device: 'debian-vn', lsm: { write_bufer_size: 1 } };
    const outcome = await api.simulate(wrong, quiet);
    expect(outcome).toMatchObject({ status: 'invalid', issues: [{ path: 'device', expected: 'debian-vm?' }] });
    const other = await api.simulate({ kind: 'lsm', lsm: { write_bufer_size: 1, num_levels: 0 } }, quiet);
    expect(other).toMatchObject({ status: 'invalid', issues: [{ path: 'lsm.write_bufer_size' }, { path: 'lsm.num_levels' }] });
    expect(await api.simulate({ kind: 'nothing' }, quiet)).toMatchObject({ status: 'invalid', issues: [{ path: 'kind' }] });
  });

  it('shows the tree in frames that ascend in time and end as the run does', async () => {
    const document = documentOf('rate-limited');
    const frames = await api.frames(document);
    expect(frames.length).toBeGreaterThan(100);
    expect(frames.length).toBeLessThanOrEqual(1001);
    for (const [index, { atSec }] of frames.entries()) expect(atSec).toBeGreaterThanOrEqual(frames[index - 1]?.atSec ?? 0);
    const outcome = await api.simulate(document, quiet);
    if (outcome.status !== 'done') throw new Error('not done');
    expect(frames.at(-1)?.atSec).toBeGreaterThan(0.95 * outcome.result.simulatedSec);
    expect(frames.some(({ compactions }) => compactions.some(({ fromLevel, toLevel }) => fromLevel === 1 && toLevel === 2))).toBe(true);
  });
});
