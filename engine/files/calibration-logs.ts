/** The LOGs that something is calibrated on: each read once, in constant memory, and noted so that its copies are known again. */
import { basename } from 'node:path';
import { PutmodelError } from '../kernel/errors.js';
import { createLogReader, type LogEvent } from '../rocksdb/log.js';
import type { EvidenceFile } from './presets.js';
import { streamAndHash } from './read.js';

/** Who hears a LOG's events, and what it makes of them at the end. */
export interface LogCollector<T> {
  readonly onEvent: (event: LogEvent) => void;
  readonly finish: () => T;
}

/**
 * Reads LOGs, plain or packed, in order.
 * @throws PutmodelError INPUT_INVALID for the same text twice, which would count twice; whatever the reading throws
 */
export async function readCalibrationLogs<T>(
  paths: readonly string[],
  collector: (path: string) => LogCollector<T>,
): Promise<{ readonly records: readonly T[]; readonly inputs: readonly EvidenceFile[] }> {
  const records: T[] = [];
  const inputs: EvidenceFile[] = [];
  const pathOfText = new Map<string, string>();
  for (const path of paths) {
    const { onEvent, finish } = collector(path);
    const reader = createLogReader({ onEvent, file: path });
    const hashes = await streamAndHash(path, (text) => {
      reader.push(text);
    });
    reader.end();
    const twin = pathOfText.get(hashes.textSha256);
    if (twin !== undefined) throw new PutmodelError({ code: 'INPUT_INVALID', message: `the same LOG as ${twin}`, file: path });
    pathOfText.set(hashes.textSha256, path);
    records.push(finish());
    inputs.push({ name: basename(path), ...hashes });
  }
  return { records, inputs };
}
