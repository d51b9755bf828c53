import type { PolicyUuid } from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { ForeignConnection } from '../foreign-connection.ts';
import { foreignConnection } from './foreign-mapping.ts';
import { type ListedConnection, listedConnection } from './listed-connection.ts';
import { isChildOf, parseChildName, parseConnectionName, ringOfSecret } from './names.ts';

/** A child of ours in charon: which connection, which child. */
export interface HeldChild {
  readonly connectionName: string;
  readonly childName: string;
}

/**
 * What one charon holds of ours, as last listed and changed by us since: connections with their children, indexed by
 * policy, and secrets. Goes by names; charon gives settings back in part only, and a connection that somebody may have
 * given others under its name is in doubt until it is loaded again.
 */
export class CharonHoldings {
  readonly #connections = new Map<string, ReadonlySet<string>>();
  readonly #byPolicy = new Map<PolicyUuid, Map<string, HeldChild>>();
  readonly #secrets = new Map<string, readonly string[]>();
  /** Children whose trap or shunt is not in force although they are loaded, e.g. uninstalled by hand. */
  readonly #idle = new Set<string>();
  /** Connections that are not ours. */
  readonly #foreign = new Map<string, ForeignConnection>();

  /** Subjects of the certificates that connections prove themselves with, as listed when they were found. */
  readonly #subjects = new Map<string, readonly string[]>();
  /** What was listed of connections that were not loaded since. */
  readonly #listed = new Map<string, ListedConnection>();
  readonly #doubted: Set<string>;

  /** `secrets` in charon's order, the one loaded last first. `doubted` outlives this listing. */
  constructor(secrets: readonly string[], doubted = new Set<string>()) {
    this.#doubted = doubted;
    for (const name of secrets.toReversed()) this.addSecret(name);
  }

  /** Reads a row of `list-conns`. */
  addConnectionRow(row: Message): void {
    for (const [name, section] of row.sections()) {
      const ours = childrenOfOurs(name, section);
      if (ours.length === 0) {
        this.#foreign.set(name, foreignConnection(name, section));
        continue;
      }
      this.setChildren(name, ours);
      const listed = listedConnection(section);
      this.#listed.set(name, listed);
      if (listed.subjects.length > 0) this.#subjects.set(name, listed.subjects);
      if (listed.children.size > ours.length) this.doubt(name);
    }
  }

  /** Takes a connection of ours as loaded with exactly these children, all in force. None takes it away. */
  setChildren(connectionName: string, children: readonly string[]): void {
    this.#listed.delete(connectionName);
    this.#foreign.delete(connectionName);
    for (const gone of this.#connections.get(connectionName) ?? []) {
      if (!children.includes(gone)) this.#forgetChild(connectionName, gone);
    }
    if (children.length === 0) {
      this.#connections.delete(connectionName);
      this.#subjects.delete(connectionName);
    } else this.#connections.set(connectionName, new Set(children));
    for (const childName of children) {
      this.#idle.delete(key(connectionName, childName));
      const policyUuid = parseChildName(childName)?.policyUuid;
      if (policyUuid === undefined) continue;
      const held = this.#byPolicy.get(policyUuid) ?? new Map<string, HeldChild>();
      held.set(key(connectionName, childName), { connectionName, childName });
      this.#byPolicy.set(policyUuid, held);
    }
  }

  /** Notes that charon has, or has not, put a loaded child in force. */
  setInForce(child: HeldChild, isInForce: boolean): void {
    if (isInForce) this.#idle.delete(key(child.connectionName, child.childName));
    else this.#idle.add(key(child.connectionName, child.childName));
  }

  isInForce(connectionName: string, childName: string): boolean {
    return !this.#idle.has(key(connectionName, childName));
  }

  /** Takes a secret as just loaded, and so as the first that charon proves; foreign ones are none of our business. */
  addSecret(name: string): void {
    const ring = ringOfSecret(name);
    if (ring !== undefined)
      this.#secrets.set(ring, [name, ...this.secretsOf(ring).filter((one) => one !== name)]);
  }

