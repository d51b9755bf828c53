import { countOf } from './answer.ts';
import { conditionText, type Operands, type Operator } from './condition.ts';
import { ApiError, ConnectionError, mayPass, UnavailableError, UnexpectedAnswerError } from './errors.ts';
import { jobsEnd } from './jobs.ts';
import { answersOf, type Page, pageOf } from './page.ts';
import type { FieldPath, Projection } from './projection.ts';
import type { Requester, RequestOptions } from './requester.ts';
import type { CollectionTypes } from './resource-types.ts';
import { delay } from './retries.ts';

/** The records of a query: what `fields` names, else what is told by default and what the conditions are about. */
export type Selected<C extends CollectionTypes, Chosen extends string, Asked extends string> = Projection<
  C['record'],
  C['keyFields'] | ([Chosen] extends [never] ? C['defaultFields'] | Asked : Chosen)
>;

/** The names of the fields that conditions can be about. */
export type FilterName<C extends CollectionTypes> = keyof C['filters'] & string;

/** Names of fields that a type tells apart. Where the fields are unknown, none are: their queries are all of one type. */
type Named<C extends CollectionTypes, F extends string> = string extends C['keyFields'] ? never : F;

/** What makes sense of a field: text has patterns, and true is not less than false. */
export type OperatorOf<V> = [V] extends [boolean]
  ? '=' | '!=' | 'in'
  : [V] extends [number]
    ? Exclude<Operator, 'like' | 'not like'>
    : Operator;

