import type { DatapathEntry, InstalledEntry } from '@esplanade/datapath';
import { type PolicyUuid, selectorKey } from '@esplanade/domain';
import type { ObservedEntry } from './plan.ts';

/** What we believe the datapath holds of a policy. */
interface Held {
  /** Absent while it is in doubt: an operation is under way, or one ended without an answer. */
  readonly fingerprint: string | undefined;
  /** The selector it stands on; absent when we did not install it ourselves. */
  readonly selectorKey?: string;
}

/** Matches no form, so that whatever is in doubt is done again. */
const noFingerprint = '';

/** What we believe the datapath holds, between one listing of it and the next. */
export class HeldEntries {
  #held = new Map<PolicyUuid, Held>();

  has(uuid: PolicyUuid): boolean {
    return this.#held.has(uuid);
  }

  /** Whether it is this form, and no other, that is there. */
  holds(uuid: PolicyUuid, fingerprint: string): boolean {
    return this.#held.get(uuid)?.fingerprint === fingerprint;
  }

  policies(): Iterable<PolicyUuid> {
    return this.#held.keys();
  }

  /** The selector that the policy was last installed on. */
  selectorOf(uuid: PolicyUuid): string | undefined {
    return this.#held.get(uuid)?.selectorKey;
  }

  /** The policies' rows as a listing would show them. */
  rowsOf(uuids: Iterable<PolicyUuid>): readonly ObservedEntry[] {
    const rows: ObservedEntry[] = [];
    for (const policyUuid of uuids) {
      const held = this.#held.get(policyUuid);
      if (held === undefined) continue;
      const row = { policyUuid, fingerprint: held.fingerprint ?? noFingerprint };
      rows.push(held.selectorKey === undefined ? row : { ...row, selectorKey: held.selectorKey });
    }
    return rows;
  }

  /** An operation on the policy begins: until it succeeds we do not know what is there. */
  doubt(uuid: PolicyUuid): void {
    this.#held.set(uuid, { ...this.#held.get(uuid), fingerprint: undefined });
  }

  installed({ policy }: DatapathEntry, fingerprint: string): void {
    this.#held.set(policy.uuid, { fingerprint, selectorKey: selectorKey(policy.selector) });
  }

  removed(uuid: PolicyUuid): void {
    this.#held.delete(uuid);
  }

  /** Believes a listing. `desired` tells on which selector an entry stands if its form is the desired one. */
  replaceBy(rows: readonly InstalledEntry[], desired: (uuid: PolicyUuid) => DatapathEntry | undefined): void {
    const before = this.#held;
    this.#held = new Map();
    for (const row of rows)
      this.#believe(row, before.get(row.policyUuid)?.selectorKey, desired(row.policyUuid));
  }

  /**
   * Compares a listing with what we believe, and believes the listing. Returns the policies that differ; those in `busy`
   * had an operation since the listing began and are not judged.
   */
  correctBy(rows: readonly InstalledEntry[], busy: (uuid: PolicyUuid) => boolean): Difference {
    const listed = Map.groupBy(rows, (row) => row.policyUuid);
    const missing: PolicyUuid[] = [];
    const strangers: PolicyUuid[] = [];
    for (const [uuid, held] of this.#held) {
      if (busy(uuid)) continue;
      const [form, ...others] = listed.get(uuid) ?? [];
      if (form !== undefined && others.length === 0 && form.fingerprint === held.fingerprint) continue;
      missing.push(uuid);
      if (form === undefined) this.#held.delete(uuid);
      else this.doubt(uuid);
    }
    for (const uuid of listed.keys()) {
      if (busy(uuid) || this.#held.has(uuid)) continue;
      strangers.push(uuid);
      this.doubt(uuid);
    }
    return { missing, strangers };
  }

  #believe(row: InstalledEntry, before: string | undefined, desired: DatapathEntry | undefined): void {
    const { policyUuid, fingerprint } = row;
    const selector = before ?? (desired === undefined ? undefined : selectorKey(desired.policy.selector));
    const isSecondForm = this.#held.has(policyUuid);
    const held = { fingerprint: isSecondForm ? undefined : fingerprint };
    this.#held.set(policyUuid, selector === undefined ? held : { ...held, selectorKey: selector });
  }
}

/** How a listing differed from what we believed. */
export interface Difference {
  /** Installed by us, and gone or changed since. */
  readonly missing: readonly PolicyUuid[];
  /** Of ours by name, and not known to us. */
  readonly strangers: readonly PolicyUuid[];
}
