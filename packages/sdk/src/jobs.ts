import { type Answer, type AnswerBody, errorDetailOf, isObject, refusal } from './answer.ts';
import { ApiError, NotFoundError, UnconfirmedError, UnexpectedAnswerError } from './errors.ts';
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
  { status, body, isChange }: Answer,
  signal?: AbortSignal,
): Promise<readonly AnswerBody[]> {
  if (status !== 202 || !isChange) return [];
  const { jobTimeoutMs, onJob } = requester.connection;
  const untilMs = performance.now() + jobTimeoutMs;
  const ended: AnswerBody[] = [];
  const begun = [body.job ?? [], body.jobs ?? []].flat();
  if (begun.length === 0) throw unreadable();
  let failure: ApiError | undefined;
  try {
    for (const job of begun) {
      try {
        ended.push(await endOf(requester, job, untilMs, signal));
      } catch (error) {
        // The others go on whatever becomes of one.
        if (!(error instanceof ApiError)) throw error;
        failure ??= error;
      }
    }
  } finally {
    onJob?.(undefined);
  }
  if (failure !== undefined) throw failure;
  return ended;
}

async function endOf(
  requester: Requester,
  job: unknown,
  untilMs: number,
  signal: AbortSignal | undefined,
): Promise<AnswerBody> {
  const uuid = isObject(job) ? job['uuid'] : undefined;
  if (typeof uuid !== 'string' || /^\.{0,2}$/.test(uuid)) throw unreadable();
  const { jobTimeoutMs, onJob } = requester.connection;
  for (;;) {
    const body = await look(requester, uuid, signal);
    if (body['state'] === 'success') return body;
    if (body['state'] === 'failure')
      throw refusal(202, errorDetailOf(body.error) ?? errorDetailOf(body) ?? unexplained);
    const state = String(body['state']);
    if (!['queued', 'running', 'paused'].includes(state)) throw unreadable(`A job is said to be ${state}`);
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0)
      throw new UnconfirmedError(
        `Job ${uuid} is ${state}, and ${jobTimeoutMs / 1000} s were waited for its end.`,
      );
    onJob?.({ uuid, state });
    await delay(Math.min(betweenLooksMs, leftMs), requester.signalOf(signal));
  }
}

const unexplained = { code: '', message: 'The job failed, and does not say why' };

/** What is thrown where a look after a change failed. */
export function unconfirmed(what: string, cause: unknown, isDone = false): UnconfirmedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UnconfirmedError(`${what}: ${why.replace(/\.$/, '')}.`, { cause, isDone });
}

function unreadable(sentence = 'A job was begun, and the answer does not say which'): UnexpectedAnswerError {
  return new UnexpectedAnswerError(202, sentence, { mayBeDone: true });
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
    requester.signalOf(signal)?.throwIfAborted();
    const why = error instanceof NotFoundError ? 'is no longer there' : 'cannot be looked at';
    throw unconfirmed(`How it ended is not known, job ${uuid} ${why}`, error);
  }
}
