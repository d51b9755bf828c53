import type { PolicyUuid } from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { Charon } from './charon.ts';
import { policiesLoadedIn } from './failed-policies.ts';
import type { Installer } from './installer.ts';
import type { SaControl } from './sa-control.ts';

/** What tells which IKE SAs need a key, what ends the others, and who is told. */
export interface UnmixedIkeSasOptions {
  readonly main: Charon;
  readonly installer: Installer;
  readonly sas: SaControl;
  readonly onFailed: (policyUuid: PolicyUuid, reason: string) => void;
}

const reason =
  'The remote came up without the post-quantum pre-shared key of the policy, so its SA was ended. Give the other end the same ppk, and require it there.';

/** Ends IKE SAs of ours that came up without the post-quantum key that their policies require. */
export class UnmixedIkeSas {
  readonly #options: UnmixedIkeSasOptions;

  constructor(options: UnmixedIkeSasOptions) {
    this.#options = options;
  }

  /** Looks at IKE SAs as charon shows them, and begins to end those. */
  async end(rows: readonly Message[], signal?: AbortSignal): Promise<void> {
    const { main, installer, sas, onFailed } = this.#options;
    const requiresOne = (name: string): boolean =>
      installer.requiresPostquantum(main.lastKnown?.childrenOf(name) ?? []);
    for (const { id, connectionName } of rows.flatMap((row) => unmixedIkeSas(row, requiresOne))) {
      for (const policyUuid of policiesLoadedIn(connectionName, main.lastKnown)) onFailed(policyUuid, reason);
      await sas.end(id, signal);
    }
  }
}

/** An IKE SA that came up without the post-quantum key that its policies require. */
export interface UnmixedIkeSa {
  readonly id: string;
  readonly connectionName: string;
}

/**
 * The IKE SAs of a row of `list-sas`, or of an event that shows them so, that are established without a post-quantum
 * key although their connection requires one. As initiator charon goes on without when the remote names none in its
 * answer, against RFC 8784 section 3; as responder when it takes to a connection that requires one only after it has
 * authenticated the remote for another. An IKE SA that took the place of one by rekeying shows the key as that one did.
 */
export function unmixedIkeSas(
  row: Message,
  requiresOne: (connectionName: string) => boolean,
): readonly UnmixedIkeSa[] {
  return row.sections().flatMap(([connectionName, sa]) => {
    const id = sa.text('uniqueid');
    if (id === undefined || sa.text('state') !== 'ESTABLISHED' || sa.yesNo('ppk') === true) return [];
    return requiresOne(connectionName) ? [{ id, connectionName }] : [];
  });
}
