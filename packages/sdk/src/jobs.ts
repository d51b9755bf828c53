import { type Answer, type AnswerBody, errorDetailOf, isObject } from './answer.ts';
import { ApiError, ConnectionError, NotFoundError, UnexpectedAnswerError } from './errors.ts';
import { encodedKey } from './path.ts';
import type { Requester } from './requester.ts';
import { delay } from './retries.ts';

/** A job changes seldom, and a GET of it costs an ONTAP little. */
const betweenLooksMs = 500;

/**
 * Waits for the end of every job that the answer (202) has begun, and resolves to them; throws what the first of them failed
 * with.
 */
export async function jobsEnd(
  requester: Requester,
  { status, body }: Answer,
  signal?: AbortSignal,
): Promise<readonly AnswerBody[]> {
  const ended: AnswerBody[] = [];
  const begun = status === 202 ? [body.job ?? [], body.jobs ?? []].flat() : [];
  let failure: ApiError | undefined;
  for (const job of begun) {
    try {
      ended.push(await endOf(requester, job, signal));
    } catch (error) {
      // The others go on whatever becomes of one.
      if (!(error instanceof ApiError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return ended;
}

async function endOf(
  requester: Requester,
  job: unknown,
  signal: AbortSignal | undefined,
): Promise<AnswerBody> {
  const uuid = isObject(job) ? job['uuid'] : undefined;
  if (typeof uuid !== 'string' || /^\.{0,2}$/.test(uuid))
    throw new UnexpectedAnswerError(202, 'A job was begun, and the answer does not say which');
  for (;;) {
    const body = await look(requester, uuid, signal);
    if (body['state'] === 'success') return body;
    if (body['state'] === 'failure')
      throw new ApiError(202, errorDetailOf(body.error) ?? errorDetailOf(body) ?? { code: '', message: '' });
    if (!['queued', 'running', 'paused'].includes(String(body['state'])))
      throw new UnexpectedAnswerError(200, `A job is said to be ${String(body['state'])}`);
    await delay(betweenLooksMs, requester.signalOf(signal));
  }
}

/** Whoever cannot look any more does not know how it ended: an ONTAP forgets a job 300 s after its end. */
async function look(
  requester: Requester,
  uuid: string,
  signal: AbortSignal | undefined,
): Promise<AnswerBody> {
  const query = [['fields', 'description,state,message,code,error']] as const;
  try {
    return (await requester.send('GET', `/cluster/jobs/${encodedKey(uuid)}`, { query, signal })).body;
  } catch (error) {
    if (error instanceof NotFoundError)
      throw new ConnectionError(`How it ended is not known: job ${uuid} is no longer there.`, {
        cause: error,
        mayPass: false,
        mayBeDone: true,
      });
    if (!(error instanceof ConnectionError)) throw error;
    throw new ConnectionError(error.message, { cause: error, mayPass: error.mayPass, mayBeDone: true });
  }
}
