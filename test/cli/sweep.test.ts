import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CliIo } from '../../engine/cli/flags.js';
import { runCli } from '../../engine/cli/program.js';
import { createProgress } from '../../engine/cli/sweep-progress.js';
import { withoutUserInfo } from '../../engine/sweep/queue-server.js';
import { writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-cli-sweep-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const sweep = writeSweep(join(directory, 'in'));

function ioInto(output: { stdout: string; stderr: string }, nowMillis: () => number): CliIo {
  return {
    stdout: (text) => {
      output.stdout += text;
    },
    stderr: (text) => {
      output.stderr += text;
    },
    style: { columns: 100, unicode: false, color: false },
    liveProgress: false,
    signal: new AbortController().signal,
    nowMillis,
  };
}

async function run(argv: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' };
  let nowMillis = 0;
  const status = await runCli(
    argv,
    ioInto(output, () => nowMillis++),
  );
  return { status, ...output };
}

describe('putmodel sweep --dry-run', () => {
  test('says how many runs there are, of what axes, and what they cost, and writes nothing', async () => {
    const { status, stdout, stderr } = await run(['sweep', sweep, '--dry-run', '--threads', '2', '--out', join(directory, 'none')]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^sweep: 15 points x 2 seeds = 30 runs\n {2}workload\.rate: 5 values\n {2}backlog\.mu: 3 values\ncost: [\d.]+ ms a run \(16 sampled\), about .* on 2 threads\nfirst: rate=10000 mu=0\.2\n$/,
    );
  });

  test('--json gives the same as one document', async () => {
    const { stdout } = await run(['sweep', sweep, '--dry-run', '--json', '--shard', '1/4']);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'putmodel/sweep-plan/1',
      points: 15,
      seeds: [1, 2],
      runs: 8,
      cost: { sampledRuns: 8 },
    });
  });
});

describe('putmodel sweep, merge and query', () => {
  const whole = join(directory, 'whole');
  let first: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run(['sweep', sweep, '--threads', '1', '--out', whole, '--json', '--json-progress']);
  }, 60_000);

  test('--json prints one document with the answers, --json-progress one object a line on standard error', () => {
    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      schema: 'putmodel/sweep/1',
      name: 'sweep',
      runs: 30,
      failedRuns: 0,
      complete: true,
      answers: { schema: 'putmodel/sweep-answers/1', best: { metric: 'putRate.meanOpsPerSec' } },
    });
    const lines = first.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines.at(-1)).toMatchObject({ event: 'progress', done: 30, total: 30, failed: 0 });
  });

  test('in text ends with the answers and the place of the results', async () => {
    const { status, stdout } = await run(['sweep', sweep, '--resume', '--out', whole]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Most putRate\.meanOpsPerSec\n/);
    expect(stdout).toContain('What each axis does to the mean of putRate.meanOpsPerSec');
    expect(stdout).toMatch(/sweep: 30 runs, 30 of them before\nResults in {3}.*whole\n$/);
  });

  test('shards and merge give the same table', async () => {
    const parts = [0, 1].map((index) => join(directory, `part-${index}`));
    for (const [index, part] of parts.entries()) await run(['sweep', sweep, '--threads', '1', '--shard', `${index}/2`, '--out', part]);
    const merged = join(directory, 'merged');
    const { status, stdout } = await run(['merge', ...parts, '--out', merged]);
    expect(status).toBe(0);
    expect(stdout).toContain('sweep: 30 runs of 2 directories\nResults in');
    expect(readFileSync(join(merged, 'sweep.csv'), 'utf8')).toBe(readFileSync(join(whole, 'sweep.csv'), 'utf8'));
  });

  test('query answers SQL over the table, as text, JSON or CSV', async () => {
    const sql = 'SELECT "backlog.mu" AS mu, count(*) AS n, min("putRate.meanOpsPerSec") AS low FROM sweep GROUP BY mu ORDER BY mu';
    expect(JSON.parse((await run(['query', sql, whole, '--json'])).stdout)).toMatchObject({
      schema: 'putmodel/query/1',
      columns: ['mu', 'n', 'low'],
      rows: [
        [0.2, 10, expect.any(Number)],
        [0.4, 10, expect.any(Number)],
        [0.8, 10, expect.any(Number)],
      ],
    });
    expect((await run(['query', 'PIVOT sweep ON status USING count(*) GROUP BY seed', whole, '--csv'])).stdout).toBe(
      'seed,done\n1,15\n2,15\n',
    );
    expect((await run(['query', "SELECT 1 AS a, 'x,\"y' AS b", whole, '--csv'])).stdout).toBe('a,b\n1,"x,""y"\n');
    expect((await run(['query', 'SELECT count(*) AS runs, status FROM sweep GROUP BY status', whole])).stdout).toBe(
      'runs  status\n----  ------\n  30  done\n1 row\n',
    );
  });

  test('query reads the directory named, not what its name matches as a pattern, and names a table that is damaged', async () => {
    for (const [name, value] of Object.entries({ 'r[1]': 1, r1: 2, 'r*x': 3, rax: 4, 'r?': 5 })) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, 'series.csv'), `a\n${value}\n`);
      expect((await run(['query', 'FROM series', join(directory, name), '--csv'])).stdout).toBe(`a\n${value}\n`);
    }
    writeFileSync(join(directory, 'r1', 'sweep.parquet'), 'garbage');
    expect((await run(['query', 'SELECT 1', join(directory, 'r1')])).stderr).toMatch(
      /r1\/sweep\.parquet: .*Error.* \(expected a table as it was written\)\n$/,
    );
  });

  test.each([
    ['SELEC 1', /^Parser Error: .* \(expected SQL over the table sweep\)\n$/],
    ["COPY sweep TO 'out.csv'", /^(Permission Error: |this statement does not only read)/],
    ["SELECT * FROM read_csv('/etc/passwd')", /^Permission Error: /],
    ["ATTACH 'x.db'", /^this statement does not only read /],
    ['SET threads = 1', /^this statement does not only read /],
    ['DROP TABLE sweep', /^this statement does not only read /],
    ['INSERT INTO sweep SELECT * FROM sweep', /^this statement does not only read /],
    ['SELECT 1; SELECT 2', /^2 statements; only one is answered /],
    ['', /^no statement /],
    [' ; -- nothing', /^no statement /],
  ])('query refuses %s in one line', async (sql, stderr) => {
    expect(await run(['query', sql, whole])).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(stderr) });
  });
});

