import { type Answer, readAnswer } from './answer.ts';
import { type ErrorDetail, UnexpectedAnswerError } from './errors.ts';
import { hasSteps, isSamePath } from './path.ts';
import { retrying } from './retries.ts';
import type { Method, Transport } from './transport.ts';

/** How a job is that is waited for. */
export interface JobState {
  readonly uuid: string;
  /** `queued`, `running` or `paused`. */
  readonly state: string;
}

/** Where requests go, and how. */
export interface Connection {
  /** Of the server; a path in it stands before `/api`. */
  readonly url: URL;
  readonly transport: Transport;
  /** Sent with each request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether what logs in may go there: nobody reads it on the way, or it was said that all may. */
  readonly isClearAllowed: boolean;
  /** Ends all requests. */
  readonly signal?: AbortSignal | undefined;
  /** How often a GET whose connection was refused or broke, or that was asked to wait, is sent again. */
  readonly retries: number;
  /** How long the jobs of a change are waited for. */
  readonly jobTimeoutMs: number;
  /** Hears of a job that is waited for, each time it is looked at, and of none once that has ended. */
  readonly onJob?: ((job: JobState | undefined) => void) | undefined;
  /** Hears of answers that say themselves that they do not hold everything, or nothing of now. */
  readonly onIncomplete?: ((detail: ErrorDetail, observedAt?: string) => void) | undefined;
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
  /** Whether it makes one record: where a 201 tells it, it is made, whatever is said beside it. */
  readonly makesOne?: boolean;
}

/** What following a link has beside. */
export interface FollowOptions extends Omit<RequestOptions, 'query' | 'isOutsideApi'> {
  /** The path below `/api` that it must lead to; anywhere there, if not given. */
  readonly at?: string;
}

/** Sends requests over one connection, reads the answers, and sends again what may be. */
export class Requester {
  readonly connection: Connection;

  /** Throws a TypeError where what logs in would go through a network in clear. */
  constructor(connection: Connection) {
    const { headers, isClearAllowed, url } = connection;
    if (!isClearAllowed && Object.keys(headers).some((name) => /authorization$|^cookie$/.test(name)))
      throw new TypeError(`the login would go to ${url.origin} in clear, where others read it: use https`);
    this.connection = connection;
  }

  /** Sends to a path below `/api`, its keys filled in and encoded already. */
  send(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
    if (!path.startsWith('/') || hasSteps(path))
      throw new TypeError(`a path begins with / and has no . and .. in it: ${path}`);
    const query = (options.query ?? [])
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
    const target = this.#urlOf(`${options.isOutsideApi === true ? '' : '/api'}${path}`);
    target.search = query.join('&');
    return this.#send(method, target, options);
  }

  /** Follows a link of an answer, such as `next`. Throws when it leads to another server, whom our password is none of. */
  async follow(method: Method, href: string, { at, ...options }: FollowOptions = {}): Promise<Answer> {
    const { url } = this.connection;
    const rooted = href.startsWith('/') && !href.startsWith(`${this.#root}/api`) ? this.#root + href : href;
    if (!URL.canParse(rooted, url.href))
      throw new UnexpectedAnswerError(200, `A link of ${url.origin} leads nowhere`);
    const target = new URL(rooted, url);
    if (target.origin !== url.origin)
      throw new UnexpectedAnswerError(
        200,
        `A link of ${url.origin} leads to another server, ${target.origin}`,
      );
    if (at !== undefined && !isSamePath(target.pathname, this.#urlOf(`/api${at}`).pathname))
      throw new UnexpectedAnswerError(200, `The next page of ${at} is said to be of ${target.pathname}`);
    return this.#send(method, target, options);
  }

  /** The same connection, with one more signal to end it. */
  endedBy(signal: AbortSignal | undefined): Requester {
    return new Requester({ ...this.connection, signal: this.signalOf(signal) });
  }

  get #root(): string {
    return this.connection.url.pathname.replace(/\/+$/, '');
  }

  #urlOf(path: string): URL {
    const target = new URL(this.connection.url);
    target.pathname = this.#root + path;
    return target;
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
    const attempt = async () => readAnswer(request, await transport(request), options.makesOne);
    return method === 'GET' ? retrying(retries, signal, attempt) : attempt();
  }
}
