import type { PolicyUuid } from '@esplanade/domain';
import { DatapathRefusedError } from '../errors.ts';
import type { Charon } from './charon.ts';
import type { HeldChild } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import { collect, type Failures } from './lots.ts';
import type { LoadableConnection } from './shunt-mapping.ts';

/** Entries by the name of their connection. */
export function byConnection(
  entries: readonly CompiledEntry[],
): ReadonlyMap<string, readonly CompiledEntry[]> {
  return Map.groupBy(entries, ({ connection }) => connection.name);
}

/** The entries of policies that have not failed. */
export function succeeding(
  entries: readonly CompiledEntry[],
  failures: ReadonlyMap<PolicyUuid, Error>,
): readonly CompiledEntry[] {
  return entries.filter(({ policyUuid }) => !failures.has(policyUuid));
}

/** The part of an entry that one charon holds. */
type PartOf = (entry: CompiledEntry) => readonly HeldChild[];

/** Those of which charon lacks a part. */
export async function missingIn(
  charon: Charon,
  entries: readonly CompiledEntry[],
  partOf: PartOf,
  signal: AbortSignal | undefined,
): Promise<readonly CompiledEntry[]> {
  const holdings = await charon.holdings(signal);
  const isHeld = ({ connectionName, childName }: HeldChild): boolean =>
    holdings.childrenOf(connectionName).has(childName) && !holdings.isDoubted(connectionName);
  return entries.filter((entry) => !partOf(entry).every(isHeld));
}

/** Puts in force what is loaded of these entries and is not. */
export async function enforceAll(
  charon: Charon,
  entries: readonly CompiledEntry[],
  partOf: PartOf,
  failures: Failures,
  signal: AbortSignal | undefined,
): Promise<void> {
  const holdings = await charon.holdings(signal);
  for (const entry of succeeding(entries, failures)) {
    for (const child of partOf(entry)) {
      if (holdings.isInForce(child.connectionName, child.childName)) continue;
      await collect(failures, [entry], () => charon.enforce(child, signal));
    }
  }
}

/** Waits for all even if one fails: none may go on behind its caller's back. */
export async function allDone<T extends readonly Promise<unknown>[]>(...tasks: T) {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}

/** The children of a connection. */
export function heldChildren(connection: LoadableConnection | undefined): readonly HeldChild[] {
  if (connection === undefined) return [];
  return Object.keys(connection.children).map((childName) => ({
    connectionName: connection.name,
    childName,
  }));
}

/** The block beneath an entry. */
export function blockOf({ block }: CompiledEntry): readonly HeldChild[] {
  return heldChildren(block);
}

/** An entry's own child. */
export function formOf({ connection, childName }: CompiledEntry): readonly HeldChild[] {
  return [{ connectionName: connection.name, childName }];
}

/** The connection with the children of these forms. */
export function withChildren(
  connection: LoadableConnection,
  forms: readonly CompiledEntry[],
): LoadableConnection {
  return {
    ...connection,
    children: Object.fromEntries(forms.map(({ childName, child }) => [childName, child])),
  };
}

/** Why an entry that charon took is none. */
export function notInForce(): Error {
  return new DatapathRefusedError(
    'charon could not put the policy into the kernel; its log says why (look for "installing trap failed")',
  );
}
