import { type Answer, type AnswerBody, errorDetailOf, isObject, recordsOf } from './answer.ts';
import { UnconfirmedError } from './errors.ts';
import { jobsEnd, unconfirmed } from './jobs.ts';
import { encodedKey } from './path.ts';
import { type ReadOptions, Records, type WriteOptions } from './query.ts';
import type { Requester } from './requester.ts';
import type { CollectionTypes } from './resource-types.ts';

/** The key of a record: a text, or several where its path has several. */
export type KeyOf<C extends CollectionTypes> =
  | C['keys']
  | (readonly [string] extends C['keys'] ? string : never);

/** The key of a record, in its parts, and behind it how it is asked for. */
export type KeysAnd<K extends readonly string[]> = readonly [...keys: K, options?: ReadOptions | undefined];

/** What a change of one record can have. */
export interface ChangeOptions<P = object> extends WriteOptions<P> {
  /** The tag of the version that is to be changed: refused with {@link PreconditionFailedError} if it is no longer. Esplanade's own. */
  readonly ifMatch?: string | undefined;
}

/** A record, and the version that it is. */
export interface Tagged<R> {
  readonly record: R;
  /** For `ifMatch`; undefined where the server has none, as ONTAP. */
  readonly tag: string | undefined;
}

/** Records of one kind. Iterated, they are all of them, with the fields that are told by default. */
export class Collection<C extends CollectionTypes> extends Records<C> {
  constructor(requester: Requester, path: string) {
    super(requester, path, { conditions: new Map(), fields: [], order: [], parameters: {} });
  }

  /** The record of this key. */
  async get(...keys: KeysAnd<C['keys']>): Promise<C['record']> {
    return (await this.getTagged(...keys)).record;
  }

  /** The record of this key, and which version of it this is. */
  async getTagged(...given: KeysAnd<C['keys']>): Promise<Tagged<C['record']>> {
    const keys = given.filter((part) => typeof part === 'string');
    const { signal } = given.find((part) => typeof part === 'object') ?? {};
    const { body, header } = await this.requester.send('GET', this.#pathOf(keys), { signal });
    return { record: body, tag: header('etag') };
  }

  /**
   * Creates a record; resolves to it, as it is then. Tables of the private CLI may not tell it, then to undefined. An error that
   * is told beside the record, as NetApp's example has one, goes to `onIncomplete`.
   */
  async create(body: C['post'], options: WriteOptions<C['parameters']['post']> = {}): Promise<C['created']> {
    const { signal } = options;
    const query = [['return_records', true], ...Object.entries(options.parameters ?? {})] as const;
    const makesOne = !(isObject(body) && 'records' in body);
    const answer = await this.requester.send('POST', this.path, { query, body, signal, makesOne });
    const beside = errorDetailOf(answer.body.error);
    if (beside !== undefined) this.requester.connection.onIncomplete?.(beside);
    const jobs = await jobsEnd(this.requester, answer, signal);
    const told = recordsOf<C['created']>(answer, this.path)?.[0];
    return told !== undefined && jobs.length === 0 ? told : await this.#created(answer, told, jobs, signal);
  }

  /** Changes the record of this key. */
  async modify(
    key: KeyOf<C>,
    body: C['patch'],
    options: ChangeOptions<C['parameters']['patch']> = {},
  ): Promise<void> {
    await this.#change('PATCH', key, body, options);
  }

  /** Deletes the record of this key. */
  async delete(key: KeyOf<C>, options: ChangeOptions<C['parameters']['delete']> = {}): Promise<void> {
    await this.#change('DELETE', key, undefined, options);
  }

  async #change(
    method: 'PATCH' | 'DELETE',
    key: KeyOf<C>,
    body: unknown,
    { parameters = {}, ifMatch, signal }: ChangeOptions,
  ): Promise<void> {
    const keys = typeof key === 'string' ? [key] : key;
    const answer = await this.requester.send(method, this.#pathOf(keys), {
      query: Object.entries(parameters),
      body,
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      signal,
    });
    await jobsEnd(this.requester, answer, signal);
  }

  /**
   * What the server has made, where it says only at which path that is, or said what it was before a job made it. That is then
   * what it is known to be where it cannot be looked at.
   */
  async #created(
    { header }: Answer,
    told: C['created'],
    jobs: readonly AnswerBody[],
    signal?: AbortSignal,
  ): Promise<C['created']> {
    const made = `A record of ${this.path} was made`;
    const uuid = isObject(told) ? told['uuid'] : undefined;
    const own = typeof uuid === 'string' ? `/api${this.#pathOf([uuid])}` : undefined;
    const location = header('location') ?? this.#madeBy(jobs) ?? own;
    if (location === undefined) {
      if (told !== undefined || this.path.startsWith('/private/cli/')) return told;
      throw new UnconfirmedError(`${made}, and the answer does not say which.`, { isDone: true });
    }
    try {
      return (await this.requester.follow('GET', location, { signal })).body;
    } catch (error) {
      this.requester.signalOf(signal)?.throwIfAborted();
      if (told !== undefined) return told;
      throw unconfirmed(`${made}, and a look at it failed`, error, true);
    }
  }

  /** The jobs of ONTAP are called after what they do: `POST /api/svm/svms/UUID`. */
  #madeBy(jobs: readonly AnswerBody[]): string | undefined {
    const [description] = jobs.map((job) => String(job['description']));
    const [, path] = /^POST (\/api\S+)$/.exec(description ?? '') ?? [];
    return path?.startsWith(`/api${this.path}/`) ? path : undefined;
  }

  /** JavaScript may give what no type allows: `undefined` would be asked for by that name. */
  #pathOf(keys: readonly string[]): string {
    const isKey = Array.isArray(keys) && keys.every((key) => typeof key === 'string' && key !== '');
    if (!isKey || keys.length === 0) throw new TypeError(`a record of ${this.path} has a key`);
    return [this.path, ...keys.map(encodedKey)].join('/');
  }
}
