import { type Answer, type AnswerBody, countOf, errorDetailOf, isObject, recordsOf } from './answer.ts';
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

/** An ONTAP that runs out of time tells a page without records, and goes on; one that tells nothing else goes nowhere. */
const mostEmptyPages = 100;

/** What NetApp's documentation has wherever a link stands, and who serves its examples too: nothing has that path. */
const placeholder = '/api/resourcelink';

/**
 * The answers of a request and of all its `next` links, with the same method and body. Throws where the links lead to what was
 * there before, or on and on with nothing.
 */
export async function* answersOf(
  requester: Requester,
  method: Method,
  path: string,
  options: RequestOptions,
): AsyncGenerator<Answer> {
  let answer = await requester.send(method, path, options);
  const seen = new Set<string>();
  let empty = 0;
  for (;;) {
    yield answer;
    const next = nextOf(answer.body);
    if (next === undefined) return;
    empty = isEmpty(answer, path) ? empty + 1 : 0;
    if (seen.has(next) || empty === mostEmptyPages)
      throw new UnexpectedAnswerError(answer.status, `The pages of ${path} have no end`, {
        mayBeDone: answer.isChange,
      });
    seen.add(next);
    const { query: _, ...rest } = options;
    answer = await requester.follow(method, next, { ...rest, at: path });
  }
}

/** A page as the answer has it. */
export function pageOf<R>(answer: Answer, path: string): Page<R> {
  const { status, body } = answer;
  const records = recordsOf<R>(answer, path);
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

function isEmpty(answer: Answer, path: string): boolean {
  return (countOf(answer.body) ?? recordsOf(answer, path)?.length ?? 0) === 0;
}

function nextOf({ _links: links }: AnswerBody): string | undefined {
  const next = isObject(links) ? links['next'] : undefined;
  const href = isObject(next) ? next['href'] : undefined;
  return typeof href === 'string' && href !== placeholder ? href : undefined;
}
