import type { IkeSa, PolicyUuid, SecurityAssociation } from '@esplanade/domain';
import type { Message, ViciEvent } from '@esplanade/vici';
import type { SaPlace } from '../sa-uuid.ts';
import type { CharonWatch } from './charon-watch.ts';
import { type IdleIkeSa, idleIkeSas } from './idle-ike-sas.ts';
import type { Installer } from './installer.ts';
import { LiveSas } from './live-sas.ts';
import { isOurs, isPki, parseChildName } from './names.ts';
import { childNamesOf, securityAssociationsOf } from './sa-mapping.ts';
import { Vouchers } from './vouchers.ts';

/** Lists SAs, keeps the last listing up with charon's events, and remembers what only a listing tells. */
export class SaObserver {
  readonly #place: SaPlace;
  readonly #watch: CharonWatch;
  readonly #installer: Installer;
  readonly #live = new LiveSas();
  /** Which CAs vouched for the remotes of SAs. */
  readonly vouchers = new Vouchers();
  /** The policy that each IKE SA was first seen with: who brought up a shared one. */
  #firstPolicies: ReadonlyMap<string, PolicyUuid> = new Map();
  /** How the peers of connections with SAs prove who they are: of foreign ones only charon's configuration tells. */
  #authentications: ReadonlyMap<string, IkeSa['authentication']> = new Map();
  #children: ChildIndex | undefined;

  constructor(place: SaPlace, watch: CharonWatch, installer: Installer) {
    this.#place = place;
    this.#watch = watch;
    this.#installer = installer;
  }

  /** Takes in what charon tells of its SAs. */
  heard(event: ViciEvent): void {
    this.vouchers.heard(event);
    if (event.kind === 'event' && event.name === 'log') return;
    this.#live.heard(event);
    this.#children = undefined;
  }

  /** Charon may be another one by now. */
  restarted(): void {
    this.#live.doubt();
    this.vouchers.forget();
  }

