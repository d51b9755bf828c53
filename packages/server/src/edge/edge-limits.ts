import { type FailedLoginRates, failedLoginRates } from '../logins/failed-logins.ts';
import type { ConnectionLimits } from './connections.ts';

/** How long an answer may take, in milliseconds. */
export interface AnswerLimits {
  readonly readMs: number;
  readonly writeMs: number;
}

/** What one client may take of the server, so that there is something left for the others. */
export interface EdgeLimits {
  readonly connections: ConnectionLimits;
  /** Requests of one account that are worked on at once: so many that read, and so many that write. */
  readonly requestsPerAccount: number;
  readonly answers: AnswerLimits;
  readonly failedLogins: FailedLoginRates;
}

/**
 * Two thousand hosts behind one address, each with its connection kept open, and as many again; two such sites. One
 * account's 128 requests at once keep disk and charon busy, which take writes in lots. A GET that takes as long as ONTAP
 * waits at most (`return_timeout`) is of no use any more; a change of ten thousand records still is, and each of them may
 * wait two seconds for a datapath that hangs.
 */
export const defaultEdgeLimits: EdgeLimits = {
  connections: { total: 8_000, perSource: 4_000 },
  requestsPerAccount: 128,
  answers: { readMs: 120_000, writeMs: 3_600_000 },
  failedLogins: failedLoginRates,
};

/** Requests of an account that may wait for each one that is worked on: with the usual limits, one of each connection. */
export const waitingPerPlace = 32;

/** How long they wait: clients that gave up by themselves would have done so. */
export const longestWaitMs = 60_000;

/**
 * Large bodies of an account that are received at once, as a part of its requests that are worked on: all of them, and a quarter
 * from one source. Small ones cost no more than the headers of their connection.
 */
export const receivedPerSource = 1 / 4;

/** How long a large body may wait to be received; whoever sends it has no more than `askingLimits.requestMs` for all of it. */
export const longestReceptionWaitMs = 15_000;

/** Documents that are sent to one source at once, and may wait: nobody has to log in for them, and they are large. */
export const documentsPerSource = { atOnce: 16, mostWaiting: 256 } as const;

/** How long a client may take to ask, in milliseconds. */
export const askingLimits = {
  /** Two thousand hosts that all connect anew after a restart keep a small machine busy for that long. */
  handshakeMs: 30_000,
  headersMs: 10_000,
  /** Headers and body: a megabyte at 35 kB a second. */
  requestMs: 30_000,
  /** How often the latter two are looked at. */
  lookMs: 2_000,
} as const;
