/** The same run on a machine that is somewhat faster or slower: how much of an answer hangs on figures of the machine that are not exact. */
import { scaleDevice, type MachineFactors } from '../device/scale.js';
import type { HostProfile } from './host.js';
import type { LsmScenario } from './scenario.js';

/** The scenario on that machine. Cores, memory and what codecs shrink data to stay as they are. */
export function scaleLsmMachine(scenario: LsmScenario, { deviceFactor, hostFactor }: MachineFactors): LsmScenario {
  return { ...scenario, device: scaleDevice(scenario.device, deviceFactor), host: scaleHost(scenario.host, hostFactor) };
}

function scaleHost(host: HostProfile, factor: number): HostProfile {
  if (factor === 1) return host;
  const entries = Object.entries(host).map(
    ([key, value]: [string, unknown]) => [key, isCost(key) ? scaled(value, factor) : value] as const,
  );
  return Object.fromEntries(entries) as unknown as HostProfile;
}

/** Costs are times by name. */
function isCost(key: string): boolean {
  return /(Nanos|Micros)/.test(key);
}

function scaled(value: unknown, factor: number): unknown {
  if (typeof value === 'number') return value / factor;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([codec, cost]: [string, unknown]) => [codec, scaled(cost, factor)]));
}
