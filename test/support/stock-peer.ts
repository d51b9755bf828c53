import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Charon } from './charon.ts';
import { runCommand } from './command.ts';

/** What a peer keeps in the directories of its swanctl.conf; all in PEM. */
export interface PeerCredentials {
  /** Its own, by the name that `certs` of a connection gives with `.pem` after it. */
  readonly own?: Readonly<Record<string, { readonly certificate: string; readonly key: string }>>;
  /** Certificates of CAs that it trusts, by name as well. */
  readonly authorities?: Readonly<Record<string, string>>;
  /** Certificates between its own and those of CAs. */
  readonly intermediates?: readonly string[];
  readonly revocationLists?: readonly string[];
}

/** Where a stock peer runs and what it is configured with. */
export interface StockPeerOptions {
  readonly namespace: string;
  /** A scratch directory on a file system that takes sockets. */
  readonly directory: string;
  /** The text of its swanctl.conf: connections and secrets. */
  readonly configuration: string;
}

/** Everything a Debian host loads that this product has no say in; the socket is moved to be private. */
const strongswanConf = (socket: string): string => `
charon-systemd {
  load = random nonce openssl aes sha1 sha2 hmac kdf drbg gcm ccm ctr curve25519 gmp chapoly x509 revocation constraints pubkey pkcs1 pkcs8 pkcs12 pem kernel-netlink socket-default vici counters
  install_routes = no
  dos_protection = no
  retransmit_timeout = 1.0
  retransmit_tries = 3
  retransmit_base = 1.4
  plugins { vici { socket = unix://${socket} } kernel-netlink { xfrm_acq_expires = 5 } }
  filelog { stderr {
    default = 1
    time_format = %F %T peer
  } }
  journal { default = -1 }
  syslog { daemon { default = -1 } auth { default = -1 } }
}
`;

/** A strongSwan that Esplanade knows nothing of: a plain swanctl.conf, loaded and read by swanctl. */
export class StockPeer {
  readonly charon: Charon;
  readonly #directory: string;

  private constructor(charon: Charon, directory: string) {
    this.charon = charon;
    this.#directory = directory;
  }

  /** Starts it and loads its swanctl.conf. */
  static async start(options: StockPeerOptions): Promise<StockPeer> {
    await mkdir(options.directory, { recursive: true });
    const socket = join(options.directory, 'charon.vici');
    const strongswan = join(options.directory, 'strongswan.conf');
    await writeFile(strongswan, strongswanConf(socket));
    // Of another strongSwan, if strongswan/run.ts runs us.
    const program = join(process.env['ESPLANADE_PEER_STRONGSWAN'] ?? '/usr/sbin', 'charon-systemd');
    const charon = new Charon('the stock peer', socket, [program], {
      namespace: options.namespace,
      environment: { STRONGSWAN_CONF: strongswan },
    });
    const peer = new StockPeer(charon, options.directory);
    try {
      await charon.start();
      await peer.load(options.configuration);
    } catch (error) {
      await charon.stop();
      throw error;
    }
    return peer;
  }

  /** Replaces its configuration and what it has in certificates: `swanctl --load-all`. */
  async load(configuration: string, credentials: PeerCredentials = {}): Promise<void> {
    const file = join(this.#home, 'swanctl.conf');
    await this.#keep(credentials);
    await writeFile(file, configuration, { mode: 0o600 });
    await this.swanctl('--load-all', '--file', file, '--clear', '--noprompt');
  }

  /** Runs swanctl against it and resolves to what it printed. */
  async swanctl(...args: readonly string[]): Promise<string> {
    return await swanctl(this.charon.socket, ...args);
  }

  /** Brings a child up from its side; throws with swanctl's log when it does not come up. */
  async initiate(child: string): Promise<void> {
    await this.swanctl('--initiate', '--child', child, '--timeout', '15');
  }

  async stop(): Promise<void> {
    await this.charon.stop();
  }

  /** swanctl looks for certificates beside its configuration. */
  get #home(): string {
    return join(this.#directory, 'swanctl');
  }

  async #keep({ own = {}, authorities = {}, intermediates = [], revocationLists = [] }: PeerCredentials) {
    const files = {
      x509: [
        ...Object.entries(own).map(([name, { certificate }]) => [name, certificate] as const),
        ...intermediates.map((one, index) => [`intermediate-${index}`, one] as const),
      ],
      x509ca: Object.entries(authorities),
      x509crl: revocationLists.map((one, index) => [`list-${index}`, one] as const),
      private: Object.entries(own).map(([name, { key }]) => [name, key] as const),
    };
    await rm(this.#home, { recursive: true, force: true });
    for (const [kind, entries] of Object.entries(files)) {
      const directory = join(this.#home, kind);
      await mkdir(directory, { recursive: true });
      for (const [name, text] of entries)
        await writeFile(join(directory, `${name}.pem`), text, { mode: 0o600 });
    }
  }
}

/** Runs swanctl against any charon's socket and resolves to what it printed. */
export async function swanctl(socket: string, ...args: readonly string[]): Promise<string> {
  return (await runCommand('swanctl', [...args, '--uri', `unix://${socket}`])).stdout;
}
