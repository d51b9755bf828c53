import {
  type DatapathEntry,
  type DatapathSettings,
  entryFingerprint,
  type InstalledEntry,
} from '@esplanade/datapath';
import { type PolicyUuid, selectorKey } from '@esplanade/domain';

/** One step towards the desired state. */
export type Operation =
  | { readonly kind: 'install'; readonly entry: DatapathEntry }
  | { readonly kind: 'remove'; readonly policyUuid: PolicyUuid };

/** Something installed, with the selector it stands on where we know it. */
export interface ObservedEntry extends InstalledEntry {
  readonly selectorKey?: string;
}

/** What a plan is made from. */
export interface PlanInput {
  /** What must be installed, of the policies in `scope`. */
  readonly desired: readonly DatapathEntry[];
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
 * - The narrowest first. Whatever a new entry decides for, nothing narrower comes afterwards: each packet changes its
 *   decider once, and a wide discard never blocks, even for a moment, what a narrow bypass lets through.
 * - Save that a policy which moves leaves its selector only when the one that takes it over is in. Of policies that
 *   exchange their selectors one has to go first; then the block beneath stands in.
 */
export function plan(input: PlanInput): readonly Operation[] {
  const { desired, observed, settings, scope } = input;
  const forms = Map.groupBy(observed, (row) => row.policyUuid);
  const missing = desired
    .filter((entry) => !isInstalled(entry, forms.get(entry.policy.uuid) ?? [], settings))
    .sort((a, b) => a.priority - b.priority);
  const wanted = new Set(desired.map((entry) => entry.policy.uuid));
  const removals = [...forms.keys()]
    .filter((uuid) => !wanted.has(uuid) && (scope === 'everything' || scope.has(uuid)))
    .map((policyUuid): Operation => ({ kind: 'remove', policyUuid }));
  return [...heirsFirst(missing, forms).map((entry): Operation => ({ kind: 'install', entry })), ...removals];
}

function heirsFirst(
  missing: readonly DatapathEntry[],
  forms: ReadonlyMap<PolicyUuid, readonly ObservedEntry[]>,
): readonly DatapathEntry[] {
  const bySelector = new Map(missing.map((entry) => [selectorKey(entry.policy.selector), entry]));
  const visited = new Set<DatapathEntry>();
  const ordered: DatapathEntry[] = [];
  const visit = (entry: DatapathEntry): void => {
    if (visited.has(entry)) return;
    visited.add(entry);
    for (const { selectorKey: left } of forms.get(entry.policy.uuid) ?? []) {
      const heir = left === undefined ? undefined : bySelector.get(left);
      if (heir !== undefined) visit(heir);
    }
    ordered.push(entry);
  };
  missing.forEach(visit);
  return ordered;
}

/** The policy that an operation is about. */
export function policyOf(operation: Operation): PolicyUuid {
  return operation.kind === 'install' ? operation.entry.policy.uuid : operation.policyUuid;
}

function isInstalled(
  entry: DatapathEntry,
  forms: readonly InstalledEntry[],
  settings: DatapathSettings,
): boolean {
  const [form, ...others] = forms;
  return others.length === 0 && form?.fingerprint === entryFingerprint(entry, settings);
}
