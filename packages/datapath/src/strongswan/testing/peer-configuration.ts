/** A child of the peer, in its own view of local and remote. */
export interface PeerChild {
  readonly name: string;
  readonly localTs: string;
  readonly remoteTs: string;
  readonly espProposals?: string;
}

/** A stock peer that accepts us by pre-shared key, as an administrator would write its swanctl.conf. */
export function peerConfiguration(options: {
  readonly name?: string;
  readonly local: string;
  readonly remote: string;
  readonly psk: string;
  readonly children: readonly PeerChild[];
  readonly ikeProposals?: string;
  readonly localId?: string;
  /** Connections that differ in nothing share their IKE SAs; this makes them differ. */
  readonly dpdSeconds?: number;
  /** A post-quantum key, which the peer requires or would like. */
  readonly postquantum?: { readonly identity: string; readonly key: string; readonly isRequired?: boolean };
}): string {
  const { local, remote, psk, name = 'ours' } = options;
  const localId = options.localId ?? local;
  const children = options.children.map(
    (child) => `
      ${child.name} {
        mode = transport
        local_ts = ${child.localTs}
        remote_ts = ${child.remoteTs}
        esp_proposals = ${child.espProposals ?? 'aes256gcm16'}
      }`,
  );
  const { postquantum } = options;
  const ppkSettings =
    postquantum === undefined
      ? ''
      : `\n    ppk_id = ${postquantum.identity}\n    ppk_required = ${postquantum.isRequired === false ? 'no' : 'yes'}`;
  const ppkSecret =
    postquantum === undefined
      ? ''
      : `\n  ppk-${name} {\n    id-1 = ${postquantum.identity}\n    secret = "${postquantum.key}"\n  }`;
  return `
connections {
  ${name} {
    version = 2
    local_addrs = ${local}
    remote_addrs = ${remote}
    dpd_delay = ${options.dpdSeconds ?? 0}s
    proposals = ${options.ikeProposals ?? 'aes256-sha384-ecp384'}${ppkSettings}
    local {
      auth = psk
      id = ${localId}
    }
    remote {
      auth = psk
      id = ${remote}
    }
    children {${children.join('')}
    }
  }
}
secrets {
  ike-${name} {
    id-1 = ${localId}
    id-2 = ${remote}
    secret = "${psk}"
  }${ppkSecret}
}
`;
}
