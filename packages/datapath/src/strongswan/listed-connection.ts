import { type Prefix, parsePrefix } from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { LoadableConnection } from './shunt-mapping.ts';

/**
 * What `list-conns` shows of a child that can be held against what we load; lifetimes and proposals it shows in part or
 * not.
 */
interface ListedChild {
  readonly mode: string;
  readonly priority: string;
  readonly local: readonly string[];
  readonly remote: readonly string[];
}

/** A connection as `list-conns` shows it. */
export interface ListedConnection {
  /** How both ends authenticate, in charon's words; nothing for shunts that name nothing. */
  readonly authentication: readonly string[];
  /** Subjects of the certificates that we show, as charon prints them. */
  readonly subjects: readonly string[];
  /** Identity of the post-quantum key that is required; undefined where there is none, or charon may do without. */
  readonly postquantumIdentity: string | undefined;
  readonly children: ReadonlyMap<string, ListedChild>;
}

/** Reads a section of `list-conns`. */
export function listedConnection(section: Message): ListedConnection {
  const rounds = section.sections().filter(([name]) => /^(?:local|remote)-\d+$/.test(name));
  const children = section.section('children')?.sections() ?? [];
  return {
    subjects: rounds.flatMap(([name, round]) => (name.startsWith('local-') ? round.texts('certs') : [])),
    authentication: rounds.map(([, round]) => round.text('class') ?? ''),
    postquantumIdentity: section.yesNo('ppk_required') === true ? section.text('ppk_id') : undefined,
    children: new Map(
      children.map(([name, child]) => [
        name,
        {
          mode: child.text('mode') ?? '',
          priority: child.text('priority') ?? '0',
          local: child.texts('local-ts'),
          remote: child.texts('remote-ts'),
        },
      ]),
    ),
  };
}

/**
 * Whether charon lists a connection of ours otherwise than we load it, in those children that both have. Never true of
 * one that is as we loaded it: a name stands for any protocol or port, because charon's threads look names up in one
 * place without a lock, and print each other's.
 */
export function isListedOtherwise(
  listed: ListedConnection,
  { settings, children }: LoadableConnection,
): boolean {
  const { local } = settings;
  const negotiates = local !== undefined;
  if (negotiates && listed.authentication.join() !== authenticationOf(local)) return true;
  if (negotiates && listed.postquantumIdentity !== settings['ppk_id']) return true;
  return Object.entries(children).some(([name, child]) => {
    const shown = listed.children.get(name);
    if (shown === undefined) return false;
    return (
      shown.mode !== String(child['mode']).toUpperCase() ||
      shown.priority !== child['priority'] ||
      !areEqual(shown.local, child['local_ts'] ?? []) ||
      !areEqual(shown.remote, child['remote_ts'] ?? [])
    );
  });
}

function authenticationOf(local: LoadableConnection['settings'][string]): string {
  const isPublicKey = typeof local === 'object' && 'auth' in local && local.auth === 'pubkey';
  return isPublicKey ? 'public key,public key' : 'pre-shared key,pre-shared key';
}

function areEqual(shown: readonly string[], loaded: string | readonly string[]): boolean {
  const some = shown.map(sideOf);
  const others = [loaded].flat().map(sideOf);
  return (
    some.length === others.length &&
    some.every((one) => others.some((other) => mayBeEqual(one, other))) &&
    others.every((other) => some.some((one) => mayBeEqual(one, other)))
  );
}

/** One side of a selector. A number is absent where the text has a name. */
interface Side {
  readonly prefix: Prefix | undefined;
  readonly protocol: number | undefined;
  readonly port: number | undefined;
}

function sideOf(text: string): Side {
  const [, addresses = '', protocolText = '', portText = ''] =
    /^([^[]+)(?:\[([^/\]]*)(?:\/([^\]]*))?\])?$/.exec(text) ?? [];
  return { prefix: parsePrefix(addresses), protocol: numberOf(protocolText), port: numberOf(portText) };
}

function numberOf(text: string): number | undefined {
  if (text === '') return 0;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function mayBeEqual(one: Side, other: Side): boolean {
  if (one.prefix === undefined || other.prefix === undefined) return false;
  return (
    one.prefix.family === other.prefix.family &&
    one.prefix.address === other.prefix.address &&
    one.prefix.length === other.prefix.length &&
    mayBeSame(one.protocol, other.protocol) &&
    mayBeSame(one.port, other.port)
  );
}

/** A name stands for some number, never for any. */
function mayBeSame(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined) return other !== 0;
  return other === undefined ? one !== 0 : one === other;
}
