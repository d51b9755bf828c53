/** What a client has done since it was made, for metrics. All only grow. */
export interface ViciCounters {
  /** Commands that were about to be written to a connection, handshakes not counted. */
  readonly commandsSent: number;
  /** Commands the daemon answered with no, or did not know. */
  readonly commandsRefused: number;
  /** Commands sent to which no intelligible answer came: broken connection, deadline or abort. */
  readonly commandsUnanswered: number;
  /** Connections made, those of event streams included. */
  readonly connectionsOpened: number;
  /** Attempts to connect that failed, those the daemon had no room for included. */
  readonly connectionsFailed: number;
  /** Events received on event streams. */
  readonly eventsReceived: number;
  /** Events of these that were dropped because the consumer was too slow. */
  readonly eventsDropped: number;
}

/** The counters as their client keeps them. */
export type CounterState = { -readonly [Name in keyof ViciCounters]: number };

/** Counters of a client that has done nothing yet. */
export const countersAtZero = (): CounterState => ({
  commandsSent: 0,
  commandsRefused: 0,
  commandsUnanswered: 0,
  connectionsOpened: 0,
  connectionsFailed: 0,
  eventsReceived: 0,
  eventsDropped: 0,
});
