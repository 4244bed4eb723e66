/**
 * How long a request takes on a device, given what else is in flight. An envelope says two things about n requests in flight at a read
 * share and a block size: how many are completed a second, X, and how their completion latencies are distributed. A replayed request draws
 * its latency from that distribution, and its place in the queue is free again when n / X of time have passed on average (Little's law:
 * what lies between is submission and reaping). So at a measured point the replay gives the measured bandwidth and latencies, whatever the
 * device does inside.
 *
 *   between measured points             ln X and the latencies as parts of n / X are straight lines (see inCycles)
 *   beyond the deepest measured queue   latencies and n / X grow in proportion: the device does no more than it did
 *   between measured percentiles        a straight line; the tail ends at the measured maximum
 *   two constants instead of an envelope   first come, first served: n requests of this size take n x size / bandwidth
 */
import type { PlainDeviceModel } from '../device/device.js';
import { createLookup, type EnvelopeLookup, type EnvelopeModel, type Pattern } from '../device/envelope.js';
import { PutmodelError } from '../kernel/errors.js';
import { exp, log } from '../kernel/math.js';

/** Service of a device without memory. */
export interface Service {
  /** Prepares the answers below for one request; `u` in [0, 1) is drawn by the caller. Counts the request itself among `outstanding`. */
  serve(isRead: boolean, readFraction: number, outstanding: number, jobCount: number, blockBytes: number, u: number): void;
  /** Submission to completion. */
  readonly latencyMicros: number;
  /** From completion until its place in the queue is taken again, on average. */
  readonly gapMicros: number;
  /** What the device moves at this point, bytes per second. */
  readonly bytesPerSec: number;
  readonly warnings: readonly string[];
}

/** @throws PutmodelError INPUT_INVALID for an envelope without latencies (INPUT_INVALID also from `serve`, outside a grid with `outside: 'error'`) */
export function createService(model: PlainDeviceModel): Service {
  return model.kind === 'constant' ? constantService(model.readBytesPerSec, model.writeBytesPerSec) : new EnvelopeService(model);
}

function constantService(readBytesPerSec: number, writeBytesPerSec: number): Service {
  const service = {
    latencyMicros: 0,
    gapMicros: 0,
    bytesPerSec: 0,
    warnings: [],
    serve(isRead: boolean, _readFraction: number, outstanding: number, _jobCount: number, blockBytes: number): void {
      service.bytesPerSec = isRead ? readBytesPerSec : writeBytesPerSec;
      service.latencyMicros = (outstanding * blockBytes * 1e6) / service.bytesPerSec;
    },
  };
  return service;
}

/** What is known about one point of the envelope and one direction. */
interface Station {
  /** micros[i]: latency that the fraction fractions[i] of the requests stay at or below; both ascend. */
  readonly fractions: Float64Array;
  readonly micros: Float64Array;
  readonly gapMicros: number;
  readonly bytesPerSec: number;
}

/** One column of the envelope that holds a percentile of the completion latency. */
interface Percentile {
  readonly fraction: number;
  readonly lookup: EnvelopeLookup;
}

/** Points kept; a replay meets few: depths x block sizes x mixes. */
const stationsMax = 65_536;
/** Mixes are told apart in steps of a 256th. */
const shareSteps = 256;

class EnvelopeService implements Service {
  latencyMicros = 0;
  gapMicros = 0;
  bytesPerSec = 0;
  readonly #logOps: EnvelopeLookup;
  readonly #percentiles: Readonly<Record<'read' | 'write', readonly Percentile[]>>;
  readonly #means: Readonly<Record<'read' | 'write', EnvelopeLookup | null>>;
  readonly #stations = new Map<number, Map<number, Station>>();
  #stationCount = 0;

