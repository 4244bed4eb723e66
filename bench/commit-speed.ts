/**
 * How fast are simulations of kind commit? Events a second on one core (the bar: 5 million), what 20,000 requests in flight cost beside 200
 * (at most twice as long an event), the 60 configurations of the documents' sweep (10 s on 2 cores), and memory over a day. Prints a table
 * and writes it.
 *
 *   node --expose-gc --import tsx bench/commit-speed.ts [--out results/reference/commit-speed.json] [--soak]
 *
 * CPU time of this machine, median of five; --soak adds the 24 simulated hours.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { median } from 'd3-array';
import { commitScenarioOf, sweep60 } from './commit-scenarios.js';
import { startCommit } from '../engine/commit/simulate.js';
import type { CommitScenario } from '../engine/commit/scenario.js';

interface Timed {
  readonly events: number;
  readonly peakInFlight: number;
  readonly cpuMillis: number;
}

function time(scenario: CommitScenario): Timed {
  const run = startCommit(scenario);
  const start = process.cpuUsage();
  while (run.advance(1_000_000) === 'more');
  const used = process.cpuUsage(start);
  const result = run.finish();
  return { events: result.events, peakInFlight: result.peakInFlightCount, cpuMillis: (used.user + used.system) / 1000 };
}

function measure(name: string, scenario: CommitScenario): Record<string, unknown> {
  const runs = Array.from({ length: 5 }, () => time(scenario));
  const cpuMillis = median(runs.map((run) => run.cpuMillis)) ?? 0;
  const { events, peakInFlight } = runs[0]!;
  const row = { name, events, peakInFlight, cpuMillis: Math.round(cpuMillis), eventsPerSec: Math.round(events / (cpuMillis / 1000)) };
  console.log(`${name.padEnd(34)} ${(row.eventsPerSec / 1e6).toFixed(2)} M events/s, ${events} events, ${peakInFlight} in flight`);
  return row;
}

const readers = (count: number, rate: number, sec: number): CommitScenario =>
  commitScenarioOf('baseline', [`workload.num_readers=${count}`, `workload.reader_rate=${rate}`, `duration_seconds=${sec}`, 'limit=false']);

const { values } = parseArgs({ options: { out: { type: 'string' }, soak: { type: 'boolean' } } });
const loadBefore = loadavg()[0] ?? 0;
const rows = [
  measure('compare-and-swap, 16 clients', commitScenarioOf('cas-contention', ['clients=16', 'duration_seconds=6000'])),
  measure('200 requests in flight', readers(2, 100, 3000)),
  measure('2,000 requests in flight', readers(20, 100, 300)),
  measure('20,000 requests in flight', readers(100, 200, 40)),
];
const sweepStart = process.cpuUsage();
const sweepEvents = sweep60().reduce((sum, scenario) => sum + time(scenario).events, 0);
const sweepUsed = process.cpuUsage(sweepStart);
const sweepCpuMillis = Math.round((sweepUsed.user + sweepUsed.system) / 1000);
console.log(`60 configurations of 120 s: ${sweepCpuMillis} ms of CPU, ${sweepEvents} events (bar: 10 s on 2 cores)`);
const soak = values.soak === true ? soakOf() : null;

/** Memory after each eighth of a day. */
function soakOf(): unknown {
  const run = startCommit(readers(2, 100, 86_400));
  const megabytes: number[] = [];
  let nextSec = 0;
  while (run.advance(1_000_000) === 'more') {
    if (run.snapshot().nowSec < nextSec) continue;
    nextSec += 10_800;
    globalThis.gc?.();
    megabytes.push(Math.round(process.memoryUsage().heapUsed / 1e6 + process.memoryUsage().arrayBuffers / 1e6));
  }
  const result = run.finish();
  console.log(`24 h: ${result.events} events, heap and arrays every 3 h: ${megabytes.join(', ')} MB`);
  return { events: result.events, megabytes, failedChecks: result.verification.filter(({ passed }) => !passed).length };
}

if (values.out !== undefined) {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    loadBefore,
    loadAfter: loadavg()[0] ?? 0,
  };
  const document = { schema: 'putmodel/commit-speed/1', machine, rows, sweep60: { cpuMillis: sweepCpuMillis, events: sweepEvents }, soak };
  writeFileSync(values.out, `${JSON.stringify(document, null, 2)}\n`);
}
