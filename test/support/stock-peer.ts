import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Charon } from './charon.ts';
import { runCommand } from './command.ts';

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
    const charon = new Charon('the stock peer', socket, ['charon-systemd'], {
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

  /** Replaces its configuration: `swanctl --load-all`. */
  async load(configuration: string): Promise<void> {
    const file = join(this.#directory, 'swanctl.conf');
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
}

/** Runs swanctl against any charon's socket and resolves to what it printed. */
export async function swanctl(socket: string, ...args: readonly string[]): Promise<string> {
  return (await runCommand('swanctl', [...args, '--uri', `unix://${socket}`])).stdout;
}
