import type { HttpsClient } from '../support/https-client.ts';
import { body, type PolicyWish, uuidIn } from '../support/operator.ts';
import type { SeededRandom } from './seeded-random.ts';

/** All a writer needs of a server. */
export type Api = Pick<HttpsClient, 'call'>;

/** One policy as its writer knows it; several forms when a write on it was never answered. */
interface Known {
  readonly uuid: string;
  /** What it may look like now: one form, or the one before and the one after an unanswered PATCH. */
  readonly forms: readonly PolicyWish[];
  /** Its DELETE was never answered. */
  readonly mayBeGone: boolean;
}

/** A policy as the API shows it, brought into the form of a wish. */
export interface Found {
  readonly uuid: string;
  readonly wish: PolicyWish;
}

/** What a check of one writer's policies after a restart came to. */
export interface Verdict {
  /** Sentences; none if everything is as it must be. */
  readonly faults: readonly string[];
  /** Unanswered writes that were found carried out, and not. */
  readonly kept: number;
  readonly absent: number;
}

/**
 * Creates, changes, renames and deletes its own policies, one write after the other, and keeps book of what was
 * acknowledged. At most one of its writes is unanswered when the server is killed.
 */
export class PolicyWriter {
  readonly #id: number;
  readonly #random: SeededRandom;
  readonly #known = new Map<string, Known>();
  /** A POST that was never answered: nobody knows its uuid. */
  #unansweredCreation: PolicyWish | undefined;
  #names = 0;
  #acknowledged = 0;

  constructor(id: number, random: SeededRandom) {
    this.#id = id;
    this.#random = random;
  }

  /** Writes that were answered with success. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** How many policies it has at the moment, doubtful ones included. */
  get size(): number {
    return this.#known.size;
  }

