import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commitResultSchema } from '../../engine/scenario/commit-result.js';
import { supportedBenchmarks } from '../../engine/rocksdb/db-bench.js';
import { lsmResultSchema } from '../../engine/scenario/lsm-result-schema.js';
import { sampleHost } from '../scenario/sample.js';
import { runPutmodel, type Outcome } from '../support/cli.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-cli-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const host = join(directory, 'host.json');
writeFileSync(host, JSON.stringify({ schema: 'putmodel/host/1', ...sampleHost }));
const machine = ['--host', host, '--device', 'read=500MiB/s,write=200MiB/s'];
const scenario = join(directory, 'small.yaml');
writeFileSync(
  scenario,
  'kind: lsm\nduration_seconds: 20\nworkload: {num: 1000000, value_size: 1024}\nlsm: {write_buffer_size: 4194304, compression: none}\n',
);

function run(argv: readonly string[], signal: AbortSignal = new AbortController().signal): Promise<Outcome> {
  let nowMillis = 0;
  return runPutmodel(argv, { signal, nowMillis: () => nowMillis++ });
}

describe('the command line', () => {
  test('--help, --version and help after a command end with 0 and say nothing on standard error', async () => {
    for (const argv of [
      ['--help'],
      ['--version'],
      ['simulate', '--help'],
      ['db_bench', '--help'],
      ['help', 'db_bench'],
      ['schema', '--help'],
    ]) {
      expect(await run(argv)).toMatchObject({ status: 0, stderr: '' });
    }
  });

  test("db_bench's help names every benchmark that is simulated", async () => {
    const { stdout } = await run(['db_bench', '--help']);
    const named = new Set(/Benchmarks: ([\s\S]*?)\n\n/.exec(stdout)?.[1]?.split(/\W+/));
    expect(supportedBenchmarks.filter((name) => !named.has(name))).toEqual([]);
  });

  test("each command's help has an example", async () => {
    for (const command of [['simulate'], ['db_bench'], ['schema'], ['report'], ['envelope', 'build'], ['envelope', 'query']]) {
      expect((await run([...command, '--help'])).stdout, command.join(' ')).toMatch(/Examples?:\n {2}\$ putmodel /);
    }
  });

  test.each([
    [['simulat', 'x'], "putmodel: unknown command 'simulat' (did you mean simulate?)\n"],
    [['simulate', 'x', '--hots=5'], "putmodel: unknown option '--hots=5' (did you mean --host?)\n"],
    [['simulate'], "missing required argument 'scenario'\n"],
    [['simulate', 'x', '--seed', '-1'], 'wrong value of --seed: found "-1" (expected a whole number from 0 to 9007199254740991)\n'],
    [
      ['simulate', 'x', '--require', 'a'],
      'cannot read --require: found "a" (expected a path, a comparison and a number, such as \'stall.stoppedSec<=0\')\n',
    ],
    [['simulate', 'nowhere.yaml'], 'nowhere.yaml: cannot be read: no such file or directory\n'],
    [['db_bench', '--benchmark=fillrandom'], '--benchmark: unknown flag (expected --benchmarks?)\n'],
    [['db_bench', '--benchmarks=fillrandom', '--device'], '--device needs a value\n'],
    [[], "putmodel: no command given (expected one of the commands that 'putmodel --help' lists)\n"],
  ])('%j is refused with 2 and one line', async (argv, stderr) => {
    expect(await run(argv)).toEqual({ status: 2, stdout: '', stderr });
  });
});

