import type { ChangeOptions, Tagged } from './collection.ts';
import { jobsEnd } from './jobs.ts';
import type { ReadOptions } from './query.ts';
import type { Requester } from './requester.ts';
import type { SingletonTypes } from './resource-types.ts';

/** A resource that is one record. */
export class Singleton<S extends SingletonTypes> {
  readonly #requester: Requester;
  readonly #path: string;

  constructor(requester: Requester, path: string) {
    this.#requester = requester;
    this.#path = path;
  }

  /** The record as it is, all of it. */
  async get(options: ReadOptions = {}): Promise<S['record']> {
    return (await this.getTagged(options)).record;
  }

  /** The record, and which version of it this is. */
  async getTagged({ signal }: ReadOptions = {}): Promise<Tagged<S['record']>> {
    const { body, header } = await this.#requester.send('GET', this.#path, { signal });
    return { record: body, tag: header('etag') };
  }

  /** Changes what the body names. */
  async modify(
    body: S['patch'],
    { parameters = {}, ifMatch, signal }: ChangeOptions<S['parameters']['patch']> = {},
  ): Promise<void> {
    const answer = await this.#requester.send('PATCH', this.#path, {
      query: Object.entries(parameters),
      body,
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      signal,
    });
    await jobsEnd(this.#requester, answer, signal);
  }
}
