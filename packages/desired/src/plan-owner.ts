import { formatAddress, parseAddress, problemOf } from '@esplanade/domain';
import type { DocumentWrite, Revision } from '@esplanade/store';
import { claimDocument, interfaceDocument, ipspaceDocument, svmDocument } from './documents.ts';
import { keys, revocationNumbersOf } from './keys.ts';
import type { DesiredSnapshot, IpInterface, Ipspace, Svm } from './model.ts';
import {
  absent,
  answer,
  at,
  holdIpspace,
  holdSvm,
  isAsExpected,
  type Plan,
  type Present,
  refuse,
  refuseMissing,
  type Step,
} from './plan.ts';
import { refusalKinds } from './refusal-kinds.ts';

/**
 * Adds an IPspace and its claim on its name; `duplicate` when another has that name, `conflict` when one has its UUID.
 */
export function planIpspaceCreation(ipspace: Ipspace): Plan {
  return ({ records, snapshot }) => {
    if (snapshot.ipspaces.has(ipspace.uuid)) return answer({ kind: 'conflict' });
    const name = keys.ipspaceName(ipspace.name);
    if (records.claim(name) !== undefined) return answer({ kind: 'duplicate' });
    return { kind: 'commit', writes: writesForIpspace(ipspace) };
  };
}

/**
 * As `planIpspaceCreation`, while the IPspace of the SVM is there: `refused` when it is not. The cluster's name is taken
 * too: owners of policies, certificates and accounts are told apart by name.
 */
export function planSvmCreation(svm: Svm): Plan {
  return (present) => {
    if (present.snapshot.svms.has(svm.uuid)) return answer({ kind: 'conflict' });
    const isTaken =
      svm.name === present.snapshot.cluster.name ||
      present.records.claim(keys.svmName(svm.name)) !== undefined;
    if (isTaken) return answer({ kind: 'duplicate' });
    const ipspace = holdIpspace(present, svm.ipspace);
    if (ipspace === undefined) return refuseMissing('ipspace.name', svm.ipspace);
    return { kind: 'commit', writes: [...writesForSvm(svm), ipspace] };
  };
}

/** The two writes of a new IPspace, for seeding too. */
export function writesForIpspace(ipspace: Ipspace): readonly DocumentWrite[] {
  const { uuid, name } = ipspace;
  return [
    { kind: 'put', key: keys.ipspace(uuid), value: ipspaceDocument.write(ipspace), expect: absent },
    { kind: 'put', key: keys.ipspaceName(name), value: claimDocument.write(uuid), expect: absent },
  ];
}

/** The two writes of a new SVM, for seeding too. */
export function writesForSvm(svm: Svm): readonly DocumentWrite[] {
  const { uuid, name } = svm;
  return [
    { kind: 'put', key: keys.svm(uuid), value: svmDocument.write(svm), expect: absent },
    { kind: 'put', key: keys.svmName(name), value: claimDocument.write(uuid), expect: absent },
  ];
}

/**
 * Adds an interface and its claims on name and address, while its SVM, or without one its IPspace, is there. `refused`
 * when that parent is missing or another interface of the IPspace has the address. Throws TypeError for what is no
 * address.
 */
export function planInterfaceCreation(given: IpInterface): Plan {
  const ipInterface = withCanonicalAddress(given);
  const { uuid, name, svm, ipspace } = ipInterface;
  return (present) => {
    const { records, snapshot } = present;
    if (snapshot.interfaces.has(uuid)) return answer({ kind: 'conflict' });
    const nameKey = keys.interfaceName(ipInterface, name);
    if (records.claim(nameKey) !== undefined) return answer({ kind: 'duplicate' });
    const taken = refuseTakenAddress(present, ipInterface);
    if (taken !== undefined) return taken;
    const parent = svm === undefined ? holdIpspace(present, ipspace) : holdSvm(present, svm);
    if (parent === undefined) {
      return svm === undefined ? refuseMissing('ipspace.name', ipspace) : refuseMissing('svm.name', svm);
    }
    const claim = claimDocument.write(uuid);
    return {
      kind: 'commit',
      writes: [
        {
          kind: 'put',
          key: keys.interface(uuid),
          value: interfaceDocument.write(ipInterface),
          expect: absent,
        },
        { kind: 'put', key: nameKey, value: claim, expect: absent },
        { kind: 'put', key: addressKey(ipInterface), value: claim, expect: absent },
        parent,
      ],
    };
  };
}

/** The interface with its address in the one form that claims are made of. Throws TypeError for what is no address. */
export function withCanonicalAddress(given: IpInterface): IpInterface {
  const address = parseAddress(given.address);
  if (address === undefined) throw new TypeError(`not an address: ${given.address}`);
  return { ...given, address: formatAddress(address) };
}

/** The key that gives an address to one interface of the IPspace. */
export function addressKey({ ipspace, address }: IpInterface): string {
  return keys.address(ipspace.uuid, address);
}

