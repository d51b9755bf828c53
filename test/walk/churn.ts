import type { SeededRandom } from '../robustness/seeded-random.ts';
import type { HttpsClient } from '../support/https-client.ts';

const policies = '/api/security/ipsec/policies';

/** Another client, which creates and deletes policies, and with them SAs, until it is told to stop. */
export class Churn {
  readonly #client: HttpsClient;
  readonly #random: SeededRandom;
  readonly #present = new Map<number, string>();
  readonly #finished: Promise<void>;
  #goesOn = true;
  #created = 0;
  #deleted = 0;

  constructor(client: HttpsClient, random: SeededRandom) {
    this.#client = client;
    this.#random = random;
    this.#finished = this.#run();
  }

  /** Stops, tells how many came and went until then, and takes the rest away. Rejects with what went wrong. */
  async stop(): Promise<{ readonly created: number; readonly deleted: number }> {
    this.#goesOn = false;
    await this.#finished;
    const counts = { created: this.#created, deleted: this.#deleted };
    for (const [number, uuid] of this.#present) await this.#delete(number, uuid);
    return counts;
  }

  async #run(): Promise<void> {
    while (this.#goesOn) {
      const number = this.#random.below(8);
      const uuid = this.#present.get(number);
      if (uuid === undefined) await this.#create(number);
      else await this.#delete(number, uuid);
    }
  }

  async #create(number: number): Promise<void> {
    const body = {
      // Some come before all that last, some after, some among them.
      name: `${this.#random.pick(['a', 'lasting-5', 'z'])}-churn-${number}`,
      secret_key: 'a key of those that come and go',
      local_endpoint: { address: '10.9.0.1', netmask: '32' },
      remote_endpoint: { address: `10.${this.#random.below(255)}.9.${number}`, netmask: '32' },
    };
    const { status, headers, text } = await this.#client.call('POST', policies, body);
    if (status !== 201) throw new Error(`a policy could not be created: ${status} ${text}`);
    this.#present.set(number, String(headers['location']).slice(policies.length + 1));
    this.#created += 1;
  }

  async #delete(number: number, uuid: string): Promise<void> {
    const { status, text } = await this.#client.call('DELETE', `${policies}/${uuid}`);
    if (status !== 200) throw new Error(`a policy could not be deleted: ${status} ${text}`);
    this.#present.delete(number);
    this.#deleted += 1;
  }
}
