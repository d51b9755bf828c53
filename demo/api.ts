import type { ApiAnswer, Esplanade } from '../test/support/esplanade.ts';

/** A pair of ESP SAs as the API shows it. */
export interface EspRecord {
  readonly policyName: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly state: string;
  readonly inbound: EspDirection;
  readonly outbound: EspDirection;
}

/** One direction of it. */
export interface EspDirection {
  readonly spi: string;
  readonly bytes: number;
  readonly packets: number;
}

/** What the demo does with the API. Every method throws with the answer when it is not the expected one. */
export class Api {
  readonly #server: Esplanade;

  constructor(server: Esplanade) {
    this.#server = server;
  }

  async enableIpsec(): Promise<void> {
    await this.#expect(200, 'PATCH', '/api/security/ipsec', { enabled: true });
  }

  /** Creates a policy; resolves to its UUID once it is applied. */
  async createPolicy(policy: Readonly<Record<string, unknown>>): Promise<string> {
    const answer = await this.#expect(
      201,
      'POST',
      '/api/security/ipsec/policies?return_records=true',
      policy,
    );
    return text(only(records(answer)), 'uuid');
  }

  /** `applied`, or what it is instead and why. */
  async policyState(uuid: string): Promise<string> {
    const { body } = await this.#expect(200, 'GET', `/api/esplanade/v1/policies/${uuid}`);
    const state = text(body, 'state');
    return state === 'applied' ? state : `${state}: ${JSON.stringify(body)}`;
  }

  async deletePolicy(uuid: string): Promise<void> {
    await this.#expect(200, 'DELETE', `/api/security/ipsec/policies/${uuid}`);
  }

  /** The whole answer, as evidence. */
  async securityAssociations(): Promise<unknown> {
    return (await this.#expect(200, 'GET', '/api/security/ipsec/security-associations?fields=*')).body;
  }

  /** The ESP SAs among the records of such an answer. */
  static espRecords(body: unknown): readonly EspRecord[] {
    return records({ body })
      .filter((record) => text(record, 'type') === 'ipsec')
      .map((record) => ({
        // For a moment after a DELETE a listing may still show the SA of a policy that has no name any more.
        policyName:
          at(record, 'policy_name') === undefined ? 'a deleted policy' : text(record, 'policy_name'),
        localAddress: text(record, 'local_address'),
        remoteAddress: text(record, 'remote_address'),
        state: text(record, 'ipsec', 'state'),
        inbound: direction(record, 'inbound'),
        outbound: direction(record, 'outbound'),
      }));
  }

  async #expect(status: number, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const answer = await this.#server.call(method, path, body);
    if (answer.status !== status) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }
}

function direction(record: unknown, name: 'inbound' | 'outbound'): EspDirection {
  return {
    spi: text(record, 'ipsec', name, 'security_parameter_index'),
    bytes: Number(at(record, 'ipsec', name, 'bytes')),
    packets: Number(at(record, 'ipsec', name, 'packets')),
  };
}

function records({ body }: { readonly body: unknown }): readonly unknown[] {
  const found = at(body, 'records');
  if (!Array.isArray(found)) throw new Error(`no records in ${JSON.stringify(body)}`);
  return found;
}

function only(found: readonly unknown[]): unknown {
  if (found.length !== 1) throw new Error(`one record expected: ${JSON.stringify(found)}`);
  return found[0];
}

function text(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`no ${path.join('.')} in ${JSON.stringify(value)}`);
  return found;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}
