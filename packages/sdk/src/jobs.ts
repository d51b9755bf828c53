import { type Answer, errorDetailOf, isObject } from './answer.ts';
import { ApiError, UnexpectedAnswerError } from './errors.ts';
import type { Requester } from './requester.ts';
import { delay } from './retries.ts';

/** A job changes seldom, and a GET of it costs an ONTAP little. */
const betweenLooksMs = 500;

/** Waits for the end of a job where the answer (202) has begun one; throws what it failed with. */
export async function jobEnd(requester: Requester, answer: Answer, signal?: AbortSignal): Promise<void> {
  const { job } = answer.body;
  if (answer.status !== 202 || !isObject(job)) return;
  for (;;) {
    const { body } = await requester.send('GET', `/cluster/jobs/${encodeURIComponent(String(job['uuid']))}`, {
      query: [['fields', 'state,message,code,error']],
      signal,
    });
    if (body['state'] === 'success') return;
    if (body['state'] === 'failure')
      throw new ApiError(202, errorDetailOf(body.error) ?? errorDetailOf(body) ?? { code: '', message: '' });
    if (!['queued', 'running', 'paused'].includes(String(body['state'])))
      throw new UnexpectedAnswerError(200, `A job is said to be ${String(body['state'])}`);
    await delay(betweenLooksMs, requester.signalOf(signal));
  }
}
