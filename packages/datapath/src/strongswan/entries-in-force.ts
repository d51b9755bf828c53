import type { PolicyUuid } from '@esplanade/domain';
import type { CompiledEntry } from './connection-mapping.ts';
import { lastingName, parseChildName } from './names.ts';

/** The entry that each policy was last brought in with: any other form of it may go. */
export class EntriesInForce extends Map<PolicyUuid, CompiledEntry> {
  /** The entry of the policy that a child is of, whatever the child's form. */
  ofPolicyOf(childName: string): CompiledEntry | undefined {
    const policyUuid = parseChildName(childName)?.policyUuid;
    return policyUuid && this.get(policyUuid);
  }

  /** The entry that SAs of a child are of: of that very form, or of one that differs only in what an SA may keep. */
  ofChild(childName: string): CompiledEntry | undefined {
    const entry = this.ofPolicyOf(childName);
    return entry !== undefined && lastingName(entry.childName) === lastingName(childName) ? entry : undefined;
  }
}
