/**
 * What every way in hands over, put on a machine: stores and column families, their options as RocksDB holds them after opening, and
 * the assumptions about the machine that the user did not make.
 */
import { deviceAssumptions, type DeviceModel } from '../device/device.js';
import { sanitizeOptions, type LsmOptions } from '../rocksdb/options.js';
import { formatVersion, versionWarning, type RocksdbVersion } from '../rocksdb/version.js';
import type { HostProfile } from './host.js';
import { rocksdbPolicyName } from './policies/policies.js';
import type { PolicyChoice } from './policies/policy.js';
import type { Assumption, Change, InitialTree, LsmScenario, ScenarioWarning, SharedParts, Step, StoreScenario } from './scenario.js';

/** The machine a run is on, and whether the user named it or it is the default. */
export interface Machine {
  readonly device: DeviceModel;
  readonly host: HostProfile;
  readonly deviceNamed: boolean;
  readonly hostNamed: boolean;
  /** What was noticed while reading them, in words. */
  readonly warnings: readonly string[];
}

/** Everything about a run but its machine. */
export interface ScenarioParts {
  readonly name: string;
  readonly seed: number;
  readonly dtSec: number;
  readonly version: RocksdbVersion;
  readonly versionNamed: boolean;
  /** As said over defaults, not yet sanitized. */
  readonly options: LsmOptions;
  /** Left out: the disk is never full. */
  readonly deviceCapacityBytes?: number;
  /** Left out: RocksDB's own scheduling. */
  readonly policy?: PolicyChoice;
  readonly initial: InitialTree;
  /** Several databases, or one with several families, their options not yet sanitized; left out: one of each, with the above. */
  readonly stores?: readonly StoreScenario[];
  readonly shared?: SharedParts;
  readonly steps: readonly Step[];
  /** Changes while it runs, by ascending time; their options not yet sanitized. */
  readonly changes?: readonly Change[];
  readonly assumptions: readonly Assumption[];
  readonly ignored: readonly string[];
  readonly warnings: readonly ScenarioWarning[];
}

/** Sanitizes the options as RocksDB does on opening, and puts the stores on the machine: one with one family, where nothing else was said. */
export function assembleScenario(parts: ScenarioParts, machine: Machine): LsmScenario {
  const { options, warnings } = sanitizeOptions(parts.options, parts.version);
  const family = { name: 'default', options, initial: parts.initial };
  const opened = (said: LsmOptions): LsmOptions => sanitizeOptions(said, parts.version).options;
  return {
    kind: 'lsm',
    name: parts.name,
    seed: parts.seed,
    dtSec: parts.dtSec,
    steps: parts.steps,
    changes: (parts.changes ?? []).map((change) => openedChange(change, opened)),
    host: machine.host,
    device: machine.device,
    ...(parts.deviceCapacityBytes === undefined ? {} : { deviceCapacityBytes: parts.deviceCapacityBytes }),
    policy: parts.policy ?? { name: rocksdbPolicyName, sha256: null },
    stores: parts.stores?.map((store) => openedStore(store, opened)) ?? [{ name: 'db', options, families: [family] }],
    ...(parts.shared === undefined ? {} : { shared: parts.shared }),
    rocksdbVersion: parts.version,
    assumptions: [...machineAssumptions(machine, options), ...versionAssumption(parts), ...parts.assumptions],
    ignoredFlags: parts.ignored,
    warnings: [
      ...machine.warnings.map((message) => ({ code: 'MACHINE', message, path: 'device' })),
      ...versionWarnings(parts.version),
      ...parts.warnings,
      ...warnings.map(({ code, message, path }) => ({ code, message, path: `lsm.${path}` })),
    ],
  };
}

function openedStore({ name, options, families }: StoreScenario, opened: (said: LsmOptions) => LsmOptions): StoreScenario {
  return { name, options: opened(options), families: families.map((family) => ({ ...family, options: opened(family.options) })) };
}

function openedChange(change: Change, opened: (said: LsmOptions) => LsmOptions): Change {
  if (change.options === null) return change;
  const { optionsByFamily } = change;
  return {
    ...change,
    options: opened(change.options),
    ...(optionsByFamily === undefined ? {} : { optionsByFamily: optionsByFamily.map((families) => families.map(opened)) }),
  };
}

/** Device, host and page cache, where the user did not name them. */
function machineAssumptions({ device, host, deviceNamed, hostNamed }: Machine, options: LsmOptions): Assumption[] {
  const reads = options.use_direct_reads ? [] : [pageCacheAssumption(host)];
  return [
    ...deviceAssumptions(device, deviceNamed),
    ...(hostNamed ? [] : [{ what: 'host', value: `${host.name}, ${String(host.cores)} cores`, source: 'default; --host names another' }]),
    ...reads,
  ];
}

function pageCacheAssumption(host: HostProfile): Assumption {
  const gib = host.pageCacheBytes / (1024 * 1024 * 1024);
  return { what: 'page cache', value: `${gib.toFixed(1)} GiB`, source: `host profile ${host.name}` };
}

function versionWarnings(version: RocksdbVersion): ScenarioWarning[] {
  const message = versionWarning(version);
  return message === null ? [] : [{ code: 'ROCKSDB_VERSION', message, path: 'rocksdb_version' }];
}

function versionAssumption({ version, versionNamed }: ScenarioParts): Assumption[] {
  return versionNamed ? [] : [{ what: 'rocksdb_version', value: formatVersion(version), source: 'default' }];
}
