import type { SaPlace } from '../sa-uuid.ts';

/** Where the charons of an IPspace are. */
export interface StrongswanOptions {
  readonly place: SaPlace;
  /** VICI socket of the charon that negotiates. */
  readonly mainSocketPath: string;
  /** VICI socket of the charon that holds the blocks and never stops; without it an orderly stop of the first leaks. */
  readonly guardSocketPath?: string | undefined;
  /** Socket of a kernel reader, which may come and go; without one the kernel is not compared. */
  readonly kernelSocketPath?: string | undefined;
  /** The command that starts the daemons, for people who read that they do not answer. */
  readonly startedBy?: string | undefined;
  /** How long charon may take to answer a command that needs no negotiation: 10000 ms. */
  readonly answerDeadlineMs?: number | undefined;
  /** How long an IKE SA may carry nothing before it is ended: 60 s. */
  readonly idleIkeSaSeconds?: number | undefined;
}
