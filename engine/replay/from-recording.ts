/** From what people say to what a replay is given: recordings, a device and choices as a `ReplayScenario`. */
import { deviceAssumptions, type DeviceModel } from '../device/device.js';
import { formatCount } from '../kernel/units.js';
import type { Recording } from './recording.js';
import type { ReplayAssumption, ReplayScenario, ReplayTiming, ReplayWarning } from './scenario.js';

/** What was said; undefined where it was not. */
export interface ReplayChoices {
  readonly name: string;
  readonly seed: number | undefined;
  readonly timing: ReplayTiming | undefined;
  readonly iodepth: number | undefined;
  readonly device: DeviceModel;
  /** False: nobody said which; the default is used and said. */
  readonly deviceNamed: boolean;
  /** What was noticed while reading it. */
  readonly deviceWarnings: readonly string[];
}

/** In flight at most where nothing tells: far beyond what drives queue, so that recorded times alone decide. */
const unlimitedDepth = 1024;
/**
 * Part of a whole depth below which the recorded mean is that depth: a closed loop of 8 shows a mean of 7.6 to 8.0, because fio's latencies
 * leave out submission (recordings of bench/record-fio.sh).
 */
const depthSlack = 0.05;

/** The scenario, with what had to be assumed. */
export function replayScenarioOf(recording: Recording, choices: ReplayChoices): ReplayScenario {
  const { requests, recorded } = recording;
  const timing = choices.timing ?? 'recorded';
  const iodepth = choices.iodepth ?? (timing === 'fast' ? depthOf(recording) : null) ?? unlimitedDepth;
  return {
    kind: 'replay',
    name: choices.name,
    seed: choices.seed ?? 1,
    device: choices.device,
    timing,
    iodepth,
    requests,
    recorded,
    assumptions: assumptionsOf(recording, choices, timing, iodepth),
    warnings: warningsOf(recording, choices),
  };
}

function depthOf({ meanOutstandingCount }: Recording): number | null {
  return meanOutstandingCount === null ? null : Math.max(1, Math.round(meanOutstandingCount + depthSlack));
}

function assumptionsOf(recording: Recording, choices: ReplayChoices, timing: ReplayTiming, iodepth: number): ReplayAssumption[] {
  const said: ReplayAssumption[] = [...deviceAssumptions(choices.device, choices.deviceNamed)];
  if (choices.timing === undefined)
    said.push({ what: 'timing', value: timing, source: 'default; fast issues as soon as the queue has room' });
  if (choices.iodepth === undefined) {
    const { meanOutstandingCount: mean } = recording;
    const isMeasured = timing === 'fast' && mean !== null;
    const source = isMeasured ? `${mean.toFixed(2)} were in flight on average, by the latency log` : 'nothing says how deep the queue was';
    said.push({ what: 'iodepth', value: String(iodepth), source });
  }
  return said;
}

function warningsOf({ requests }: Recording, { deviceWarnings }: ReplayChoices): ReplayWarning[] {
  const warnings = deviceWarnings.map((message): ReplayWarning => ({ code: 'MACHINE', message, path: 'device' }));
  for (const [what, count] of Object.entries(requests.leftOut)) {
    const message = `${formatCount(count)} requests (${what}) are not replayed: an envelope does not say what they take`;
    warnings.push({ code: 'NOT_REPLAYED', message, path: 'replay.requests' });
  }
  return warnings;
}
