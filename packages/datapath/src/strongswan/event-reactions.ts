import type { PolicyUuid } from '@esplanade/domain';
import type { MessageInput, ViciEvent } from '@esplanade/vici';
import type { Listeners } from '../listeners.ts';
import type { Charon } from './charon.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import type { FailedNegotiations } from './failed-negotiations.ts';
import type { Others } from './others.ts';
import { Revival } from './revival.ts';
import type { RevokedRemotes } from './revoked-remotes.ts';
import type { SaControl } from './sa-control.ts';
import { rekeyedChildren } from './sa-mapping.ts';
import type { SaObserver } from './sa-observer.ts';
import { type EndedSa, Terminations } from './terminations.ts';
import type { Turns } from './turns.ts';
import type { UnmixedIkeSas } from './unmixed-ike-sas.ts';
import { renewWindow } from './window-renewal.ts';

/** What reacting needs of the driver. */
export interface EventReactionParts {
  /** The charon that has the SAs; the guard has none. */
  readonly main: Charon;
  readonly inForce: EntriesInForce;
  readonly policies: Turns<PolicyUuid>;
  readonly sas: SaControl;
  readonly observer: SaObserver;
  readonly others: Others;
  readonly revoked: RevokedRemotes;
  readonly unmixed: UnmixedIkeSas;
  readonly failures: FailedNegotiations;
  readonly listeners: Listeners;
}

/** Does what is due when charon tells something by itself, and passes on what concerns whoever listens to the datapath. */
export class EventReactions {
  readonly #parts: EventReactionParts;
  readonly #terminations = new Terminations();
  readonly #revival: Revival;

  constructor(parts: EventReactionParts) {
    this.#parts = parts;
    this.#revival = new Revival(parts.sas, (childName) => parts.inForce.ofChild(childName));
  }

  /** We are about to send this `terminate`: what ends by it nobody else has ended. */
  expectTermination(message: MessageInput): void {
    this.#terminations.expect(message);
  }

  heard(charon: Charon, event: ViciEvent): void {
    const { main, observer, others, failures } = this.#parts;
    if (charon !== main) {
      others.heard(charon, event);
      return;
    }
    if (event.kind !== 'event' || event.name !== 'log') {
      this.#heardOfSas(event);
      return;
    }
    observer.heard(event);
    others.heard(charon, event);
    for (const ended of this.#terminations.read(event.message.text('msg') ?? '')) this.#saEnded(ended);
    failures.heard(event.message);
  }

  close(): void {
    this.#revival.close();
  }

  #heardOfSas(event: ViciEvent): void {
    const { inForce, policies, sas, observer, revoked, unmixed, listeners } = this.#parts;
    for (const ended of this.#terminations.ended(event)) this.#saEnded(ended);
    for (const one of [observer, revoked]) one.heard(event);
    // Where charon does not answer, the next listing shows the same.
    if (event.kind === 'event' && event.name === 'ike-updown')
      void unmixed.end([event.message]).catch(() => listeners.tell({ kind: 'sas-changed' }));
    for (const childName of rekeyedChildren(event))
      void renewWindow(childName, { sas, policies, current: inForce });
    listeners.tell({ kind: 'sas-changed', known: () => observer.known() });
  }

  #saEnded({ childName }: EndedSa): void {
    const { inForce, listeners } = this.#parts;
    const policyUuid = inForce.ofChild(childName)?.policyUuid;
    if (policyUuid === undefined) return;
    listeners.tell({ kind: 'sa-ended', policyUuid });
    // Where charon does not answer or closes, nothing is lost: the next packet asks for the SA.
    void this.#revival.revive(childName).catch(() => listeners.tell({ kind: 'sas-changed' }));
  }
}
