import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { ErrorCode } from '@esplanade/ontap';
import type { FailedLoginRates } from '../logins/failed-logins.ts';
import { sourceOf } from '../logins/login-source.ts';
import { Connections } from './connections.ts';
import { edgeErrors } from './edge-error.ts';
import {
  type AnswerLimits,
  documentsPerSource,
  type EdgeLimits,
  longestReceptionWaitMs,
  longestWaitMs,
  receivedPerSource,
  waitingPerPlace,
} from './edge-limits.ts';
import { SingleFile } from './single-file.ts';
import { isSmallBody } from './unread-body.ts';
import { WorkPlaces } from './work-places.ts';

/** Why a request is not let in, and in how many seconds it may be. */
export interface TurnedAway {
  readonly error: ErrorCode;
  readonly retryAfterSeconds?: number;
}

/** Tells that a request is let in, or why it is not. */
type Settle = (refusal: TurnedAway | undefined) => void;

const tooMuch: TurnedAway = { error: edgeErrors.tooMuchAtOnce, retryAfterSeconds: 1 };

/** Where a browser says that a page of somebody else asks (Fetch Metadata, `Sec-Fetch-Site`). */
const elsewhere: readonly unknown[] = ['cross-site', 'same-site'];

/** What stands between a client and the work it asks for. */
export class Edge {
  readonly connections: Connections;
  readonly failedLoginRates: FailedLoginRates;
  readonly #answerLimits: AnswerLimits;
  readonly #ofAccounts: WorkPlaces;
  readonly #receivedOfAccounts: WorkPlaces;
  readonly #receivedOfSources: WorkPlaces;
  readonly #writes = new SingleFile();
  readonly #documents = new WorkPlaces(documentsPerSource);

  constructor(server: Server, { connections, requestsPerAccount, answers, failedLogins }: EdgeLimits) {
    this.connections = new Connections(server, connections);
    this.failedLoginRates = failedLogins;
    this.#answerLimits = answers;
    const mostWaiting = requestsPerAccount * waitingPerPlace;
    this.#ofAccounts = new WorkPlaces({ atOnce: requestsPerAccount, mostWaiting });
    this.#receivedOfAccounts = new WorkPlaces({ atOnce: requestsPerAccount, mostWaiting });
    const fromOneSource = Math.ceil(requestsPerAccount * receivedPerSource);
    this.#receivedOfSources = new WorkPlaces({ atOnce: fromOneSource, mostWaiting });
  }

  /** Why the request is refused, whoever sends it; undefined when it is not. */
  refuses({ socket, method, headers }: IncomingMessage): TurnedAway | undefined {
    const surplus = this.connections.surplusOf(socket);
    if (surplus === 'source') return { error: edgeErrors.sourceConnections, retryAfterSeconds: 10 };
    if (surplus === 'total') return { error: edgeErrors.allConnections, retryAfterSeconds: 10 };
    // A browser adds the password it knows, or a certificate, to whatever a page has it send.
    const isForged = !isReading(method) && elsewhere.includes(headers['sec-fetch-site']);
    return isForged ? { error: edgeErrors.foreignPage } : undefined;
  }

  /**
   * Settles once the body of the account's request may be received, or has to be turned away: so many large ones at a time of one
   * source, and of all. Small ones wait for nobody, because those that do not come would hold up the others.
   */
  receive(account: string, request: IncomingMessage, settle: Settle): void {
    if (isSmallBody(request)) {
      settle(undefined);
      return;
    }
    const ofSource = `${account} ${sourceOf(request.socket.remoteAddress)}`;
    const wait = longestReceptionWaitMs;
    admitted(this.#receivedOfSources, ofSource, request, wait, (refusal) => {
      if (refusal !== undefined) settle(refusal);
      else admitted(this.#receivedOfAccounts, account, request, wait, settle);
    });
  }

  /**
   * Settles once the account's request, which is all there, may be worked on, or has to be turned away: too many wait already, or this one has waited
   * too long. Writes do not hold up reads. The place is free again when the answer has been taken.
   */
  admit(account: string, { method }: IncomingMessage, answer: ServerResponse, settle: Settle): void {
    if (isReading(method)) admitted(this.#ofAccounts, `read ${account}`, answer, longestWaitMs, settle);
    else
      admitted(this.#ofAccounts, `write ${account}`, answer, longestWaitMs, (refusal) =>
        this.#writes.add(() => settle(refusal)),
      );
  }

  /** The same for what needs no login, by source. */
  admitReader({ socket }: IncomingMessage, answer: ServerResponse, settle: Settle): void {
    admitted(this.#documents, sourceOf(socket.remoteAddress), answer, longestWaitMs, settle);
  }

  /** How long the answer to such a request may take, in milliseconds. */
  answerLimitMs(method: string): number {
    return isReading(method) ? this.#answerLimits.readMs : this.#answerLimits.writeMs;
  }
}

/** A place for as long as this lasts. */
function admitted(
  places: WorkPlaces,
  key: string,
  during: IncomingMessage | ServerResponse,
  mostWaitMs: number,
  settle: Settle,
): void {
  // Nobody is there any more.
  if (during.closed) return;
  let waiting: NodeJS.Timeout | undefined;
  const ticket = places.ask(key, () => {
    clearTimeout(waiting);
    waiting = undefined;
    settle(undefined);
  });
  if (ticket === undefined) {
    settle(tooMuch);
    return;
  }
  const leave = (): void => {
    clearTimeout(waiting);
    ticket.leave();
  };
  during.once('close', leave).once('finish', leave).once('end', leave);
  if (ticket.isWaiting)
    waiting = setTimeout(() => {
      ticket.leave();
      settle(tooMuch);
    }, mostWaitMs);
}

/** Whether it changes nothing. */
export function isReading(method = 'GET'): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
