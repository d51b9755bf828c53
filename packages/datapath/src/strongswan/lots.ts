import type { PolicyUuid } from '@esplanade/domain';
import { DatapathRefusedError } from '../errors.ts';
import type { CompiledEntry } from './connection-mapping.ts';

/** The policies that charon refused, and why. */
export type Failures = Map<PolicyUuid, Error>;

/** Carries out a task for entries; a refusal is the failure of each of them. */
export async function collect(
  failures: Failures,
  entries: readonly CompiledEntry[],
  task: () => Promise<void>,
): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof DatapathRefusedError)) throw error;
    for (const { policyUuid } of entries) failures.set(policyUuid, error);
  }
}

/** Carries out a task for many entries; when it is refused, for ever fewer, until it is known which are at fault. */
export async function narrowingDown(
  entries: readonly CompiledEntry[],
  failures: Failures,
  task: (entries: readonly CompiledEntry[]) => Promise<void>,
): Promise<void> {
  const refused: Failures = new Map();
  await collect(refused, entries, () => task(entries));
  if (refused.size === 0) return;
  const middle = Math.ceil(entries.length / 2);
  if (entries.length <= 1) for (const [policyUuid, error] of refused) failures.set(policyUuid, error);
  else {
    await narrowingDown(entries.slice(0, middle), failures, task);
    await narrowingDown(entries.slice(middle), failures, task);
  }
}

/**
 * How many entries go into one command, of some 1 kB each: enough that what each command costs by itself no longer
 * counts, few enough that charon answers in some ten milliseconds.
 */
const lotSize = 256;

/** How many others an entry counts for that brings certificates along, of up to 2 kB each. */
const weightOfCertificates = 8;

/** Groups, put together to lots; a group is never taken apart. */
export function* lotsOf(groups: Iterable<readonly CompiledEntry[]>): Generator<readonly CompiledEntry[]> {
  let lot: CompiledEntry[] = [];
  let weight = 0;
  for (const group of groups) {
    lot.push(...group);
    weight += group.length + (group[0]?.negotiation?.credentials === undefined ? 0 : weightOfCertificates);
    if (weight < lotSize) continue;
    yield lot;
    lot = [];
    weight = 0;
  }
  if (lot.length > 0) yield lot;
}
