/**
 * The options that fio echoes, as the axes of an envelope: pattern, read share, block size, iodepth, numjobs. Values are the strings
 * people wrote ("01", "4K", "16384", "4096B", "1z"), defaults are fio's own (HOWTO: rw=read, bs=4k, iodepth=1, numjobs=1, rwmixread=50).
 */

/** What a job was asked to do. A null means that the option's text says something this program does not place on an axis. */
export interface FioOptions {
  readonly pattern: 'random' | 'sequential' | null;
  /** Reads of all requests, percent. null for trim and unknown modes. */
  readonly readPercent: number | null;
  /** null for mixed block sizes (bssplit, bsrange, "4k,64k") and zone units ("1z"). */
  readonly blockBytes: number | null;
  /** Per job. 1 for engines that are synchronous whatever the option says, as fio itself does. */
  readonly iodepth: number | null;
  readonly numjobs: number | null;
  /** The text as echoed; global options under the job's own. */
  readonly echoed: Readonly<Record<string, string>>;
}

/** Reads the merged "global options" and "job options". Values that are not strings or numbers are left out. */
export function readFioOptions(raw: Readonly<Record<string, unknown>>): FioOptions {
  const echoed: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value === 'string' || typeof value === 'number') echoed[key] = String(value).trim();
  }
  const mode = (echoed['rw'] ?? echoed['readwrite'] ?? 'read').toLowerCase().split(':', 1)[0] ?? '';
  const engine = (echoed['ioengine'] ?? '').split(',', 1)[0] ?? '';
  const readPercent = readPercentOf(mode, echoed);
  const iodepth = wholeNumber(echoed['iodepth'] ?? '1');
  return {
    pattern: patternOf(mode, echoed),
    readPercent,
    blockBytes: blockBytesOf(echoed, readPercent),
    iodepth: synchronousEngines.has(engine) && iodepth !== null ? 1 : iodepth,
    numjobs: wholeNumber(echoed['numjobs'] ?? '1'),
    echoed,
  };
}

/**
 * A size as fio writes it, bytes; null when it is not one ("1z" counts zones, "10%" a share). k, m, g, t, p are powers of 1024 with or
 * without b; `ki`, `mi`... are powers of 1000: that is fio's default kb_base=1024, and kb_base=1000 swaps the two. (Checked with fio
 * 3.33: bs=4kib makes requests of 4000 bytes.)
 */
export function parseFioSize(text: string, kbBase: 1000 | 1024 = 1024): number | null {
  const match = /^(\d+(?:\.\d+)?|0x[0-9a-f]+)\s*(?:([kmgtp])(i?)b?|b)?$/.exec(text.trim().toLowerCase());
  if (match === null) return null;
  const [, digits = '', prefix, binary = ''] = match;
  const factor = (binary === 'i') === (kbBase === 1000) ? 1024 : 1000;
  let bytes = Number(digits);
  for (let power = prefix === undefined ? 0 : 'kmgtp'.indexOf(prefix) + 1; power > 0; power--) bytes *= factor;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

/** fio caps iodepth at 1 for these (ioengines.c FIO_SYNCIO), and says so only on stderr. */
const synchronousEngines: ReadonlySet<string> = new Set(['sync', 'psync', 'vsync', 'pvsync', 'pvsync2', 'mmap']);

function wholeNumber(text: string): number | null {
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}

function patternOf(mode: string, echoed: Readonly<Record<string, string>>): 'random' | 'sequential' | null {
  if (['read', 'write', 'rw', 'readwrite'].includes(mode)) return 'sequential';
  if (!['randread', 'randwrite', 'randrw'].includes(mode)) return null;
  // percentage_random below 100 blends the two.
  const random = echoed['percentage_random'];
  if (random === undefined || /^100(?:\D|$)/.test(random)) return 'random';
  return random === '0' ? 'sequential' : null;
}

function readPercentOf(mode: string, echoed: Readonly<Record<string, string>>): number | null {
  if (mode === 'read' || mode === 'randread') return 100;
  if (mode === 'write' || mode === 'randwrite') return 0;
  if (mode !== 'rw' && mode !== 'readwrite' && mode !== 'randrw') return null;
  const reads = percentOf(echoed['rwmixread']);
  const writes = percentOf(echoed['rwmixwrite']);
  if (reads === null || writes === null) return null;
  if (reads !== undefined) return reads;
  return writes === undefined ? 50 : 100 - writes;
}

/** undefined: not given; null: not a share. */
function percentOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value <= 100 ? value : null;
}

/** One size, or one for reads and one for writes ("8k,64k"); "8k," and ",8k" leave the other at fio's default of 4k. */
function blockBytesOf(echoed: Readonly<Record<string, string>>, readPercent: number | null): number | null {
  if (echoed['bssplit'] !== undefined || echoed['bsrange'] !== undefined || echoed['blocksize_range'] !== undefined) return null;
  const kbBase = echoed['kb_base'] === '1000' ? 1000 : 1024;
  const sizeOf = (part: string): number | null => (part.trim() === '' ? 4096 : parseFioSize(part, kbBase));
  const [reads = '', writes = reads] = (echoed['bs'] ?? echoed['blocksize'] ?? '4k').split(',');
  const readBytes = sizeOf(reads);
  const writeBytes = sizeOf(writes);
  if (readPercent === 100) return readBytes;
  if (readPercent === 0) return writeBytes;
  return readBytes === writeBytes ? readBytes : null;
}
