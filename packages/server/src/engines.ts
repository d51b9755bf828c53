import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Datapath, Simulator } from '@esplanade/datapath';
import { AdjustableClock, parseSeed, SeedError, SimulatedDatapath } from '@esplanade/datapath/simulated';
import { openStrongswanDatapath, probeStrongswan, purgeStrongswan } from '@esplanade/datapath/strongswan';
import {
  type AuditSource,
  type DesiredState,
  type Ipspace,
  openDesiredState,
  openSecretBox,
  type SecretBox,
  type Seed,
} from '@esplanade/desired';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { internalAudit } from './audit/internal-audit.ts';
import type { ServeConfig } from './config.ts';
import type { Surroundings } from './datapath-choice.ts';
import { hasData } from './has-data.ts';
import { MeteredStore } from './metrics/metered-store.ts';
import { UsageError } from './settings.ts';
import { type ViciPaths, viciPaths } from './vici-paths.ts';

/** A datapath of one IPspace, and how it stands with its guard. */
export interface OpenedDatapath {
  readonly datapath: Datapath;
  readonly guard: 'present' | 'absent' | 'simulated';
  /** The same datapath, where it is simulated. */
  readonly simulator?: Simulator;
  /** Whether a guard has appeared since it was opened without one. */
  isOutdated(): boolean;
  /** Takes everything of ours out of it, once it is closed and its IPspace is gone. */
  purge(signal: AbortSignal): Promise<Leaving>;
}

/** How leaving a datapath went: what was taken away, or why it is left there, a sentence. */
export interface Leaving {
  readonly kind: 'purged' | 'left';
  readonly sentence: string;
}

/** Opens datapaths of one kind. */
export interface DatapathEngine {
  open(nodeUuid: string, ipspace: Ipspace): OpenedDatapath;
}

/** What `--datapath auto` looks at. */
export async function lookAround(viciSockets: ReadonlyMap<string, string>): Promise<Surroundings> {
  const { main } = viciPaths('Default', viciSockets);
  const { charon, kernelEsp } = await probeStrongswan({ mainSocketPath: main });
  return { socketPath: main, charon, kernelEsp };
}

/**
 * The block beneath a policy, as `bin/esplanade-charon --blocks` reads it. And whether SAs can come up at all: a charon
 * on a kernel without ESP takes every policy and negotiates in vain.
 */
export { blockLine, probeKernelEsp } from '@esplanade/datapath/strongswan';

/** Takes everything of ours out of the charons of an IPspace; returns what was taken, a sentence. */
export async function purgeCharons({ main, guard }: ViciPaths, signal: AbortSignal): Promise<string> {
  const guardSocket = existsSync(guard) ? { guardSocketPath: guard } : {};
  const { connections, secrets, ikeSas } = await purgeStrongswan(
    { mainSocketPath: main, ...guardSocket },
    signal,
  );
  return `${connections} connections, ${secrets} secrets and ${ikeSas} IKE SAs of ours taken out of charon at ${main}.`;
}

/** An IPspace is empty when it is deleted, so there is little to take out, or charon hangs. */
const leavingLimitMs = 10_000;

async function leaveCharons({ name }: Ipspace, paths: ViciPaths, signal: AbortSignal): Promise<Leaving> {
  // A charon that was killed leaves its socket; one that was stopped in good order has taken everything with it.
  if (!existsSync(paths.main)) return { kind: 'purged', sentence: `there is no charon at ${paths.main}.` };
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(leavingLimitMs)]);
    return { kind: 'purged', sentence: await purgeCharons(paths, limit) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const cure = `When its charon answers, create an IPspace ${name} again and delete it`;
    return { kind: 'left', sentence: `policies and SAs of ours may be left in it (${why}). ${cure}.` };
  }
}

/** Reads the file of `--simulator-seed`. Throws UsageError with everything that is wrong with it. */
export async function readSeed(path: string): Promise<ReturnType<typeof parseSeed>> {
  try {
    return parseSeed(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SeedError) throw new UsageError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** strongSwan: one charon for each IPspace, with or without its guard. */
export function strongswanEngine(viciSockets: ReadonlyMap<string, string>): DatapathEngine {
  return {
    open(nodeUuid, ipspace) {
      const { main, guard, kernel } = viciPaths(ipspace.name, viciSockets);
      const hasGuard = existsSync(guard);
      const datapath = openStrongswanDatapath({
        place: { nodeUuid, ipspaceUuid: ipspace.uuid },
        mainSocketPath: main,
        kernelSocketPath: kernel,
        ...(!viciSockets.has(ipspace.name) && { startedBy: `esplanade-charon --ipspace ${ipspace.name}` }),
        ...(hasGuard && { guardSocketPath: guard }),
      });
      return {
        datapath,
        guard: hasGuard ? 'present' : 'absent',
        isOutdated: () => !hasGuard && existsSync(guard),
        purge: (signal) => leaveCharons(ipspace, { main, guard, kernel }, signal),
      };
    },
  };
}

/** The simulator, of which all IPspaces have one clock; the seed's SAs are in the IPspace `Default`. */
export function simulatedEngine(seed: ReturnType<typeof parseSeed>): DatapathEngine {
  const clock = new AdjustableClock(Date.now);
  return {
    open: (nodeUuid, ipspace) => {
      const datapath = new SimulatedDatapath({
        place: { nodeUuid, ipspaceUuid: ipspace.uuid },
        clock,
        ...(ipspace.name === 'Default' && { seed }),
      });
      return {
        datapath,
        simulator: datapath,
        guard: 'simulated',
        isOutdated: () => false,
        purge: async () => ({ kind: 'purged', sentence: 'the simulator of it is gone.' }),
      };
    },
  };
}

/** What a data directory is read with while a server may run, and what backups are made of and restored to. */
export {
  checkDatabase,
  copyDatabase,
  eraseTraces,
  openEmbeddedReader as openReader,
  openEmptyDirectory,
  raiseRevision,
  type StoreReader,
} from '@esplanade/store/embedded';

/** The data of one server, held by this process alone. */
export interface OpenedData {
  readonly store: MeteredStore;
  readonly secretBox: SecretBox;
  readonly desired: DesiredState;
  close(): Promise<void>;
}

/** Opens a data directory, making a fresh one where there is none; `chooseDatapath` is asked only then. */
export async function openData(
  { dataDirectory, keyFile, nodeName, policyLimits }: ServeConfig,
  chooseDatapath: Seed['chooseDatapath'],
  audit: AuditSource,
): Promise<OpenedData> {
  await using opened = new AsyncDisposableStack();
  const store = new MeteredStore(await openEmbeddedStore({ directory: dataDirectory }));
  opened.defer(() => store.close());
  const secretBox = await openSecretBox({ keyFile, store });
  const seed = { clusterName: 'esplanade', nodeName: nodeName ?? hostname(), chooseDatapath };
  const desired = await openDesiredState({
    store,
    secretBox,
    seed,
    limits: policyLimits,
    ...audit,
  });
  opened.defer(() => desired.close());
  const everything = opened.move();
  return { store, secretBox, desired, close: () => everything.disposeAsync() };
}

/** Opens the data directory for an offline command: it must be there, and no server may hold it. */
export async function openOfflineData(config: ServeConfig): Promise<OpenedData> {
  const { dataDirectory } = config;
  if (!hasData(dataDirectory))
    throw new UsageError(`--data-dir: there is no Esplanade data in ${dataDirectory}.`);
  return openData(
    config,
    () => {
      throw new UsageError(`--data-dir: no server has ever started on ${dataDirectory}.`);
    },
    internalAudit('an offline command'),
  );
}