describe('simulate', () => {
  test('--json prints one JSON document of the published schema, and nothing else', async () => {
    const { status, stdout, stderr } = await run(['simulate', scenario, ...machine, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    expect(lsmResultSchema.safeParse(JSON.parse(stdout)).error?.issues ?? []).toEqual([]);
  });

  test('--out writes the result directory; a second run writes the same bytes but for run.json', async () => {
    const out = join(directory, 'out');
    const read = (): Record<string, string> =>
      Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]));
    await run(['simulate', scenario, ...machine, '--json', '--out', out]);
    const first = read();
    await run(['simulate', scenario, ...machine, '--out', out]);
    const second = read();
    expect(Object.keys(first).sort()).toEqual([
      'LOG',
      'latency.hdr',
      'latency.hgrm',
      'manifest.json',
      'run.json',
      'scenario.json',
      'series.csv',
      'summary.json',
    ]);
    expect({ ...second, 'run.json': '' }).toEqual({ ...first, 'run.json': '' });
    expect(first['summary.json']).not.toMatch(/wallMillis|\/tmp|putmodel-cli/);
  });

  test('the report names the result directory', async () => {
    const out = join(directory, 'named');
    expect((await run(['simulate', scenario, ...machine, '--out', out])).stdout).toContain('Results in');
  });

  test('--set changes the scenario, --seed its seed', async () => {
    const { stdout } = await run(['simulate', scenario, ...machine, '--set', 'duration_seconds=5', '--seed', '7', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ simulatedSec: expect.closeTo(5, 0) as number, manifest: { seed: 7 } });
  });

  test('--require ends with 1 when it does not hold, after printing the answer', async () => {
    const { status, stdout, stderr } = await run(['simulate', scenario, ...machine, '--json', '--require', 'putRate.meanOpsPerSec>=1e9']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toHaveProperty('putRate');
    expect(stderr).toMatch(/^requirement not met: putRate\.meanOpsPerSec>=1e9: found \d/);
  });

  test('--require of a figure that does not exist ends with 2 and the nearest name', async () => {
    const { status, stderr } = await run(['simulate', scenario, ...machine, '--require', 'putRate.meanOpPerSec>=1']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('putRate.meanOpsPerSec?')]);
  });

  test('--seeds gives every figure with median and range, in text and in JSON', async () => {
    const { stdout } = await run(['simulate', scenario, ...machine, '--seeds', '3', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      seeds: { seeds: [1, 2, 3], metrics: { simulatedSec: { median: 20, min: 20, max: 20, values: [20, 20, 20] } } },
    });
    expect(lsmResultSchema.safeParse(JSON.parse(stdout)).success).toBe(true);
    const text = await run(['simulate', scenario, ...machine, '--seeds', '5', '--out', join(directory, 'band')]);
    expect(text.stdout).toContain('Over 5 seeds: median (range)');
  });

  test('every mistake of a scenario is a line with its place, and the status is 2', async () => {
    const bad = join(directory, 'bad.yaml');
    writeFileSync(bad, 'kind: lsm\nseed: -1\nworkload:\n  rate: -3\n  nom: 5\n');
    expect(await run(['simulate', bad])).toEqual({
      status: 2,
      stdout: '',
      stderr: [
        `${bad}:2:7: seed: wrong value: found -1 (expected a number of at least 0)`,
        `${bad}:4:9: workload.rate: wrong value: found -3 (expected a number above 0)`,
        `${bad}:5:3: workload.nom: unknown key (expected num?)`,
        '',
      ].join('\n'),
    });
  });

  test('a run of few long events shows where it is', async () => {
    let nowMillis = 0;
    const few = ['db_bench', '--benchmarks=fillrandom', '--num=500000', ...machine];
    const { status, stderr } = await runPutmodel(few, { nowMillis: () => (nowMillis += 3000) });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^db_bench: \d+ s simulated, \d+ %\n/);
  });

  test('an interrupt ends with 130', async () => {
    const interrupt = new AbortController();
    interrupt.abort();
    const long = ['--set', 'duration_seconds=1000000', '--set', 'lsm.write_buffer_size=65536'];
    const { status, stderr } = await run(['simulate', scenario, ...machine, ...long], interrupt.signal);
    expect([status, stderr]).toEqual([130, 'small: interrupted\n']);
  });
});

