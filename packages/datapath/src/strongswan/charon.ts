import { createHash } from 'node:crypto';
import {
  areEqualNames,
  type RevocationList,
  readCertificate,
  readDistinguishedName,
  type Secret,
} from '@esplanade/domain';
import type { CallOptions, Message, MessageInput } from '@esplanade/vici';
import { DatapathRefusedError } from '../errors.ts';
import { CharonHoldings, type HeldChild } from './charon-holdings.ts';
import { CharonSession, type SessionOptions } from './charon-session.ts';
import { type KeyMark, parseSecretName, secretName } from './names.ts';
import { OwnLoads } from './own-loads.ts';
import type { KeyRing, LoadablePostquantumKey } from './proof-mapping.ts';
import type { LoadableConnection } from './shunt-mapping.ts';
import { Pool } from './turns.ts';

/** What charon holds of what certificates need, whoever loaded it. */
export interface HeldCredentials {
  /** Of private keys, as `PublicCertificate.publicKeyIdentifier`. */
  readonly keys: ReadonlySet<string>;
  /** SHA-256 of certificates and revocation lists, 64 lower-case hex digits. */
  readonly certificates: ReadonlySet<string>;
}

/** Listings of ten thousand connections take charon seconds on a slow machine. */
const listingDeadlineMs = 60_000;

/** Without them `list-policies` lists nothing. */
const allPolicies = { trap: 'yes', pass: 'yes', drop: 'yes' };

const concurrentCommands = 4;

/** Up to so many children are asked for one by one; beyond, one listing of everything is cheaper. */
const fewChildren = 8;

/**
 * One charon, as what can be loaded into it. Keeps an account of what it holds of ours, so that nothing is sent that
 * would change nothing; after a call without an answer, or when told to forget, it lists again first.
 */
export class Charon {
  readonly socketPath: string;
  /** A session takes one command at a time; charon works on those of several at once. */
  readonly #sessions: Pool<CharonSession>;
  readonly #loads = new OwnLoads();
  /** Connections that we are loading at this moment. */
  readonly #loading = new Set<string>();
  readonly #doubted = new Set<string>();
  #holdings: CharonHoldings | undefined;
  #credentials: { keys: Set<string>; certificates: Set<string> } | undefined;
  /** When the last change of ours ended, by performance.now. */
  #changedMs = Number.NEGATIVE_INFINITY;

  constructor(options: SessionOptions) {
    this.socketPath = options.socketPath;
    this.#sessions = new Pool(concurrentCommands, () => new CharonSession(options));
  }

  /** What was last known, if anything; listed anew by `survey`. */
  get lastKnown(): CharonHoldings | undefined {
    return this.#holdings;
  }

  /** Makes the next `holdings` list again, because charon may be another one by now. */
  forget(): void {
    this.#holdings = undefined;
    this.#credentials = undefined;
  }

  /** What charon holds of ours. */
  async holdings(signal?: AbortSignal): Promise<CharonHoldings> {
    return this.#holdings ?? (await this.survey(signal));
  }

