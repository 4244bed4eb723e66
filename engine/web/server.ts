/**
 * The page's server, for one person on one machine: loopback, GET and HEAD, files from memory under exact names, and headers that let the
 * page run its own scripts and styles and nothing else. Result files are read when they are asked for, and shown in a sandbox of their own, without
 * scripts.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { sha256 } from '../files/read.js';
import type { LiveSite, Site } from '../files/site.js';
import { PutmodelError } from '../kernel/errors.js';
import { escapeHtml } from '../report/html.js';

/** What is served. */
export interface Served {
  /** At `/`. */
  readonly page: Site;
  /** At `/results/<name>/`, which lists them. */
  readonly results: ReadonlyMap<string, LiveSite>;
}

/** A running server. */
export interface Serving {
  readonly url: string;
  /** Resolves once no connection is left. */
  close(): Promise<void>;
}

/** Only this machine reaches it. */
const host = '127.0.0.1';

/**
 * Starts serving; port 0 takes a free one.
 * @throws PutmodelError USAGE when the port is taken or not allowed
 */
export function serve(served: Served, port: number): Promise<Serving> {
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      answer(served, request, response);
    },
  );
  // What is not HTTP is cut off without an answer.
  server.on('clientError', (_error, socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(portError(port, error));
    });
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      resolve({ url: `http://${host}:${String(actual)}/`, close: () => closeServer(server) });
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function portError(port: number, error: NodeJS.ErrnoException): Error {
  const reasons: Readonly<Record<string, string>> = { EADDRINUSE: 'is in use by another program', EACCES: 'is not allowed to this user' };
  const reason = reasons[error.code ?? ''];
  if (reason === undefined) return error;
  return new PutmodelError({
    code: 'USAGE',
    message: `port ${String(port)} ${reason}`,
    expected: 'another one with --port, or --port 0 for any free one',
  });
}

function answer(served: Served, request: IncomingMessage, response: ServerResponse): void {
  const { method = '', headers, url = '/' } = request;
  if (!isOwnName(headers.host)) {
    // Another site's name that was made to point here could read what this server has.
    refuse(response, 421, 'this server answers to localhost only');
  } else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    refuse(response, 405, 'only GET and HEAD');
  } else if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
    refuse(response, 413, 'no request has a body here');
  } else {
    const found = find(served, url);
    if (found === null) refuse(response, 404, 'not found');
    else send(response, request, found);
  }
}

function isOwnName(name: string | undefined): boolean {
  return name !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(name);
}

interface Found {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isResult: boolean;
}

/** The exact name in a map: `..`, encoded slashes and the like are just names that nothing has. */
function find({ page, results }: Served, url: string): Found | null {
  let path: string;
  try {
    path = decodeURIComponent(url.replace(/[?#].*$/s, '')).replace(/^\//, '');
  } catch {
    return null;
  }
  const [, name = '', inner = ''] = /^results\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? [];
  if (name !== '') return findResult(name, inner, results.get(name));
  const exact = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  const bytes = page.get(exact);
  return bytes === undefined ? null : { path: exact, bytes, isResult: false };
}

function findResult(name: string, path: string, site: LiveSite | undefined): Found | null {
  try {
    const bytes = path === '' && site !== undefined ? listing(name, site.names()) : site?.get(path);
    return bytes === undefined ? null : { path: path === '' ? 'index.html' : path, bytes, isResult: true };
  } catch (error) {
    // It was removed between two looks.
    if (error instanceof PutmodelError) return null;
    throw error;
  }
}

function listing(name: string, files: readonly string[]): Uint8Array {
  const link = (file: string): string => `/results/${[name, ...file.split('/')].map(encodeURIComponent).join('/')}`;
  const items = files.map((file) => `<li><a href="${escapeHtml(link(file))}">${escapeHtml(file)}</a></li>`);
  const title = escapeHtml(name);
  return new TextEncoder().encode(
    `<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n` +
      `<title>${title}</title>\n<style>:root{color-scheme:light dark}body{margin:24px;font:16px/1.5 sans-serif}</style>\n<h1>${title}</h1>\n<ul>\n${items.join('\n')}\n</ul>\n</html>\n`,
  );
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json; charset=utf-8',
};

const pagePolicy =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const resultPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

/** Headers of every answer. */
const commonHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

function send(response: ServerResponse, { method, headers }: IncomingMessage, { path, bytes, isResult }: Found): void {
  const type = types[/\.(\w+)$/.exec(path)?.[1] ?? ''] ?? 'text/plain; charset=utf-8';
  const tag = `"${sha256(bytes)}"`;
  // Names in assets/ carry a hash of what is in them.
  const caching = !isResult && path.startsWith('assets/') ? 'max-age=31536000, immutable' : 'no-cache';
  const own = { ...commonHeaders, 'Content-Security-Policy': isResult ? resultPolicy : pagePolicy, 'Cache-Control': caching, ETag: tag };
  if (headers['if-none-match'] === tag) {
    response.writeHead(304, own).end();
    return;
  }
  response.writeHead(200, { ...own, 'Content-Type': type, 'Content-Length': bytes.byteLength });
  response.end(method === 'HEAD' ? undefined : bytes);
}

function refuse(response: ServerResponse, status: number, why: string): void {
  // The rest of a body that nobody wants is not read.
  response.writeHead(status, {
    ...commonHeaders,
    'Content-Security-Policy': "default-src 'none'",
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
  });
  response.end(`${why}\n`);
}
