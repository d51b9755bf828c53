import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Datapath, DatapathEvent, InstalledEntry } from '@esplanade/datapath';
import { entryFingerprint } from '@esplanade/datapath';
import { SimulatedDatapath } from '@esplanade/datapath/simulated';
import { type DesiredState, openDesiredState, openSecretBox, type WriteResult } from '@esplanade/desired';
import { type IpsecPolicy, type PolicyUuid, type Reference, type Secret, spdOf } from '@esplanade/domain';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { onTestFinished } from 'vitest';
import { FakeClock } from './fake-clock.fixture.ts';
import { createReconciler } from './ipspace-reconciler.ts';
import { policy } from './policy.fixture.ts';
import type { Reconciler } from './reconciler.ts';

/** A datapath that notes what is asked of the one beneath. */
export class RecordingDatapath implements Datapath {
  readonly kind = 'simulated';
  readonly operations: string[] = [];
  /** Called after each operation that changed something. */
  onChange = async (): Promise<void> => undefined;
  /** Called when a listing of what is installed was made, before it is handed out. */
  onListed = async (): Promise<void> => undefined;
  readonly #beneath: SimulatedDatapath;

  constructor(beneath: SimulatedDatapath) {
    this.#beneath = beneath;
  }

  get capabilities() {
    return this.#beneath.capabilities;
  }

  describe(): string {
    return this.#beneath.describe();
  }

  async install(...asked: Parameters<Datapath['install']>): Promise<void> {
    this.operations.push(`install ${asked[0].policy.name}`);
    await this.#beneath.install(...asked);
    await this.onChange();
  }

  async installAll(...asked: Parameters<Datapath['installAll']>): ReturnType<Datapath['installAll']> {
    this.operations.push(`install all ${asked[0].length}`);
    const failed = await this.#beneath.installAll(...asked);
    await this.onChange();
    return failed;
  }

  async remove(...asked: Parameters<Datapath['remove']>): Promise<void> {
    this.operations.push(`remove ${asked[0]}`);
    await this.#beneath.remove(...asked);
    await this.onChange();
  }

  async installed(signal?: AbortSignal): Promise<readonly InstalledEntry[]> {
    const rows = await this.#beneath.installed(signal);
    await this.onListed();
    return rows;
  }

  securityAssociations(...asked: Parameters<Datapath['securityAssociations']>) {
    return this.#beneath.securityAssociations(...asked);
  }

  foreignConnections(): ReturnType<Datapath['foreignConnections']> {
    return this.#beneath.foreignConnections();
  }

  unheldRevocationLists(): ReadonlySet<string> {
    return this.#beneath.unheldRevocationLists();
  }

  kernelReport(): ReturnType<Datapath['kernelReport']> {
    return this.#beneath.kernelReport();
  }

  daemonRequests(): ReturnType<Datapath['daemonRequests']> {
    return this.#beneath.daemonRequests();
  }

  events(signal: AbortSignal): AsyncIterable<DatapathEvent> {
    return this.#beneath.events(signal);
  }

  close(): Promise<void> {
    return this.#beneath.close();
  }
}

/** A desired state on disk, a simulator, and a reconciler between them whose clock stands still. */
export interface World {
  readonly desired: DesiredState;
  readonly simulator: SimulatedDatapath;
  readonly datapath: RecordingDatapath;
  readonly clock: FakeClock;
  readonly reconciler: Reconciler;
  readonly ipspace: Reference;
  readonly psk: Secret;
  readonly unexpected: unknown[];
  /** What a log would say of policies and of drift. */
  readonly told: string[];
}

/** A desired state of its own, with IPsec enabled; it ends with the test. */
export async function openDesired(): Promise<Pick<World, 'desired' | 'ipspace' | 'psk'>> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-reconciler-'));
  const store = await openEmbeddedStore({ directory });
  const secretBox = await openSecretBox({ keyFile: join(directory, 'secrets.key'), store });
  const seed = {
    clusterName: 'cluster1',
    nodeName: 'node1',
    chooseDatapath: () => ({ kind: 'simulated' }) as const,
  };
  const desired = await openDesiredState({ store, secretBox, seed, auditEntry: () => 'a test' });
  onTestFinished(async () => {
    await desired.close();
    await store.close();
    await rm(directory, { recursive: true });
  });
  await configure(desired, { enabled: true });
  const [ipspace] = [...desired.snapshot().ipspaces.values()].map(({ value }) => value);
  if (ipspace === undefined) throw new Error('a fresh state has no IPspace');
  return { desired, ipspace, psk: secretBox.secret(Buffer.from('a key for the reconciler tests')) };
}

