import type { IkeSa, PolicyUuid, SecurityAssociation } from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { SaPlace } from '../sa-uuid.ts';
import type { CharonWatch } from './charon-watch.ts';
import { idleIkeSas } from './idle-ike-sas.ts';
import type { Installer } from './installer.ts';
import { isOurs, parseChildName } from './names.ts';
import { childNamesOf, securityAssociationsOf } from './sa-mapping.ts';

/** Lists SAs, and remembers of the last listing what only a listing tells. */
export class SaObserver {
  readonly #place: SaPlace;
  readonly #watch: CharonWatch;
  readonly #installer: Installer;
  /** The policy that each IKE SA was first seen with: who brought up a shared one. */
  #firstPolicies: ReadonlyMap<string, PolicyUuid> = new Map();
  /** How the peers of connections with SAs prove who they are: of foreign ones only charon's configuration tells. */
  #authentications: ReadonlyMap<string, IkeSa['authentication']> = new Map();
  #rows: readonly Message[] = [];
  #childNames: ReadonlySet<string> = new Set();
  #childNamesByPolicy: ReadonlyMap<PolicyUuid | undefined, readonly string[]> = new Map();

  constructor(place: SaPlace, watch: CharonWatch, installer: Installer) {
    this.#place = place;
    this.#watch = watch;
    this.#installer = installer;
  }

  /** Ids of the IKE SAs of ours that had carried nothing for so long when last listed. */
  idleIkeSas(idleSeconds: number): readonly string[] {
    return idleIkeSas(this.#rows, idleSeconds);
  }

  /** Names of the children that had SAs when last listed, foreign ones included. */
  get childNames(): ReadonlySet<string> {
    return this.#childNames;
  }

  /** Children of the policy that had SAs when last listed, other than the one to keep. */
  orphansOf(policyUuid: PolicyUuid, keep: string | undefined): readonly string[] {
    return this.#childNamesByPolicy.get(policyUuid)?.filter((name) => name !== keep) ?? [];
  }

  /** All SAs at this moment. */
  async list(signal?: AbortSignal): Promise<readonly SecurityAssociation[]> {
    const rows = await this.#watch.listSas(signal);
    const authentications = await this.#authenticationsOf(rows, signal);
    const first = this.#firstPolicies;
    const sas = rows.flatMap((row) =>
      securityAssociationsOf(row, {
        place: this.#place,
        configured: (childName) => this.#installer.forms.get(childName)?.negotiation,
        authentication: (connectionName) => authentications.get(connectionName) ?? 'none',
        firstPolicy: (ikeUuid) => first.get(ikeUuid),
      }),
    );
    this.#firstPolicies = new Map(
      sas.flatMap((sa) =>
        sa.kind === 'ike' && sa.policyUuid !== undefined ? [[sa.uuid, sa.policyUuid]] : [],
      ),
    );
    this.#rows = rows;
    this.#childNames = new Set(rows.flatMap(childNamesOf));
    this.#childNamesByPolicy = Map.groupBy(this.#childNames, (name) => parseChildName(name)?.policyUuid);
    this.#authentications = authentications;
    return sas;
  }

  async #authenticationsOf(
    rows: readonly Message[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, IkeSa['authentication']>> {
    const known = new Map<string, IkeSa['authentication']>();
    for (const name of new Set(rows.flatMap((row) => row.sections().map(([connection]) => connection)))) {
      const before = isOurs(name) ? 'psk' : this.#authentications.get(name);
      known.set(name, before ?? authenticationOf(await this.#watch.connection(name, signal)));
    }
    return known;
  }
}

function authenticationOf(connection: Message | undefined): IkeSa['authentication'] {
  const sides = connection?.sections().filter(([name]) => /^(local|remote)-\d+$/.test(name)) ?? [];
  const classes = sides.map(([, side]) => side.text('class'));
  if (classes.includes('public key')) return 'cert';
  return classes.includes('pre-shared key') ? 'psk' : 'none';
}
