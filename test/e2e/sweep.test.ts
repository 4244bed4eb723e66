/** The compiled `putmodel sweep` as a process: the same bytes on every Node, Ctrl-C, threads that are JavaScript and not the sources. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lacksOtherNodes, nodeBinary, otherNodeVersions } from '../support/node-versions.js';
import { commandFile, putmodelOk, rootDir, runOk } from '../support/process.js';
import { sweepFiles, writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-sweep-e2e-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const reference = join(directory, 'reference');
const base = 'kind: lsm\nduration_seconds: 30\nworkload: { num: 1000000, value_size: 1024 }\nlsm: { compression: none }\n';
const axes = `    lsm.write_buffer_size: { logRange: { from: 4194304, to: 67108864, factor: 4 } }
    lsm.max_bytes_for_level_multiplier: { latinHypercube: { from: 4, to: 12, count: 4 } }
    device: [debian-vm, seed-lab-nvme]
`;
let sweep = '';

beforeAll(() => {
  sweep = writeSweep(join(directory, 'in'), axes, '  seeds: 2\n', base);
  putmodelOk(['sweep', sweep, '--threads', '2', '--out', reference]);
});

it.skipIf(lacksOtherNodes()).each(otherNodeVersions)('gives the same bytes under Node %s', (version) => {
  const out = join(directory, `node-${version}`);
  runOk(nodeBinary(version), [commandFile, 'sweep', sweep, '--threads', '2', '--out', out]);
  expect(sweepFiles(out)).toEqual(sweepFiles(reference));
});

it('gives the same bytes from another directory, in shards of different processes, merged', () => {
  const parts = ['0', '1', '2'].map((index) => join(directory, `part-${index}`));
  parts.forEach((part, index) => {
    runOk(process.execPath, [commandFile, 'sweep', 'sweep.yaml', '--threads', '1', '--shard', `${index}/3`, '--out', part], {
      cwd: join(directory, 'in'),
    });
  });
  const out = join(directory, 'merged');
  putmodelOk(['merge', ...parts, '--out', out]);
  expect(sweepFiles(out)).toEqual(sweepFiles(reference));
});

it('Ctrl-C ends with 130, says how to go on, and what finished is kept', async () => {
  const out = join(directory, 'interrupted');
  const many = writeSweep(join(directory, 'many'), '    workload.rate: { range: { from: 10000, to: 90000, count: 20000 } }\n', '');
  const child = spawn(process.execPath, [commandFile, 'sweep', many, '--out', out, '--json-progress'], {
    cwd: rootDir,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  let interrupted = false;
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
    // Once: a second Ctrl-C would end it at once, without a word.
    if (!interrupted && /"done":[1-9]/.test(stderr)) interrupted = child.kill('SIGINT');
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  expect(status).toBe(130);
  const [, recorded = '0'] = /interrupted: (\d+) of 20000 runs are recorded \(expected --resume goes on\)\n$/.exec(stderr) ?? [];
  expect(Number(recorded)).toBeGreaterThan(0);
});
