import type { PolicyUuid, SecurityAssociation } from '@esplanade/domain';
import type { SaPlace } from '../sa-uuid.ts';
import type { Charon } from './charon.ts';
import type { CharonWatch } from './charon-watch.ts';
import type { Installer } from './installer.ts';
import { parseChildName } from './names.ts';
import { childNamesOf, securityAssociationsOf } from './sa-mapping.ts';

/** Lists SAs, and remembers of the last listing what only a listing tells. */
export class SaObserver {
  readonly #place: SaPlace;
  readonly #watch: CharonWatch;
  readonly #charon: Charon;
  readonly #installer: Installer;
  /** The policy that each IKE SA was first seen with: who brought up a shared one. */
  #firstPolicies: ReadonlyMap<string, PolicyUuid> = new Map();
  #childNames: ReadonlySet<string> = new Set();

  constructor(place: SaPlace, watch: CharonWatch, charon: Charon, installer: Installer) {
    this.#place = place;
    this.#watch = watch;
    this.#charon = charon;
    this.#installer = installer;
  }

  /** Names of the children that had SAs when last listed, foreign ones included. */
  get childNames(): ReadonlySet<string> {
    return this.#childNames;
  }

  /** Children of the policy that had SAs when last listed, other than the one to keep. */
  orphansOf(policyUuid: PolicyUuid, keep: string | undefined): readonly string[] {
    return [...this.#childNames].filter(
      (name) => name !== keep && parseChildName(name)?.policyUuid === policyUuid,
    );
  }

  /** All SAs at this moment. */
  async list(signal?: AbortSignal): Promise<readonly SecurityAssociation[]> {
    // Only the account of charon's configuration knows how foreign connections authenticate.
    const holdings = await this.#charon.holdings(signal);
    const rows = await this.#watch.listSas(signal);
    const first = this.#firstPolicies;
    const sas = rows.flatMap((row) =>
      securityAssociationsOf(row, {
        place: this.#place,
        configured: (childName) => this.#installer.forms.get(childName)?.negotiation,
        authentication: (connectionName) => holdings.authentication(connectionName),
        firstPolicy: (ikeUuid) => first.get(ikeUuid),
      }),
    );
    this.#firstPolicies = new Map(
      sas.flatMap((sa) =>
        sa.kind === 'ike' && sa.policyUuid !== undefined ? [[sa.uuid, sa.policyUuid]] : [],
      ),
    );
    this.#childNames = new Set(rows.flatMap(childNamesOf));
    return sas;
  }
}
