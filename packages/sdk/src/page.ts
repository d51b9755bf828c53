import { type Answer, type AnswerBody, errorDetailOf, isObject, recordsOf } from './answer.ts';
import { type ErrorDetail, UnexpectedAnswerError } from './errors.ts';
import type { Requester, RequestOptions } from './requester.ts';
import type { Method } from './transport.ts';

/** A page of a collection. */
export interface Page<R> {
  readonly records: readonly R[];
  /** When records that are observed, not stored, were so: ISO 8601. Esplanade's own. */
  readonly observedAt?: string;
  /** Why there may be more than this, or other things by now; the records are what was last known. */
  readonly incomplete?: ErrorDetail;
}

/** The answers of a request and of all its `next` links, with the same method and body. */
export async function* answersOf(
  requester: Requester,
  method: Method,
  path: string,
  options: RequestOptions,
): AsyncGenerator<Answer> {
  let answer = await requester.send(method, path, options);
  let last: string | undefined;
  for (;;) {
    yield answer;
    const next = nextOf(answer.body);
    if (next === undefined) return;
    if (next === last)
      throw new UnexpectedAnswerError(answer.status, `The next page of ${path} is said to be itself`);
    last = next;
    const { query: _, ...rest } = options;
    answer = await requester.follow(method, next, rest);
  }
}

/** A page as the answer has it. */
export function pageOf<R>({ status, body }: Answer, path: string): Page<R> {
  const records = recordsOf<R>(body);
  if (records === undefined)
    throw new UnexpectedAnswerError(status, `The answer to GET ${path} has no records: it is no collection`);
  const { observed_at: observedAt } = body;
  const incomplete = errorDetailOf(body.error);
  return {
    records,
    ...(typeof observedAt === 'string' ? { observedAt } : {}),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

function nextOf({ _links: links }: AnswerBody): string | undefined {
  const next = isObject(links) ? links['next'] : undefined;
  return isObject(next) && typeof next['href'] === 'string' ? next['href'] : undefined;
}
