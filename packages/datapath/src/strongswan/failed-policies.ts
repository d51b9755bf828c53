import { containsAddress, type PolicyUuid, parseAddress } from '@esplanade/domain';
import type { CharonHoldings } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import { parseChildName } from './names.ts';
import type { FailureTarget } from './negotiation-log.ts';

/** What tells whose a connection and addresses are. */
export interface PolicyClues {
  /** What charon holds. */
  readonly main: CharonHoldings | undefined;
  readonly forms: ReadonlyMap<string, CompiledEntry>;
  readonly inForce: EntriesInForce;
  /** Children with SAs on IKE SAs of a connection: charon may not hold that any more. */
  readonly childrenUp: (connectionName: string) => Iterable<string>;
}

/** The policies that a failed negotiation concerns: as few as charon's log lets us tell. */
export function policiesOf(
  target: FailureTarget,
  { main, forms, inForce, childrenUp }: PolicyClues,
): readonly PolicyUuid[] {
  switch (target.kind) {
    case 'child':
      return uuidsOf([target.childName]);
    case 'connection':
      return [
        ...new Set([
          ...policiesLoadedIn(target.connectionName, main),
          ...[...childrenUp(target.connectionName)].flatMap(
            (name) => inForce.ofChild(name)?.policyUuid ?? [],
          ),
        ]),
      ];
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

/** The policies that have a child in a connection. */
export function policiesLoadedIn(
  connectionName: string,
  main: CharonHoldings | undefined,
): readonly PolicyUuid[] {
  return uuidsOf(main?.childrenOf(connectionName) ?? []);
}

function uuidsOf(childNames: Iterable<string>): readonly PolicyUuid[] {
  return [...childNames].flatMap((name) => parseChildName(name)?.policyUuid ?? []);
}
