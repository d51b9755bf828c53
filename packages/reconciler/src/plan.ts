import { type DatapathSettings, entryFingerprint, type InstalledEntry } from '@esplanade/datapath';
import { type PolicyUuid, type SpdEntry, selectorKey } from '@esplanade/domain';

/** One step towards the desired state. */
export type Operation =
  | { readonly kind: 'install'; readonly entry: SpdEntry }
  | { readonly kind: 'remove'; readonly policyUuid: PolicyUuid };

/** Something installed, with the selector it stands on where we know it. */
export interface ObservedEntry extends InstalledEntry {
  readonly selectorKey?: string;
}

export interface PlanInput {
  /** What must be installed, of the policies in `scope`. */
  readonly desired: readonly SpdEntry[];
  /** What is installed; several rows of one policy are several forms of it. */
  readonly observed: readonly ObservedEntry[];
  readonly settings: DatapathSettings;
  /**
   * The policies for which `desired` speaks. `everything` says that the list is complete: then whatever else is
   * observed is a left-over of ours and goes. Otherwise what is observed of other policies is left alone.
   */
  readonly scope: 'everything' | ReadonlySet<PolicyUuid>;
}

/**
 * What to do, in order. Nothing for an entry that is installed in the desired form and no other.
 *
 * - Installs come before removals, so that no packet falls between an entry that goes and the one that replaces it.
 * - First the installs that take over a selector from another policy: that policy's own install moves it elsewhere.
 * - Then the narrowest first. Whatever a new entry decides for, nothing narrower comes afterwards: each packet changes
 *   its decider once, and a wide discard never blocks, even for a moment, what a narrow bypass lets through.
 */
export function plan(input: PlanInput): readonly Operation[] {
  const { desired, observed, settings, scope } = input;
  const forms = Map.groupBy(observed, (row) => row.policyUuid);
  const holders = new Map(observed.map((row) => [row.selectorKey, row.policyUuid]));
  const takesOver = ({ policy }: SpdEntry): boolean => {
    const holder = holders.get(selectorKey(policy.selector));
    return holder !== undefined && holder !== policy.uuid;
  };

  const installs = desired
    .filter((entry) => !isInstalled(entry, forms.get(entry.policy.uuid) ?? [], settings))
    .map((entry) => ({ entry, rank: takesOver(entry) ? 0 : 1 }))
    .sort((a, b) => a.rank - b.rank || a.entry.priority - b.entry.priority)
    .map(({ entry }): Operation => ({ kind: 'install', entry }));

  const wanted = new Set(desired.map((entry) => entry.policy.uuid));
  const removals = [...forms.keys()]
    .filter((uuid) => !wanted.has(uuid) && (scope === 'everything' || scope.has(uuid)))
    .map((policyUuid): Operation => ({ kind: 'remove', policyUuid }));
  return [...installs, ...removals];
}

/** The policy that an operation is about. */
export function policyOf(operation: Operation): PolicyUuid {
  return operation.kind === 'install' ? operation.entry.policy.uuid : operation.policyUuid;
}

function isInstalled(entry: SpdEntry, forms: readonly InstalledEntry[], settings: DatapathSettings): boolean {
  const [form, ...others] = forms;
  return others.length === 0 && form?.fingerprint === entryFingerprint(entry, settings);
}
