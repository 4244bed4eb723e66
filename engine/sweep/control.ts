/**
 * What a simulating thread and whoever watches it say to each other, whatever carries it: a MessagePort of a worker thread, or of a
 * worker in a page. Data (runs and their results) goes another way.
 */
import { expose, wrap, type Endpoint } from 'comlink';
import type { MessagePort } from 'node:worker_threads';
import type { Snapshot } from '../kernel/run.js';

/** Told how far a run has come, a few times a second at most. `task` is the number that its giver knows it by. */
export interface RunWatcher {
  onProgress(task: number, snapshot: Snapshot): void;
}

/** Answers the calls that come in at an endpoint (a MessagePort, a Worker of a page). */
export function watchAt(endpoint: Endpoint, watcher: RunWatcher): void {
  expose(watcher, endpoint);
}

/** The watcher at the other end. A call returns at once; that nobody listens any more is no error. */
export function watcherAt(endpoint: Endpoint): RunWatcher {
  const remote = wrap<RunWatcher>(endpoint);
  return {
    onProgress(task, snapshot) {
      void remote.onProgress(task, snapshot);
    },
  };
}

/** How a thread hands over the port at which it tells about progress. */
export interface ControlMessage {
  readonly control: MessagePort;
}

/** The message with a port. */
export function controlMessage(control: MessagePort): ControlMessage {
  return { control };
}

/** Whether a message of a thread is one. */
export function isControlMessage(message: unknown): message is ControlMessage {
  return typeof message === 'object' && message !== null && 'control' in message;
}
