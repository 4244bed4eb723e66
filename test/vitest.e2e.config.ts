import { defineConfig } from 'vitest/config';
import { reporters } from './support/reporters.js';

/** The tests that .ci/run adds: the packed package, other Node versions, real fio and db_bench. One file at a time, as they measure. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    ...reporters(),
  },
});