  /** Writes until `isOver`, or until the server no longer answers. Throws when a write is refused. */
  async write(server: Api, isOver: () => boolean): Promise<void> {
    while (!isOver()) if (!(await this.#writeOnce(server))) return;
  }

  /** Holds what is found after a restart against the book, and takes it into the book. */
  check(found: ReadonlyMap<string, Found>): Verdict {
    const faults: string[] = [];
    let kept = 0;
    let absent = 0;
    for (const known of this.#known.values()) {
      const policy = found.get(known.uuid);
      if (policy === undefined) {
        if (!known.mayBeGone) faults.push(`acknowledged ${text(known.forms[0])} is gone`);
        else kept += 1;
        this.#known.delete(known.uuid);
        continue;
      }
      const form = known.forms.findIndex((wish) => text(wish) === text(policy.wish));
      if (form < 0) faults.push(`${known.forms.map(text).join(' or ')} is now ${text(policy.wish)}`);
      if (known.forms.length > 1 && form > 0) kept += 1;
      else if (known.forms.length > 1 || known.mayBeGone) absent += 1;
      this.#known.set(known.uuid, { uuid: known.uuid, forms: [policy.wish], mayBeGone: false });
    }
    const unknown = [...found.values()].filter(
      ({ uuid, wish }) => this.#owns(wish.name) && !this.#known.has(uuid),
    );
    for (const { uuid, wish } of unknown) {
      if (this.#unansweredCreation === undefined || text(wish) !== text(this.#unansweredCreation))
        faults.push(`${text(wish)} is there, and nobody asked for it`);
      this.#known.set(uuid, { uuid, forms: [wish], mayBeGone: false });
    }
    if (unknown.length > 1) faults.push(`${unknown.length} policies came of one unanswered POST`);
    if (this.#unansweredCreation !== undefined) {
      if (unknown.length > 0) kept += 1;
      else absent += 1;
    }
    this.#unansweredCreation = undefined;
    return { faults, kept, absent };
  }

  #owns(name: string): boolean {
    return name.startsWith(`writer-${this.#id}-`);
  }

  /** Resolves to false when there was no answer. */
  async #writeOnce(server: Api): Promise<boolean> {
    const settled = [...this.#known.values()];
    const dice = this.#random.next();
    if (settled.length < 3 || (dice < 0.4 && settled.length < 12)) return await this.#create(server);
    const { uuid, forms } = this.#random.pick(settled);
    const [before] = forms;
    if (before === undefined) throw new Error(`${uuid} has no form`);
    if (dice > 0.8) return await this.#delete(server, uuid, before);
    const change: Partial<PolicyWish> =
      dice < 0.6
        ? { name: this.#newName() }
        : { remotePort: this.#newPort(), enabled: this.#random.next() < 0.8 };
    return await this.#patch(server, uuid, before, { ...before, ...change });
  }

  async #create(server: Api): Promise<boolean> {
    const action = this.#random.pick(['discard', 'bypass', 'esp_transport'] as const);
    const wish: PolicyWish = {
      name: this.#newName(),
      action,
      local: '10.9.0.1',
      // A range of its own for each writer: no two policies of different writers shadow each other.
      remote: `10.9.${this.#id + 1}.${1 + this.#random.below(250)}`,
      protocol: this.#random.pick(['tcp', 'udp']),
      remotePort: this.#newPort(),
      enabled: true,
      ...(action === 'esp_transport' && { secretKey: `the key of writer ${this.#id}` }),
    };
    const answer = await attempt(server, 'POST', policies, body(wish));
    if (answer === undefined) {
      this.#unansweredCreation = wish;
      return false;
    }
    if (answer.status !== 201)
      throw new Error(`POST ${text(wish)}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const uuid = uuidIn(answer);
    this.#known.set(uuid, { uuid, forms: [wish], mayBeGone: false });
    this.#acknowledged += 1;
    return true;
  }

  async #patch(server: Api, uuid: string, before: PolicyWish, after: PolicyWish): Promise<boolean> {
    const change = {
      name: after.name,
      enabled: after.enabled,
      remote_endpoint: { port: String(after.remotePort) },
    };
    const answer = await attempt(server, 'PATCH', `${policies}/${uuid}`, change);
    if (answer !== undefined && answer.status !== 200)
      throw new Error(`PATCH ${text(after)}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const forms = answer === undefined ? [before, after] : [after];
    this.#known.set(uuid, { uuid, forms, mayBeGone: false });
    if (answer === undefined) return false;
    this.#acknowledged += 1;
    return true;
  }

  async #delete(server: Api, uuid: string, before: PolicyWish): Promise<boolean> {
    const answer = await attempt(server, 'DELETE', `${policies}/${uuid}`);
    if (answer === undefined) {
      this.#known.set(uuid, { uuid, forms: [before], mayBeGone: true });
      return false;
    }
    if (answer.status !== 200)
      throw new Error(`DELETE ${text(before)}: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.#known.delete(uuid);
    this.#acknowledged += 1;
    return true;
  }

  /** Names are used again now and then: a name that was given up must be free, also after a crash. */
  #newName(): string {
    const taken = new Set([...this.#known.values()].flatMap(({ forms }) => forms.map(({ name }) => name)));
    for (;;) {
      const name = `writer-${this.#id}-${this.#names % 20}`;
      this.#names += 1;
      if (!taken.has(name)) return name;
    }
  }

  #newPort(): number {
    return 1 + this.#random.below(60_000);
  }
}

const policies = '/api/security/ipsec/policies';

/** The answer, or undefined when the server was killed before it came. */
async function attempt(server: Api, method: string, path: string, what?: object) {
  try {
    return await server.call(method, path, what);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'EPIPE') return undefined;
    throw error;
  }
}

/** All of a policy on one line, the same for the same policy. */
function text(wish: PolicyWish | undefined): string {
  if (wish === undefined) return 'nothing';
  const { name, action, protocol, local, remote, remotePort, enabled } = wish;
  return `"${name}" (${action} ${protocol} ${local} to ${remote}:${remotePort}${enabled === false ? ', disabled' : ''})`;
}