  /** Lists what charon holds of ours. */
  async survey(signal?: AbortSignal): Promise<CharonHoldings> {
    const options = { signal, deadlineMs: listingDeadlineMs };
    const [secrets, [connections, inForce]] = await Promise.all([
      this.#request('get-shared', {}, options),
      this.#listed(options),
    ]);
    const holdings = new CharonHoldings(secrets.texts('keys'), this.#doubted);
    for (const row of connections) holdings.addConnectionRow(row);
    holdings.setAllInForce(inForce);
    this.#holdings = holdings;
    return holdings;
  }

  /**
   * Whether a change of ours has ended since (performance.now), so that what charon said of then may not hold any more.
   */
  isChangedSince(sinceMs: number): boolean {
    return this.#changedMs >= sinceMs;
  }

  /** Takes in that charon has loaded a connection. Whether a load of ours accounts for it, each for one. */
  accountsFor(connectionName: string): boolean {
    return this.#loads.accountFor(connectionName);
  }

  /** Somebody may have loaded a connection with other settings: if we hold it, it is to be loaded again. */
  doubt(connectionName: string): void {
    const isHeld = this.#holdings?.childrenOf(connectionName).size !== 0;
    if (isHeld || this.#loading.has(connectionName)) this.#doubted.add(connectionName);
  }

  /**
   * Loads connections, each with exactly these children, in one command. What charon compares as equal it leaves as it
   * is; traps and shunts of children that are new go into the kernel before this resolves. Refused for one connection,
   * those before it may be loaded all the same: load them again, in smaller lots.
   */
  async load(connections: readonly LoadableConnection[], signal?: AbortSignal): Promise<void> {
    if (connections.length === 0) return;
    await this.#change(async (holdings) => {
      const sections = connections.map(
        ({ name, settings, children }) => [name, { ...settings, children }] as const,
      );
      const names = connections.map(({ name }) => name);
      const doubted = names.filter((name) => this.#doubted.has(name));
      this.#loads.expect(names);
      // Whoever else loads them from now on, does so after us for all we know, even before we hear that we have.
      for (const name of doubted) this.#doubted.delete(name);
      for (const name of names) this.#loading.add(name);
      try {
        await this.#request('load-conn', Object.fromEntries(sections), { signal });
      } catch (error) {
        for (const name of doubted) this.#doubted.add(name);
        throw error;
      } finally {
        for (const name of names) this.#loading.delete(name);
      }
      for (const { name, children } of connections) holdings.setChildren(name, Object.keys(children));
    }, signal);
  }

  /** Puts a loaded child in force whose trap or shunt is missing. */
  async enforce({ connectionName, childName }: HeldChild, signal?: AbortSignal): Promise<void> {
    await this.#change(async (holdings) => {
      try {
        await this.#request('install', { ike: connectionName, child: childName }, { signal });
      } catch (error) {
        // Somebody may have taken the whole connection away while it was listed: loading it again would help.
        this.forget();
        throw error;
      }
      holdings.setInForce({ connectionName, childName }, true);
    }, signal);
  }

  /** Takes a child's trap or shunt out and puts it in again: the kernel may have lost it behind charon's back. */
  async reinforce(child: HeldChild, signal?: AbortSignal): Promise<void> {
    await this.#change(async (holdings) => {
      holdings.setInForce(child, false);
      await this.#request(
        'uninstall',
        { ike: child.connectionName, child: child.childName },
        { signal },
      ).catch((error: unknown) => this.#acceptAbsent(error));
    }, signal);
    await this.enforce(child, signal);
  }

  /** Which of these children are loaded but not in force: charon says yes to `load-conn` before it knows. */
  async idleAmong(children: readonly HeldChild[], signal?: AbortSignal): Promise<readonly HeldChild[]> {
    const holdings = await this.holdings(signal);
    if (children.length > fewChildren) {
      const options = { signal, deadlineMs: listingDeadlineMs };
      holdings.setAllInForce(await this.#list('list-policies', 'list-policy', allPolicies, options));
    } else {
      for (const child of children) {
        const filter = { ...allPolicies, ike: child.connectionName, child: child.childName };
        const rows = await this.#list('list-policies', 'list-policy', filter, { signal });
        holdings.setInForce(child, rows.length > 0);
      }
    }
    return children.filter(({ connectionName, childName }) => !holdings.isInForce(connectionName, childName));
  }

  /** Takes a connection of ours away with all its children; SAs stay. */
  async unload(name: string, signal?: AbortSignal): Promise<void> {
    await this.#change(async (holdings) => {
      await this.#request('unload-conn', { name }, { signal }).catch((error: unknown) =>
        this.#acceptAbsent(error),
      );
      holdings.setChildren(name, []);
      this.#doubted.delete(name);
    }, signal);
  }

  /** Loads a secret, or loads it again: either way it becomes the first of its ring, the one that charon proves. */
  async loadSecret(
    { name, owners }: KeyRing,
    psk: Secret,
    mark?: KeyMark,
    signal?: AbortSignal,
  ): Promise<void> {
    const id = secretName(name, psk.fingerprint, mark);
    await this.#loadShared(id, 'IKE', psk, owners, signal);
    for (const other of (await this.holdings(signal)).secretsOf(name)) {
      const isSameKey = parseSecretName(other)?.fingerprint === psk.fingerprint;
      if (isSameKey && other !== id) await this.unloadSecret(other, signal);
    }
  }

  /** Loads a post-quantum key (RFC 8784), or loads it again: of several with one identity charon uses the last loaded. */
  async loadPostquantum(
    { ringName, identity, key }: LoadablePostquantumKey,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#loadShared(secretName(ringName, key.fingerprint), 'PPK', key, [identity], signal);
  }

  /** What was last known of keys and certificates, if anything. */
  get lastCredentials(): HeldCredentials | undefined {
    return this.#credentials;
  }

  /** Makes the next `credentials` list again. */
  forgetCredentials(): void {
    this.#credentials = undefined;
  }

  /** What charon holds of keys and certificates. */
  async credentials(signal?: AbortSignal): Promise<HeldCredentials> {
    if (this.#credentials !== undefined) return this.#credentials;
    const keys = (await this.#request('get-keys', {}, { signal })).texts('keys');
    const rows = await this.#list('list-certs', 'list-cert', {}, { signal, deadlineMs: listingDeadlineMs });
    const digests = rows.map((row) => sha256Of(row.bytes('data') ?? new Uint8Array()));
    this.#credentials = { keys: new Set(keys), certificates: new Set(digests) };
    return this.#credentials;
  }

  /** Identifiers of the private keys that belong to certificates with these subjects, as charon prints them. */
  async keysOf(subjects: ReadonlySet<string>, signal?: AbortSignal): Promise<readonly string[]> {
    if (subjects.size === 0) return [];
    const names = [...subjects].flatMap((subject) => [readDistinguishedName(subject) ?? []]);
    const rows = await this.#list('list-certs', 'list-cert', {}, { signal, deadlineMs: listingDeadlineMs });
    return rows.flatMap((row) => {
      if (row.yesNo('has_privkey') !== true) return [];
      const base64 = Buffer.from(row.bytes('data') ?? new Uint8Array()).toString('base64');
      const content = readCertificate(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
      if (content === undefined || !names.some((name) => areEqualNames(content.subject, name))) return [];
      return [content.publicKeyIdentifier];
    });
  }

  /** Loads a certificate: of a CA that may be trusted, or any other. */
  async loadCertificate(
    { pem, sha256, flag }: { readonly pem: string; readonly sha256: string; readonly flag: 'CA' | 'NONE' },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#change(async () => {
      await this.#request('load-cert', { type: 'X509', flag, data: pem }, { signal });
      this.#credentials?.certificates.add(sha256);
    }, signal);
  }

  /**
   * Loads a revocation list. Charon keeps that with the highest number of each CA, and says yes to any; but it would go
   * on with one that it has used before, from its cache.
   */
  async loadRevocationList({ der }: RevocationList, signal?: AbortSignal): Promise<void> {
    await this.#change(async () => {
      await this.#request('load-cert', { type: 'X509_CRL', flag: 'NONE', data: der }, { signal });
      await this.#request('flush-certs', { type: 'X509_CRL' }, { signal });
    }, signal);
  }

  /** Loads the private key of this identifier, in PKCS #8. */
  async loadPrivateKey(keyId: string, key: Secret, signal?: AbortSignal): Promise<void> {
    await this.#change(async () => {
      await this.#request('load-key', { type: 'any', data: key.reveal() }, { signal });
      this.#credentials?.keys.add(keyId);
    }, signal);
  }

  async unloadPrivateKey(keyId: string, signal?: AbortSignal): Promise<void> {
    await this.#change(async () => {
      await this.#request('unload-key', { id: keyId }, { signal }).catch((error: unknown) =>
        this.#acceptAbsent(error),
      );
      this.#credentials?.keys.delete(keyId);
    }, signal);
  }

  async unloadSecret(name: string, signal?: AbortSignal): Promise<void> {
    await this.#change(async (holdings) => {
      await this.#request('unload-shared', { id: name }, { signal });
      holdings.deleteSecret(name);
    }, signal);
  }

  close(): void {
    for (const session of this.#sessions.all) session.close();
  }

  async #loadShared(
    id: string,
    type: 'IKE' | 'PPK',
    secret: Secret,
    owners: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#change(async (holdings) => {
      await this.#request('load-shared', { id, type, data: secret.reveal(), owners }, { signal });
      holdings.addSecret(id);
    }, signal);
  }

  #request(command: string, message: MessageInput, options: CallOptions): Promise<Message> {
    return this.#sessions.use((session) => session.request(command, message, options));
  }

  #list(
    command: string,
    event: string,
    message: MessageInput,
    options: CallOptions,
  ): Promise<readonly Message[]> {
    return this.#sessions.use((session) => session.list(command, event, message, options));
  }

  /** One after the other: two threads of charon that print selectors at once mix their protocols and ports up. */
  async #listed(options: CallOptions): Promise<readonly [readonly Message[], readonly Message[]]> {
    const connections = await this.#list('list-conns', 'list-conn', {}, options);
    return [connections, await this.#list('list-policies', 'list-policy', allPolicies, options)];
  }

  async #change(
    task: (holdings: CharonHoldings) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const holdings = await this.holdings(signal);
    try {
      await task(holdings);
    } catch (error) {
      // Charon may have carried it out all the same.
      if (!(error instanceof DatapathRefusedError)) this.forget();
      throw error;
    } finally {
      this.#changedMs = performance.now();
    }
  }

  #acceptAbsent(error: unknown): void {
    if (!(error instanceof DatapathRefusedError) || !/not found/.test(error.message)) throw error;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
