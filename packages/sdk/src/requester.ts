import { type Answer, readAnswer } from './answer.ts';
import { type ErrorDetail, UnexpectedAnswerError } from './errors.ts';
import { retrying } from './retries.ts';
import type { Method, Transport } from './transport.ts';

/** Where requests go, and how. */
export interface Connection {
  /** Of the server; a path in it stands before `/api`. */
  readonly url: URL;
  readonly transport: Transport;
  /** Sent with each request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends all requests. */
  readonly signal?: AbortSignal | undefined;
  /** How often a GET that got no answer, or was asked to wait, is sent again. */
  readonly retries: number;
  /** Hears of answers that say themselves that they do not hold everything, or nothing of now. */
  readonly onIncomplete?: ((detail: ErrorDetail) => void) | undefined;
}

/** What a request has beside method and path. */
export interface RequestOptions {
  /** Name and value, in order; undefined ones are left out. */
  readonly query?: readonly (readonly [string, unknown])[];
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether the path is the server's own, and not one below `/api`. */
  readonly isOutsideApi?: boolean;
}

/** Sends requests over one connection, reads the answers, and sends again what may be. */
export class Requester {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends to a path below `/api`, its keys filled in and encoded already. */
  send(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { url } = this.connection;
    const root = url.pathname.replace(/\/+$/, '');
    const query = (options.query ?? [])
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
    const target = new URL(url);
    target.pathname = `${root}${options.isOutsideApi === true ? '' : '/api'}${path}`;
    target.search = query.join('&');
    return this.#send(method, target, options);
  }

  /** Follows a link of an answer, such as `next`. Throws when it leads to another server, whom our password is none of. */
  follow(method: Method, href: string, options: RequestOptions = {}): Promise<Answer> {
    const { url } = this.connection;
    const root = url.pathname.replace(/\/+$/, '');
    const target = new URL(href.startsWith('/') && !href.startsWith(`${root}/api`) ? root + href : href, url);
    if (target.origin !== url.origin)
      throw new UnexpectedAnswerError(
        200,
        `A link of ${url.origin} leads to another server, ${target.origin}`,
      );
    return this.#send(method, target, options);
  }

  /** The signal that ends what belongs to one call. */
  signalOf(own: AbortSignal | undefined): AbortSignal | undefined {
    const { signal } = this.connection;
    if (own === undefined || signal === undefined) return own ?? signal;
    return AbortSignal.any([own, signal]);
  }

  async #send(method: Method, url: URL, options: RequestOptions): Promise<Answer> {
    const { transport, headers, retries } = this.connection;
    const { body } = options;
    const signal = this.signalOf(options.signal);
    signal?.throwIfAborted();
    const request = {
      method,
      url,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    };
    const attempt = async () => readAnswer(request, await transport(request));
    return method === 'GET' ? retrying(retries, signal, attempt) : attempt();
  }
}
