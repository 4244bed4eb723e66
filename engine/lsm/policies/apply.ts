/** Asks a policy, and believes nothing: what it throws or gives that makes no sense ends the run with one line that names it. */
import { PutmodelError } from '../../kernel/errors.js';
import type { FamilyState, HostState } from '../state.js';
import type { CompactionTask } from '../task.js';
import type { Policy, TreeView } from './policy.js';
import { readTask, show } from './validate.js';

/** No job is stopped entirely: it keeps this fraction of its speed. */
const PACE_LEAST = 0.001;

/** The policy's next task, checked. @throws PutmodelError INPUT_INVALID naming the policy and the simulated second */
export function chooseByPolicy(host: HostState, policy: Policy, family: FamilyState): CompactionTask | null {
  const task = asked(host, policy, 'choose', () => {
    // Code of others may give undefined for null.
    const given = policy.choose(viewOf(family), family.options) as CompactionTask | null | undefined;
    return given == null ? null : readTask(family, given);
  });
  if (typeof task === 'string') throw failure(host, policy, `choose() gave a task that cannot run: ${task}`);
  return task;
}

/** What the policy counts against the L0 triggers. @throws as `chooseByPolicy` */
export function countByPolicy(host: HostState, policy: Policy, family: FamilyState): number {
  const count = asked(host, policy, 'counted', () => policy.counted?.(viewOf(family), family.options) ?? 0);
  if (!(Number.isFinite(count) && count >= 0)) throw failure(host, policy, `counted() gave ${show(count)}, not a number of 0 or more`);
  return count;
}

/** Sets the pace of every running thread. @throws as `chooseByPolicy` */
export function paceByPolicy(host: HostState, policy: Policy, family: FamilyState): void {
  const view = viewOf(family);
  const paces = asked(host, policy, 'pace', (): readonly unknown[] | null => {
    const given: unknown = policy.pace?.(view, family.options) ?? [];
    return Array.isArray(given) ? [...(given as unknown[])] : null;
  });
  const jobs = host.jobs.filter((job) => job !== null && job.threadsLeft > 0);
  if (paces?.length !== jobs.length) {
    const found = paces === null ? 'no list' : `${String(paces.length)} numbers for ${String(jobs.length)} jobs`;
    throw failure(host, policy, `pace() gave ${found}`);
  }
  jobs.forEach((job, index) => {
    const pace = paces[index];
    if (!(typeof pace === 'number' && pace >= 0 && pace <= 1))
      throw failure(host, policy, `pace() gave ${show(pace)}, not a fraction from 0 to 1`);
    const { threads, speeds } = host;
    for (let i = 0; i < threads.activeCount; i++) {
      const row = threads.active[i]!;
      if (threads.owner[row] === job!.id) speeds.pace[row] = Math.max(PACE_LEAST, pace);
    }
  });
}

function viewOf(family: FamilyState): TreeView {
  return family.view!;
}

function asked<T>(host: HostState, policy: Policy, hook: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof PutmodelError) throw error;
    throw failure(
      host,
      policy,
      `${hook}() threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}${placeOf(error)}`,
    );
  }
}

/** ` (my-policy.js:12:5)`: where in its file, when the JavaScript engine tells; nothing otherwise. */
function placeOf(error: unknown): string {
  const frame = framesOf(error).find(({ file }) => !file.startsWith(ownPlace) && !file.startsWith('node:'));
  return frame === undefined ? '' : ` (${frame.file.slice(frame.file.lastIndexOf('/') + 1)}:${frame.at})`;
}

/** The places of a stack trace, innermost first. */
function framesOf(error: unknown): readonly { readonly file: string; readonly at: string }[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  return lines.flatMap((line) => {
    const [, file, at] = /(?:\(|at |@)([^()]+?):(\d+:\d+)\)?$/.exec(line.trim()) ?? [];
    return file === undefined || at === undefined ? [] : [{ file, at }];
  });
}

/** Where the code of this package lies: a task that is asked for wrongly throws in there, and the line that asked is the one to name. */
const ownPlace = (framesOf(new Error())[0]?.file ?? '?').replace(/lsm\/policies\/apply\.[jt]s$/, '');

function failure(host: HostState, policy: Policy, message: string): PutmodelError {
  const at = (host.nowMicros / 1e6).toFixed(3);
  return new PutmodelError({ code: 'INPUT_INVALID', message: `policy ${policy.name}: ${message}, at simulated second ${at}` });
}
