/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Every kind of report page in a real browser, opened from disk: it complains about nothing, loads nothing, shows its pictures whole. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putmodelOk, rootDir } from '../support/process.js';
import { complaintsOf } from '../support/browser.js';
import { lacksTool } from '../support/tools.js';
import { writeSweep } from '../sweep/sample.js';

const directory = mkdtempSync(join(tmpdir(), 'putmodel-reports-'));
const path = (name: string): string => join(directory, name);
const shipped = (name: string): string => join(rootDir, 'scenarios', name);
const recording = (name: string): string => join(rootDir, 'test/fixtures/replay', name);

/** A thousand runs: what a page has to bear. */
const thousand =
  '    workload.rate: { range: { from: 10000, to: 90000, count: 100 } }\n    backlog.mu: { range: { from: 0.1, to: 0.9, count: 10 } }\n';
const goal =
  '  goal: { pareto: [putRate.meanOpsPerSec, stall.stoppedSec], best: { metric: putRate.meanOpsPerSec }, thresholds: ["stall.stoppedSec<=0"] }\n';

/** What is reported, by the name of its page. */
const makers: Readonly<Record<string, () => readonly string[]>> = {
  lsm: () => simulated('small-memtable-stalls', '--set', 'duration_seconds=20'),
  backlog: () => simulated('backlog-nvme'),
  commit: () => simulated('baseline', '--set', 'workload.num_writers=3'),
  swaps: () => simulated('cas-contention'),
  replay: () => {
    const files = ['mix50-split-qd8.iolog.gz', 'mix50-split-qd8_clat.1.log.gz'].map(recording);
    putmodelOk([
      'replay',
      ...files,
      '--device',
      recording('envelope_model.json'),
      '--timing',
      'fast',
      '--iodepth',
      '8',
      '--out',
      path('replay'),
    ]);
    return [path('replay')];
  },
  comparison: () => [
    ...simulated('rate-limited', '--set', 'duration_seconds=30'),
    ...simulated('small-memtable-stalls', '--set', 'duration_seconds=20'),
  ],
  validation: () => {
    putmodelOk(['validate', join(rootDir, 'test/fixtures/truth/limited'), '--samples', '0', '--out', path('validation')]);
    return [path('validation')];
  },
  'sweep-thousand': () => swept(writeSweep(path('in'), thousand, goal)),
  'sweep-60': () => swept(shipped('sweeps/sweep-60.yaml')),
  'sweep-15': () => swept(shipped('sweeps/sweep-15.yaml')),
  'chaos-9': () => swept(shipped('sweeps/chaos-9.yaml')),
};

function simulated(name: string, ...flags: readonly string[]): readonly string[] {
  putmodelOk(['simulate', shipped(`${name}.yaml`), ...flags, '--out', path(name)]);
  return [path(name)];
}

function swept(file: string): readonly string[] {
  const out = path(`swept-${file.replaceAll(/\W/g, '-')}`);
  putmodelOk(['sweep', file, '--out', out]);
  return [out];
}

describe.skipIf(lacksTool('chromium'))('report pages in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(Object.entries(makers))('%s', async (name, make) => {
    const file = path(`${name}.html`);
    putmodelOk(['report', ...make(), '--out', file]);
    expect(readFileSync(file).length).toBeLessThan(5e6);
    await look(browser, file, { width: 1200, colorScheme: 'light' }, async (page) => {
      const pictures = await page.evaluate(picturesOf);
      expect(pictures.length).toBeGreaterThan(0);
      expect(pictures.filter(({ marks, texts }) => marks === 0 || texts < 4)).toEqual([]);
      expect(pictures.flatMap(({ title, overlaps }) => overlaps.map((texts) => `${title}: ${texts}`))).toEqual([]);
      expect(pictures.flatMap(({ title, outside }) => outside.map((text) => `${title}: ${text}`))).toEqual([]);
      // A printed page holds a picture whole.
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize({ width: 720, height: 1000 });
      expect(
        await page.evaluate(
          () => [...document.querySelectorAll('figure svg')].filter((svg) => svg.getBoundingClientRect().height > 960).length,
        ),
      ).toBe(0);
      expect(
        await page.evaluate(() => [...document.querySelectorAll('table')].map((table) => Math.ceil(table.getBoundingClientRect().right))),
      ).toSatisfy((edges: number[]) => edges.length > 0 && Math.max(...edges) <= 720);
    });
    await look(browser, file, { width: 390, colorScheme: 'dark' }, async (page) => {
      // The page itself does not scroll sideways: wide tables and pictures do so in their own boxes.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      const [surface, ink] = await page.evaluate(() => [
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.querySelector('figure svg text')!).fill,
      ]);
      expect([surface, ink]).toEqual(['rgb(20, 24, 29)', 'rgb(230, 233, 236)']);
    });
  });
});

async function look(
  browser: Browser,
  file: string,
  { width, colorScheme }: { readonly width: number; readonly colorScheme: 'light' | 'dark' },
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await work(page);
  await context.close();
  expect(complaints).toEqual([]);
  expect(requests).toEqual([pathToFileURL(file).href]);
}

interface PictureSeen {
  readonly title: string;
  /** Shapes with an extent, but for the background and the grid. */
  readonly marks: number;
  readonly texts: number;
  /** Pairs of texts that cover each other, and texts that leave the picture. */
  readonly overlaps: readonly string[];
  readonly outside: readonly string[];
}

/** Runs in the page. */
function picturesOf(): PictureSeen[] {
  const slack = 2;
  return [...document.querySelectorAll('figure svg')].map((svg) => {
    const frame = svg.getBoundingClientRect();
    const shapes = [...svg.querySelectorAll('path, rect, circle, line')].filter((shape) => {
      const { width, height } = shape.getBoundingClientRect();
      return Math.max(width, height) > 1 && width < frame.width && shape.closest('[aria-label*="grid"], [aria-label*="tick"]') === null;
    });
    const texts = [...svg.querySelectorAll('text')].filter(({ textContent }) => textContent !== '');
    // A slanted text covers less than its box.
    const upright = texts.filter((text) => !/rotate\(-45/.test(text.getAttribute('transform') ?? ''));
    const boxes = upright.map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const overlaps = boxes.flatMap(({ text, box }, index) =>
      boxes.slice(index + 1).flatMap((other) => {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        return wide > slack && high > 4 ? [`${text} / ${other.text}`] : [];
      }),
    );
    const outside = texts
      .filter((text) => {
        const box = text.getBoundingClientRect();
        return (
          box.left < frame.left - slack ||
          box.right > frame.right + slack ||
          box.bottom > frame.bottom + slack ||
          box.top < frame.top - slack
        );
      })
      .map(({ textContent }) => textContent);
    return { title: svg.getAttribute('aria-label') ?? '', marks: shapes.length, texts: texts.length, overlaps, outside };
  });
}
