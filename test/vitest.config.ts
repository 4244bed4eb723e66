import { defineConfig } from 'vitest/config';
import { reporters } from './support/reporters.js';

/** The tests that `npm test` runs: in-process, no network, no real fio or RocksDB. */
export default defineConfig({
  test: { root: '.', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], testTimeout: 60_000, ...reporters() },
});
