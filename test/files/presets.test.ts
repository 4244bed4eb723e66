import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevice, deviceAssumptions } from '../../engine/device/device.js';
import { encodeEnvelope } from '../../engine/device/envelope-file.js';
import { buildEnvelopeFromFiles } from '../../engine/files/fio-results.js';
import { listPresets, loadEnvelope, parseDeviceArgument, parseHostArgument } from '../../engine/files/presets.js';
import { decodeHost } from '../../engine/lsm/host-file.js';
import { sha256 } from '../../engine/files/read.js';
import { PutmodelError, type Issue } from '../../engine/kernel/errors.js';
import { fioJob, fioText } from '../support/fio.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-presets-'));
  mkdirSync(join(directory, 'grid'));
  writeFileSync(join(directory, 'grid/a.json'), fioText([fioJob({ iodepth: 1, readMibPerSec: 10 })]));
  writeFileSync(join(directory, 'grid/b.json'), fioText([fioJob({ iodepth: 4, readMibPerSec: 20 })]));
  writeFileSync(join(directory, 'grid/notes.txt'), 'not fio');
  mkdirSync(join(directory, 'empty'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const issuesOf = (run: () => unknown): readonly Issue[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof PutmodelError) return error.issues;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const codecs = { none: 0, snappy: 1, lz4: 1, lz4hc: 1, zlib: 1, bzip2: 1, zstd: 1, xpress: 1 };

describe('--device', () => {
  it('figures are a device of two constants', () => {
    expect(parseDeviceArgument('read=5400MiB/s,write=1900MiB/s').model).toEqual({
      kind: 'constant',
      name: 'read 5.3 GiB/s, write 1.9 GiB/s',
      source: 'as given',
      readBytesPerSec: 5400 * 1048576,
      writeBytesPerSec: 1900 * 1048576,
    });
  });

  it('a bandwidth log lies on the default device, which is said, and cannot make it faster', () => {
    const log = (name: string, kibPerSec: number): string => {
      const file = join(directory, name);
      writeFileSync(file, `1000, ${String(kibPerSec)}, 1, 0\n2000, ${String(kibPerSec)}, 0, 0\n`);
      return file;
    };
    const slow = parseDeviceArgument(log('slow_bw.1.log', 1024));
    expect(slow.warnings.filter((text) => text.includes('at most'))).toEqual([]);
    expect(deviceAssumptions(slow.model, true)).toMatchObject([
      { value: 'debian-vm', source: expect.stringContaining('default') as string },
    ]);
    const { warnings } = parseDeviceArgument(log('fast_bw.1.log', 400_000_000));
    expect(
      warnings.filter((text) => /fast_bw\.1\.log has (read|write)s of up to 38\d\.\d GiB\/s; .*debian-vm, does .* at most/.test(text)),
    ).toHaveLength(2);
  });

  it("iostat's output is the device that it watched", () => {
    const file = join(directory, 'iostat.txt');
    const block = (read: number, written: number): string =>
      `Device             tps    MB_read/s    MB_wrtn/s    MB_read    MB_wrtn\nnvme0n1         287.00 ${String(read)}.00 ${String(written)}.00 ${String(read)} ${String(written)}\n\n`;
    const samples = [10, 200, 300, 400, 500].map((written) => block(100, written)).join('');
    writeFileSync(file, `Linux 4.15.0 (host) \t2022-03-15 \t_x86_64_\t(4 CPU)\n\n${block(1, 1)}${samples}`);
    const { model, inputs, warnings } = parseDeviceArgument(file);
    expect(model).toMatchObject({ kind: 'constant', name: 'nvme0n1', readBytesPerSec: 100 * 1048576, writeBytesPerSec: 375 * 1048576 });
    expect([inputs.map(({ name }) => name), warnings.length]).toEqual([['iostat.txt'], 1]);
  });

  it.each([
    'read=5400MiB/s',
    'read=0,write=1MiB/s',
    'read=-1MiB/s,write=1MiB/s',
    'read=fast,write=1MiB/s',
    'read=1MiB/s,read=2MiB/s',
    'read=1MiB/s,write=1MiB/s,x=1',
    'read=,write=',
  ])('%s is refused', (text) => {
    expect(issuesOf(() => parseDeviceArgument(text))[0]?.code).toBe('INPUT_INVALID');
  });

  it('a directory of fio results is built into an envelope, with the hash of each input', () => {
    const { model, inputs, warnings } = parseDeviceArgument('grid', directory);
    expect(model).toMatchObject({ kind: 'envelope', name: 'grid', axes: 'log2', outside: 'clamp', clampToPhysical: false });
    expect(inputs).toEqual([
      { name: 'a.json', sha256: sha256(fioText([fioJob({ iodepth: 1, readMibPerSec: 10 })])) },
      { name: 'b.json', sha256: sha256(fioText([fioJob({ iodepth: 4, readMibPerSec: 20 })])) },
    ]);
    expect(warnings).toContain('random: numjobs was measured only at 1; it is held constant');
  });

  it('a model file is read', () => {
    const text = encodeEnvelope(buildEnvelopeFromFiles([join(directory, 'grid')]).model);
    writeFileSync(join(directory, 'model.json'), text);
    const { model, inputs } = parseDeviceArgument(join(directory, 'model.json'));
    expect(model.kind).toBe('envelope');
    expect(inputs).toEqual([{ name: 'model.json', sha256: sha256(text) }]);
  });

  it('a device file of two constants is read, and a wrong one is refused with paths', () => {
    const file = { schema: 'putmodel/device/1', name: 'disk', source: 'data sheet', readBytesPerSec: 2e8, writeBytesPerSec: 1e8 };
    writeFileSync(join(directory, 'disk.json'), JSON.stringify(file));
    expect(parseDeviceArgument('disk.json', directory).model).toMatchObject({ kind: 'constant', name: 'disk', readBytesPerSec: 2e8 });
    writeFileSync(join(directory, 'wrong.json'), JSON.stringify({ ...file, readBytesPerSec: 0, writeBytePerSec: 1, source: undefined }));
    expect(issuesOf(() => parseDeviceArgument('wrong.json', directory)).map((issue) => [issue.path, issue.message])).toEqual([
      ['source', 'missing'],
      ['readBytesPerSec', 'wrong value'],
      ['writeBytePerSec', 'unknown key'],
    ]);
    expect(issuesOf(() => loadEnvelope('disk.json', directory))[0]?.message).toBe('this device has no envelope');
  });

  it('a name that is nothing lists the presets, nearest first', () => {
    const [issue] = issuesOf(() => parseDeviceArgument('seed-lab-nvm'));
    expect(issue).toMatchObject({ code: 'INPUT_MISSING', found: '"seed-lab-nvm"' });
    expect(issue?.expected).toContain('did you mean seed-lab-nvme?');
  });

  it.each(listPresets('devices'))('preset %s loads, names its source and grants a sane rate', (name) => {
    const { model } = parseDeviceArgument(name);
    expect(model.source.length).toBeGreaterThan(20);
    const rates = new Float64Array(1);
    createDevice(model).grant(
      {
        count: 1,
        isRead: Uint8Array.of(0),
        blockBytes: Float64Array.of(1048576),
        iodepth: Float64Array.of(16),
        wantedBytesPerSec: Float64Array.of(Infinity),
      },
      0,
      rates,
    );
    expect(rates[0]).toBeGreaterThan(1e7);
    expect(rates[0]).toBeLessThan(1e11);
  });

  it("the seed lab's drive writes 1.9 GiB/s at depth and has no burst left", () => {
    const { model } = loadEnvelope('seed-lab-nvme');
    expect(model.inputs).toHaveLength(180);
    expect(model.surfaces.random?.runs.filter((count) => count === 0)).toHaveLength(3);
    const rates = new Float64Array(1);
    const demands = {
      count: 1,
      isRead: Uint8Array.of(0),
      blockBytes: Float64Array.of(1048576),
      iodepth: Float64Array.of(16),
      wantedBytesPerSec: Float64Array.of(Infinity),
    };
    createDevice(parseDeviceArgument('seed-lab-nvme').model).grant(demands, 0, rates);
    expect((rates[0] ?? 0) / 1048576).toBeCloseTo(1852, 0);
  });
});

describe('--host', () => {
  it.each(listPresets('hosts'))('preset %s loads', (name) => {
    const { model, inputs } = parseHostArgument(name);
    expect(model.cores).toBeGreaterThan(0);
    expect(model.source.length).toBeGreaterThan(20);
    expect(inputs).toHaveLength(1);
  });

  it('every missing, unknown and wrong field is told', () => {
    const issues = issuesOf(() =>
      decodeHost(JSON.stringify({ name: 'x', cores: 0, walNanosPerRecrd: 1, compressNanosPerByte: { ...codecs, lz4: 'slow' } }), 'h.json'),
    );
    const messages = new Map(issues.map((issue) => [issue.path, issue.message]));
    expect(messages.get('source')).toBe('missing');
    expect(messages.get('cores')).toBe('wrong value');
    expect(messages.get('compressNanosPerByte')).toBe('wrong value');
    expect(messages.get('walNanosPerRecrd')).toBe('unknown key');
    expect(issues.find((issue) => issue.path === 'walNanosPerRecrd')?.expected).toBe('did you mean walNanosPerRecord?');
    expect(messages.has('name')).toBe(false);
  });

  it('text that is no JSON object, and another schema', () => {
    expect(issuesOf(() => decodeHost('[]', 'h.json'))[0]).toMatchObject({ code: 'INPUT_SYNTAX', file: 'h.json' });
    expect(issuesOf(() => decodeHost('{"schema": "putmodel/envelope/1"}', 'h.json'))[0]).toMatchObject({
      code: 'INPUT_INVALID',
      path: 'schema',
    });
  });
});

describe('fio results on disk', () => {
  it('files that are missing, empty or cut off are errors, all at once', () => {
    writeFileSync(join(directory, 'blank.json'), '');
    writeFileSync(join(directory, 'cut.json'), fioText([fioJob({})]).slice(0, 50));
    const paths = ['none.json', 'blank.json', 'cut.json', 'empty'].map((name) => join(directory, name));
    expect(issuesOf(() => buildEnvelopeFromFiles(paths)).map((issue) => [issue.code, issue.file])).toEqual([
      ['INPUT_MISSING', paths[3]],
      ['INPUT_MISSING', paths[0]],
      ['INPUT_SYNTAX', paths[1]],
      ['INPUT_SYNTAX', paths[2]],
    ]);
  });

  it('a run that failed is told and left out; when too few are left, the reasons come along', () => {
    writeFileSync(join(directory, 'failed.json'), 'fio: engine libaio not loadable\n');
    const { issues, pointCount } = buildEnvelopeFromFiles([join(directory, 'grid'), join(directory, 'failed.json')]);
    expect(pointCount).toBe(2);
    expect(issues[0]).toMatchObject({ code: 'INPUT_UNSUPPORTED', file: join(directory, 'failed.json') });
    expect(
      issuesOf(() => buildEnvelopeFromFiles([join(directory, 'grid/a.json'), join(directory, 'failed.json')])).map((issue) => issue.code),
    ).toEqual(['INPUT_UNSUPPORTED', 'INPUT_INVALID']);
  });
});
