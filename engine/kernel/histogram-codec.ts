/**
 * HdrHistogram's own formats: V2 base64 (the `.hdr` text every HdrHistogram reads) and the `.hgrm` percentile table. Reading and the table
 * are hdr-histogram-js's. Writing is ours, because the library compresses with whatever zlib is at hand (Node's own, or pako in a page) and
 * the bytes differ between them; a deflate stream of stored blocks has one form only. It also writes HdrHistogram's header as
 * AbstractHistogram.java does (offset 0, ratio 1.0), where the library writes offset 1 and the bits of 5e-324.
 */
import { decodeFromCompressedBase64, Float64Histogram } from 'hdr-histogram-js';
import { invariant, InvariantError, PutmodelError } from './errors.js';
import { createHistogram, forEachBucket, maxMicros, minMicros, widenExtremes, type Histogram } from './histogram.js';

/** AbstractHistogram.java: V2 cookies, with the nibble that says counts are ZigZag LEB128. */
const V2_COOKIE = 0x1c849313;
const V2_COMPRESSED_COOKIE = 0x1c849314;

/** HdrHistogram V2 "compressed" encoding as base64: the same text for the same histogram everywhere. `clampedCount` is not part of it. */
export function encodeV2Base64(histogram: Histogram): string {
  const stream = deflateStored(encodeV2(histogram));
  const bytes = new Uint8Array(8 + stream.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, V2_COMPRESSED_COOKIE);
  view.setUint32(4, stream.length);
  bytes.set(stream, 8);
  return base64(bytes);
}

/** The V2 encoding before compression: 40 bytes of header, then the counts up to the largest value. */
function encodeV2(histogram: Histogram): Uint8Array {
  const counts = encodeCounts(histogram.counts);
  const bytes = new Uint8Array(40 + counts.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, V2_COOKIE);
  view.setUint32(4, counts.length);
  view.setUint32(8, 0); // normalizing index offset
  view.setUint32(12, histogram.significantDigits);
  view.setBigUint64(16, BigInt(histogram.lowestDiscernibleMicros));
  view.setBigUint64(24, BigInt(histogram.highestTrackableMicros));
  view.setFloat64(32, 1); // integer to double conversion ratio
  bytes.set(counts, 40);
  return bytes;
}

/** ZigZag LEB128: a count c as 2c, a run of n > 1 zeros as 2n - 1 (that is, -n), seven bits a byte, low bits first. */
function encodeCounts(counts: Float64Array): number[] {
  const bytes: number[] = [];
  const end = counts.findLastIndex((count) => count > 0) + 1;
  for (let slot = 0; slot < end;) {
    const start = slot;
    while (counts[slot] === 0) slot += 1;
    const zeros = slot - start;
    if (zeros > 1) pushLeb128(bytes, 2 * zeros - 1);
    else if (zeros === 1) bytes.push(0);
    else pushLeb128(bytes, 2 * counts[slot++]!);
  }
  return bytes;
}

function pushLeb128(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

/** A zlib stream (RFC 1950) of stored deflate blocks (RFC 1951, 3.2.4). */
function deflateStored(data: Uint8Array): Uint8Array {
  const blockBytes = 65535;
  const blockCount = Math.ceil(data.length / blockBytes);
  const stream = new Uint8Array(2 + 5 * blockCount + data.length + 4);
  const view = new DataView(stream.buffer);
  view.setUint16(0, 0x7801);
  let at = 2;
  for (let start = 0; start < data.length; start += blockBytes) {
    const block = data.subarray(start, start + blockBytes);
    view.setUint8(at, start + blockBytes >= data.length ? 1 : 0);
    view.setUint16(at + 1, block.length, true);
    view.setUint16(at + 3, ~block.length, true);
    stream.set(block, at + 5);
    at += 5 + block.length;
  }
  view.setUint32(at, adler32(data));
  return stream;
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

/** RFC 4648 with padding; `btoa` is no part of the language. */
function base64(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let place = 0; place < 4; place += 1) text += i + place > bytes.length ? '=' : alphabet.charAt((group >> (18 - 6 * place)) & 63);
  }
  return text;
}

/**
 * The histogram of a V2 base64 text, ours or any HdrHistogram's. Smallest and largest value are known to their slot only.
 * @throws PutmodelError INPUT_SYNTAX when the text is no such histogram; INPUT_UNSUPPORTED when its lowest value is 2^31 or more or its highest
 * 2^52 or more.
 */
export function decodeV2Base64(text: string): Histogram {
  const decoded = decodeWithLibrary(text);
  if (!(decoded.highestTrackableValue < 4503599627370496 && decoded.lowestDiscernibleValue < 2147483648)) {
    throw new PutmodelError({
      code: 'INPUT_UNSUPPORTED',
      message: 'the histogram has a range that this program cannot hold',
      found: `${String(decoded.lowestDiscernibleValue)} to ${String(decoded.highestTrackableValue)}`,
      expected: 'a lowest value below 2^31 and a highest below 2^52',
    });
  }
  const histogram = createHistogram({
    lowestDiscernibleMicros: decoded.lowestDiscernibleValue,
    highestTrackableMicros: decoded.highestTrackableValue,
    significantDigits: decoded.numberOfSignificantValueDigits,
  });
  for (let slot = 0; slot < decoded.countsArrayLength; slot += 1) histogram.counts[slot] = decoded.getCountAtIndex(slot);
  forEachBucket(histogram, (lowMicros, highMicros) => {
    widenExtremes(histogram, lowMicros, highMicros);
  });
  return histogram;
}

function decodeWithLibrary(text: string): Float64Histogram {
  try {
    const decoded = decodeFromCompressedBase64(text, 64);
    invariant(decoded instanceof Float64Histogram, 'hdr-histogram-js gives a Float64Histogram for 64-bit counts');
    return decoded;
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    throw new PutmodelError({
      code: 'INPUT_SYNTAX',
      message: `not an HdrHistogram: ${error instanceof Error ? error.message : String(error)}`,
      found: text.length > 24 ? `"${text.slice(0, 24)}..."` : `"${text}"`,
      expected: 'the base64 text of a V2 compressed histogram',
    });
  }
}

/**
 * HdrHistogram's percentile table (`.hgrm`, read by its plotter), five ticks for each halving of the distance to 100 %. Values are divided
 * by `unitRatio`: 1 for micros, 1000 for milliseconds.
 */
export function toHgrm(histogram: Histogram, unitRatio = 1): string {
  const table = new Float64Histogram(histogram.lowestDiscernibleMicros, histogram.highestTrackableMicros, histogram.significantDigits);
  const min = minMicros(histogram);
  const max = maxMicros(histogram);
  forEachBucket(histogram, (lowMicros, highMicros, count) => {
    table.recordValueWithCount(max <= highMicros ? max : Math.max(lowMicros, min), count);
  });
  return table.outputPercentileDistribution(5, unitRatio);
}
