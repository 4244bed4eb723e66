import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnvelopeCommand } from '../../engine/cli/commands/envelope.js';
import { fioJob, fioText } from '../support/fio.js';

let directory = '';
const at = (name: string): string => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'putmodel-envelope-'));
  for (const [iodepth, mib] of [
    [1, 10],
    [4, 20],
  ] as const) {
    writeFileSync(at(`${String(iodepth)}.json`), fioText([fioJob({ iodepth, readMibPerSec: mib, writeMibPerSec: mib })]));
  }
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function run(...args: string[]): { out: string; err: string } {
  let out = '';
  let err = '';
  const program = new Command('putmodel').exitOverride();
  addEnvelopeCommand(program, { stdout: (text) => (out += text), stderr: (text) => (err += text) });
  program.parse(['envelope', ...args], { from: 'user' });
  return { out, err };
}

const point = ['--read-percent', '50', '--iodepth', '2', '--numjobs', '1', '--bs-kib', '4'];

describe('envelope build', () => {
  it('writes the model and the table, and says what is in them', () => {
    const { out, err } = run('build', at('1.json'), at('4.json'), '-o', at('model.json'), '--csv', at('table.csv'));
    expect(out).toBe(
      `1: 2 points from 2 files\nrandom: readPercent 50; iodepth 1 4; numjobs 1; bsKib 4\nwritten: ${at('model.json')}, ${at('table.csv')}\n`,
    );
    expect(err).toContain('putmodel: warning: random: numjobs was measured only at 1; it is held constant\n');
    expect(JSON.parse(readFileSync(at('model.json'), 'utf8'))).toMatchObject({ schema: 'putmodel/envelope/1', name: '1' });
    expect(readFileSync(at('table.csv'), 'utf8').split('\n')).toHaveLength(4);
  });

  it('--json prints one document', () => {
    const { out } = run('build', directory, '-o', at('again/model.json'), '--name', 'disk', '--json');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'putmodel/envelope-build/1',
      name: 'disk',
      points: 2,
      files: 2,
      csv: null,
      surfaces: { random: { gaps: 0 } },
    });
    rmSync(at('again'), { recursive: true });
  });

  it('a mistake writes nothing', () => {
    expect(() => run('build', at('1.json'), '-o', at('no.json'))).toThrow('too few points');
    expect(existsSync(at('no.json'))).toBe(false);
  });
});

describe('envelope query', () => {
  it('answers at a glance', () => {
    // iodepth 2 is halfway from 1 to 4 in log2: 10 and 20 a direction make 15.
    expect(run('query', at('model.json'), ...point).out).toBe(
      [
        '1, random access, log2 axes',
        'read 50 %, iodepth 2, numjobs 1, 4 KiB:',
        '  total     30.0 MiB/s       7,680 op/s',
        '  read      15.0 MiB/s       3,840 op/s   completion p50 90 us, p99 1.0 ms',
        '  write     15.0 MiB/s       3,840 op/s   completion p50 90 us, p99 1.0 ms',
        '',
      ].join('\n'),
    );
  });

  it('--json prints one document', () => {
    const { out } = run('query', at('model.json'), ...point, '--axes', 'linear', '--json');
    // A third of the way from 1 to 4: 2 x (10 + 10 / 3).
    expect(JSON.parse(out)).toMatchObject({ schema: 'putmodel/envelope-query/1', axes: 'linear', totalMibPerSec: 80 / 3, warnings: [] });
  });

  it('--br and --bw clamp', () => {
    expect(run('query', at('model.json'), ...point, '--br', '100', '--bw', '12').out).toContain(
      '  total     12.0 MiB/s       3,072 op/s\n',
    );
  });

  it('outside: a warning on standard error, or an error', () => {
    const outside = [...point.slice(0, 3), '16', ...point.slice(4)];
    expect(run('query', at('model.json'), ...outside).err).toBe(
      'putmodel: warning: iodepth 16 is outside the envelope (measured from 1 to 4): the value at 4 is used\n',
    );
    expect(() => run('query', at('model.json'), ...outside, '--outside', 'error')).toThrow(
      'iodepth: outside the measured envelope: found 16 (expected 1 to 4)',
    );
  });

  it('a value out of range is refused by its flag, as it was given, all at once', () => {
    expect(() => run('query', at('model.json'), '--read-percent', '101', ...point.slice(2), '--br', '-1')).toThrow(
      '--read-percent: not a usable value: found 101 (expected 0 to 100)\n--br: not a usable value: found -1 (expected a bandwidth above 0)',
    );
  });

  it('a value that is no number is refused', () => {
    expect(() => run('query', at('model.json'), ...point.slice(0, 7), '4k')).toThrow(
      'wrong value of --bs-kib: found "4k" (expected a number)',
    );
  });
});