  constructor(model: PlainDeviceModel & { readonly kind: 'envelope' }) {
    const { axes, outside } = model;
    const pattern = model.envelope.surfaces.random === undefined ? 'sequential' : 'random';
    const envelope = inCycles(model.envelope, pattern);
    const columns = Object.keys(envelope.surfaces[pattern]?.columns ?? {});
    const prepare = (column: string): EnvelopeLookup => createLookup(envelope, { pattern, column, axes, outside });
    const percentilesOf = (direction: 'read' | 'write'): Percentile[] =>
      percentileColumns(columns, direction).map(({ column, fraction }) => ({ fraction, lookup: prepare(column) }));
    this.#percentiles = { read: percentilesOf('read'), write: percentilesOf('write') };
    const meanOf = (direction: string): EnvelopeLookup | null =>
      columns.includes(`${direction}ClatMicros.mean`) ? prepare(`${direction}ClatMicros.mean`) : null;
    this.#means = { read: meanOf('read'), write: meanOf('write') };
    if (this.#percentiles.read.length + this.#percentiles.write.length === 0 || !columns.includes(logOpsColumn)) {
      const expected = 'an envelope built from fio results with completion latencies (clat_ns.percentile)';
      throw new PutmodelError({
        code: 'INPUT_INVALID',
        message: `the envelope "${envelope.name}" has no latencies to replay with`,
        expected,
      });
    }
    this.#logOps = prepare(logOpsColumn);
  }

  get warnings(): readonly string[] {
    return this.#logOps.warnings;
  }

  serve(isRead: boolean, readFraction: number, outstanding: number, jobCount: number, blockBytes: number, u: number): void {
    const station = this.#stationOf(isRead, Math.round(readFraction * shareSteps), outstanding, jobCount, blockBytes);
    this.latencyMicros = quantileOf(station, u);
    this.gapMicros = station.gapMicros;
    this.bytesPerSec = station.bytesPerSec;
  }

  #stationOf(isRead: boolean, share: number, outstanding: number, jobCount: number, blockBytes: number): Station {
    // Depths and shares are small whole numbers, so one exact key holds them.
    const key = ((outstanding * 512 + share) * 256 + jobCount) * 2 + (isRead ? 1 : 0);
    let ofBlock = this.#stations.get(blockBytes);
    if (ofBlock === undefined) this.#stations.set(blockBytes, (ofBlock = new Map<number, Station>()));
    let station = ofBlock.get(key);
    if (station === undefined) {
      station = this.#build(isRead, share / shareSteps, outstanding, jobCount, blockBytes);
      if (this.#stationCount < stationsMax) {
        this.#stationCount++;
        ofBlock.set(key, station);
      }
    }
    return station;
  }

  #build(isRead: boolean, readFraction: number, outstanding: number, jobCount: number, blockBytes: number): Station {
    const { iodepth, numjobs } = this.#logOps.range;
    const jobs = Math.min(Math.max(1, numjobs.min, Math.min(jobCount, outstanding)), numjobs.max);
    const depth = Math.min(Math.max(outstanding / jobs, iodepth.min), iodepth.max);
    const readPercent = readFraction * 100;
    const at = (lookup: EnvelopeLookup): number => lookup.at(readPercent, depth, jobs, blockBytes / 1024);
    const opsPerSec = exp(at(this.#logOps));
    // Fewer than the shallowest measured queue are as many; more than the deepest share what it completes.
    const cycleMicros = (Math.max(outstanding, depth * jobs) * 1e6) / opsPerSec;
    const direction = isRead ? 'read' : 'write';
    const other = isRead ? 'write' : 'read';
    const measured = this.#percentiles[direction].length > 0 ? direction : other;
    const percentiles = this.#percentiles[measured];
    const fractions = Float64Array.from(percentiles, ({ fraction }) => fraction);
    const micros = Float64Array.from(percentiles, ({ lookup }) => Math.max(0, cycleMicros * at(lookup)));
    for (let i = 1; i < micros.length; i++) micros[i] = Math.max(micros[i]!, micros[i - 1]!);
    const drawn = meanOf(fractions, micros);
    const meanMicros = (of: 'read' | 'write'): number => {
      const lookup = this.#means[of];
      return lookup === null ? drawn : cycleMicros * at(lookup);
    };
    // Percentiles and their straight lines do not give the mean exactly; the cycle is what decides bandwidth, so the gap takes the difference.
    const mixedMicros = readFraction * meanMicros('read') + (1 - readFraction) * meanMicros('write');
    const gapMicros = Math.max(0, cycleMicros - mixedMicros) + meanMicros(measured) - drawn;
    return { fractions, micros, gapMicros, bytesPerSec: opsPerSec * blockBytes };
  }
}