/** What a call that reads can have. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a call that writes can have. */
export interface WriteOptions<P = object> {
  readonly parameters?: P | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a change of several records can have. */
export interface ChangeAllOptions<P = object> extends WriteOptions<P> {
  /** Hears after each request how many records were changed so far: also where the signal then ends the next one. */
  readonly onProgress?: ((recordsDone: number) => void) | undefined;
}

/** How to wait. */
export interface UntilOptions {
  readonly signal?: AbortSignal | undefined;
  /** Between two looks; 500 if not given. */
  readonly everyMs?: number | undefined;
}

/** What a query asks, as text. */
export interface Question {
  readonly conditions: ReadonlyMap<string, string>;
  readonly fields: readonly string[];
  readonly order: readonly string[];
  readonly pageSize?: number;
  readonly parameters: object;
}

/**
 * Records to be read. Each method that says which, or how, answers a new query, and nothing is sent before records are
 * asked for; pages follow one another as they are consumed.
 */
export class Records<C extends CollectionTypes, Chosen extends string = never, Asked extends string = never>
  implements AsyncIterable<Selected<C, Chosen, Asked>>
{
  protected readonly requester: Requester;
  protected readonly path: string;
  readonly #question: Question;

  constructor(requester: Requester, path: string, question: Question) {
    this.requester = requester;
    this.path = path;
    this.#question = question;
  }

  /** Only records of which this holds too. The value stands for itself, but for the `*` of `like`. */
  where<F extends FilterName<C>, O extends OperatorOf<C['filters'][F]>>(
    field: F,
    operator: O,
    value: Operands<C['filters'][F]>[O],
  ): Query<C, Chosen, Asked | Named<C, F>> {
    return this.query(field, conditionText(operator, value));
  }

  /** The same in ONTAP's own words: `nfs*|!smb`, `>100`, `1..9`, `null`. */
  query<F extends FilterName<C>>(field: F, text: string): Query<C, Chosen, Asked | Named<C, F>> {
    const { conditions } = this.#question;
    if (conditions.has(field))
      throw new TypeError(`a query has one condition for each field, and ${field} has one`);
    return this.#and({ conditions: new Map([...conditions, [field, text]]) });
  }

  /** Which fields the records have, besides their keys; `*` is all. */
  fields<const N extends readonly (FieldPath<C['record']> | '*')[]>(
    ...names: N
  ): Query<C, Named<C, N[number]>, Asked> {
    return this.#and({ fields: names });
  }

  /** In which order; a second one decides where the first does not. */
  orderBy(field: FilterName<C>, direction: 'asc' | 'desc' = 'asc'): Query<C, Chosen, Asked> {
    return this.#and({ order: [...this.#question.order, `${field} ${direction}`] });
  }

  /** How many records come, or are changed, at a time; 10,000 at most. For changes ONTAP's pages do not list it. */
  pageSize(records: number): Query<C, Chosen, Asked> {
    return this.#and({ pageSize: records });
  }

  /** Parameters of this resource's own. */
  parameters(parameters: C['parameters']['get']): Query<C, Chosen, Asked> {
    return this.#and({ parameters: { ...this.#question.parameters, ...parameters } });
  }

  /** Ended by this signal, besides what ends it anyway. */
  endedBy(signal: AbortSignal): Query<C, Chosen, Asked> {
    return new Query(this.requester.endedBy(signal), this.path, this.#question);
  }

  /** The records page by page, with what the server says of each page. */
  async *pages({ signal }: ReadOptions = {}): AsyncGenerator<Page<Selected<C, Chosen, Asked>>> {
    const { fields, order } = this.#question;
    const query = [
      ...this.selection(),
      ['fields', fields.length === 0 ? undefined : fields.join(',')],
      ['order_by', order.length === 0 ? undefined : order.join(',')],
      ...this.portion(),
    ] as const;
    const options = { query, signal };
    for await (const answer of answersOf(this.requester, 'GET', this.path, options)) {
      const page = pageOf<Selected<C, Chosen, Asked>>(answer, this.path);
      if (page.incomplete !== undefined)
        this.requester.connection.onIncomplete?.(page.incomplete, page.observedAt);
      yield page;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Selected<C, Chosen, Asked>> {
    for await (const { records } of this.pages()) yield* records;
  }

  /** All records. */
  async toArray(options: ReadOptions = {}): Promise<Selected<C, Chosen, Asked>[]> {
    const all: Selected<C, Chosen, Asked>[] = [];
    for await (const { records } of this.pages(options)) for (const record of records) all.push(record);
    return all;
  }

  /** The first record; undefined where there is none. */
  async first(options: ReadOptions = {}): Promise<Selected<C, Chosen, Asked> | undefined> {
    for await (const { records } of this.pageSize(1).pages(options))
      if (records.length > 0) return records[0];
    return undefined;
  }

  /** How many records there are; they are not sent. */
  count({ signal }: ReadOptions = {}): Promise<number> {
    const query = [...this.selection(), ['return_records', false]] as const;
    return this.sum('GET', { query, signal });
  }

  /**
   * Asks again and again until the records are as wished, and resolves to them. Lives through a server that is away or
   * cannot answer; the signal ends it before, or what does not pass: a refusal, a certificate.
   */
  async until(
    isReached: (records: readonly Selected<C, Chosen, Asked>[]) => boolean,
    { signal, everyMs = 500 }: UntilOptions = {},
  ): Promise<Selected<C, Chosen, Asked>[]> {
    if (!(everyMs >= 0)) throw new RangeError(`everyMs is 0 or more, not ${everyMs}`);
    for (;;) {
      let waitMs = everyMs;
      try {
        const records = await this.toArray({ signal });
        if (isReached(records)) return records;
      } catch (error) {
        if (!mayPass(error)) throw error;
        if (error instanceof UnavailableError)
          waitMs = Math.max(waitMs, (error.retryAfterSeconds ?? 0) * 1_000);
      }
      await delay(waitMs, this.requester.signalOf(signal));
    }
  }

  /** Does it page by page; resolves to how many records it was. */
  protected async sum(
    method: 'GET' | 'PATCH' | 'DELETE',
    options: RequestOptions,
    onProgress?: (sum: number) => void,
  ): Promise<number> {
    let sum = 0;
    try {
      for await (const answer of answersOf(this.requester, method, this.path, options)) {
        await jobsEnd(this.requester, answer, options.signal);
        const count = countOf(answer.body);
        if (method === 'GET' && count === undefined)
          throw new UnexpectedAnswerError(
            answer.status,
            `GET ${this.path} is answered without a number of records`,
          );
        sum += count ?? 0;
        onProgress?.(sum);
      }
    } catch (error) {
      if (
        error instanceof ApiError ||
        error instanceof ConnectionError ||
        error instanceof UnexpectedAnswerError
      )
        error.recordsDone += sum;
      throw error;
    }
    return sum;
  }

  protected get hasConditions(): boolean {
    return this.#question.conditions.size > 0;
  }

  /** The conditions and parameters as they are sent. Throws where they would be two for one name: the server takes either. */
  protected selection(more: object = {}): readonly (readonly [string, unknown])[] {
    const { conditions } = this.#question;
    const parameters = { ...this.#question.parameters, ...more };
    const twice = Object.keys(parameters).find((name) => conditions.has(name));
    if (twice !== undefined)
      throw new TypeError(`${twice} is a condition of this query, and cannot be a parameter too`);
    return [...conditions, ...Object.entries(parameters)];
  }

  /** How many records one request is about. */
  protected portion(): readonly (readonly [string, unknown])[] {
    return [['max_records', this.#question.pageSize]];
  }

  #and<NewChosen extends string, NewAsked extends string>(
    changes: Partial<Question>,
  ): Query<C, NewChosen, NewAsked> {
    return new Query(this.requester, this.path, { ...this.#question, ...changes });
  }
}

/** A question to a collection: which records, with what of them. What it selects can be changed, all at once. */
export class Query<
  C extends CollectionTypes,
  Chosen extends string = never,
  Asked extends string = never,
> extends Records<C, Chosen, Asked> {
  /** Changes every record that matches; resolves to how many it says. Throws without a condition: that would be all records. */
  modify(body: C['patch'], options: ChangeAllOptions<C['parameters']['patch']> = {}): Promise<number> {
    return this.#change('PATCH', body, options);
  }

  /** Deletes every record that matches; resolves to how many it says. Throws without a condition: that would be all records. */
  delete(options: ChangeAllOptions<C['parameters']['delete']> = {}): Promise<number> {
    return this.#change('DELETE', undefined, options);
  }

  #change(method: 'PATCH' | 'DELETE', body: unknown, options: ChangeAllOptions): Promise<number> {
    if (!this.hasConditions)
      throw new TypeError(`${method} of several records needs a condition on what they are`);
    const { signal, parameters, onProgress } = options;
    const query = [...this.selection(parameters), ...this.portion()];
    return this.sum(method, { query, body, signal }, onProgress);
  }
}
