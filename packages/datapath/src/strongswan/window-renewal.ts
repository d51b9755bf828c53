import type { PolicyUuid } from '@esplanade/domain';
import { DatapathUnavailableError } from '../errors.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import { parseChildName, replayWindowOf } from './names.ts';
import type { SaControl } from './sa-control.ts';
import type { Turns } from './turns.ts';

/** What gives SAs the anti-replay window of now. */
export interface WindowRenewalOptions {
  readonly sas: SaControl;
  /** Whoever changes a policy's SAs takes turns. */
  readonly policies: Turns<PolicyUuid>;
  /** The entry that each policy was last brought in with. */
  readonly current: EntriesInForce;
}

/**
 * A rekeyed SA keeps the anti-replay window it came up with: then it is time for one that has the window of now, new
 * before old. Where it cannot be begun by us, or charon does not answer, the SA stays as it is until it is rekeyed
 * again or ends.
 */
export async function renewWindow(childName: string, options: WindowRenewalOptions): Promise<void> {
  const { sas, policies, current } = options;
  const policyUuid = parseChildName(childName)?.policyUuid;
  if (policyUuid === undefined) return;
  const renew = async (): Promise<void> => {
    const entry = current.ofChild(childName);
    if (entry === undefined || replayWindowOf(entry.childName) === replayWindowOf(childName)) return;
    if (entry.negotiation?.canInitiate !== true) return;
    if (await sas.initiate(entry.connection.name, entry.childName))
      await sas.takeDown({ child: childName }, false);
  };
  try {
    await policies.run(policyUuid, renew, undefined);
  } catch (error) {
    if (!(error instanceof DatapathUnavailableError)) throw error;
  }
}
