import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveSite } from '../../engine/files/site.js';
import { serve, type Serving } from '../../engine/web/server.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const page = new Map([
  ['index.html', bytes('<!doctype html>page')],
  ['assets/main-abc.js', bytes('1')],
]);
const folder = mkdtempSync(join(tmpdir(), 'putmodel-server-'));
mkdirSync(join(folder, 'inner'));
writeFileSync(join(folder, 'report.html'), '<script>alert(1)</script>');
writeFileSync(join(folder, 'series.csv'), 'a,b');
writeFileSync(join(folder, 'inner', 'a & b.txt'), 'inner');
const results = new Map([['run 1', liveSite(folder)]]);

let serving: Serving;
beforeAll(async () => {
  serving = await serve({ page, results }, 0);
});
afterAll(async () => {
  await serving.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Unlike fetch, sends paths and headers as they are given. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  const { port } = new URL(serving.url);
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers: options.headers ?? {} }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on('error', reject);
    call.end(options.body);
  });
}

describe('the server', () => {
  it('listens on this machine only', () => {
    expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('gives the page, its scripts, and results by their names', async () => {
    expect(await ask('/')).toMatchObject({
      status: 200,
      body: '<!doctype html>page',
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    expect((await ask('/assets/main-abc.js?x')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'max-age=31536000, immutable',
    });
    expect(await ask('/results/run%201/series.csv')).toMatchObject({ status: 200, body: 'a,b' });
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('lists the files of a result, with those written since', async () => {
    writeFileSync(join(folder, 'later.txt'), 'later');
    for (const path of ['/results/run%201/', '/results/run%201']) {
      const { status, headers, body } = await ask(path);
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
      const links = [...body.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
      expect(links.sort()).toEqual(
        ['inner/a%20%26%20b.txt', 'later.txt', 'report.html', 'series.csv'].map((name) => `/results/run%201/${name}`),
      );
      expect(body).toContain('>inner/a &amp; b.txt<');
      expect((await Promise.all(links.map((link) => ask(link)))).map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    }
    expect(await ask('/results/run%201/later.txt')).toMatchObject({ status: 200, body: 'later' });
    rmSync(join(folder, 'later.txt'));
    expect(await ask('/results/run%201/later.txt')).toMatchObject({ status: 404 });
  });

  it('answers 304 to who has it', async () => {
    const { headers } = await ask('/');
    expect((await ask('/', { headers: { 'If-None-Match': String(headers['etag']) } })).status).toBe(304);
  });

  it('allows scripts and styles of its own only, and none in results', async () => {
    const policy = String((await ask('/')).headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    const { headers } = await ask('/results/run%201/report.html');
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/../index.html',
    '/results/run%201/../../index.html',
    '/results/',
    '/results/none/report.html',
    '/results/none/',
    '/results/run%201/..%2f..%2fetc/passwd',
    '/results/run%201/inner/',
    '/results/run%201/inner/../series.csv',
    '/results/__proto__/x',
    '//etc/passwd',
    '/assets/',
    '/%',
    '/index.html%00',
    '/C:/windows',
  ])('has no file at %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: 'not found\n' });
  });

  it('takes no other method, no body and no name but its own', async () => {
    expect(await ask('/', { method: 'POST', body: 'x' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect((await ask('/', { headers: { 'Content-Length': '1000000' }, body: 'x'.repeat(1_000_000) })).status).toBe(413);
    expect((await ask('/', { headers: { Host: 'evil.example' } })).status).toBe(421);
    expect((await ask('/', { headers: { Host: 'localhost:1' } })).status).toBe(200);
  });

  it('cuts off what is not HTTP, and headers without end', async () => {
    const { port } = new URL(serving.url);
    const socket = connect(Number(port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX: ');
    socket.write('y'.repeat(40_000));
    await closed;
    expect((await ask('/')).status).toBe(200);
  });

  it('says in one line that a port is in use', async () => {
    const port = Number(new URL(serving.url).port);
    await expect(serve({ page, results }, port)).rejects.toMatchObject({
      code: 'USAGE',
      message: `port ${String(port)} is in use by another program (expected another one with --port, or --port 0 for any free one)`,
    });
  });
});
