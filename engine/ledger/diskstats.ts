/**
 * Snapshots of `/proc/diskstats`, one after the other in one file; the counters' growth from the first to the last is what the device
 * moved. Columns 6 and 10 are sectors of 512 bytes, whatever the device's own sectors are (Linux: Documentation/admin-guide/iostats.rst).
 */
import { PutmodelError } from '../kernel/errors.js';
import { chooseDevice } from './device-series.js';
import type { DeviceFigures } from './ledger.js';
import { createLineReader, type LineReader } from './lines.js';

/** Takes text; `end` gives what the device moved between the first and the last snapshot. */
export interface DiskstatsReader extends Pick<LineReader, 'push'> {
  end(): DeviceFigures;
}

const sectorBytes = 512;

/**
 * Starts reading. Lines that are no rows (times, headings) are passed over.
 * `end` throws PutmodelError INPUT_SYNTAX with fewer than two snapshots, INPUT_INVALID when counters fall (a restart) or no device can be chosen.
 */
export function createDiskstatsReader(options: { readonly disk: string | null; readonly file?: string }): DiskstatsReader {
  const devices = new Map<string, Counters>();
  const { file } = options;
  const lines = createLineReader((line, lineNumber) => {
    const match = /^\s*\d+\s+\d+\s+(\S+)\s+\d+\s+\d+\s+(\d+)\s+\d+\s+\d+\s+\d+\s+(\d+)\s/.exec(`${line} `);
    const [, name, readText, writtenText] = match ?? [];
    if (name === undefined) return;
    const [read, written] = [Number(readText) * sectorBytes, Number(writtenText) * sectorBytes];
    const known = devices.get(name);
    if (known === undefined)
      devices.set(name, { firstRead: read, firstWritten: written, lastRead: read, lastWritten: written, snapshots: 1 });
    else {
      if (read < known.lastRead || written < known.lastWritten) {
        throw new PutmodelError({
          code: 'INPUT_INVALID',
          message: `counters of ${name} fall: the machine was restarted`,
          file,
          line: lineNumber,
        });
      }
      known.lastRead = read;
      known.lastWritten = written;
      known.snapshots++;
    }
  });
  return {
    push: lines.push,
    end() {
      lines.end();
      if (![...devices.values()].some(({ snapshots }) => snapshots > 1)) {
        const message = devices.size === 0 ? 'no row of /proc/diskstats' : 'one snapshot only';
        throw new PutmodelError({ code: 'INPUT_SYNTAX', message, file, expected: 'two or more snapshots of /proc/diskstats in one file' });
      }
      const moved = new Map([...devices].map(([name, counters]) => [name, growth(counters).readBytes + growth(counters).writtenBytes]));
      const chosen = devices.get(chooseDevice(moved, options.disk, file));
      return {
        source: 'diskstats',
        counts: 'device',
        ...(chosen === undefined ? { readBytes: null, writtenBytes: null } : growth(chosen)),
        notes: [],
      };
    },
  };
}

interface Counters {
  readonly firstRead: number;
  readonly firstWritten: number;
  lastRead: number;
  lastWritten: number;
  snapshots: number;
}

function growth({ firstRead, firstWritten, lastRead, lastWritten }: Counters): { readBytes: number; writtenBytes: number } {
  return { readBytes: lastRead - firstRead, writtenBytes: lastWritten - firstWritten };
}