describe('db_bench', () => {
  const flags = ['--benchmarks=fillrandom', '--num=100000', '--value_size=100', '--write_buffer_size=1048576', '--compression_type=none'];

  test("prints db_bench's own result line first", async () => {
    const { status, stdout } = await run(['db_bench', ...flags, ...machine]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^fillrandom {3}: {5} *[\d.]+ micros\/op \d+ ops\/sec [\d.]+ seconds 100000 operations; +[\d.]+ MB\/s\n/);
  });

  test('--json prints one JSON document; flags without effect are listed', async () => {
    const { stdout, stderr } = await run(['db_bench', ...flags, '--histogram=1', ...machine, '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'putmodel/lsm-result/1', ignoredFlags: ['histogram'], rocksdbVersion: '7.8.3' });
  });

  test('flags of ours are taken in any spelling and place', async () => {
    const { status, stdout } = await run([
      'db_bench',
      `--host=${host}`,
      ...flags,
      '-device=read=500MiB/s,write=200MiB/s',
      '--json=1',
      '--require',
      'putRate.meanOpsPerSec>0',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('putRate');
  });

  test('an unsupported benchmark is refused by name', async () => {
    const { status, stderr } = await run(['db_bench', '--benchmarks=readmissing', ...machine]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/readmissing.*fillrandom/);
  });
});

test('schema prints JSON Schema, one of the kinds', async () => {
  expect(JSON.parse((await run(['schema', 'scenario'])).stdout)).toHaveProperty(
    'anyOf.0.properties.lsm.properties.write_buffer_size.unit',
    'bytes',
  );
  expect(JSON.parse((await run(['schema', 'result'])).stdout)).toHaveProperty('anyOf.1.properties.putRate');
});

describe('a scenario of kind commit', () => {
  const commit = join(directory, 'commit.yaml');
  writeFileSync(commit, 'kind: commit\nduration_seconds: 30\nworkload: {num_readers: 1, reader_rate: 5}\n');

  test('is simulated, as text and as JSON of the published schema', async () => {
    const text = await run(['simulate', commit, '--out', join(directory, 'commit-out')]);
    expect([text.status, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toContain('all 12 checks hold');
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const { stdout } = await run(['simulate', commit, '--json', '--require', 'verificationFailures<=0']);
    expect(commitResultSchema.safeParse(JSON.parse(stdout)).error?.issues ?? []).toEqual([]);
    expect(readdirSync(join(directory, 'commit-out')).sort()).toContain('wide.csv');
  });

  test('--csv-layout prints its row, one a seed', async () => {
    const { status, stdout } = await run(['simulate', commit, '--csv-layout', 'latency', '--seeds', '2']);
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(',').length)).toEqual([17, 17, 17, 1]);
  });

  test('--history writes it to a file', async () => {
    const file = join(directory, 'history.edn');
    expect((await run(['simulate', commit, '--json', '--history', file])).status).toBe(0);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(200);
    for (const line of lines) expect(line).toMatch(/^\{:index \d+, :time \d+, :type :(invoke|ok|fail), .*\}$/);
  });

  test.each([
    [[commit, '--csv-layout', 'tall'], '--csv-layout: kind commit has no such layout: found "tall" (expected latency or wide)\n'],
    [[commit, '--csv-layout', 'wide', '--json'], '--csv-layout and --json both say what to print: give one\n'],
    [[commit, '--history', 'h', '--seeds', '2'], '--history is of one run: give no --seeds or --band\n'],
    [[scenario, ...machine, '--history', 'h'], '--history: kind lsm has none\n'],
    [[commit, '--history', '/dev/null/h'], '/dev/null/h: cannot be written: EEXIST\n'],
    [[commit, '--device', 'debian-vm'], '--device has no effect on a scenario of kind commit\n'],
  ])('simulate %j is refused with one line', async (argv, stderr) => {
    expect(await run(['simulate', ...argv])).toEqual({ status: 2, stdout: '', stderr });
  });
});
