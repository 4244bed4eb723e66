/**
 * How often a filter lets a key pass that its file does not hold: RocksDB's own estimates for its cache-local Bloom filter
 * (format_version 5 and later, `FastLocalBloom`). Source: util/bloom_impl.h (FastLocalBloomImpl::ChooseNumProbes, EstimatedFpRate;
 * BloomMath::CacheLocalFpRate, StandardFpRate), unchanged from 6.6 to 10.10.
 */
import { exp, powerInt } from '../kernel/math.js';

/** A filter's bits lie in one cache line of this many bits a key. */
const cacheLineBits = 512;

/** Upper ends of bits per key, in thousandths, for 1, 2, 3 ... probes (ChooseNumProbes, which found them by trying). */
const probesUpTo = [2080, 3580, 5100, 6640, 8300, 10070, 11720, 14001, 16050, 18300, 22001, 25501];

/** Bits of one key that are looked at. `bitsPerKey` above 0. 10 bits: 6. */
export function bloomProbes(bitsPerKey: number): number {
  // BloomFilterPolicy rounds to thousandths.
  const milliBits = Math.floor(bitsPerKey * 1000 + 0.5);
  const row = probesUpTo.findIndex((limit) => milliBits <= limit);
  if (row >= 0) return row + 1;
  return milliBits > 50_000 ? 24 : Math.floor((milliBits - 1) / 2000) - 1;
}

/** Fraction (0..1) of absent keys that pass a filter of `bitsPerKey` bits; 1 without a filter (0 bits). 10 bits: 0.0095. */
export function bloomFalsePositiveFraction(bitsPerKey: number): number {
  if (bitsPerKey <= 0) return 1;
  const probes = bloomProbes(bitsPerKey);
  const keysPerLine = cacheLineBits / bitsPerKey;
  // Lines one standard deviation fuller and emptier than the mean stand for all.
  const deviation = Math.sqrt(keysPerLine);
  const crowded = standardFraction(cacheLineBits / (keysPerLine + deviation), probes);
  const uncrowded = keysPerLine > deviation ? standardFraction(cacheLineBits / (keysPerLine - deviation), probes) : 0;
  return (crowded + uncrowded) / 2;
}

/** (1 - e^(-probes / bits))^probes. */
function standardFraction(bitsPerKey: number, probes: number): number {
  return powerInt(1 - exp(-probes / bitsPerKey), probes);
}