  deleteSecret(name: string): void {
    const ring = ringOfSecret(name);
    if (ring === undefined) return;
    const secrets = this.secretsOf(ring).filter((one) => one !== name);
    if (secrets.length === 0) this.#secrets.delete(ring);
    else this.#secrets.set(ring, secrets);
  }

  /** Names of the rings that have secrets. */
  ringNames(): readonly string[] {
    return [...this.#secrets.keys()];
  }

  /** The secrets loaded of a ring. Charon proves the first and accepts any. */
  secretsOf(ringName: string): readonly string[] {
    return this.#secrets.get(ringName) ?? [];
  }

  /** Names of all secrets of ours. */
  secretNames(): readonly string[] {
    return [...this.#secrets.values()].flatMap((names) => [...names]);
  }

  /** Takes in force what all the rows of `list-policies` show, and nothing else. */
  setAllInForce(rows: readonly Message[]): void {
    for (const [name, children] of this.#connections)
      for (const child of children) this.#idle.add(key(name, child));
    for (const [, section] of rows.flatMap((row) => row.sections()))
      this.#idle.delete(key(section.text('ike') ?? '', section.text('child') ?? ''));
  }

  /** Whether a connection is loaded, as we load it for all we know, and all of its children are in force. */
  hasInForce(connectionName: string): boolean {
    const children = this.#connections.get(connectionName);
    if (children === undefined || this.isDoubted(connectionName)) return false;
    return [...children].every((child) => this.isInForce(connectionName, child));
  }

  /** Somebody may have loaded a connection of ours with other settings. */
  doubt(connectionName: string): void {
    this.#doubted.add(connectionName);
  }

  isDoubted(connectionName: string): boolean {
    return this.#doubted.has(connectionName);
  }

  /** How a connection of ours was listed; undefined when it was loaded or looked at since. */
  listed(connectionName: string): ListedConnection | undefined {
    return this.#listed.get(connectionName);
  }

  /** Subjects of the certificates of a connection of ours that was found in charon, as charon prints them. */
  subjectsOf(connectionName: string): readonly string[] {
    return this.#subjects.get(connectionName) ?? [];
  }

  /** Everything that was listed has been looked at. */
  forgetListed(): void {
    this.#listed.clear();
  }

  /** Names of all connections of ours. */
  connectionNames(): readonly string[] {
    return [...this.#connections.keys()];
  }

  /** All connections that are not ours, as listed. */
  foreignConnections(): readonly ForeignConnection[] {
    return [...this.#foreign.values()];
  }

  /** Takes in how a connection that is not ours is listed now; undefined when it is not. */
  setForeign(name: string, section: Message | undefined): void {
    if (section === undefined || childrenOfOurs(name, section).length > 0) this.#foreign.delete(name);
    else this.#foreign.set(name, foreignConnection(name, section));
  }

  childrenOf(connectionName: string): ReadonlySet<string> {
    return this.#connections.get(connectionName) ?? new Set();
  }

  /** Every child that stands for the policy, in whatever form. */
  childrenOfPolicy(policyUuid: PolicyUuid): readonly HeldChild[] {
    return [...(this.#byPolicy.get(policyUuid)?.values() ?? [])];
  }

  /** All children of ours. */
  children(): readonly HeldChild[] {
    return [...this.#byPolicy.values()].flatMap((held) => [...held.values()]);
  }

  #forgetChild(connectionName: string, childName: string): void {
    this.#idle.delete(key(connectionName, childName));
    const policyUuid = parseChildName(childName)?.policyUuid;
    if (policyUuid === undefined) return;
    const held = this.#byPolicy.get(policyUuid);
    held?.delete(key(connectionName, childName));
    if (held?.size === 0) this.#byPolicy.delete(policyUuid);
  }
}

/** The children that make a connection ours: names of ours in one of ours. */
function childrenOfOurs(connectionName: string, section: Message): readonly string[] {
  const connection = parseConnectionName(connectionName);
  if (connection === undefined) return [];
  const children = section.section('children')?.sections() ?? [];
  return children.map(([child]) => child).filter((child) => isChildOf(connection, child));
}

function key(connectionName: string, childName: string): string {
  return `${connectionName}/${childName}`;
}
