import { type ExitStatus, exitStatus } from '../exit-status.ts';
import type { Source, Sources } from './sources.ts';

/**
 * Whether it could be learnt if IPsec is on, and how its policies are. `failed`: the server failed at saying one of them. `hidden`
 * and `absent`: neither is told to this account, or by this server.
 */
export type Learnt = 'learnt' | 'failed' | 'hidden' | 'absent';

/** What the answers are worth. */
export function learntOf({ ipsec, states, enabled }: Sources): Learnt {
  const policies = [states, enabled].some(({ kind }) => kind === 'known') ? 'known' : worst(states, enabled);
  const kinds = [ipsec.kind, policies];
  if (kinds.includes('failed')) return 'failed';
  if (kinds.includes('known')) return 'learnt';
  return kinds.includes('hidden') ? 'hidden' : 'absent';
}

function worst(...sources: readonly Source<unknown>[]): Source<unknown>['kind'] {
  const kinds = sources.map(({ kind }) => kind);
  return (['failed', 'hidden'] as const).find((kind) => kinds.includes(kind)) ?? 'absent';
}

/** With what `status` ends; docs/cli.md tells. */
export const statusOfLearnt: Readonly<Record<Learnt, ExitStatus>> = {
  learnt: exitStatus.done,
  failed: exitStatus.unavailable,
  hidden: exitStatus.notAllowed,
  absent: exitStatus.failed,
};
