/** How vitest reports: for people, and as JSON too where PUTMODEL_TEST_JSON names a file (.ci/run sums the counts). */

/** The `reporters` part of a vitest configuration. */
export function reporters(): { reporters: string[]; outputFile?: { json: string } } {
  const outputFile = process.env['PUTMODEL_TEST_JSON'];
  if (outputFile === undefined || outputFile === '') return { reporters: ['default'] };
  return { reporters: ['default', 'json'], outputFile: { json: outputFile } };
}
