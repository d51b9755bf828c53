import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyUuid } from '@esplanade/domain';
import { parseChildName } from './names.ts';
import type { ListedIkeSa, SaControl } from './sa-control.ts';

/** An entry in force, as far as its IKE SAs go. */
export interface ProvableEntry {
  readonly policyUuid: PolicyUuid;
  readonly connection: { readonly name: string };
  readonly childName: string;
  readonly negotiation?: { readonly canInitiate: boolean };
}

/** What has remotes prove themselves again. */
export interface RemoteProofOptions {
  readonly sas: Pick<SaControl, 'statesOf' | 'reauthenticate' | 'takeDown' | 'hasSa' | 'initiateOneByOne'>;
  readonly inForce: ReadonlyMap<PolicyUuid, ProvableEntry>;
  /** Between two looks: 100 ms. */
  readonly pollMs?: number;
  /** How long remotes may take to prove themselves: 5000 ms. */
  readonly boundMs?: number;
}

/** IKE SAs of one connection that are reauthenticated and looked at together, and how many such groups at once. */
const concurrent = { ikeSas: 8, groups: 8 };
/** Looks that find nothing under way until it is taken for over: charon begins a moment after it said yes. */
const idleLooks = 3;

/**
 * Has the remotes of IKE SAs prove themselves again; whoever does not within the bound loses the IKE SA. One whose
 * connection is in force is reauthenticated, make before break: who can loses no packet, who is refused loses the new
 * IKE SA as soon as charon has looked at its certificate. One of a former connection is not, because what it proved
 * ours with may be unloaded: what is in force now is begun beside it first. Those that are not established are left for
 * another time.
 */
export async function proveAgain(
  ikeSas: readonly ListedIkeSa[],
  options: RemoteProofOptions,
  signal: AbortSignal,
): Promise<void> {
  const established = ikeSas.filter(({ state }) => state === 'ESTABLISHED');
  const connections = new Set(options.inForce.values().map(({ connection }) => connection.name));
  const tasks = [...Map.groupBy(established, ({ connectionName }) => connectionName)].flatMap(
    ([connectionName, ofConnection]) => {
      if (!connections.has(connectionName))
        return ofConnection.map((sa) => () => succeed(sa, options, signal));
      const ids = ofConnection.map(({ id }) => id);
      return groupsOf(ids).map((group) => () => reauthenticate(connectionName, group, options, signal));
    },
  );
  const left = tasks.values();
  const worker = async (): Promise<void> => {
    for (const task of left) {
      signal.throwIfAborted();
      await task();
    }
  };
  await Promise.all(Array.from({ length: concurrent.groups }, worker));
}

async function reauthenticate(
  connectionName: string,
  ids: ReadonlySet<string>,
  { sas, pollMs = 100, boundMs = 5_000 }: RemoteProofOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const id of ids) await sas.reauthenticate(id, signal);
  const deadline = AbortSignal.timeout(boundMs);
  let left = ids;
  let idle = 0;
  while (left.size > 0 && idle < idleLooks && !deadline.aborted) {
    await sleep(pollMs, undefined, { signal });
    const states = await sas.statesOf(connectionName, signal);
    left = new Set([...left].filter((id) => states.get(id) === 'ESTABLISHED'));
    const isUnderWay = [...states].some(([id, state]) => !left.has(id) && state !== 'ESTABLISHED');
    idle = isUnderWay ? 0 : idle + 1;
  }
  for (const id of left) await sas.takeDown({ 'ike-id': id }, true, signal);
}

async function succeed(
  { id, childNames }: ListedIkeSa,
  { sas, inForce }: RemoteProofOptions,
  signal: AbortSignal,
): Promise<void> {
  const policies = new Set(childNames.flatMap((name) => parseChildName(name)?.policyUuid ?? []));
  for (const policyUuid of policies) {
    const entry = inForce.get(policyUuid);
    if (entry?.negotiation?.canInitiate !== true || (await sas.hasSa(entry.childName, signal))) continue;
    await sas.initiateOneByOne(entry.connection.name, entry.childName, signal);
  }
  await sas.takeDown({ 'ike-id': id }, true, signal);
}

function groupsOf(ids: readonly string[]): readonly ReadonlySet<string>[] {
  const count = Math.ceil(ids.length / concurrent.ikeSas);
  return Array.from(
    { length: count },
    (_, at) => new Set(ids.slice(at * concurrent.ikeSas, (at + 1) * concurrent.ikeSas)),
  );
}
