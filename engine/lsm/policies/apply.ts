/** Asks a policy, and believes nothing: what it throws or gives that makes no sense ends the run with one line that names it. */
import { PutmodelError } from '../../kernel/errors.js';
import type { FamilyState, HostState } from '../state.js';
import type { CompactionTask } from '../task.js';
import type { Policy, TreeView } from './policy.js';
import { taskProblem } from './validate.js';

/** No job is stopped entirely: it keeps this fraction of its speed. */
const PACE_LEAST = 0.001;

/** The policy's next task, checked. @throws PutmodelError INPUT_INVALID naming the policy and the simulated second */
export function chooseByPolicy(host: HostState, policy: Policy, family: FamilyState): CompactionTask | null {
  const task = asked(host, policy, 'choose', () => policy.choose(viewOf(family), family.options));
  // Code of others may give undefined for null.
  if ((task as CompactionTask | null | undefined) == null) return null;
  const problem = taskProblem(family, task!);
  if (problem !== null) throw failure(host, policy, `choose() gave a task that cannot run: ${problem}`);
  return task;
}

/** What the policy counts against the L0 triggers. @throws as `chooseByPolicy` */
export function countByPolicy(host: HostState, policy: Policy, family: FamilyState): number {
  const count = asked(host, policy, 'counted', () => policy.counted?.(viewOf(family), family.options) ?? 0);
  if (!(Number.isFinite(count) && count >= 0)) throw failure(host, policy, `counted() gave ${String(count)}, not a number of 0 or more`);
  return count;
}

/** Sets the pace of every running thread. @throws as `chooseByPolicy` */
export function paceByPolicy(host: HostState, policy: Policy, family: FamilyState): void {
  const view = viewOf(family);
  const paces = asked(host, policy, 'pace', () => policy.pace?.(view, family.options) ?? []);
  const jobs = host.jobs.filter((job) => job !== null && job.threadsLeft > 0);
  if (!Array.isArray(paces) || paces.length !== jobs.length) {
    const found = Array.isArray(paces) ? `${String(paces.length)} numbers for ${String(jobs.length)} jobs` : 'no list';
    throw failure(host, policy, `pace() gave ${found}`);
  }
  jobs.forEach((job, index) => {
    const pace: unknown = paces[index];
    if (!(typeof pace === 'number' && pace >= 0 && pace <= 1))
      throw failure(host, policy, `pace() gave ${String(pace)}, not a fraction from 0 to 1`);
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

/** ` (my-policy.js:12:5)`: where in its file, when the engine tells; nothing otherwise. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, place] = /(?:\(|at |@)(?:[^\s()]*\/)?([^\s()/]+:\d+:\d+)\)?/.exec(stack.split('\n').slice(1).join('\n')) ?? [];
  return place === undefined ? '' : ` (${place})`;
}

function failure(host: HostState, policy: Policy, message: string): PutmodelError {
  const at = (host.nowMicros / 1e6).toFixed(3);
  return new PutmodelError({ code: 'INPUT_INVALID', message: `policy ${policy.name}: ${message}, at simulated second ${at}` });
}
