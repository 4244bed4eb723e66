import { describe, expect, it } from 'vitest';
import { runProgram } from '../../engine/files/process.js';

const node = (code: string, limits?: Parameters<typeof runProgram>[2]) => runProgram(process.execPath, ['-e', code], limits);

describe('running a program', () => {
  it('gives both streams and the exit status', async () => {
    const ended = await node('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(ended).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n', timedOut: false });
  });

  it('passes arguments as they are, without a shell', async () => {
    const { stdout } = await runProgram(process.execPath, ['-e', 'console.log(process.argv[1])', '$HOME; "x"']);
    expect(stdout).toBe('$HOME; "x"\n');
  });

  it('names a program that is not installed, and how to get it', async () => {
    await expect(runProgram('no-such-program-here', [])).rejects.toMatchObject({
      issues: [{ code: 'INPUT_MISSING', message: 'no-such-program-here cannot be run: it is not installed' }],
    });
  });

  it('ends it after its time', async () => {
    const ended = await node('setTimeout(() => {}, 60_000)', { timeoutMillis: 300 });
    expect(ended).toMatchObject({ status: null, timedOut: true });
  });

  it('ends it when interrupted, also when that was before it began', async () => {
    const interrupt = new AbortController();
    setTimeout(() => {
      interrupt.abort();
    }, 300);
    expect(await node('setTimeout(() => {}, 60_000)', { signal: interrupt.signal })).toMatchObject({ status: null, timedOut: false });
    expect(await node('setTimeout(() => {}, 60_000)', { signal: interrupt.signal })).toMatchObject({ status: null, timedOut: false });
  });
});
