import type { DocumentWrite, Revision } from '@esplanade/store';
import { claimDocument, interfaceDocument, svmDocument } from './documents.ts';
import { keys } from './keys.ts';
import type { IpInterface, Svm } from './model.ts';
import { absent, answer, at, type Plan } from './plan.ts';
import { addressKey, refuseTakenAddress, withCanonicalAddress } from './plan-owner.ts';

/**
 * Moves the claim on the name to the new one, where it is another and not that of the cluster. Takes back the
 * announcement of a deletion, which then looks again (`planSvmDeletion`).
 */
export function planSvmUpdate(svm: Svm, expected: Revision): Plan {
  const { uuid } = svm;
  return ({ records, snapshot }) => {
    const before = snapshot.svms.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const holder = records.claim(keys.svmName(svm.name));
    const isTaken = holder === undefined ? svm.name === snapshot.cluster.name : holder.value !== uuid;
    if (isTaken) return answer({ kind: 'duplicate' });
    return {
      kind: 'commit',
      writes: [
        { kind: 'put', key: keys.svm(uuid), value: svmDocument.write(svm), expect: at(before) },
        ...movedClaim(uuid, keys.svmName(before.value.name), keys.svmName(svm.name)),
      ],
    };
  };
}

/** Moves the claims on name and address to the new ones, where they are others. */
export function planInterfaceUpdate(given: IpInterface, expected: Revision): Plan {
  const next = withCanonicalAddress(given);
  const { uuid } = next;
  return (present) => {
    const { records, snapshot } = present;
    const before = snapshot.interfaces.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const holder = records.claim(keys.interfaceName(next, next.name));
    if (holder !== undefined && holder.value !== uuid) return answer({ kind: 'duplicate' });
    const taken = refuseTakenAddress(present, next);
    if (taken !== undefined) return taken;
    return {
      kind: 'commit',
      writes: [
        { kind: 'put', key: keys.interface(uuid), value: interfaceDocument.write(next), expect: at(before) },
        ...movedClaim(uuid, nameKey(before.value), nameKey(next)),
        ...movedClaim(uuid, addressKey(before.value), addressKey(next)),
      ],
    };
  };
}

function nameKey(ipInterface: IpInterface): string {
  return keys.interfaceName(ipInterface, ipInterface.name);
}

function movedClaim(uuid: string, from: string, to: string): readonly DocumentWrite[] {
  if (from === to) return [];
  return [
    { kind: 'delete', key: from, expect: { kind: 'any' } },
    { kind: 'put', key: to, value: claimDocument.write(uuid), expect: absent },
  ];
}