  /** The IKE SAs of ours that had carried nothing for so long when last listed. */
  idleIkeSas(idleSeconds: number): readonly IdleIkeSa[] {
    return idleIkeSas(this.#live.rows(), idleSeconds);
  }

  /** Names of the children that have SAs as far as is known, foreign ones included. */
  get childNames(): ReadonlySet<string> {
    return new Set(this.#index().ikeIds.keys());
  }

  /** The SAs of charon as far as is known, a row of `list-sas` each. */
  rows(): readonly Message[] {
    return this.#live.rows();
  }

  /** How many SAs a child has; undefined when only asking tells. */
  sasOf(childName: string): number | undefined {
    return this.#live.isCertain ? (this.#index().ikeIds.get(childName)?.length ?? 0) : undefined;
  }

  /** How many IKE SAs a connection has; undefined when only asking tells. */
  ikeSasOf(connectionName: string): number | undefined {
    return this.#live.isCertain ? (this.#index().ikeSas.get(connectionName) ?? 0) : undefined;
  }

  /** Numbers of the IKE SAs that have SAs of a child, as far as is known. */
  ikeIdsOf(childName: string): readonly string[] {
    return [...new Set(this.#index().ikeIds.get(childName))];
  }

  /** The same for certain: asks for the SAs of that child, of a connection where given, if nothing else tells. */
  async ikeIdsNow(
    childName: string,
    connectionName: string | undefined,
    signal?: AbortSignal,
  ): Promise<readonly string[]> {
    if (this.#live.isCertain) return this.ikeIdsOf(childName);
    const which = { child: childName, ...(connectionName !== undefined && { ike: connectionName }) };
    const rows = await this.#watch.listSas(signal, which);
    return [...new Set(childIndexOf(rows).ikeIds.get(childName))];
  }

  /** Names of the children with SAs on IKE SAs of a connection, as far as is known. */
  childrenOf(connectionName: string): readonly string[] {
    const rows = this.#live.rows().filter((row) => row.section(connectionName) !== undefined);
    return [...new Set(rows.flatMap(childNamesOf))];
  }

  /** Children of the policy that have SAs as far as is known, other than the one to keep. */
  orphansOf(policyUuid: PolicyUuid, keep: string | undefined): readonly string[] {
    return (
      this.#index()
        .namesByPolicy.get(policyUuid)
        ?.filter((name) => name !== keep) ?? []
    );
  }

  /** Numbers of the IKE SAs with SAs of these children that carry nothing of any other policy, as far as is known. */
  ikeIdsOnlyOf(policyUuid: PolicyUuid, childNames: ReadonlySet<string>): readonly string[] {
    if (childNames.size === 0) return [];
    return this.#live.rows().flatMap((row) => {
      const names = childNamesOf(row);
      if (!names.some((name) => childNames.has(name))) return [];
      if (!names.every((name) => parseChildName(name)?.policyUuid === policyUuid)) return [];
      return row.sections().flatMap(([, section]) => section.text('uniqueid') ?? []);
    });
  }

  /** All SAs at this moment. */
  async list(signal?: AbortSignal): Promise<readonly SecurityAssociation[]> {
    const began = this.#live.beginListing();
    const rows = await this.#watch.listSas(signal);
    this.#authentications = await this.#authenticationsOf(rows, signal);
    this.#live.listed(rows, began);
    this.#children = undefined;
    return this.#mapped(rows);
  }

  /** The last listing with what came and went since; undefined when only another listing tells. */
  known(): readonly SecurityAssociation[] | undefined {
    if (!this.#live.isCertain) return undefined;
    const rows = this.#live.rows();
    const isTold = (name: string): boolean => isOurs(name) || this.#authentications.has(name);
    return connectionNames(rows).every(isTold) ? this.#mapped(rows) : undefined;
  }

  #mapped(rows: readonly Message[]): readonly SecurityAssociation[] {
    const first = this.#firstPolicies;
    const sas = rows.flatMap((row) =>
      securityAssociationsOf(row, {
        place: this.#place,
        configured: (childName) => this.#installer.formLike(childName)?.negotiation,
        authentication: (name) => ourAuthentication(name) ?? this.#authentications.get(name) ?? 'none',
        firstPolicy: (ikeUuid) => first.get(ikeUuid),
      }),
    );
    this.#firstPolicies = new Map(
      sas.flatMap((sa) =>
        sa.kind === 'ike' && sa.policyUuid !== undefined ? [[sa.uuid, sa.policyUuid]] : [],
      ),
    );
    return sas;
  }

  #index(): ChildIndex {
    this.#children ??= childIndexOf(this.#live.rows());
    return this.#children;
  }

  async #authenticationsOf(
    rows: readonly Message[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, IkeSa['authentication']>> {
    const known = new Map<string, IkeSa['authentication']>();
    for (const name of connectionNames(rows)) {
      if (isOurs(name)) continue;
      const before = this.#authentications.get(name);
      known.set(name, before ?? authenticationOf(await this.#watch.connection(name, signal)));
    }
    return known;
  }
}

/** The children that have SAs. */
interface ChildIndex {
  /** For each SA that a child has, the number of its IKE SA. */
  readonly ikeIds: ReadonlyMap<string, readonly string[]>;
  readonly namesByPolicy: ReadonlyMap<PolicyUuid | undefined, readonly string[]>;
  /** How many IKE SAs each connection has. */
  readonly ikeSas: ReadonlyMap<string, number>;
}

function childIndexOf(rows: readonly Message[]): ChildIndex {
  const ikeIds = new Map<string, string[]>();
  const ikeSas = new Map<string, number>();
  for (const row of rows) {
    const sections = row.sections();
    const ids = sections.flatMap(([, section]) => section.text('uniqueid') ?? []);
    for (const [name] of sections) ikeSas.set(name, (ikeSas.get(name) ?? 0) + 1);
    for (const name of childNamesOf(row)) {
      const known = ikeIds.get(name);
      if (known === undefined) ikeIds.set(name, [...ids]);
      else known.push(...ids);
    }
  }
  const namesByPolicy = Map.groupBy(ikeIds.keys(), (name) => parseChildName(name)?.policyUuid);
  return { ikeIds, namesByPolicy, ikeSas };
}

function connectionNames(rows: readonly Message[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => row.sections().map(([connection]) => connection)))];
}

function ourAuthentication(connectionName: string): IkeSa['authentication'] | undefined {
  if (!isOurs(connectionName)) return undefined;
  return isPki(connectionName) ? 'cert' : 'psk';
}

function authenticationOf(connection: Message | undefined): IkeSa['authentication'] {
  const sides = connection?.sections().filter(([name]) => /^(local|remote)-\d+$/.test(name)) ?? [];
  const classes = sides.map(([, side]) => side.text('class'));
  if (classes.includes('public key')) return 'cert';
  return classes.includes('pre-shared key') ? 'psk' : 'none';
}
