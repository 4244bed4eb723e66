/**
 * A scenario that goes on where a LOG ends: its tree, options and load on a machine calibrated with the LOG itself. What the LOG
 * does not tell is assumed, and listed.
 */
import type { DeviceModel } from '../device/device.js';
import { formatBytesPerSec, formatCount } from '../kernel/units.js';
import { assembleScenario } from '../lsm/assemble.js';
import type { HostProfile } from '../lsm/host.js';
import type { Arrival, Assumption, LsmScenario } from '../lsm/scenario.js';
import { mergeOptions, type LsmOptions, type PartialLsmOptions } from '../rocksdb/options.js';
import { formatVersion } from '../rocksdb/version.js';
import { fitHost, withFits } from '../validation/calibrate-host.js';
import { busyWriteRate, measuredBetween, type StoreLog } from './store-log.js';

/** What the LOG does not tell. */
export interface StoreContext {
  readonly name: string;
  /** Of the OPTIONS file beside the LOG, over the LOG's own; null without one. */
  readonly options: LsmOptions | null;
  /** What the user says over both. */
  readonly said: PartialLsmOptions;
  readonly device: { readonly model: DeviceModel; readonly source: string };
  /** Costs of work that the LOG does not show are this profile's. */
  readonly host: { readonly model: HostProfile; readonly source: string; readonly coresKnown: boolean };
}

/** Writers that were held for more of the time than this would write more if they could: our assumption. */
const SATURATED_FRACTION = 0.05;
/** The load is taken from the last part of the LOG. */
const RECENT_FRACTION = 1 / 3;

/** The scenario, for `seconds` from the LOG's end on. */
export function scenarioOfStore(log: StoreLog, context: StoreContext, seconds: number): LsmScenario {
  const { picture } = log;
  const assumptions: Assumption[] = [];
  const assume = (what: string, value: string, source: string): void => void assumptions.push({ what, value, source });
  const options = optionsOf(log, context, assume);
  const host = hostOf(log, context, options, assume);
  assume('device', context.device.model.name, context.device.source);
  const arrival = arrivalOf(log, assume);
  if (options.compression !== 'none') assume('compression_ratio', '0.5', "not in a LOG; db_bench's");
  for (const note of picture.notes) if (!note.includes('rate limiter')) assume('LOG', note, '');
  const scenario = assembleScenario(
    {
      name: context.name,
      seed: 1,
      dtSec: 1,
      version: picture.version,
      versionNamed: true,
      options,
      initial: { from: 'levels', levels: picture.levels.filter(({ level }) => level < options.num_levels) },
      steps: [
        {
          kind: 'write',
          benchmark: 'overwrite',
          fresh: false,
          workload: {
            puts: null,
            durationSec: seconds,
            threads: 1,
            keySizeBytes: picture.keySizeBytes,
            valueSizeBytes: picture.valueSizeBytes,
            distribution: picture.distribution === 'uniform' ? 'uniform' : picture.distribution,
            keyCount: Math.max(1, picture.keyCount),
            zipfTheta: 0.99,
            entriesPerBatch: 1,
            sync: false,
            disableWal: !picture.usesWal,
            valueCompressionRatio: 0.5,
            arrival,
          },
        },
      ],
      assumptions: [],
      ignored: [],
      warnings: [],
    },
    { device: context.device.model, host, deviceNamed: true, hostNamed: true, warnings: [] },
  );
  return { ...scenario, assumptions: [...assumptions, ...scenario.assumptions] };
}

type Assume = (what: string, value: string, source: string) => void;

function optionsOf(log: StoreLog, { options, said }: StoreContext, assume: Assume): LsmOptions {
  const { picture } = log;
  const merged = mergeOptions(options ?? picture.options, said);
  assume(
    'options',
    `RocksDB ${formatVersion(picture.version)}`,
    options === null ? 'as the LOG prints them' : 'the OPTIONS file beside the LOG',
  );
  const hasLimiter = picture.notes.some((note) => note.includes('rate limiter'));
  if (!hasLimiter || said.rate_limiter_bytes_per_sec !== undefined) return merged;
  const rate = Math.max(1, Math.round(busyWriteRate(log)));
  assume(
    'rate limiter',
    formatBytesPerSec(rate),
    'what flushes and compactions wrote in busy windows; --set lsm.rate_limiter_bytes_per_sec',
  );
  return mergeOptions(merged, { rate_limiter_bytes_per_sec: rate });
}

function hostOf(log: StoreLog, { host }: StoreContext, options: LsmOptions, assume: Assume): HostProfile {
  const fits = fitHost([log.costs], host.model);
  const cores = host.coresKnown ? host.model.cores : Math.max(host.model.cores, options.max_background_jobs);
  const fitted = fits.map(({ work }) => work).join(', ');
  assume('CPU costs', fitted === '' ? host.model.name : `${fitted} fitted on this LOG`, `the rest: ${host.source}`);
  if (!host.coresKnown) assume('cores', String(cores), 'not in a LOG: at least one a background job; --host');
  return { ...withFits(host.model, fits, [log.costs]), cores };
}

/** A store that is seldom written to may take less than a put a second. */
function rateText(opsPerSec: number): string {
  return `${opsPerSec < 10 ? opsPerSec.toPrecision(2) : formatCount(opsPerSec)} puts/s`;
}

function arrivalOf(log: StoreLog, assume: Assume): Arrival {
  const { startMicros, endMicros } = log;
  const recent = measuredBetween(log, endMicros - RECENT_FRACTION * (endMicros - startMicros), endMicros);
  const held = `${(100 * recent.heldFraction).toFixed(0)} % of its last third`;
  if (recent.heldFraction > SATURATED_FRACTION) {
    const source = `writes were held for ${held}, at ${rateText(recent.putsPerSec)}: who waits would write more`;
    assume('load', 'as much as the store takes', source);
    return { kind: 'closed' };
  }
  const isIdle = recent.putsPerSec === 0;
  const { putsPerSec: opsPerSec } = isIdle ? measuredBetween(log, startMicros, endMicros) : recent;
  assume(
    'load',
    rateText(opsPerSec),
    isIdle ? 'the mean over the LOG: nothing was flushed in its last third' : "the mean over the LOG's last third",
  );
  return { kind: 'open', profile: { shape: 'constant', opsPerSec } };
}