/** ln(requests a second): its name in the envelope that is looked up. */
const logOpsColumn = 'logTotalOpsPerSec';

/**
 * The envelope in the figures that are smooth between its points: the logarithm of requests a second, and latencies as a part of the cycle
 * n / X. A device that is full at 4 requests in flight takes 4 times as long for 16, which a straight line in log2 of the depth overestimates
 * by 25 % at 8; requests a second do not change there, and rise in proportion where it is not full: in the logarithm both are straight.
 */
function inCycles(model: EnvelopeModel, pattern: Pattern): EnvelopeModel {
  const surface = model.surfaces[pattern];
  const ops = surface?.columns['totalOpsPerSec'];
  if (surface === undefined || ops === undefined) return model;
  const { readPercent, iodepth, numjobs, bsKib } = surface.axes;
  const outstanding = readPercent.flatMap(() => iodepth.flatMap((depth) => numjobs.flatMap((jobs) => bsKib.map(() => depth * jobs))));
  const perMicro = ops.map((value, index) => (value === null || value <= 0 ? null : value / 1e6 / outstanding[index]!));
  const columns: Record<string, readonly (number | null)[]> = {
    [logOpsColumn]: ops.map((value) => (value === null || value <= 0 ? null : log(value))),
  };
  for (const [name, values] of Object.entries(surface.columns)) {
    if (!/^(?:read|write)ClatMicros\./.test(name)) continue;
    columns[name] = values.map((value, index) => (value === null || perMicro[index] === null ? null : value * perMicro[index]!));
  }
  return { ...model, surfaces: { [pattern]: { ...surface, columns } } };
}

/** The columns `<direction>ClatMicros.p<N>` with the extremes, ascending in the fraction. */
function percentileColumns(columns: readonly string[], direction: string): { readonly column: string; readonly fraction: number }[] {
  const prefix = `${direction}ClatMicros.`;
  const found = columns
    .filter((column) => column.startsWith(`${prefix}p`))
    .map((column) => ({ column, fraction: Number(column.slice(prefix.length + 1)) / 100 }))
    .filter(({ fraction }) => fraction > 0 && fraction < 1)
    .sort((a, b) => a.fraction - b.fraction);
  if (found.length === 0) return [];
  const first = columns.includes(`${prefix}min`) ? [{ column: `${prefix}min`, fraction: 0 }] : [];
  const last = columns.includes(`${prefix}max`) ? [{ column: `${prefix}max`, fraction: 1 }] : [];
  return [...first, ...found, ...last];
}

function quantileOf({ fractions, micros }: Station, u: number): number {
  const last = fractions.length - 1;
  if (u <= fractions[0]!) return micros[0]!;
  let above = 1;
  while (above < last && fractions[above]! < u) above++;
  if (u >= fractions[above]!) return micros[above]!;
  const t = (u - fractions[above - 1]!) / (fractions[above]! - fractions[above - 1]!);
  return micros[above - 1]! * (1 - t) + micros[above]! * t;
}

/** Mean of the distribution that `quantileOf` draws from. */
function meanOf(fractions: Float64Array, micros: Float64Array): number {
  const last = fractions.length - 1;
  let mean = fractions[0]! * micros[0]! + (1 - fractions[last]!) * micros[last]!;
  for (let i = 1; i <= last; i++) mean += (fractions[i]! - fractions[i - 1]!) * 0.5 * (micros[i]! + micros[i - 1]!);
  return mean;
}
