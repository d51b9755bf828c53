import type { Capabilities, DaemonRequests, KernelReport, Simulator } from '@esplanade/datapath';
import type { AuditReceiver, DesiredState } from '@esplanade/desired';
import type { Release } from '@esplanade/ontap';
import type { Reconciler } from '@esplanade/reconciler';
import type { AuditMirror } from '../audit/audit-mirror.ts';
import type { Reached } from '../audit/syslog-sender.ts';
import type { FetchGuard } from '../fetching/fetch-guard.ts';
import type { RevocationListRefresh } from '../fetching/revocation-list-refresh.ts';
import type { LiveSpds } from './live-spds.ts';
import type { SaOwners } from './sa-owners.ts';
import type { Turns } from './turns.ts';

/** One IPspace and what carries its policies out. */
export interface Carrier {
  readonly ipspace: { readonly uuid: string; readonly name: string };
  readonly reconciler: Reconciler;
  /** Version and endpoint of the datapath, for people. */
  describe(): string;
  /** Names of what is in the datapath and not ours: it is left alone. */
  foreignConnections(): readonly string[];
  /** What its daemons were asked, by command. */
  daemonRequests(): readonly DaemonRequests[];
  /** How the kernel compares with what should be in it, where somebody may look. */
  kernelReport(): KernelReport;
  /** Where the block beneath protected selectors lives; `simulated` where there are no packets. */
  guard(): 'present' | 'absent' | 'simulated';
  /** What can be done to it where there are no packets. */
  readonly simulator?: Simulator;
}

/** What carries the policies of each IPspace. */
export interface Carriers {
  /** `undefined` for an IPspace that is not there (any more). */
  of(ipspaceUuid: string): Carrier | undefined;
  all(): Iterable<Carrier>;
}

/** Which datapath this data directory is on, and why. */
export interface DatapathStory {
  readonly kind: 'strongswan' | 'simulated';
  readonly chosen: string;
}

/** Everything the resources read from and write to. */
export interface ResourceParts {
  readonly desired: DesiredState;
  readonly spds: LiveSpds;
  readonly saOwners: SaOwners;
  /** PATCHes of one record, by its uuid or what else tells it from all others. */
  readonly turns: Turns;
  readonly carriers: Carriers;
  readonly auditMirror: Pick<AuditMirror, 'losses'>;
  /** Whether a syslog receiver can be reached now. */
  readonly reachDestination: (receiver: AuditReceiver) => Promise<Reached>;
  /** Where revocation lists may be fetched from. */
  readonly fetchGuard: Pick<FetchGuard, 'readUrl'>;
  readonly revocationRefresh: Pick<RevocationListRefresh, 'lastFetch' | 'fetchNow'>;
  /** Of the recorded datapath, whether it answers or not. */
  readonly capabilities: Capabilities;
  readonly datapath: DatapathStory;
  /** Keyed digest of a secret's bytes, see `Secret`. */
  readonly fingerprint: (bytes: Uint8Array) => string;
  /** What the entity tag of a record says of its revision. */
  readonly entityTag: (revision: number) => string;
  readonly ontapVersion: Release;
  /** Our own version. */
  readonly version: string;
  /** Epoch milliseconds at which this process began. */
  readonly startedAtMs: number;
}

/** How long a write waits for the datapath before it is answered anyway (decision 4). */
export const settleBoundMs = 2_000;
