/** The policies of this package, by name. RocksDB's own rules (leveled.ts, universal.ts, fifo.ts) are the default and need none. */
import { PutmodelError } from '../../kernel/errors.js';
import { fairShare } from './fair-share.js';
import { greedy } from './greedy.js';
import { l0First } from './l0-first.js';
import { largestDebtFirst } from './largest-debt-first.js';
import { oldestFirst } from './oldest-first.js';
import type { Policy } from './policy.js';
import { roundRobin } from './round-robin.js';
import { silk } from './silk.js';
import { tieredThenLeveled } from './tiered-then-leveled.js';

/** RocksDB's own scheduling. */
export const rocksdbPolicyName = 'rocksdb';

const all: readonly Policy[] = [l0First, roundRobin, largestDebtFirst, oldestFirst, fairShare, silk, tieredThenLeveled, greedy];

/** By the name that a scenario uses. */
export const policies: ReadonlyMap<string, Policy> = new Map(all.map((policy) => [policy.name, policy]));

/** What a user's module exports as a policy: its default export, or `policy`. @throws PutmodelError INPUT_INVALID when it is none */
export function policyOfModule(module: unknown): Policy {
  const { default: byDefault, policy = byDefault } = (module ?? {}) as Record<string, unknown>;
  const fields = (typeof policy === 'object' && policy !== null ? policy : {}) as Record<string, unknown>;
  const { name, source, choose, pace, counted, usesAllSlots } = fields;
  const problem =
    typeof policy !== 'object' || policy === null
      ? 'exports no policy'
      : typeof name !== 'string' || typeof source !== 'string'
        ? 'its policy has no name or no source'
        : typeof choose !== 'function'
          ? 'its policy has no choose()'
          : [pace, counted].some((hook) => hook !== undefined && typeof hook !== 'function')
            ? 'pace and counted are functions where they are given'
            : usesAllSlots !== undefined && typeof usesAllSlots !== 'boolean'
              ? 'usesAllSlots is true or false'
              : null;
  if (problem === null) return policy as Policy;
  const expected = 'export const policy = { name, source, choose(tree, options) { .. } }';
  throw new PutmodelError({ code: 'INPUT_INVALID', message: `the policy's module: ${problem}`, expected });
}

/** True for what names a module of the user's own. */
export function isPolicyFile(name: string): boolean {
  return /\.m?js$/.test(name);
}

/** Every name that a scenario may use. */
export const policyNames: readonly string[] = [rocksdbPolicyName, ...policies.keys()];
