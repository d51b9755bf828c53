import type { PolicyUuid } from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { Charon } from './charon.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import { type PolicyClues, policiesOf } from './failed-policies.ts';
import type { Installer } from './installer.ts';
import type { KeyRings } from './key-rings.ts';
import { isPki } from './names.ts';
import { type FailureTarget, NegotiationLog } from './negotiation-log.ts';

const postquantumAdvice =
  'It may as well be the post-quantum pre-shared key: compare identity and key of ppk too.';

/** What tells whom a failure concerns, and who is told. */
export interface FailedNegotiationsOptions {
  readonly main: Charon;
  readonly installer: Installer;
  readonly rings: KeyRings;
  readonly inForce: EntriesInForce;
  readonly childrenUp: PolicyClues['childrenUp'];
  /** `remote`: the address of the remote, where charon tells it. */
  readonly onFailed: (policyUuid: PolicyUuid, reason: string, remote: string | undefined) => void;
  /** The remote has refused the key that charon proved. */
  readonly onKeyRefused: (ringName: string) => void;
}

/** Hears from charon's log which negotiations failed, whose they were, and why. */
export class FailedNegotiations {
  readonly #options: FailedNegotiationsOptions;
  readonly #log = new NegotiationLog();

  constructor(options: FailedNegotiationsOptions) {
    this.#options = options;
  }

  /** Takes in a `log` event. */
  heard(message: Message): void {
    const { main, installer, inForce, childrenUp, onFailed } = this.#options;
    const failure = this.#log.read({
      ikeSaId: message.text('ikesa-uniqueid'),
      connectionName: message.text('ikesa-name'),
      text: message.text('msg') ?? '',
    });
    if (failure === undefined) return;
    if (failure.concerns === 'key') this.#keyRefused(failure.target);
    const { target, remote } = failure;
    const isByCertificate = target.kind === 'connection' && isPki(target.connectionName);
    const reason = (isByCertificate ? failure.reasonByCertificate : undefined) ?? failure.reason;
    const postquantum = failure.mayBePostquantum === true ? installer.postquantumPolicies() : undefined;
    const clues = { main: main.lastKnown, forms: installer.forms, inForce, childrenUp };
    for (const policyUuid of policiesOf(target, clues)) {
      const advice = postquantum?.has(policyUuid) === true ? ` ${postquantumAdvice}` : '';
      const who = remote === undefined ? '' : ` The remote is ${remote}.`;
      onFailed(policyUuid, `${reason}${advice}${who}`, remote);
    }
  }

  #keyRefused(target: FailureTarget): void {
    const { main, rings, onKeyRefused } = this.#options;
    if (target.kind !== 'connection') return;
    const [child = ''] = main.lastKnown?.childrenOf(target.connectionName) ?? [];
    const ringName = rings.ringOf(child);
    if (ringName !== undefined) onKeyRefused(ringName);
  }
}
