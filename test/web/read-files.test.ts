import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulateDbBench } from '../../engine/validation/run.js';
import { splitCommandLine } from '../../engine/rocksdb/db-bench.js';
import { createSimulation } from '../../engine/web/simulation.js';
import type { SimulationOutcome } from '../../engine/web/simulation-api.js';
import { rootDir } from '../structure/source.js';
import { pageData, testThread } from './page-data.js';

const api = createSimulation(pageData, testThread);
const quiet = (): void => undefined;
const fixture = (path: string) => ({ name: path.replace(/^.*\//, ''), text: readFileSync(join(rootDir, 'test/fixtures', path), 'utf8') });

function done(outcome: SimulationOutcome): Extract<SimulationOutcome, { status: 'done' }> {
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome;
}

describe('a db_bench command that is pasted', () => {
  it.each([
    '--benchmarks=fillrandom --num=2000000 --value_size=1024 --compression_type=none --rate_limiter_bytes_per_sec=67108864 --duration=20',
    'LD_PRELOAD=x ./db_bench --benchmarks=fillseq,overwrite,waitforcompaction --num=300000 --disable_wal=1 --threads=2',
    'db_bench --benchmarks=fillsync --num=20000 --batch_size=7 --compaction_style=1',
    'db_bench --benchmarks=fillbatch,fill100K --num=3000 --max_background_jobs=6 --subcompactions=4 --use_direct_io_for_flush_and_compaction',
    'db_bench --benchmarks=fillrandom --num=500000 --benchmark_write_rate_limit=20000000 --seed=7 --min_level_to_compress=2 --num_levels=7',
    'db_bench --benchmarks=filluniquerandom --num=500000 --key_size=20 --level_compaction_dynamic_level_bytes --delayed_write_rate=16777216',
  ])('runs as putmodel db_bench does: %s', async (text) => {
    const { document, issues, notes } = await api.read({}, [{ name: 'pasted text', text }]);
    expect(issues).toEqual([]);
    expect(notes[0]).toMatch(/^db_bench command/);
    expect(notes.join()).not.toContain('differ in more');
    const { result } = done(await api.simulate(document, quiet));
    const words = splitCommandLine(text);
    const expected = simulateDbBench(words.slice(words.findIndex((word) => word.startsWith('-'))));
    const figures = ['putRate', 'benchmarks', 'writeAmplification', 'stall', 'levels', 'series', 'events', 'simulatedSec'] as const;
    for (const name of figures) expect((result as unknown as typeof expected)[name], name).toEqual(expected[name]);
  });

  it('says when one workload cannot say its benchmarks', async () => {
    const { notes } = await api.read({}, [{ name: 'x', text: 'db_bench --benchmarks=fillbatch,fillrandom --batch_size=3' }]);
    expect(notes.join()).toContain('its benchmarks differ in more than one workload can say');
  });

  it('tells every flag that is wrong and changes nothing', async () => {
    const before = { kind: 'lsm', lsm: { num_levels: 5 } };
    const { document, issues } = await api.read(before, [{ name: 'pasted text', text: 'db_bench --nun=5 --value_size=big' }]);
    expect(document).toBe(before);
    expect(issues.map(({ code }) => code)).toEqual(['USAGE', 'USAGE']);
  });

  it('keeps the machine that was chosen', async () => {
    const { document } = await api.read({ device: 'seed-lab-nvme' }, [{ name: 'x', text: 'db_bench --benchmarks=fillrandom' }]);
    expect(document['device']).toBe('seed-lab-nvme');
  });
});

describe('files that are dropped', () => {
  it('OPTIONS say the options that differ, and leave workload and rate limiter as they are', async () => {
    const before = { kind: 'lsm', workload: { num: 5000 }, lsm: { rate_limiter_bytes_per_sec: 1048576, num_levels: 3 } };
    const { document, notes } = await api.read(before, [fixture('options/OPTIONS-7.8.3-universal')]);
    expect(notes[0]).toContain('RocksDB 7.8.3');
    expect(document).toMatchObject({
      workload: { num: 5000 },
      rocksdb_version: '7.8.3',
      lsm: { compaction_style: 'universal', rate_limiter_bytes_per_sec: 1048576 },
    });
    expect((document['lsm'] as Record<string, unknown>)['num_levels']).toBeUndefined();
    expect(notes).toContain('rate limiter kept from the page: 1 MiB/s');
  });

  it('a LOG gives the same options as the OPTIONS file of the same run', async () => {
    const start = { kind: 'lsm', lsm: { rate_limiter_bytes_per_sec: 67108864 } };
    const fromLog = await api.read(start, [fixture('truth/limited/LOG')]);
    const fromOptions = await api.read(start, [fixture('truth/limited/OPTIONS')]);
    expect(fromLog.issues).toEqual([]);
    expect(fromLog.notes).toContain('rate limiter kept from the page: 64 MiB/s');
    expect(fromLog.document['lsm']).toEqual(fromOptions.document['lsm']);
  });

  it.each(['(nil)', '0x0', '0000000000000000'])('a LOG without a rate limiter, %s, takes away that of the page', async (pointer) => {
    const start = { kind: 'lsm', lsm: { rate_limiter_bytes_per_sec: 67108864, rate_limiter_refill_period_us: 1000 } };
    const { name, text } = fixture('truth/limited/LOG');
    const without = { name, text: text.replace(/(?<=Options\.rate_limiter: ).*/, pointer) };
    const { document, notes } = await api.read(start, [without]);
    expect(JSON.stringify(document['lsm'])).not.toContain('rate_limiter');
    expect(notes).toContain("the page's rate limiter, 64 MiB/s, is gone: the LOG says what there is");
    expect((await api.read({ kind: 'lsm' }, [without])).document['lsm']).toEqual(document['lsm']);
  });

  it('another device of the same name stands beside the first', async () => {
    const [first = '', second = ''] = Object.values(pageData.devices).filter((text) => text.includes('putmodel/envelope/1'));
    const drop = async (text: string) => (await api.read({ kind: 'lsm' }, [{ name: 'drive.json', text }])).document['device'];
    expect([await drop(first), await drop(second), await drop(second), await drop(first)]).toEqual([
      'drive.json',
      'drive-2.json',
      'drive-2.json',
      'drive.json',
    ]);
  });

  it('go into the store of the other tab while an object store is shown', async () => {
    const commit = { kind: 'commit', duration_seconds: 3 };
    const left = { kind: 'lsm', duration_seconds: 7, workload: { num: 5000 } };
    const device = { name: 'my-drive.json', text: pageData.devices['seed-lab-nvme'] ?? '' };
    const host = { name: 'my-host.json', text: pageData.hosts['debian-vm'] ?? '' };
    const { document } = await api.read(commit, [device, host, fixture('options/OPTIONS-7.8.3-universal')], left);
    expect(document).toMatchObject({ ...left, device: 'my-drive.json', host: 'my-host.json', lsm: { compaction_style: 'universal' } });
    expect((await api.read(commit, [device])).document).toEqual({ kind: 'lsm', device: 'my-drive.json' });
  });

  it('results of putmodel are told as such, in one line', async () => {
    const files = await api.files({ kind: 'lsm', duration_seconds: 1 });
    const { issues } = await api.read({ kind: 'lsm' }, [{ name: 'summary.json', text: files['summary.json'] ?? '' }]);
    expect(issues).toMatchObject([{ file: 'summary.json', message: 'this is a result, not what one starts from' }]);
  });

  it("fio's results together are one device, which the run is on and which is downloaded with it", async () => {
    const files = ['fio/randread-01-01.json', 'fio/fio-3.1-randwrite.json'].map(fixture);
    const { document, issues } = await api.read({ kind: 'lsm', duration_seconds: 5 }, files);
    expect(issues).toEqual([]);
    expect(document['device']).toBe('envelope_model.json');
    const written = await api.files(document);
    expect(JSON.parse(written['envelope_model.json'] ?? '')).toMatchObject({
      schema: 'putmodel/envelope/1',
      inputs: [{ file: 'randread-01-01.json' }, {}],
    });
    const again = createSimulation(pageData, testThread);
    expect((await again.simulate(document, quiet)).status).toBe('invalid');
    await again.read({}, [{ name: 'envelope_model.json', text: written['envelope_model.json'] ?? '' }]);
    expect((await again.files(document))['summary.json']).toBe(written['summary.json']);
  });

  it('an envelope, a host and a scenario are taken by what is in them', async () => {
    const device = { name: 'my-drive.json', text: pageData.devices['seed-lab-nvme'] ?? '' };
    const host = { name: 'my-host.json', text: pageData.hosts['debian-vm'] ?? '' };
    const scenario = { name: 'mine.yaml', text: 'kind: lsm\nduration_seconds: 3\n' };
    const { document } = await api.read({}, [device, host, scenario]);
    expect(document).toEqual({ device: 'my-drive.json', host: 'my-host.json', kind: 'lsm', name: 'mine', duration_seconds: 3 });
    expect(done(await api.simulate(document, quiet)).result.simulatedSec).toBe(3);
  });

  it('a scenario of an object store runs on no machine; OPTIONS after it begin a store', async () => {
    const scenario = { name: 'mine.yaml', text: 'kind: commit\nduration_seconds: 3\n' };
    const { document } = await api.read({ kind: 'lsm', device: 'seed-lab-nvme' }, [scenario]);
    expect(document).toEqual({ kind: 'commit', name: 'mine', duration_seconds: 3 });
    const options = await api.read(document, [fixture('options/OPTIONS-7.8.3-universal')]);
    expect(options.document).toMatchObject({ kind: 'lsm', lsm: { compaction_style: 'universal' } });
    expect(done(await api.simulate(document, quiet)).result.simulatedSec).toBe(3);
  });

  it.each([
    ['', 'empty'],
    ['hello', 'not recognised'],
    ['{"jobs": 3}', ''],
    ['kind: lsm\nlsm: {num_levls: 3}', 'unknown'],
    ['[DBOptions]\n  max_background_jobs=many', ''],
  ])('%j is told as wrong and changes nothing', async (text, message) => {
    const before = { kind: 'lsm' };
    const { document, issues } = await api.read(before, [{ name: 'file', text }]);
    expect(document).toBe(before);
    expect(issues[0]?.message).toContain(message);
  });
});
