import { isPolicyUuid, type PolicyUuid } from '@esplanade/domain';

/**
 * Names of ours in charon. What has exactly this form, connection and child, is ours, and everything else is left
 * alone. The names tell the policy and the form it is installed in, so that a list of names is all it takes to compare
 * charon with what is desired.
 */
const ours = 'esplanade-';

/** The connection that carries the bypasses for IPv6 neighbour discovery. */
export const neighbourDiscoveryName = `${ours}neighbour-discovery`;

/** A policy and the digest of the form of it that a name stands for. */
export interface NamedForm {
  readonly policyUuid: PolicyUuid;
  readonly fingerprint: string;
}

/** What a connection of ours is for. */
export type NamedConnection =
  | { readonly kind: 'shared' }
  | ({ readonly kind: 'shunt' } & NamedForm)
  | ({ readonly kind: 'block' } & NamedForm)
  | { readonly kind: 'neighbour-discovery' };

const formName = /^(.+?)-([0-9a-f]{12}(?:-w\d+(?:-c[0-9a-f]{12}-t[0-9a-f.]*)?)?)$/;
const windowSuffix = /-w(\d+)(?=$|-c)/;
const credentialsSuffix = /-c([0-9a-f]{12})-t([0-9a-f.]*)$/;
const sharedName = /^(?:pki-)?[0-9a-f]{12}$/;
const blockInfix = 'block-';
const pkiInfix = 'pki-';
const postquantumInfix = 'ppk-';

/** The connection that policies with these IKE-level settings share. */
export function sharedConnectionName(settingsDigest: string): string {
  return `${ours}${settingsDigest}`;
}

/** The same for policies that authenticate by certificates: their SAs are told from others by it. */
export function pkiConnectionName(settingsDigest: string): string {
  return `${ours}${pkiInfix}${settingsDigest}`;
}

/** Whether the peers of a connection of ours prove who they are by certificates. */
export function isPki(connectionName: string): boolean {
  return connectionName.startsWith(`${ours}${pkiInfix}`);
}

/** A policy's child in a shared connection, or in a connection of its own. */
export function childName(form: NamedForm): string {
  return `${form.policyUuid}-${form.fingerprint}`;
}

/** The connection of a bypass or a discard. */
export function shuntConnectionName(form: NamedForm): string {
  return `${ours}${childName(form)}`;
}

/** The connection of the block beneath a policy; its digest is of the selector alone. */
export function blockConnectionName(form: NamedForm): string {
  return `${ours}${blockInfix}${childName(form)}`;
}

/** The ring of keys of a pair of identities: charon finds keys by identities alone. */
export function keyRingName(ownersDigest: string): string {
  return `${ours}${ownersDigest}`;
}

/** The ring of a post-quantum key (RFC 8784): charon finds those by the key's own identity alone. */
export function postquantumRingName(identityDigest: string): string {
  return `${ours}${postquantumInfix}${identityDigest}`;
}

/**
 * What is known of the IKE SAs of a ring, kept in the name of one of its keys: so it is where the IKE SAs are, and
 * outlives us as they do. `moved`: while that key is the one that charon proves, all of them came up with it.
 * `replacing`: those that came up before it was loaded are to give way to others, or to end.
 */
export type KeyMark = 'moved' | 'replacing';

/** A key of a ring in charon. `fingerprint` is the key's own keyed digest. */
export interface NamedSecret {
  readonly ringName: string;
  readonly fingerprint: string;
  readonly mark: KeyMark | undefined;
}

/** The name of a key of a ring. */
export function secretName(ringName: string, fingerprint: string, mark?: KeyMark): string {
  return mark === undefined ? `${ringName}-${fingerprint}` : `${ringName}-${fingerprint}-${mark}`;
}

/** The key that a secret of this name is; undefined when it is not one of ours. */
export function parseSecretName(name: string): NamedSecret | undefined {
  const [, ringName, fingerprint, mark] =
    /^(esplanade-(?:ppk-)?[0-9a-f]{12})-(.+?)(?:-(moved|replacing))?$/.exec(name) ?? [];
  if (ringName === undefined || fingerprint === undefined) return undefined;
  return { ringName, fingerprint, mark: mark === 'moved' || mark === 'replacing' ? mark : undefined };
}

/** The ring that a secret of ours belongs to; undefined when it is not ours. */
export function ringOfSecret(name: string): string | undefined {
  return /^esplanade-(?:ppk-)?[0-9a-f]{12}(?=-)/.exec(name)?.[0];
}

/** Whether a ring is that of a post-quantum key. */
export function isPostquantumRing(ringName: string): boolean {
  return ringName.startsWith(`${ours}${postquantumInfix}`);
}

/** Whether a connection of this name is ours, if its children are. */
export function isOurs(name: string): boolean {
  return parseConnectionName(name) !== undefined;
}

/** Whether a connection of ours has a child of this name, in some form. */
export function isChildOf(connection: NamedConnection, child: string): boolean {
  switch (connection.kind) {
    case 'shared':
      return parseChildName(child) !== undefined;
    case 'shunt':
    case 'block':
      return child === childName(connection);
    case 'neighbour-discovery':
      return /^type-\d+$/.test(child);
  }
}

/** What a connection of this name is for; undefined when it is not ours. */
export function parseConnectionName(name: string): NamedConnection | undefined {
  if (!name.startsWith(ours)) return undefined;
  if (name === neighbourDiscoveryName) return { kind: 'neighbour-discovery' };
  const rest = name.slice(ours.length);
  if (sharedName.test(rest)) return { kind: 'shared' };
  const block = rest.startsWith(blockInfix) ? parseChildName(rest.slice(blockInfix.length)) : undefined;
  if (block !== undefined) return { kind: 'block', ...block };
  const shunt = parseChildName(rest);
  return shunt === undefined ? undefined : { kind: 'shunt', ...shunt };
}

/** Whether a connection of this name is a block beneath a policy. */
export function isBlock(connectionName: string): boolean {
  return parseConnectionName(connectionName)?.kind === 'block';
}

/** The anti-replay window of SAs of a child of this name; undefined where it has none, or the child is not ours. */
export function replayWindowOf(childName: string): number | undefined {
  const [, window] = windowSuffix.exec(childName) ?? [];
  return window === undefined || parseChildName(childName) === undefined ? undefined : Number(window);
}

/** A child's name as it would be with any anti-replay window: equal for children that differ in nothing else. */
export function withoutWindow(childName: string): string {
  return childName.replace(windowSuffix, '');
}

/**
 * By which certificates the SAs of a child came up: digests of what we showed, and beginnings of those of whom we
 * believed.
 */
export interface NamedCredentials {
  readonly shown: string;
  readonly believed: ReadonlySet<string>;
}

/** Read from a child's name; undefined where no certificate is in play. */
export function credentialsIn(childName: string): NamedCredentials | undefined {
  const [, shown, believed] = credentialsSuffix.exec(childName) ?? [];
  if (shown === undefined || believed === undefined) return undefined;
  return { shown, believed: new Set(believed === '' ? [] : believed.split('.')) };
}

/**
 * What is left of a child's name without what an SA may keep beside a newer form: anti-replay window and certificates.
 */
export function lastingName(childName: string): string {
  return withoutWindow(childName.replace(credentialsSuffix, ''));
}

/** The form that a child of this name is; undefined when it is not one of ours. */
export function parseChildName(name: string): NamedForm | undefined {
  const [, uuid, fingerprint] = formName.exec(name) ?? [];
  if (uuid === undefined || fingerprint === undefined || !isPolicyUuid(uuid)) return undefined;
  return { policyUuid: uuid, fingerprint };
}
