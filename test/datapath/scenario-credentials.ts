import { type IssuedCertificate, issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import type { PeerCredentials } from '../support/stock-peer.ts';
import type { Testbed } from '../support/testbed.ts';
import type { Scenario } from './matrix.ts';
import { domainName, mailName, remoteNames } from './scenario-identities.ts';

/** The name of our certificate in the API. */
export const ourCertificate = 'ours';
/** The name of the CA of everybody, in the API and with the peer. */
export const authorityName = 'authority';

type Authentication = Pick<Scenario, 'authentication'>;

/** What becomes of a remote whose certificate's status no list tells, on both ends. */
export function revocationOf({ authentication }: Authentication): 'strict' | 'relaxed' {
  return authentication === 'certificate and revocation list' ? 'strict' : 'relaxed';
}

/** The certificates of a bed, all of one CA, and the CA's list of revoked ones, which names nobody of them. */
export class ScenarioCredentials {
  readonly #bed: Testbed;
  readonly #authority = issueAuthority('/O=Example/CN=authority');
  readonly #list = issueRevocationList({ issuer: this.#authority, number: 1, revoked: ['0BAD'] });
  readonly #remotes: Readonly<Record<string, IssuedCertificate>>;
  #isListed = false;

  private constructor(bed: Testbed, remotes: ReadonlyMap<string, readonly string[]>) {
    this.#bed = bed;
    this.#remotes = Object.fromEntries(
      Array.from(remotes, ([name, addresses]) => [name, this.#host(name, addresses)]),
    );
  }

  /**
   * Makes all certificates, and has the server show ours and believe the CA. `second`: the addresses of the second
   * remote.
   */
  static async install(bed: Testbed, second: readonly string[]): Promise<ScenarioCredentials> {
    const addresses = [[bed.peer.ipv4, bed.peer.ipv6], second];
    const remotes = remoteNames.map((name, index) => [name, addresses[index] ?? []] as const);
    const credentials = new ScenarioCredentials(bed, new Map(remotes));
    const ours = credentials.#host('ours', [bed.ours.ipv4, bed.ours.ipv6]);
    await bed.operator.installCertificate(ourCertificate, ours);
    await bed.operator.believe(authorityName, credentials.#authority.certificate);
    return credentials;
  }

  /** What the peer has in a scenario. */
  ofPeer(scenario: Authentication): PeerCredentials {
    return {
      own: this.#remotes,
      authorities: { [authorityName]: this.#authority.certificate },
      revocationLists: revocationOf(scenario) === 'strict' ? [this.#list] : [],
    };
  }

  /** Has the server go by the list in such scenarios, and have none in the others. */
  async prepare(scenario: Authentication): Promise<void> {
    const mode = revocationOf(scenario);
    if (this.#isListed === (mode === 'strict')) return;
    const { operator } = this.#bed;
    const [svm, certificate] = [
      await this.#uuid('/api/svm/svms?name=svm1'),
      await this.#uuid(`/api/security/certificates?name=${authorityName}`),
    ];
    if (mode === 'strict') {
      await operator.expect(201, 'POST', lists, { certificate: { uuid: certificate }, crl: this.#list });
    } else {
      await operator.expect(200, 'DELETE', `${lists}/${certificate}`);
    }
    await operator.expect(200, 'PATCH', `/api/esplanade/v1/revocation-modes/${svm}`, { mode });
    this.#isListed = mode === 'strict';
  }

  async #uuid(path: string): Promise<string> {
    const { records } = await this.#bed.operator.expect<{ records: readonly { uuid: string }[] }>(
      200,
      'GET',
      path,
    );
    const [first] = records;
    if (first === undefined) throw new Error(`nothing is at ${path}`);
    return first.uuid;
  }

  #host(name: string, addresses: readonly string[]): IssuedCertificate {
    return issueHost({
      subject: `/C=CH/O=Example/CN=${name}`,
      issuer: this.#authority,
      alternatives: [
        `DNS:${domainName(name)}`,
        `email:${mailName(name)}`,
        ...addresses.map((address) => `IP:${address}`),
      ],
    });
  }
}

const lists = '/api/esplanade/v1/certificate-revocation-lists';
