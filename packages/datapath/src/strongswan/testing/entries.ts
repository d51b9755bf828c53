import {
  formatPrefix,
  hostPrefix,
  type IpsecPolicy,
  isPolicyUuid,
  type PolicyUuid,
  parseAddress,
  Secret,
  type SpdEntry,
} from '@esplanade/domain';
import * as domain from '@esplanade/domain/testing';

/** The key of every entry that does not name another. */
export const testPsk = 'forty-two is no good key, but it is one';

/** What entries are installed with. */
export const settings = { replayWindow: 64 };
/** Makes of an entry one that lets its traffic pass. */
export const bypass = { action: 'bypass', authentication: { kind: 'none' } } as const;
/** Makes of an entry one that drops its traffic. */
export const discard = { action: 'discard', authentication: { kind: 'none' } } as const;

/** What a test says about an entry; the rest is between 10.9.0.1 and 10.9.0.2, any traffic, ESP. */
export interface EntryChoices extends Partial<Omit<IpsecPolicy, 'selector' | 'uuid'>> {
  readonly local?: string;
  readonly remote?: string;
  readonly protocol?: number;
  readonly localPort?: number;
  readonly remotePort?: number;
  readonly psk?: string;
  readonly postquantum?: { readonly identity: string; readonly key: string };
}

/** The entry of policy number `n`. */
export function entry(n: number, choices: EntryChoices = {}): SpdEntry {
  const {
    local = '10.9.0.1',
    remote = '10.9.0.2',
    protocol = 0,
    localPort = 0,
    remotePort = 0,
    psk: key = testPsk,
    postquantum,
    ...over
  } = choices;
  return domain.entry(n, {
    uuid: uuid(n),
    selector: domain.selector(asPrefix(local), asPrefix(remote), { protocol, localPort, remotePort }),
    authentication: {
      kind: 'psk',
      psk: secret(key),
      ...(postquantum && {
        postquantumKey: { identity: postquantum.identity, key: secret(postquantum.key) },
      }),
    },
    ...over,
  });
}

/** The uuid of policy number `n`. */
export function uuid(n: number): PolicyUuid {
  const text = `d0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  if (!isPolicyUuid(text)) throw new Error(`not a uuid: ${text}`);
  return text;
}

function secret(key: string): Secret {
  return new Secret(Buffer.from(key), `fingerprint${key.length}`);
}

/** An address is the prefix of that one host. */
function asPrefix(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatPrefix(hostPrefix(address));
}
