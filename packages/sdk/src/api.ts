import { Collection } from './collection.ts';
import type { ErrorDetail } from './errors.ts';
import type { Actions, Collections, Singletons } from './generated/paths.ts';
import { jobsEnd } from './jobs.ts';
import { encodedKey } from './path.ts';
import { type Connection, type JobState, Requester } from './requester.ts';
import type {
  CollectionTypes,
  SingletonTypes,
  UnknownCollection,
  UnknownRecord,
  UnknownSingleton,
} from './resource-types.ts';
import { Singleton } from './singleton.ts';
import type { Method, Transport } from './transport.ts';

/** Which server, as whom. */
export interface ConnectOptions {
  /** Such as `https://cluster1.example.com`; a path in it stands before `/api`. */
  readonly url: string | URL;
  /** Without one, whatever the transport does stands for who asks: a client certificate, a session. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Whether the password may go to `http://` beyond this host, where everybody on the way reads it. */
  readonly isClearAllowed?: boolean | undefined;
  /** `fetch` if not given; `@esplanade/sdk/node` has one that trusts what you say. */
  readonly transport?: Transport | undefined;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends all requests. */
  readonly signal?: AbortSignal | undefined;
  /** How often a GET whose connection was refused or broke, or that was asked to wait up to 10 s, is sent again; 2 if not given. */
  readonly retries?: number | undefined;
  /** How long the jobs of a change are waited for: an hour. */
  readonly jobTimeoutMs?: number | undefined;
  /** Hears of a job that is waited for, each time it is looked at, and of none once that has ended. */
  readonly onJob?: ((job: JobState | undefined) => void) | undefined;
  /**
   * Hears of collections that tell what was last known, because they cannot tell what is, and of when it was so, in ISO 8601; and of
   * an error beside a record that was made.
   */
  readonly onIncomplete?: ((detail: ErrorDetail, observedAt?: string) => void) | undefined;
}

/** What can be different for some calls. */
export type Changes = Pick<ConnectOptions, 'headers' | 'signal' | 'retries' | 'onIncomplete'>;

/** What a call can have. */
export interface CallOptions {
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  readonly signal?: AbortSignal | undefined;
  /** Whether the path is the server's own, such as `/readyz`, and not one below `/api`. */
  readonly isOutsideApi?: boolean;
}

/** A key for each pair of braces in a path. */
export type Within<P extends string> = P extends `${string}{${string}}${infer Rest}`
  ? readonly [key: string, ...Within<Rest>]
  : readonly [];

/** An API of ONTAP's. */
export class Api {
  readonly #requester: Requester;

  constructor(connection: Connection) {
    this.#requester = new Requester(connection);
  }

  /** Of the server. */
  get url(): URL {
    return this.#requester.connection.url;
  }

  /** A collection or table, by its path below `/api`. What stands in braces there is filled with `within`, in order. */
  collection<P extends keyof Collections>(path: P, ...within: Within<P>): Collection<Collections[P]>;
  collection(path: string, ...within: readonly string[]): Collection<UnknownCollection>;
  collection<C extends CollectionTypes>(path: string, ...within: readonly string[]): Collection<C> {
    return new Collection(this.#requester, filled(path, within));
  }

  /** A resource that is one record. */
  record<P extends keyof Singletons>(path: P, ...within: Within<P>): Singleton<Singletons[P]>;
  record(path: string, ...within: readonly string[]): Singleton<UnknownSingleton>;
  record<S extends SingletonTypes>(path: string, ...within: readonly string[]): Singleton<S> {
    return new Singleton(this.#requester, filled(path, within));
  }

  /** What is done by a POST to a path of its own; resolves to the answer. */
  act<P extends keyof Actions>(
    path: P,
    within: Within<P>,
    body: Actions[P]['post'],
    options?: CallOptions,
  ): Promise<Actions[P]['answer']> {
    return this.call('POST', filled(path, within), body, options);
  }

  /** What is neither: sends it, waits for a job if that is what it begins, and resolves to the body of the answer. */
  async call(
    method: Method,
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<UnknownRecord> {
    const { parameters = {}, signal, isOutsideApi = false } = options;
    const answer = await this.#requester.send(method, path, {
      query: Object.entries(parameters),
      body,
      isOutsideApi,
      signal,
    });
    await jobsEnd(this.#requester, answer, signal);
    return answer.body;
  }

  /** The same server, asked otherwise; a signal ends these calls besides what ended them before. */
  with({ headers, signal, retries, onIncomplete }: Changes): Api {
    const before = this.#requester.connection;
    return new Api({
      ...before,
      signal: this.#requester.signalOf(signal),
      retries: retries ?? before.retries,
      onIncomplete: onIncomplete ?? before.onIncomplete,
      headers: { ...before.headers, ...lowerCased(headers) },
    });
  }
}

/** Header names as {@link Connection} has them. */
export function lowerCased(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function filled(path: string, within: readonly string[]): string {
  const places = path.match(/\{[^}]*\}/g) ?? [];
  if (places.length !== within.length)
    throw new TypeError(`${path} needs ${places.length} keys, and ${within.length} are given`);
  const keys = within.values();
  return path.replaceAll(/\{[^}]*\}/g, () => encodedKey(keys.next().value ?? ''));
}