test.each([
  [['sweep', sweep, '--shard', '4/4'], 'wrong value of --shard: found "4/4" (expected I/N with I from 0 to N - 1, such as 0/16)\n'],
  [
    ['sweep', sweep, '--queue', 'redis://h', '--threads', '2'],
    '--threads means nothing with --queue (expected putmodel worker --threads, where the runs are made)\n',
  ],
  [['sweep', sweep, '--queue-timeout', '2'], '--queue-timeout means nothing without --queue\n'],
  [['sweep', 'none.yaml'], 'none.yaml: cannot be read: no such file or directory\n'],
  [
    ['merge', directory, '--out', join(directory, 'x')],
    `${directory}: not the directory of a sweep (expected what 'putmodel sweep --shard' wrote)\n`,
  ],
  [['merge', directory], "putmodel: required option '--out <dir>' not specified\n"],
  [['query', 'SELECT 1', join(directory, 'nowhere')], `${join(directory, 'nowhere')}: not a directory\n`],
])('%j is refused with 2 and one line', async (argv, stderr) => {
  expect(await run(argv)).toEqual({ status: 2, stdout: '', stderr });
});

test('schema sweep prints the JSON Schema of a sweep file, units included', async () => {
  const schema = JSON.parse((await run(['schema', 'sweep'])).stdout) as unknown;
  expect(schema).toHaveProperty('properties.sweep.properties.seeds.anyOf.0.unit', 'count');
});

test('each help has an example, and names Slurm and Kubernetes where it runs on many machines', async () => {
  for (const command of ['sweep', 'merge', 'query']) expect((await run([command, '--help'])).stdout).toMatch(/Examples:\n {2}\$ putmodel /);
  expect((await run(['sweep', '--help'])).stdout).toMatch(/Slurm .*SLURM_ARRAY_TASK_ID[^]*Kubernetes .*JOB_COMPLETION_INDEX/);
});

test('the address of a queue is stored without user and password, in whatever word it stands', () => {
  expect(['redis://u:p@ss@h:1/0', '--queue=rediss://:p@h', 'sweep.yaml', '--out=a@b'].map(withoutUserInfo)).toEqual([
    'redis://h:1/0',
    '--queue=rediss://h',
    'sweep.yaml',
    '--out=a@b',
  ]);
});

describe('progress', () => {
  const progress = (done: number) => ({ done, total: 100, failed: 2, doneBefore: 10 });

  test('without a terminal is a line every five seconds and one at the end, with rate and remaining time', () => {
    const output = { stdout: '', stderr: '' };
    let nowMillis = 0;
    const display = createProgress(
      ioInto(output, () => nowMillis),
      'text',
    );
    for (let second = 0; second <= 12; second++) {
      nowMillis = second * 1000;
      display.update(progress(10 + second * 5));
    }
    display.updateRun(7, { nowSec: 1, fraction: 0.5, events: 3 });
    display.finish();
    display.finish();
    expect(output.stderr).toBe(
      [
        '35 of 100 runs, 2 failed, 5.00 runs/s, 13.0 s left',
        '60 of 100 runs, 2 failed, 5.00 runs/s, 8.0 s left',
        '70 of 100 runs, 2 failed, 5.00 runs/s, 6.0 s left, run 7 at 50 %',
        '',
      ].join('\n'),
    );
  });
});
