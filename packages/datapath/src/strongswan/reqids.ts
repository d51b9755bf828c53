import type { PolicyUuid } from '@esplanade/domain';
import { digestOf } from '../entry-fingerprint.ts';

/** Charon counts up from 1 for children that are given none, and prints them signed. */
const least = 0x4000_0000;
const span = 0x4000_0000;

/**
 * The number that ties a policy's entries in the kernel's SPD to its SAs (`reqid`). Left to itself charon takes one for
 * each set of selectors, so that an SA of which the remote wants less than the policy covers would not fit the policy's
 * trap.
 *
 * It follows from the policy's uuid, so it is the same for all forms of a policy and after a restart. No two policies
 * that are known have the same one: charon finds the trap that a packet needs by it. Where two uuids want the same, the
 * later one gets the next; should it be the other way round after a restart of ours, a child that is loaded again
 * changes its number, and its next packet brings up another SA.
 */
export class Reqids {
  readonly #ofPolicy = new Map<PolicyUuid, number>();
  readonly #taken = new Set<number>();

  /** The policy's number, its own until it is released. */
  of(policyUuid: PolicyUuid): number {
    const known = this.#ofPolicy.get(policyUuid);
    if (known !== undefined) return known;
    let place = wanted(policyUuid);
    while (this.#taken.has(least + place)) place = (place + 1) % span;
    const reqid = least + place;
    this.#taken.add(reqid);
    this.#ofPolicy.set(policyUuid, reqid);
    return reqid;
  }

  /** The policy is gone. */
  release(policyUuid: PolicyUuid): void {
    const reqid = this.#ofPolicy.get(policyUuid);
    if (reqid === undefined) return;
    this.#ofPolicy.delete(policyUuid);
    this.#taken.delete(reqid);
  }
}

function wanted(policyUuid: PolicyUuid): number {
  return Number.parseInt(digestOf([policyUuid]), 16) % span;
}
