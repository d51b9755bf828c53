import type { DesiredState } from '@esplanade/desired';
import type { IpsecPolicy, PolicyUuid } from '@esplanade/domain';

/** What an SA shows of the policy that it carries. */
export type SaOwner = Pick<IpsecPolicy, 'name' | 'scope'>;

/** More SAs than these do not outlive their policies at one moment. */
const mostRemembered = 1_000;

/**
 * Whose an SA is. SAs go a moment after their policy, and an IKE SA that other policies share may stay: until then they
 * are still that policy's, by its name and for its SVM alone.
 */
export class SaOwners {
  readonly #desired: DesiredState;
  readonly #deleted = new Map<PolicyUuid, SaOwner>();

  constructor(desired: DesiredState) {
    this.#desired = desired;
    let before = desired.snapshot().policies;
    desired.subscribe(({ policies }, change) => {
      const concerned = change.kind === 'everything' ? before.keys() : change.policies;
      for (const uuid of concerned) {
        const policy = before.get(uuid)?.value;
        if (policy !== undefined && !policies.has(uuid)) this.#remember(policy);
      }
      before = policies;
    });
  }

  /** The policy as it is, if there is one. */
  present(uuid: PolicyUuid): SaOwner | undefined {
    return this.#desired.snapshot().policies.get(uuid)?.value;
  }

  /** The policy as it was when it was deleted, if we have seen that. */
  deleted(uuid: PolicyUuid): SaOwner | undefined {
    return this.#deleted.get(uuid);
  }

  #remember({ uuid, name, scope }: IpsecPolicy): void {
    this.#deleted.set(uuid, { name, scope });
    const [oldest] = this.#deleted.keys();
    if (oldest !== undefined && this.#deleted.size > mostRemembered) this.#deleted.delete(oldest);
  }
}
