import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon } from './daemon.ts';
import { Esplanade } from './esplanade.ts';
import { type Host, Network } from './network.ts';
import { body, Operator, type PolicyStatus, type PolicyWish, type SaRecord, uuidIn } from './operator.ts';

const launcher = fileURLToPath(new URL('../../bin/esplanade-charon', import.meta.url));
/** The server runs as nobody, who is in it. */
const group = 'nogroup';
/** As test/support/charon.ts has them: many set-ups at once from one address, and no long waits. */
const settings =
  'dos_protection = no\nretransmit_timeout = 1.0\nretransmit_tries = 3\nretransmit_base = 1.4\n';

/**
 * One node with several IPspaces, each on a wire of its own, where the hosts have the same addresses as on any other:
 * 10.9.0.1 is ours and 10.9.0.2 the peer. One server without privileges for all of them; `Default` has no daemons.
 */
export class ManyIpspaces<Name extends string> implements AsyncDisposable {
  readonly directory: string;
  readonly server: Esplanade;
  readonly operator: Operator;
  readonly #wires: ReadonlyMap<Name, Network<'ours' | 'peer'>>;
  readonly #closing: AsyncDisposableStack;

  private constructor(
    directory: string,
    server: Esplanade,
    wires: ReadonlyMap<Name, Network<'ours' | 'peer'>>,
    closing: AsyncDisposableStack,
  ) {
    this.directory = directory;
    this.server = server;
    this.operator = new Operator(server);
    this.#wires = wires;
    this.#closing = closing;
  }

  /** Lays the wires and starts the server. IPsec is enabled; there are neither IPspaces nor daemons yet. */
  static async start<Name extends string>(names: readonly Name[]): Promise<ManyIpspaces<Name>> {
    await using opened = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-ipspaces-'));
    opened.defer(() => rm(directory, { recursive: true }));
    // The server goes through it to its data and to the sockets.
    await chmod(directory, 0o755);
    const wires = new Map<Name, Network<'ours' | 'peer'>>();
    for (const name of names) {
      const network = await Network.create(['ours', 'peer']);
      opened.defer(() => network.close());
      wires.set(name, network);
    }
    const sockets = names.flatMap((name) => ['--vici', `${name}=${socketPath(directory, name)}`]);
    const server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'strongswan', ...sockets],
      isUnprivileged: true,
    });
    opened.defer(() => server.stop());
    await new Operator(server).setIpsec(true);
    return new ManyIpspaces(directory, server, wires, opened.move());
  }

  /** VICI socket of the charon of an IPspace, or of its guard. */
  socket(name: Name, which?: 'guard'): string {
    return socketPath(this.directory, which === undefined ? name : `${name}.${which}`);
  }

  wire(name: Name): Network<'ours' | 'peer'> {
    const wire = this.#wires.get(name);
    if (wire === undefined) throw new Error(`there is no wire of ${name}`);
    return wire;
  }

  /** Our host in an IPspace. */
  ours(name: Name): Host {
    return this.wire(name).hosts.ours;
  }

  /** The host at the other end of an IPspace's wire. */
  peer(name: Name): Host {
    return this.wire(name).hosts.peer;
  }

  /** Ends something else with the stage, before what was there already. */
  defer(close: () => Promise<void>): void {
    this.#closing.defer(close);
  }

  /** Runs the launcher for an IPspace, beside those of the others, until the stage is closed or the daemon ended. */
  async launch(name: Name): Promise<Daemon> {
    const include = join(this.directory, `${name}.include.conf`);
    await writeFile(include, settings);
    const place = ['--netns', this.ours(name).namespace, '--runtime-dir', this.directory];
    const rest = ['--group', group, '--include', include];
    const daemon = new Daemon(`launcher of ${name}`, [launcher, '--ipspace', name, ...place, ...rest]);
    this.#closing.defer(async () => void (await daemon.end('SIGTERM')));
    return daemon;
  }

  /** Makes an IPspace with an SVM of its own in it, `svm-NAME`. */
  async create(name: Name): Promise<void> {
    await this.operator.expect(201, 'POST', '/api/network/ipspaces', { name });
    await this.operator.expect(201, 'POST', '/api/svm/svms', { name: `svm-${name}`, 'ipspace.name': name });
  }

  /** Deletes an IPspace and its SVM; neither may have policies. */
  async delete(name: Name): Promise<void> {
    await this.operator.expect(200, 'DELETE', `/api/svm/svms?name=svm-${name}`);
    await this.operator.expect(200, 'DELETE', `/api/network/ipspaces?name=${name}`);
  }

  /** Creates a policy of the SVM in an IPspace and resolves to its uuid. */
  async policy(name: Name, wish: PolicyWish): Promise<string> {
    const wanted = { ...body(wish), svm: { name: `svm-${name}` } };
    const answer = await this.server.call('POST', '/api/security/ipsec/policies', wanted);
    if (answer.status !== 201) throw new Error(`POST ${wish.name}: ${JSON.stringify(answer.body)}`);
    return uuidIn(answer);
  }

  /** Resolves when the policy is in force. */
  async untilApplied(uuid: string): Promise<PolicyStatus> {
    return await this.operator.until(uuid, ({ state }) => state === 'applied', {
      deadlineMilliseconds: 30_000,
    });
  }

  /** The SAs of an IPspace, as the API lists them. */
  async sas(name: Name): Promise<readonly SaRecord[]> {
    const path = `/api/security/ipsec/security-associations?fields=*&ipspace.name=${name}`;
    return (await this.operator.expect<{ records: SaRecord[] }>(200, 'GET', path)).records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

function socketPath(directory: string, name: string): string {
  return join(directory, 'vici', `${name}.sock`);
}
