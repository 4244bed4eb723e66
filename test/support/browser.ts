/** Debian's Chromium through playwright-core, and the page on a server of its own. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { readPage } from '../../engine/files/site.js';
import { serve, type Serving } from '../../engine/web/server.js';

/** A browser and the page's address. */
export interface PageUnderTest {
  readonly browser: Browser;
  readonly serving: Serving;
  close(): Promise<void>;
}

/** Starts both. Without a sandbox: in CI this runs as root. */
export async function openPage(): Promise<PageUnderTest> {
  const serving = await serve({ page: readPage(), results: new Map() }, 0);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  return {
    browser,
    serving,
    async close() {
      await browser.close();
      await serving.close();
    },
  };
}

/** Everything that a page complained about: errors, and messages of its console. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  return complaints;
}

/** Waits until this many runs have been shown with their pictures since the measures were cleared. */
export async function shown(page: Page, runs = 1): Promise<void> {
  await page.waitForFunction((count) => performance.getEntriesByName('pictures').length >= count, runs);
}
