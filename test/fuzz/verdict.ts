import type { FuzzRequest } from './fuzz-request.ts';
import type { Exchange, WireAnswer } from './wire-client.ts';

/** What is wrong with what came of a request; undefined when nothing is. */
export function faultOf(request: FuzzRequest, exchange: Exchange): string | undefined {
  if (exchange.kind === 'answer') return answerFault(request, exchange.answer);
  // Node ends the connection where somebody asks it to become a tunnel.
  if (exchange.kind === 'closed' && request.method === 'CONNECT') return undefined;
  return `${exchange.kind} instead of an answer: ${exchange.detail}`;
}

function answerFault(request: FuzzRequest, answer: WireAnswer): string | undefined {
  const { status } = answer;
  const text = answer.body.toString();
  const shown = `${status} ${text.slice(0, 500)}`;
  if (request.method === 'HEAD') return status >= 500 ? `status ${status}` : undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return isApi(request) || status >= 300 ? `no JSON: ${shown}` : undefined;
  }
  if (status >= 200 && status < 300) return successFault(json, answer);
  const error = memberOf(json, 'error');
  const code = memberOf(error, 'code');
  const message = memberOf(error, 'message');
  if (typeof code !== 'string' || !/^\d+$/.test(code)) return `no error with a code: ${shown}`;
  if (typeof message !== 'string' || message === '') return `no message: ${shown}`;
  // Passwords are hashed for so many at once and no more.
  const isBusyLogin = status === 503 && code === '65552' && hasOwnCredentials(request);
  if (status >= 500 && !isBusyLogin) return `an error of ours: ${shown}`;
  if (status < 400) return `neither success nor error: ${shown}`;
  if (status === 401 && !hasOwnCredentials(request)) return `our password was refused: ${shown}`;
  return undefined;
}

/** Whatever was asked, an envelope agrees with itself. */
function successFault(json: unknown, { headers }: WireAnswer): string | undefined {
  const records = memberOf(json, 'records');
  const count = memberOf(json, 'num_records');
  if (Array.isArray(records) && records.length !== count)
    return `${records.length} records, counted ${count}`;
  const next = memberOf(memberOf(memberOf(json, '_links'), 'next'), 'href');
  if (typeof next === 'string' && !headers.has('link')) return `a next link without a header: ${next}`;
  if (next === undefined && headers.has('link'))
    return `a header without a next link: ${headers.get('link')}`;
  return undefined;
}

function hasOwnCredentials({ headers }: FuzzRequest): boolean {
  return headers.some(([name]) => name.toLowerCase() === 'authorization');
}

function isApi({ path }: FuzzRequest): boolean {
  return /^\/+api(\/|$)/.test(path);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
