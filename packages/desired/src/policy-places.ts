import { type PolicyUuid, type Problem, problemOf } from '@esplanade/domain';
import type { NewPolicy, WriteResult } from './desired-state.ts';
import { scopeKey } from './keys.ts';
import type { Present } from './plan.ts';
import { refusalKinds } from './refusal-kinds.ts';

/** How many policies there may be. */
export interface PolicyLimits {
  readonly perSvm: number;
  /** Of all SVMs and the cluster scope together. */
  readonly perCluster: number;
}

/** As many as Esplanade is measured with; ONTAP publishes no numbers. */
export const defaultPolicyLimits: PolicyLimits = { perSvm: 100_000, perCluster: 100_000 };

/**
 * Keeps the number of policies within the limits, those that are being written included: however many are created at
 * once through this desired state, none is too many. Another server on the same store counts for itself, so that both
 * together may exceed a limit by what they write in the same instant.
 */
export class PolicyPlaces {
  readonly #limits: PolicyLimits;
  readonly #beingWritten = new Map<PolicyUuid, NewPolicy>();

  constructor(limits: PolicyLimits) {
    this.#limits = limits;
  }

  /** Runs the write of a new policy if there is a place for it, else says which limit is reached. */
  async take(policy: NewPolicy, present: Present, write: () => Promise<WriteResult>): Promise<WriteResult> {
    const problem = this.#reached(policy, present);
    if (problem !== undefined) return { kind: 'refused', problem };
    this.#beingWritten.set(policy.uuid, policy);
    try {
      return await write();
    } finally {
      this.#beingWritten.delete(policy.uuid);
    }
  }

  #reached({ scope }: NewPolicy, { records, snapshot }: Present): Problem | undefined {
    const { perSvm, perCluster } = this.#limits;
    const unseen = [...this.#beingWritten.values()].filter(({ uuid }) => !snapshot.policies.has(uuid));
    const own = scopeKey(scope);
    const ownUnseen = unseen.filter((other) => scopeKey(other.scope) === own);
    if (scope.kind === 'svm' && records.policyCount(scope) + ownUnseen.length >= perSvm) {
      const values = { name: scope.svm.name, limit: String(perSvm) };
      return problemOf(refusalKinds.svmFull, 'svm.name', values);
    }
    if (snapshot.policies.size + unseen.length < perCluster) return undefined;
    return problemOf(refusalKinds.clusterFull, 'name', { limit: String(perCluster) });
  }
}
