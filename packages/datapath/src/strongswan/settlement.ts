import type { PolicyUuid } from '@esplanade/domain';
import type { CompiledEntry } from './connection-mapping.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import type { Installer } from './installer.ts';
import type { KeyRotation } from './key-rotation.ts';
import type { RetiredSas } from './retired-sas.ts';
import type { RevokedRemotes } from './revoked-remotes.ts';
import type { SaControl } from './sa-control.ts';

/** What settling needs of the driver. */
export interface SettlementParts {
  readonly inForce: EntriesInForce;
  readonly installer: Installer;
  readonly rotation: KeyRotation;
  readonly retiredSas: RetiredSas;
  readonly revoked: RevokedRemotes;
  readonly sas: SaControl;
  /** Runs it when no other loading goes on. */
  readonly load: <T>(task: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;
}

/** Lets go of what policies were before: the new form is in place by then, so nothing goes out in clear. */
export class Settlement {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** Lets go of every other form of a policy that has been brought in: configuration, then SAs, then blocks. */
  async settle(policyUuid: PolicyUuid, signal: AbortSignal | undefined): Promise<void> {
    const entry = this.#parts.inForce.get(policyUuid);
    // Removed meanwhile.
    if (entry === undefined) return;
    await this.#giveWay(entry, signal).finally(() => this.#parts.revoked.consider(entry));
  }

  /** Lets go of all forms of a policy, the last one too. */
  async remove(policyUuid: PolicyUuid, signal: AbortSignal | undefined): Promise<void> {
    const { installer, retiredSas, load } = this.#parts;
    const retired = await load(() => installer.retire(policyUuid, undefined, signal), signal);
    await retiredSas.takeDown(policyUuid, undefined, retired, signal);
    await load(() => installer.retireBlocks(policyUuid, undefined, signal), signal);
  }

  async #giveWay(entry: CompiledEntry, signal: AbortSignal | undefined): Promise<void> {
    const { inForce, installer, retiredSas, sas, load } = this.#parts;
    const { policyUuid, childName, negotiation } = entry;
    const retired = await load(() => installer.retire(policyUuid, childName, signal), signal);
    if ((await retiredSas.isInUse(entry, retired, signal)) && negotiation?.canInitiate) {
      const begin = negotiation.credentials === undefined ? 'initiate' : 'initiateOneByOne';
      await sas[begin](entry.connection.name, childName, signal);
    }
    await retiredSas.takeDown(policyUuid, inForce.get(policyUuid), retired, signal);
    await load(() => installer.retireBlocks(policyUuid, entry, signal), signal);
    await this.#settleKeys(negotiation?.ring?.name, signal);
  }

  /** Lets go of keys that are over, and moves IKE SAs to the one that stays. */
  async #settleKeys(ringName: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    if (ringName === undefined) return;
    const { installer, rotation, load } = this.#parts;
    await load(() => installer.retireKeys(ringName, signal), signal);
    if (installer.takeReplaced(ringName)) await rotation.replace(ringName, signal);
    rotation.consider(ringName);
  }
}
