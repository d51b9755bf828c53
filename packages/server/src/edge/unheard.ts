import type { IncomingMessage } from 'node:http';
import { unmapped } from '../identified-request.ts';
import { isReading } from './edge.ts';

/** Why a request was refused before anybody asked whose it is. */
export type UnheardReason =
  | 'page-of-another-site'
  | 'too-many-connections'
  | 'unknown-method'
  | 'unreadable-url'
  | 'no-single-host'
  | 'unknown-expectation';

/** A request of the API that would have changed something, and was refused so. */
export interface UnheardRequest {
  readonly source: string;
  readonly reason: UnheardReason;
}

const ofTheApi = /^\/+api(?:[/?]|$)/;

/** Passes such requests on to whoever listens; there is nobody before the routes are there. */
export class Unheard {
  #listener: (request: UnheardRequest) => void = () => undefined;

  /** Says whom to tell. */
  listen(listener: (request: UnheardRequest) => void): void {
    this.#listener = listener;
  }

  /** Told of every request that is refused; tells of those that count. */
  refused({ method, url = '', socket }: IncomingMessage, reason: UnheardReason): void {
    if (isReading(method) || !ofTheApi.test(url)) return;
    this.#listener({ source: unmapped(socket.remoteAddress) ?? '', reason });
  }
}