/** The answer for an interface whose address another one holds; undefined when it is free or its own. */
export function refuseTakenAddress(
  { records, snapshot }: Present,
  ipInterface: IpInterface,
): Step | undefined {
  const holder = records.claim(addressKey(ipInterface));
  if (holder === undefined || holder.value === ipInterface.uuid) return undefined;
  const other = snapshot.interfaces.get(holder.value)?.value.name ?? holder.value;
  const taken = { address: ipInterface.address, other, ipspace: ipInterface.ipspace.name };
  return refuse(problemOf(refusalKinds.addressTaken, 'ip.address', taken));
}

/** Removes an interface with its claims on name and address. */
export function planInterfaceDeletion(uuid: string, expected?: Revision): Plan {
  return ({ snapshot }) => {
    const before = snapshot.interfaces.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected)) return answer({ kind: 'conflict' });
    const { value } = before;
    return {
      kind: 'commit',
      writes: [
        { kind: 'delete', key: keys.interface(uuid), expect: at(before) },
        { kind: 'delete', key: keys.interfaceName(value, value.name), expect: { kind: 'any' } },
        { kind: 'delete', key: addressKey(value), expect: { kind: 'any' } },
      ],
    };
  };
}

/**
 * Two steps, because a child that is being committed changes nothing of its parent: first the deletion is announced in
 * the parent's document, which every child's commit holds on to; from then on each child either shows here or rewrites
 * the parent and makes this deletion look again (`holdSvm`).
 */
export function planSvmDeletion(uuid: string, expected?: Revision): Plan {
  return ({ records, snapshot }, prepared) => {
    const before = snapshot.svms.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected, prepared)) return answer({ kind: 'conflict' });
    const user = userOfSvm(snapshot, uuid);
    if (user !== undefined) {
      const record = `SVM "${before.value.name}"`;
      return refuse(problemOf(refusalKinds.stillUsed, 'uuid', { record, user }));
    }
    const key = keys.svm(uuid);
    if (!records.isLeaving(uuid)) {
      const value = svmDocument.write(before.value, true);
      return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(before) }] };
    }
    const name = keys.svmName(before.value.name);
    return {
      kind: 'commit',
      writes: [
        { kind: 'delete', key, expect: at(before) },
        { kind: 'delete', key: name, expect: { kind: 'any' } },
        { kind: 'delete', key: keys.revocationMode(uuid), expect: { kind: 'any' } },
        ...records
          .revocationNumberKeys(revocationNumbersOf(uuid))
          .map((key): DocumentWrite => ({ kind: 'delete', key, expect: { kind: 'any' } })),
      ],
    };
  };
}

/** As `planSvmDeletion`. */
export function planIpspaceDeletion(uuid: string, expected?: Revision): Plan {
  return ({ records, snapshot }, prepared) => {
    const before = snapshot.ipspaces.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected, prepared)) return answer({ kind: 'conflict' });
    const user = userOfIpspace(snapshot, uuid);
    if (user !== undefined) {
      const record = `IPspace "${before.value.name}"`;
      return refuse(problemOf(refusalKinds.stillUsed, 'uuid', { record, user }));
    }
    const key = keys.ipspace(uuid);
    if (!records.isLeaving(uuid)) {
      const value = ipspaceDocument.write(before.value, true);
      return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(before) }] };
    }
    const name = keys.ipspaceName(before.value.name);
    return {
      kind: 'commit',
      writes: [
        { kind: 'delete', key, expect: at(before) },
        { kind: 'delete', key: name, expect: { kind: 'any' } },
      ],
    };
  };
}

function userOfSvm(
  { accounts, roles, policies, interfaces, certificates }: DesiredSnapshot,
  uuid: string,
): string | undefined {
  for (const { value } of accounts.values()) {
    if (value.scope.kind === 'svm' && value.scope.svm.uuid === uuid) return `account "${value.name}"`;
  }
  for (const { value } of roles.values()) {
    if (value.scope.kind === 'svm' && value.scope.svm.uuid === uuid) return `role "${value.name}"`;
  }
  for (const { value } of certificates.values()) {
    if (value.scope.kind === 'svm' && value.scope.svm.uuid === uuid) return `certificate "${value.name}"`;
  }
  for (const { value } of interfaces.values())
    if (value.svm?.uuid === uuid) return `interface "${value.name}"`;
  for (const { value } of policies.values()) {
    if (value.scope.kind === 'svm' && value.scope.svm.uuid === uuid) return `policy "${value.name}"`;
  }
  return undefined;
}

function userOfIpspace({ svms, policies, interfaces }: DesiredSnapshot, uuid: string): string | undefined {
  for (const { value } of svms.values()) if (value.ipspace.uuid === uuid) return `SVM "${value.name}"`;
  for (const { value } of interfaces.values())
    if (value.ipspace.uuid === uuid) return `interface "${value.name}"`;
  for (const { value } of policies.values()) if (value.ipspace.uuid === uuid) return `policy "${value.name}"`;
  return undefined;
}
