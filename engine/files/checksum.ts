/** A checksum that tells a whole line from a torn one. */
import { crc32 } from 'node:zlib';

/** CRC-32 of a text's UTF-8, as eight hexadecimal digits. */
export function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