/** A reconciler at work on a simulator of its own; it ends with the test. */
export function openWorld(
  given: Pick<World, 'desired' | 'ipspace' | 'psk'>,
  simulator = new SimulatedDatapath({ place: { nodeUuid: 'node-1', ipspaceUuid: given.ipspace.uuid } }),
): World {
  const { desired, ipspace } = given;
  const datapath = new RecordingDatapath(simulator);
  const clock = new FakeClock();
  const unexpected: unknown[] = [];
  const told: string[] = [];
  const reconciler = createReconciler({
    ipspace,
    datapath,
    desired,
    clock,
    random: () => 0,
    onUnexpected: (doing, error) => unexpected.push([doing, error]),
    onDrift: (sentence) => told.push(`drift: ${sentence}`),
    onPolicyNews: ({ kind, sentence }) => told.push(`${kind}: ${sentence}`),
  });
  onTestFinished(() => reconciler.close());
  return { ...given, simulator, datapath, clock, reconciler, unexpected, told };
}

/** Everything at once, up and compared. */
export async function openReadyWorld(): Promise<World> {
  const world = openWorld(await openDesired());
  await allSettled(world);
  return world;
}

/** Writes a policy as `policy(n, over)` and returns it as it was stored. */
export async function create(
  { desired, ipspace, psk }: Pick<World, 'desired' | 'ipspace' | 'psk'>,
  n: number,
  over: Partial<IpsecPolicy> = {},
): Promise<IpsecPolicy> {
  const wanted = policy(n, { ipspace, authentication: { kind: 'psk', psk }, ...over });
  written(await desired.createPolicy(wanted));
  return stored(desired, wanted.uuid);
}

/** Changes a stored policy; returns the revision. */
export async function update(
  { desired }: Pick<World, 'desired'>,
  uuid: PolicyUuid,
  changes: Partial<IpsecPolicy>,
): Promise<number> {
  const versioned = desired.snapshot().policies.get(uuid);
  if (versioned === undefined) throw new Error('no such policy');
  return written(await desired.updatePolicy({ ...versioned.value, ...changes }, versioned.modified));
}

export async function configure(
  desired: DesiredState,
  changes: { readonly enabled?: boolean; readonly replayWindow?: number },
): Promise<number> {
  const { value, modified } = desired.snapshot().ipsec;
  return written(await desired.updateIpsecConfig({ ...value, ...changes }, modified));
}

export function written(result: WriteResult): number {
  if (result.kind !== 'written') throw new Error(`the write came to: ${JSON.stringify(result)}`);
  return result.revision;
}

/** Waits, without letting time pass, until everything is carried out. */
export async function allSettled({ reconciler, desired }: World): Promise<void> {
  if (!(await reconciler.allSettled(desired.snapshot().revision, 1_000)))
    throw new Error('not everything was carried out');
}

/** What must be installed, by the rules of the domain alone: name of the policy and form, sorted. */
export function expectedForms({ desired, ipspace }: Pick<World, 'desired' | 'ipspace'>): readonly string[] {
  const { policies, ipsec } = desired.snapshot();
  const own = [...policies.values()].map(({ value }) => value);
  const spd = spdOf(ipsec.value.enabled ? own.filter((one) => one.ipspace.uuid === ipspace.uuid) : []);
  return [...spd.entries()]
    .map((entry) => `${entry.policy.uuid} ${entryFingerprint(entry, ipsec.value)}`)
    .sort();
}

/** What is installed, in the same words. */
export async function installedForms({ simulator }: Pick<World, 'simulator'>): Promise<readonly string[]> {
  return (await simulator.installed()).map((row) => `${row.policyUuid} ${row.fingerprint}`).sort();
}

function stored(desired: DesiredState, uuid: PolicyUuid): IpsecPolicy {
  const found = desired.snapshot().policies.get(uuid)?.value;
  if (found === undefined) throw new Error('the policy was not stored');
  return found;
}
