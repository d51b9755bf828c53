import type { ApiAnswer, Esplanade } from './esplanade.ts';
import { eventually, type Patience } from './eventually.ts';

/** A policy as an operator thinks of it; `body()` says it in ONTAP's words. */
export interface PolicyWish {
  readonly name: string;
  readonly action?: 'esp_transport' | 'esp_udp' | 'bypass' | 'discard';
  /** `10.9.0.1` for the host, or `10.9.0.0/24`. */
  readonly local: string;
  readonly remote: string;
  /** `any`, `tcp`, `udp`, `icmp`, or a number. */
  readonly protocol?: string;
  readonly localPort?: number;
  readonly remotePort?: number;
  readonly secretKey?: string;
  readonly localIdentity?: string;
  readonly remoteIdentity?: string;
  /** Name of the certificate to authenticate by, instead of a key. */
  readonly certificate?: string;
  readonly postquantumKey?: { readonly identity: string; readonly key: string };
  readonly enabled?: boolean;
}

/** In PEM. */
interface CertificateWithKey {
  readonly certificate: string;
  readonly key: string;
}

/** What `/api/esplanade/v1/policies/UUID` says. */
export interface PolicyStatus {
  readonly uuid: string;
  readonly name: string;
  readonly state: 'applied' | 'pending' | 'failed' | 'shadowed' | 'disabled';
  readonly reason?: string;
  readonly last_failure?: string;
  readonly shadowed_by?: { readonly name: string; readonly uuid: string };
  readonly desired_revision: number;
  readonly applied_revision?: number;
}

/** One direction of a pair of ESP SAs, as the API gives it. */
export interface SaDirectionRecord {
  readonly security_parameter_index: string;
  readonly bytes: number;
  readonly packets: number;
}

/** A record of `/api/security/ipsec/security-associations`. */
export interface SaRecord {
  readonly uuid: string;
  readonly type: 'ike' | 'ipsec';
  readonly policy_name?: string;
  readonly local_address?: string;
  readonly remote_address?: string;
  readonly cipher_suite?: string;
  readonly ike?: {
    readonly state: string;
    readonly authentication?: string;
    readonly is_initiator: boolean;
    readonly initiator_security_parameter_index: string;
    readonly responder_security_parameter_index: string;
  };
  readonly ipsec?: {
    readonly state: string;
    readonly inbound: SaDirectionRecord;
    readonly outbound: SaDirectionRecord;
  };
}

/** A listing of the SAs; `error` says that these are only the last known ones. */
export interface SaListing {
  readonly records: readonly SaRecord[];
  readonly num_records: number;
  readonly observed_at: string;
  readonly error?: { readonly message: string };
}

/** `/readyz`. */
export interface Readiness {
  readonly ready: boolean;
  readonly datapath: {
    readonly kind: string;
    readonly chosen: string;
    readonly ipspaces: readonly {
      readonly ipspace: string;
      readonly ready: boolean;
      readonly guard: string;
      readonly reason?: string;
      readonly since?: string;
    }[];
  };
}

/** Somebody who manages a server through its API, and expects success where not told otherwise. */
export class Operator {
  readonly #server: Esplanade;

  constructor(server: Esplanade) {
    this.#server = server;
  }

  /** A request that must be answered with `status`. The caller knows the shape of the answer. */
  async expect<Body = unknown>(status: number, method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.#server.call(method, path, body);
    if (answer.status !== status)
      throw new Error(
        `${method} ${path}: ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`,
      );
    return answer.body as Body;
  }

  /** PATCH of `/api/security/ipsec`. */
  async setIpsec(enabled: boolean): Promise<void> {
    await this.expect(200, 'PATCH', '/api/security/ipsec', { enabled });
  }

  /** Creates a policy and resolves to its uuid. */
  async create(wish: PolicyWish): Promise<string> {
    const answer = await this.#server.call('POST', policies, body(wish));
    if (answer.status !== 201)
      throw new Error(`POST ${wish.name}: ${answer.status}: ${JSON.stringify(answer.body)}`);
    return uuidIn(answer);
  }

  /** Installs a certificate of an end entity of svm1 under a name. */
  async installCertificate(name: string, { certificate, key }: CertificateWithKey): Promise<void> {
    const kind = { svm: { name: 'svm1' }, type: 'server', name };
    await this.expect(201, 'POST', '/api/security/certificates', {
      ...kind,
      public_certificate: certificate,
      private_key: key,
    });
  }

