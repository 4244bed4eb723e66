/** The thread that simulates: the presets and the accuracy table that come with the page, behind the API. */
import { expose } from 'comlink';
import { createSimulation } from '../simulation.js';

const devices = import.meta.glob<string>('../../../scenarios/data/devices/*.json', { query: '?raw', import: 'default', eager: true });
const hosts = import.meta.glob<string>('../../../scenarios/data/hosts/*.json', { query: '?raw', import: 'default', eager: true });
const accuracy = import.meta.glob<unknown>('../../../results/reference/accuracy.json', { import: 'default', eager: true });

/** File names without folders and ending, as `--device` and `--host` take them. */
function byName(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace(/^.*\/|\.json$/g, ''), text]));
}

// A message to oneself comes after all that already wait, and without the delay of timers.
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

const api = createSimulation(
  { devices: byName(devices), hosts: byName(hosts), accuracy: Object.values(accuracy)[0] ?? null },
  {
    pause: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        channel.port2.postMessage(null);
      }),
    nowMillis: () => performance.now(),
  },
);
expose(api);
