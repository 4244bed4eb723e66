import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readText, streamText } from '../../engine/files/read.js';
import { collectLogOptions, type LogOptions } from '../../engine/rocksdb/log-options.js';
import { createLogReader } from '../../engine/rocksdb/log.js';
import { optionsOfFamily, parseOptionsFile } from '../../engine/rocksdb/options-file.js';
import { defaultOptions, isOptionKey } from '../../engine/rocksdb/options.js';
import { parseVersion } from '../../engine/rocksdb/version.js';
import { sharedDir } from '../support/shared.js';

const version = parseVersion('7.8.3');

async function optionsIn(path: string): Promise<LogOptions> {
  const collector = collectLogOptions();
  const reader = createLogReader({ onEvent: collector.onEvent, file: path });
  await streamText(path, (text) => reader.push(text));
  reader.end();
  return collector.finish();
}

/** Options whose values differ between a LOG and the OPTIONS file beside it. */
async function differences(directory: string): Promise<string[]> {
  const log = readdirSync(directory).find((name) => name.startsWith('LOG'))!;
  const options = readdirSync(directory).find((name) => name.startsWith('OPTIONS'))!;
  const fromLog = (await optionsIn(`${directory}/${log}`)).optionsOf('default', version);
  const fromFile = optionsOfFamily(parseOptionsFile(readText(`${directory}/${options}`)), defaultOptions(version, { dbBench: false }));
  return Object.keys(fromFile).filter((key) => isOptionKey(key) && JSON.stringify(fromLog[key]) !== JSON.stringify(fromFile[key]));
}

test.each(['limited', 'universal'])('the LOG of a real run (%s) tells what its OPTIONS file does', async (name) => {
  expect(await differences(`test/fixtures/truth/${name}`)).toEqual([]);
});

test.skipIf(sharedDir === null)('so do the LOGs of all runs at hand', async () => {
  const truth = `${sharedDir!}/truth`;
  const runs = readdirSync(truth, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(runs.length).toBeGreaterThan(5);
  for (const { name } of runs) expect([name, await differences(`${truth}/${name}`)]).toEqual([name, []]);
});

test('a rate limiter is seen, its rate is not', async () => {
  const limited = await optionsIn('test/fixtures/truth/limited/LOG');
  expect([limited.hasRateLimiter, limited.version, limited.unread]).toEqual([true, version, []]);
  expect(limited.optionsOf('default', version).rate_limiter_bytes_per_sec).toBe(0);
});

test('families keep their own options, lists are put together from their lines', () => {
  const collector = collectLogOptions();
  const reader = createLogReader({ onEvent: collector.onEvent });
  const line = (text: string): string => `2022/03/15-17:18:54.817790 7f46214c2a80 ${text}\n`;
  reader.push(line('RocksDB version: 6.4.0') + line('     Options.max_background_jobs: 4') + line('Options.rate_limiter: (nil)'));
  for (const [family, codec] of [
    ['default', 'NoCompression'],
    ['other', 'LZ4'],
  ]) {
    reader.push(line(`[lumn_family.cc:489] --------------- Options for column family [${family!}]:`));
    reader.push(line(`Options.compression[0]: ${codec!}`) + line('Options.compression[1]: ZSTD'));
    reader.push(line('Options.max_bytes_for_level_multiplier_addtl[0]: 1') + line('Options.max_bytes_for_level_multiplier_addtl[1]: 3'));
    reader.push(line('Options.write_buffer_size: lots'));
  }
  reader.end();
  const read = collector.finish();
  expect([read.families, read.hasRateLimiter, read.unread]).toEqual([['default', 'other'], false, ['write_buffer_size: lots']]);
  expect(read.optionsOf('other', version)).toMatchObject({
    max_background_jobs: 4,
    compression_per_level: ['lz4', 'zstd'],
    max_bytes_for_level_multiplier_additional: [1, 3],
  });
});
