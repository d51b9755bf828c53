import type { PolicyUuid, PublicCertificate } from '@esplanade/domain';
import type { CompiledEntry } from './connection-mapping.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import type { Retired } from './installer.ts';
import { credentialsIn, lastingName } from './names.ts';
import type { SaControl } from './sa-control.ts';
import type { SaObserver } from './sa-observer.ts';

/** Taken down one after the other; more at once, which takes looking whether they are gone. */
const fewSas = 2;

const noLongerTrusted =
  'SAs of this policy were ended, because the CA that vouched for their remotes is not, or not known to be, one that the policy trusts now. A remote comes back when a trusted CA certifies it: see /security/ipsec/ca-certificates.';

/** What tells of SAs, and who ends them. */
export interface RetiredSasOptions {
  readonly observer: SaObserver;
  readonly sas: SaControl;
  /** SAs of the policy were ended whose remotes no CA vouches for any more, or none that we know of. */
  readonly onDistrusted: (policyUuid: PolicyUuid, reason: string) => void;
}

/** What becomes of the SAs of what was taken out of charon's configuration. Asks charon only where events do not tell. */
export class RetiredSas {
  readonly #options: RetiredSasOptions;

  constructor(options: RetiredSasOptions) {
    this.#options = options;
  }

  /** Whether any of the children has an SA that is to go. */
  async isInUse(keep: CompiledEntry, { children }: Retired, signal?: AbortSignal): Promise<boolean> {
    const { observer, sas } = this.#options;
    for (const { childName, connectionName } of children) {
      const fate = fateOf(childName, keep);
      if (fate === 'stays') continue;
      if (fate === 'depends') {
        if ((await this.#distrusted(childName, connectionName, keep, signal)).length > 0) return true;
        continue;
      }
      const known = observer.sasOf(childName);
      if (known === undefined ? await sas.hasSa(childName, signal) : known > 0) return true;
    }
    return false;
  }

  /** Names of children with SAs that may not all stay beside what is in force now, as far as is known. */
  leaving(inForce: EntriesInForce): readonly string[] {
    const { observer } = this.#options;
    return [...observer.childNames].filter((name) => {
      const keep = inForce.ofPolicyOf(name);
      const fate = fateOf(name, keep);
      return (
        fate === 'goes' ||
        (fate === 'depends' && this.#distrustedOf(name, observer.ikeIdsOf(name), keep).length > 0)
      );
    });
  }

  /**
   * Takes down what was retired, and any other SA of the policy but those of the child to keep. An SA is left an
   * anti-replay window that it came up with, a certificate if the policy says so, and the CAs if one that is still
   * believed vouched.
   */
  async takeDown(
    policyUuid: PolicyUuid,
    keep: CompiledEntry | undefined,
    { children, connections }: Retired,
    signal?: AbortSignal,
  ): Promise<void> {
    const { observer, sas, onDistrusted } = this.#options;
    observer.vouchers.note(keep?.negotiation?.credentials?.trust.anchors ?? []);
    const staying = new Set(
      children.flatMap(({ connectionName, childName }) =>
        fateOf(childName, keep) === 'goes' ? [] : [connectionName],
      ),
    );
    const ending = connections.difference(staying);
    const withConnection = new Set(
      children.flatMap(({ connectionName, childName }) => (ending.has(connectionName) ? [childName] : [])),
    );
    const orphans = observer.orphansOf(policyUuid, keep?.childName);
    if (keep === undefined) {
      // Of connections that are no longer in charon's configuration: nothing would end an IKE SA without its children.
      const unloaded = new Set(orphans).difference(new Set(children.map(({ childName }) => childName)));
      for (const id of observer.ikeIdsOnlyOf(policyUuid, unloaded))
        await sas.takeDown({ 'ike-id': id }, true, signal);
    }
    const names = new Set([...children.map(({ childName }) => childName), ...orphans]);
    const left = [...names.difference(withConnection)];
    for (const child of left.filter((name) => fateOf(name, keep) === 'goes'))
      await sas.takeDown({ child }, isFew(observer.sasOf(child)), signal);
    for (const ike of ending) await sas.takeDown({ ike }, isFew(observer.ikeSasOf(ike)), signal);
    const connectionOf = new Map(children.map((child) => [child.childName, child.connectionName]));
    for (const name of left.filter((one) => fateOf(one, keep) === 'depends')) {
      const distrusted = await this.#distrusted(name, connectionOf.get(name), keep, signal);
      for (const id of distrusted) await sas.takeDown({ 'ike-id': id }, true, signal);
      if (distrusted.length > 0) onDistrusted(policyUuid, noLongerTrusted);
    }
  }

  /** IKE SAs with SAs of the child of which it is not known that a CA that is believed now vouched for the remote. */
  async #distrusted(
    childName: string,
    connectionName: string | undefined,
    keep: CompiledEntry | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const ids = await this.#options.observer.ikeIdsNow(childName, connectionName, signal);
    return this.#distrustedOf(childName, ids, keep);
  }

  #distrustedOf(
    childName: string,
    ikeIds: readonly string[],
    keep: CompiledEntry | undefined,
  ): readonly string[] {
    const { vouchers } = this.#options.observer;
    const anchors: readonly PublicCertificate[] = keep?.negotiation?.credentials?.trust.anchors ?? [];
    const former = credentialsIn(childName)?.believed ?? new Set<string>();
    return ikeIds.filter((id) => !vouchers.isVouchedBy(id, anchors, former));
  }
}

/** `depends`: on the CA that vouched for the remote of each SA. */
type Fate = 'stays' | 'goes' | 'depends';

function fateOf(childName: string, keep: CompiledEntry | undefined): Fate {
  if (keep === undefined || lastingName(childName) !== lastingName(keep.childName)) return 'goes';
  const former = credentialsIn(childName);
  const now = credentialsIn(keep.childName);
  if (former === undefined || now === undefined) return 'stays';
  if (former.shown !== now.shown && keep.negotiation?.keepsSas !== true) return 'goes';
  return former.believed.isSubsetOf(now.believed) ? 'stays' : 'depends';
}

function isFew(count: number | undefined): boolean {
  return count !== undefined && count <= fewSas;
}
