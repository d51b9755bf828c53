/** A child of a stock peer, in its own view of local and remote. */
export interface PeerChild {
  readonly name: string;
  /** `10.9.0.2/32[tcp/2049]`. */
  readonly localTs: string;
  readonly remoteTs: string;
  /** `trap` brings it up on the first packet (`none`). */
  readonly startAction?: 'trap' | 'none';
  /** `pass` and `drop` are shunts (`transport`). */
  readonly mode?: 'transport' | 'pass' | 'drop';
}

/** A connection of a stock peer by pre-shared key, or by certificate. */
export interface PeerConnection {
  readonly name: string;
  /** The peer's own address. */
  readonly local: string;
  readonly remote: string;
  readonly children: readonly PeerChild[];
  /** Its own identity (`local`). */
  readonly localIdentity?: string;
  /** Whom it expects (`remote`). */
  readonly remoteIdentity?: string;
  /**
   * The name of its own certificate, if it proves itself by one (`PeerCredentials`); the remote must then too. Its
   * identity is the certificate's subject unless said.
   */
  readonly certificate?: string;
  /** Names of the only CAs that may vouch for the remote; any that it trusts if not given. */
  readonly authorities?: readonly string[];
  /** What becomes of a remote whose certificate's status is unknown (`relaxed`). */
  readonly revocation?: 'strict' | 'ifuri' | 'relaxed';
  /** The identity of the post-quantum key that it requires, if it does. */
  readonly postquantumIdentity?: string;
  /** As ONTAP's GCM256 suite if not given. */
  readonly ikeProposals?: string;
  readonly espProposals?: string;
}

/** A pre-shared key between two identities. */
export interface PeerSecret {
  readonly name: string;
  readonly identities: readonly [string, string];
  /** In swanctl's words: text, `0x` and hexadecimal digits, or `0s` and base64. */
  readonly key: string;
}

/** A post-quantum key (RFC 8784) of a stock peer. */
export interface PeerPostquantumKey {
  readonly identity: string;
  readonly key: string;
}

/** A whole swanctl.conf, as an administrator of the other end would write it. */
export function swanctlConf(
  connections: readonly PeerConnection[],
  secrets: readonly PeerSecret[],
  postquantumKeys: readonly PeerPostquantumKey[] = [],
): string {
  const sections = [...secrets.map(secretSection), ...postquantumKeys.map(postquantumSection)];
  return `connections {${connections.map(connectionSection).join('')}\n}
secrets {${sections.join('')}\n}\n`;
}

function connectionSection(connection: PeerConnection): string {
  const { name, local, remote, children, ikeProposals } = connection;
  const child = (one: PeerChild): string => childSection(one, connection.espProposals ?? 'aes256gcm16');
  return `
  ${name} {
    version = 2
    local_addrs = ${local}
    remote_addrs = ${remote}
    proposals = ${ikeProposals ?? 'aes256-sha384-ecp384'}${postquantumSettings(connection)}
    local {${sideOf(localSide(connection))}
    }
    remote {${sideOf(remoteSide(connection))}
    }
    children {${children.map(child).join('')}
    }
  }`;
}

function postquantumSettings({ postquantumIdentity }: PeerConnection): string {
  if (postquantumIdentity === undefined) return '';
  return `\n    ppk_id = "${postquantumIdentity}"\n    ppk_required = yes`;
}

function localSide({ local, localIdentity, certificate }: PeerConnection): Settings {
  if (certificate === undefined) return { auth: 'psk', id: quoted(localIdentity ?? local) };
  const id = localIdentity === undefined ? {} : { id: quoted(localIdentity) };
  return { auth: 'pubkey', certs: `${certificate}.pem`, ...id };
}

function remoteSide(connection: PeerConnection): Settings {
  const { remote, certificate, authorities, revocation } = connection;
  const id = quoted(connection.remoteIdentity ?? remote);
  if (certificate === undefined) return { auth: 'psk', id };
  return {
    auth: 'pubkey',
    id,
    ...(authorities && { cacerts: authorities.map((name) => `${name}.pem`).join(', ') }),
    ...(revocation && { revocation }),
  };
}

type Settings = Readonly<Record<string, string>>;

function sideOf(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `\n      ${name} = ${value}`)
    .join('');
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** A shunt's priority is set because charon's own would put it above whatever it pleases. */
function childSection(
  { name, localTs, remoteTs, startAction, mode }: PeerChild,
  espProposals: string,
): string {
  const isShunt = mode === 'pass' || mode === 'drop';
  return `
      ${name} {
        mode = ${mode ?? 'transport'}
        local_ts = ${localTs}
        remote_ts = ${remoteTs}
        esp_proposals = ${espProposals}
        start_action = ${startAction ?? 'none'}${isShunt ? '\n        priority = 10' : ''}
      }`;
}

function secretSection({ name, identities, key }: PeerSecret): string {
  const ids = identities.map((identity, index) => `\n    id-${index + 1} = "${identity}"`);
  return `
  ike-${name} {${ids.join('')}
    secret = "${key}"
  }`;
}

function postquantumSection({ identity, key }: PeerPostquantumKey, index: number): string {
  return `
  ppk-${index + 1} {
    id-1 = "${identity}"
    secret = "${key}"
  }`;
}
