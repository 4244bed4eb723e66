/**
 * Which WAL bytes can have reached the device? A buffered WAL file stays in the page cache until the kernel writes it back: pages become
 * due 30 seconds after they were made dirty (Linux: vm.dirty_expire_centisecs = 3000). RocksDB deletes the file when every memtable that
 * has entries in it has been flushed. So of each WAL, the bytes older than that at its deletion can have reached the device, and no others.
 * In the runs this was checked on (fillrandom at 130,000 put/s, memtables of 64 MiB) the device saw none.
 *
 * It is a bound, not a measurement: the kernel starts earlier under memory pressure (vm.dirty_background_ratio). A family that never
 * switches its memtable is taken to be idle.
 */

/** Micros a dirty page waits before the kernel writes it (Linux's default). */
export const dirtyExpireMicros = 30_000_000;

/** Follows the memtables and WALs of a store. */
export interface WalTracker {
  /** A store was opened: its first WAL begins. */
  opened(atMicros: number): void;
  /** A family's full memtable was put aside, and a new one with a new WAL begun. */
  switched(family: string, atMicros: number): void;
  /** So many of the family's oldest full memtables are on disk: WALs that no memtable needs any more are deleted. */
  flushed(family: string, atMicros: number, memtables: number): void;
  /** Fraction of all WAL bytes, 0 to 1, that lay longer than `dirtyExpireMicros`; null when no memtable was ever switched. */
  writtenBackFraction(endMicros: number): number | null;
}

interface FamilyMemtables {
  activeBornMicros: number;
  /** Times at which the full memtables that are not on disk were begun, oldest first. */
  readonly waitingBornMicros: number[];
}

/** Starts without any memtable. WALs are taken to be equally large and evenly written. */
export function createWalTracker(): WalTracker {
  let openedMicros: number | null = null;
  let walBornMicros = 0;
  let wals: { readonly bornMicros: number; readonly fullMicros: number }[] = [];
  const families = new Map<string, FamilyMemtables>();
  let deleted = 0;
  let writtenBack = 0;
  const deleteWals = (count: number, atMicros: number): void => {
    for (const { bornMicros, fullMicros } of wals.slice(0, count)) {
      deleted++;
      writtenBack += olderFraction(bornMicros, fullMicros, atMicros);
    }
    wals = wals.slice(count);
  };
  return {
    opened(atMicros) {
      deleteWals(wals.length, atMicros);
      families.clear();
      openedMicros = atMicros;
      walBornMicros = atMicros;
    },
    switched(family, atMicros) {
      // A text that begins while the store is open: the age of its first WAL is not known.
      const born = openedMicros ?? atMicros;
      if (openedMicros !== null) wals.push({ bornMicros: walBornMicros, fullMicros: atMicros });
      openedMicros = born;
      walBornMicros = atMicros;
      const memtables = families.get(family) ?? { activeBornMicros: born, waitingBornMicros: [] };
      families.set(family, memtables);
      memtables.waitingBornMicros.push(memtables.activeBornMicros);
      memtables.activeBornMicros = atMicros;
    },
    flushed(family, atMicros, memtables) {
      families.get(family)?.waitingBornMicros.splice(0, memtables);
      let neededMicros = Infinity;
      for (const { activeBornMicros, waitingBornMicros } of families.values()) {
        neededMicros = Math.min(neededMicros, waitingBornMicros[0] ?? activeBornMicros);
      }
      const firstNeeded = wals.findIndex(({ fullMicros }) => fullMicros > neededMicros);
      deleteWals(firstNeeded < 0 ? wals.length : firstNeeded, atMicros);
    },
    writtenBackFraction(endMicros) {
      deleteWals(wals.length, endMicros);
      return deleted === 0 ? null : writtenBack / deleted;
    },
  };
}

/** Part of a WAL written evenly between `born` and `switched` that is due when it is deleted. */
function olderFraction(bornMicros: number, switchedMicros: number, deletedMicros: number): number {
  const dueMicros = deletedMicros - dirtyExpireMicros;
  if (dueMicros <= bornMicros) return 0;
  return switchedMicros <= dueMicros ? 1 : (dueMicros - bornMicros) / (switchedMicros - bornMicros);
}
