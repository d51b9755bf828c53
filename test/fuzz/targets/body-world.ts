import { startTestServer, type TestServer } from '@esplanade/server/testing';
import { at } from '../operations.ts';
import { goodPolicy } from './good-bodies.ts';
import type { Credentials } from './pki-targets.ts';

/** What stands for a record's key in kept inputs: keys are drawn anew in each run. */
export type Places = ReadonlyMap<string, string>;

/** What inputs leave behind: whatever refers to others comes before them. */
const passing: readonly (readonly [path: string, filter: string])[] = [
  ['/security/ipsec/policies', 'uuid=*'],
  ['/esplanade/v1/certificate-revocation-lists', 'certificate.uuid=*'],
  ['/security/ipsec/ca-certificates', 'certificate.uuid=*'],
  ['/security/certificates', 'uuid=*'],
  ['/network/ip/interfaces', 'uuid=*'],
  ['/security/accounts', 'name=!admin'],
  ['/security/roles', 'name=made*'],
  ['/svm/svms', 'uuid=*'],
  ['/network/ipspaces', 'name=!Default'],
];

/** The whole server in this process, with one record of each kind. */
export class BodyWorld {
  readonly server: TestServer;
  readonly #credentials: Credentials;
  #places: Places = new Map();

  static async start(credentials: Credentials): Promise<BodyWorld> {
    const world = new BodyWorld(await startTestServer(), credentials);
    await world.furnish();
    return world;
  }

  private constructor(server: TestServer, credentials: Credentials) {
    this.server = server;
    this.#credentials = credentials;
  }

  get places(): Places {
    return this.#places;
  }

  /** Removes what inputs made, and makes one record of each kind. */
  readonly furnish = async (): Promise<void> => {
    const { root, host, lists } = this.#credentials;
    for (const [path, filter] of passing)
      await this.server.request('DELETE', `/api${path}?${filter}&continue_on_failure=true`);
    const make = async (path: string, body: object): Promise<string> => {
      const { status, headers, text } = await this.server.request('POST', `/api${path}`, body);
      if (status !== 201) throw new Error(`${path} cannot be furnished: ${text}`);
      return headers['location'] ?? '';
    };
    const ipspace = await make('/network/ipspaces', { name: 'blue' });
    const svm = await make('/svm/svms', { name: 'svm1', ipspace: { name: 'Default' } });
    const lif = await make('/network/ip/interfaces', {
      name: 'lif1',
      svm: { name: 'svm1' },
      ip: { address: '192.0.2.1', netmask: '24' },
    });
    const ca = await make('/security/certificates', {
      type: 'root_ca',
      public_certificate: root.certificate,
      private_key: root.key,
    });
    const certificate = await make('/security/certificates', {
      type: 'server',
      public_certificate: host.certificate,
      private_key: host.key,
    });
    const uuid = (location: string): string => location.split('/').at(-1) ?? '';
    await make('/security/ipsec/ca-certificates', { certificate: { uuid: uuid(ca) } });
    await make('/esplanade/v1/certificate-revocation-lists', {
      certificate: { uuid: uuid(ca) },
      crl: lists[0],
    });
    const policy = await make('/security/ipsec/policies', goodPolicy('kept', 3));
    const account = await make('/security/accounts', {
      name: 'keeper',
      owner: { name: 'svm1' },
      role: { name: 'vsadmin' },
      password: 'a password of the fuzzed',
    });
    const [owner = '', name = ''] = account.split('/').slice(-2);
    const keys = {
      ipspace: uuid(ipspace),
      svm: uuid(svm),
      lif: uuid(lif),
      ca: uuid(ca),
      certificate: uuid(certificate),
      policy: uuid(policy),
    };
    const places = { ...keys, owner, account: `${owner}/${name}` };
    this.#places = new Map(Object.entries(places).map(([place, key]) => [`{${place}}`, key]));
  };

  /** What this server itself made a fault of, since the last call. */
  takeErrors(): readonly string[] {
    const lines = this.server.log.slice(this.#told).filter((line) => /"level":[56]0/.test(line));
    this.#told = this.server.log.length;
    return lines;
  }
  #told = 0;

  /** Sends it and counts the status; rejects for what no body may bring about. */
  readonly send = async (method: string, url: string, body: Uint8Array): Promise<string> => {
    const { status, text, body: answer } = await this.server.request(method, url, Buffer.from(body));
    const errors = this.takeErrors();
    if (status >= 500 || errors.length > 0)
      throw new Error(`answered ${status}: ${text.slice(0, 500)}${errors.join('\n')}`);
    if (status >= 400 && typeof at(at(answer, 'error'), 'code') !== 'string')
      throw new Error(`${status} without a code: ${text.slice(0, 500)}`);
    return String(status);
  };
}
