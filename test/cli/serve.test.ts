import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CliIo } from '../../engine/cli/flags.js';
import { runCli } from '../../engine/cli/program.js';

const folder = mkdtempSync(join(tmpdir(), 'putmodel-serve-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a command line; `onStdout` hears each text. */
async function command(argv: readonly string[], onStdout?: (text: string, stop: () => void) => void) {
  const output = { stdout: '', stderr: '' };
  const interrupt = new AbortController();
  const io: CliIo = {
    stdout: (text) => {
      output.stdout += text;
      onStdout?.(text, () => {
        interrupt.abort();
      });
    },
    stderr: (text) => {
      output.stderr += text;
    },
    style: { columns: 80, unicode: false, color: false },
    liveProgress: false,
    signal: interrupt.signal,
    nowMillis: () => 0,
  };
  return { status: await runCli(argv, io), ...output };
}

describe('putmodel serve', () => {
  it('prints the address, serves page and results there, and ends when interrupted', async () => {
    const results = join(folder, 'run-a');
    rmSync(results, { recursive: true, force: true });
    mkdirSync(join(results, 'inner'), { recursive: true });
    writeFileSync(join(results, 'report.html'), '<p>report</p>');
    writeFileSync(join(results, 'inner', 'a.txt'), 'inner');
    const seen: Promise<string>[] = [];
    const { status, stdout } = await command(['serve', '--port', '0', results], (text, stop) => {
      seen.push(fetch(text.trim()).then((response) => response.text()));
      if (text.includes('/results/')) void Promise.all(seen).then(stop);
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\nhttp:\/\/127\.0\.0\.1:\d+\/results\/run-a\/report\.html\n$/);
    const [page, report] = await Promise.all(seen);
    expect(page).toContain('<title>putmodel');
    expect(report).toBe('<p>report</p>');
  });

  it('--export writes a page that asks for nothing outside of its folder', async () => {
    const directory = join(folder, 'public');
    const { status, stdout } = await command(['serve', '--export', directory]);
    expect(status).toBe(0);
    expect(stdout).toBe(
      `${String(readdirSync(directory).length - 1 + readdirSync(join(directory, 'assets')).length)} files in ${directory}\n`,
    );
    const html = readFileSync(join(directory, 'index.html'), 'utf8');
    const links = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = '']) => link).filter((link) => !link.startsWith('#'));
    expect(links.length).toBeGreaterThan(2);
    expect(links.every((link) => link.startsWith('./assets/'))).toBe(true);
    for (const link of links) expect(readFileSync(join(directory, link)).byteLength).toBeGreaterThan(0);
    expect(html).toContain("script-src 'self'");
    expect(html).not.toMatch(/<script>|style="/);
  });

  it('says what is wrong in one line', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = String((taken.address() as AddressInfo).port);
    expect(await command(['serve', '--port', port])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`port ${port} is in use`) as string,
    });
    taken.close();
    expect((await command(['serve', '--port', '70000'])).status).toBe(2);
    expect((await command(['serve', '--export', folder, '--port', '1'])).stderr).toContain('give neither --port nor results');
    expect((await command(['serve', join(folder, 'nowhere')])).stderr).toContain('no such file or directory');
    expect((await command(['serve', join(folder, 'public'), join(folder, 'x', 'public')])).status).toBe(2);
  });
});
