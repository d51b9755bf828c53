import type { ApiRequest, Principal } from '@esplanade/ontap';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Credentialed } from './logins/login-result.ts';

const noBody = new Uint8Array();

/**
 * An API request that the log can find again: its id is the answer's `X-Request-Id`. Says what it is asked for and
 * prepares nothing: most answers need little of a request. (A class, because an object with getters of its own would
 * outlive every collection of young garbage.)
 */
export class IdentifiedRequest implements ApiRequest {
  readonly principal: Principal;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  #gone: AbortController | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply, account: Credentialed) {
    const { name, role, scope } = account;
    this.principal = {
      account: name,
      role,
      ...(scope.kind === 'svm' && { svmUuid: scope.svm.uuid, isOfSvm: true }),
    };
    this.#request = request;
    this.#reply = reply;
  }

  get requestId(): string {
    return this.#request.id;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.raw.url ?? '/';
  }

  get body(): Uint8Array {
    const { body } = this.#request;
    return body instanceof Uint8Array ? body : noBody;
  }

  get accept(): string | undefined {
    return this.#request.headers.accept;
  }

  get tunnelSvmName(): string | undefined {
    return this.#header('x-dot-svm-name');
  }

  get tunnelSvmUuid(): string | undefined {
    return this.#header('x-dot-svm-uuid');
  }

  get ifMatch(): string | undefined {
    return this.#header('if-match');
  }

  get ifNoneMatch(): string | undefined {
    return this.#header('if-none-match');
  }

  get localAddress(): string | undefined {
    return unmapped(this.#request.raw.socket.localAddress);
  }

  get localPort(): number | undefined {
    return this.#request.raw.socket.localPort;
  }

  get remoteAddress(): string | undefined {
    return unmapped(this.#request.raw.socket.remoteAddress);
  }

  get remotePort(): number | undefined {
    return this.#request.raw.socket.remotePort;
  }

  /** Aborted when nobody waits for the response any more; the request's own 'close' comes as soon as its body is read. */
  get signal(): AbortSignal {
    this.#gone ??= abortedWith(this.#reply);
    return this.#gone.signal;
  }

  /** Nobody waits for the response any more: somebody else has answered. */
  abandon(): void {
    this.#gone ??= new AbortController();
    this.#gone.abort();
  }

  #header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return typeof value === 'string' ? value : undefined;
  }
}

function abortedWith({ raw }: FastifyReply): AbortController {
  const gone = new AbortController();
  const abort = (): void => {
    if (!raw.writableFinished) gone.abort();
  };
  if (raw.closed) abort();
  else raw.once('close', abort);
  return gone;
}

/** A dual-stack listener shows IPv4 peers as `::ffff:…` (RFC 4291 2.5.5.2); packets carry the IPv4 address. */
export function unmapped(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '');
}