  /** Installs a CA's certificate and has svm1's IPsec believe it. */
  async believe(name: string, certificate: string): Promise<void> {
    const svm = { name: 'svm1' };
    const ca = { svm, type: 'server_ca', name, public_certificate: certificate };
    await this.expect(201, 'POST', '/api/security/certificates', ca);
    const path = `/api/security/certificates?${new URLSearchParams({ name, type: 'server_ca' })}`;
    const { records } = await this.expect<{ records: readonly { uuid: string }[] }>(200, 'GET', path);
    const [{ uuid } = { uuid: undefined }] = records;
    await this.expect(201, 'POST', '/api/security/ipsec/ca-certificates', { svm, certificate: { uuid } });
  }

  async patch(uuid: string, change: object): Promise<void> {
    await this.expect(200, 'PATCH', `${policies}/${uuid}`, change);
  }

  /** What REST has no field for, by ONTAP's command line behind REST: `cipher_suite`, lifetimes. */
  async patchByCli(name: string, change: object): Promise<void> {
    const query = new URLSearchParams({ vserver: 'svm1', name });
    await this.expect(200, 'PATCH', `/api/private/cli/security/ipsec/policy?${query}`, change);
  }

  async delete(uuid: string): Promise<void> {
    await this.expect(200, 'DELETE', `${policies}/${uuid}`);
  }

  /** What became of the policy in the datapath, and why. */
  async status(uuid: string): Promise<PolicyStatus> {
    return await this.expect(200, 'GET', `/api/esplanade/v1/policies/${uuid}?fields=*`);
  }

  /** The same of all policies. */
  async statuses(): Promise<readonly PolicyStatus[]> {
    const path = '/api/esplanade/v1/policies?fields=*&max_records=10000';
    return (await this.expect<{ records: PolicyStatus[] }>(200, 'GET', path)).records;
  }

  /** Resolves to the policy's status once `isMet`; the error names the last status otherwise. */
  async until(
    uuid: string,
    isMet: (status: PolicyStatus) => boolean,
    patience?: Patience,
  ): Promise<PolicyStatus> {
    let last: PolicyStatus | undefined;
    try {
      return await eventually(
        `policy ${uuid}`,
        async () => {
          last = await this.status(uuid);
          return isMet(last) && last;
        },
        patience,
      );
    } catch (error) {
      throw new Error(`the policy stays ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** The SAs as the API lists them now. */
  async sas(): Promise<SaListing> {
    return await this.expect(200, 'GET', '/api/security/ipsec/security-associations?fields=*');
  }

  /** The pairs of ESP SAs of a policy that can carry packets. */
  async installed(policyName: string): Promise<readonly SaRecord[]> {
    return (await this.sas()).records.filter(
      (sa) => sa.policy_name === policyName && sa.ipsec?.state === 'installed',
    );
  }

  /** Resolves to the policy's first installed pair of ESP SAs. */
  async untilInstalled(policyName: string, patience?: Patience): Promise<SaRecord> {
    return await eventually(
      `the API lists an installed SA of ${policyName}`,
      async () => (await this.installed(policyName))[0],
      patience,
    );
  }

  /** What the server says of itself, whatever the status. */
  async readiness(): Promise<{ readonly status: number; readonly body: Readiness }> {
    const { status, body: told } = await this.#server.call('GET', '/readyz');
    return { status, body: told as Readiness };
  }
}

const policies = '/api/security/ipsec/policies';

/** A wish as the body of a POST. */
export function body(wish: PolicyWish): object {
  const { name, action, protocol, secretKey, localIdentity, remoteIdentity, enabled } = wish;
  const { certificate, postquantumKey: ppk } = wish;
  return {
    name,
    action: action ?? 'esp_transport',
    local_endpoint: endpoint(wish.local, wish.localPort),
    remote_endpoint: endpoint(wish.remote, wish.remotePort),
    ...(protocol !== undefined && { protocol }),
    ...(secretKey !== undefined && { secret_key: secretKey }),
    ...(localIdentity !== undefined && { local_identity: localIdentity }),
    ...(remoteIdentity !== undefined && { remote_identity: remoteIdentity }),
    ...(certificate !== undefined && { authentication_method: 'pki', certificate: { name: certificate } }),
    ...(ppk && { ppk: { identity: ppk.identity, shared_key: ppk.key } }),
    ...(enabled !== undefined && { enabled }),
  };
}

/** The uuid that the `Location` of a 201 ends in. */
export function uuidIn(answer: Pick<ApiAnswer, 'headers'>): string {
  const location = String(answer.headers['location']);
  const uuid = /\/policies\/([0-9a-f-]{36})$/.exec(location)?.[1];
  if (uuid === undefined) throw new Error(`no uuid in Location: ${location}`);
  return uuid;
}

function endpoint(text: string, port: number | undefined): object {
  const [address = '', length] = text.split('/');
  const netmask = length ?? (address.includes(':') ? '128' : '32');
  return { address, netmask, ...(port !== undefined && { port: String(port) }) };
}
