import {
  addressBits,
  formatAddress,
  formatPrefix,
  networkOf,
  type Prefix,
  problemOf,
} from '@esplanade/domain';
import type { DocumentWrite } from '@esplanade/store';
import type { NewPolicy } from './desired-state.ts';
import { keys } from './keys.ts';
import type { IpInterface, Versioned } from './model.ts';
import { at, type Held, type Present, refuse } from './plan.ts';
import { refusalKinds } from './refusal-kinds.ts';

/**
 * The interfaces that make a prefix an SVM's own in an IPspace: one for each of its addresses, all enabled. `undefined`
 * when an address of it is nobody's, or somebody else's.
 */
export function owningInterfaces(
  { records, snapshot }: Present,
  prefix: Prefix,
  { svmUuid, ipspaceUuid }: { readonly svmUuid: string; readonly ipspaceUuid: string },
): readonly Versioned<IpInterface>[] | undefined {
  const { family, address, length } = networkOf(prefix);
  const count = 1n << BigInt(addressBits(family) - length);
  // There cannot be one for each, and counting to 2^128 would take a while.
  if (count > BigInt(snapshot.interfaces.size)) return undefined;
  const interfaces: Versioned<IpInterface>[] = [];
  for (let value = address; value < address + count; value += 1n) {
    const holder = records.claim(keys.address(ipspaceUuid, formatAddress({ family, value })));
    const own = holder && snapshot.interfaces.get(holder.value);
    if (own === undefined || !own.value.enabled || own.value.svm?.uuid !== svmUuid) return undefined;
    interfaces.push(own);
  }
  return interfaces;
}

/**
 * What keeps the addresses of an SVM's policy its own until it is committed: an interface that goes, moves or is disabled
 * meanwhile makes the commit fail, and the plan look again.
 */
export function holdAddresses(present: Present, { scope, ipspace, selector }: NewPolicy): Held {
  // A policy of the cluster is nobody's who is bound to addresses.
  if (scope.kind === 'cluster') return { kind: 'held', writes: [] };
  const owner = { svmUuid: scope.svm.uuid, ipspaceUuid: ipspace.uuid };
  const interfaces = owningInterfaces(present, selector.local, owner);
  if (interfaces === undefined) {
    const values = { local: formatPrefix(selector.local), svm: scope.svm.name };
    return {
      kind: 'refused',
      step: refuse(problemOf(refusalKinds.addressNotOwned, 'local_endpoint.address', values)),
    };
  }
  return { kind: 'held', writes: holdInterfaces(interfaces) };
}

/** Keeps interfaces as they are until the commit. */
export function holdInterfaces(interfaces: readonly Versioned<IpInterface>[]): readonly DocumentWrite[] {
  return interfaces.map((own) => ({ kind: 'check', key: keys.interface(own.value.uuid), expect: at(own) }));
}
