import { containsAddress, type PolicyUuid, parseAddress } from '@esplanade/domain';
import type { CharonHoldings } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import { parseChildName } from './names.ts';
import type { FailureTarget } from './negotiation-log.ts';

/** The policies that a failed negotiation concerns: as few as charon's log lets us tell. */
export function policiesOf(
  target: FailureTarget,
  main: CharonHoldings | undefined,
  forms: ReadonlyMap<string, CompiledEntry>,
): readonly PolicyUuid[] {
  switch (target.kind) {
    case 'child':
      return uuidsOf([target.childName]);
    case 'connection':
      return uuidsOf(main?.childrenOf(target.connectionName) ?? []);
    case 'addresses': {
      const [local, remote] = [parseAddress(target.local), parseAddress(target.remote)];
      if (local === undefined || remote === undefined) return [];
      return [...forms.values()].flatMap(({ policyUuid, negotiation }) => {
        const selector = negotiation?.selector;
        const isBetween =
          selector !== undefined &&
          containsAddress(selector.local, local) &&
          containsAddress(selector.remote, remote);
        return isBetween ? [policyUuid] : [];
      });
    }
  }
}

function uuidsOf(childNames: Iterable<string>): readonly PolicyUuid[] {
  return [...childNames].flatMap((name) => parseChildName(name)?.policyUuid ?? []);
}
