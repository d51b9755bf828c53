import { type ApiResponse, genericErrors } from '@esplanade/ontap';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TurnedAway } from './edge/edge.ts';
import { edgeError, edgeErrors, errorBody, plainError, standardHeaders } from './edge/edge-error.ts';
import type { AuthenticationResult } from './logins/login-result.ts';

/** When nobody could wait for the API any longer. */
export const lateAnswer: ApiResponse = {
  ...plainError(edgeErrors.lateAnswer),
  headers: { 'content-type': 'application/hal+json', 'retry-after': '10' },
};

const reading = 'GET, HEAD, OPTIONS';

/** Tells what may be asked where everything can only be read. */
export function sendAllowed(reply: FastifyReply): void {
  reply.header('allow', reading).code(204).send();
}

/** Refuses a method that changes something where everything can only be read. */
export function refuseMethod({ method, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  const { methodNotAllowed } = genericErrors;
  const body = errorBody(methodNotAllowed, { method, path: routeOptions.url ?? '' });
  sendError(reply.header('allow', reading), { status: methodNotAllowed.status, body });
}

/** Past the framework, which would look through the body, and add a charset that ONTAP's types do not have. */
export function sendAsIs(request: FastifyRequest, reply: FastifyReply, response: ApiResponse): void {
  const { status, headers } = response;
  request.route = response.route;
  const body = Buffer.from(response.body);
  // Not the length of nothing, but of what is not sent again (RFC 9110 15.4.5): so none.
  const length = status === 304 ? {} : { 'content-length': body.length };
  const own = { 'x-request-id': request.id, ...length };
  reply.hijack();
  reply.raw.writeHead(status, { ...standardHeaders, ...own, ...headers });
  reply.raw.end(body);
}

/** Says that nobody is let in without a login, or when to try again. */
export function refuse(
  reply: FastifyReply,
  result: Exclude<AuthenticationResult, { kind: 'authenticated' }>,
): void {
  if (result.kind === 'postponed') {
    reply.header('retry-after', String(result.retryAfterSeconds));
    const error = result.reason === 'too-many-at-once' ? edgeErrors.busy : edgeErrors.tooManyFailures;
    sendError(reply, plainError(error));
    return;
  }
  reply.header('www-authenticate', 'Basic realm="Esplanade", charset="UTF-8"');
  sendError(reply, plainError(genericErrors.unauthenticated));
}

/** Says why a request is not let in, and when it may be. */
export function turnAway(reply: FastifyReply, { error, retryAfterSeconds }: TurnedAway): void {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  sendError(reply, plainError(error));
}

/** An error that may know which status it is. */
export interface HttpError extends Error {
  readonly code?: string;
  readonly statusCode?: number;
}

/** What was thrown, as an error. */
export function asError(thrown: unknown): HttpError {
  return thrown instanceof Error
    ? thrown
    : new Error('something that is no error was thrown', { cause: thrown });
}

/** Says what went wrong, as far as it is for clients; the rest is logged. */
export function answerError(error: HttpError, request: FastifyRequest, reply: FastifyReply): void {
  const answer = edgeError(error, request.id);
  if (answer.status >= 500) request.log.error({ err: error }, 'a request failed');
  sendError(reply, answer);
}

/** Answers with an error. */
export function sendError(reply: FastifyReply, { status, body }: ReturnType<typeof plainError>): void {
  reply.headers(standardHeaders).code(status).type('application/hal+json').send(Buffer.from(body));
}
