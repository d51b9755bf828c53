import type {
  Authentication,
  CipherSuite,
  PkiCredentials,
  PolicyAction,
  PolicyUuid,
  SecurityAssociation,
  SpdEntry,
} from '@esplanade/domain';
import type { ForeignConnection } from './foreign-connection.ts';
import type { KernelReport } from './kernel-report.ts';

/** What a datapath can carry out. Checked when a policy is written, not when it is applied (decision 12). */
export interface Capabilities {
  readonly actions: readonly PolicyAction[];
  readonly families: readonly ('ipv4' | 'ipv6')[];
  readonly cipherSuites: readonly CipherSuite[];
  readonly authentications: readonly Authentication['kind'][];
  /** Whether post-quantum pre-shared keys can be mixed in (RFC 8784). */
  readonly postquantumKeys: boolean;
  /** Which identities certificates may be asked to prove, as `PolicySupport`. */
  readonly certificateIdentities: 'any' | 'provable';
  /** Allowed anti-replay window sizes in packets. */
  readonly replayWindows: readonly number[];
}

/**
 * Something of ours that the datapath holds: the policy and the fingerprint of the form it was installed in
 * (entry-fingerprint.ts). Equal fingerprints mean nothing to do. Before `installAll` has named an entry, a driver may not
 * know its keys, and show its form alone.
 */
export interface InstalledEntry {
  readonly policyUuid: PolicyUuid;
  readonly fingerprint: string;
}

/**
 * An SA as a datapath reports it. `given` is there only for records that came ready-made (the simulator's seed): the
 * API's fields by dotted name, exactly as recorded. They are shown instead of what would be derived; what is not among
 * them is unset.
 */
export type ObservedSa = SecurityAssociation & {
  readonly given?: GivenFields;
};

/** The API's fields of a record that came ready-made, by dotted name. */
export interface GivenFields {
  /** `undefined` for a field that the record did not bring. */
  get(name: string): string | number | boolean | bigint | undefined;
}

/** An entry of the SPD with everything that carrying it out takes; a datapath never reads the desired state. */
export interface DatapathEntry extends SpdEntry {
  /** There if, and only if, the policy protects and authenticates by certificates. */
  readonly credentials?: PkiCredentials;
}

/** Settings of a whole IPspace that shape how entries are installed. */
export interface DatapathSettings {
  /** Anti-replay window in packets; 0 turns anti-replay off. */
  readonly replayWindow: number;
}

/** How often a daemon was sent a command since the driver was opened, and how often it said no or nothing. */
export interface DaemonRequests {
  readonly daemon: 'charon' | 'guard';
  readonly command: string;
  readonly count: number;
  readonly refused: number;
  readonly unanswered: number;
}

/** Hints: level, not edge. Anything missed is repaired by the next listing. */
export type DatapathEvent =
  /** The datapath answers (again) and must be compared with the desired state from scratch. */
  | { readonly kind: 'connected' }
  /** It no longer answers; `reason` is a sentence for an operator. */
  | { readonly kind: 'lost'; readonly reason: string }
  /**
   * Some SA came, went or was rekeyed. `known` gives, whenever it is asked, the SAs as of the last `securityAssociations`
   * with what came and went since, without asking anybody; where it is missing or gives nothing, list again soon.
   */
  | { readonly kind: 'sas-changed'; readonly known?: () => readonly ObservedSa[] | undefined }
  /** Somebody else seems to have changed what is installed: compare it with what is desired. */
  | { readonly kind: 'tampered' }
  /** Somebody else has ended an SA of the policy by hand. It is brought back where that needs no packet. */
  | { readonly kind: 'sa-ended'; readonly policyUuid: PolicyUuid }
  /** Somebody else had taken away what every policy rests on (neighbour discovery), and it was put back. */
  | { readonly kind: 'implied-restored' }
  /** So many IKE SAs of ours have been ended since the driver was opened, because they had long carried nothing. */
  | { readonly kind: 'idle-ended'; readonly total: number }
  /**
   * Something that explains why an SA of a policy did not come up, e.g. the peer refused our authentication. `remote`:
   * the address of the remote that it was to be with, where that is known; a policy may have many.
   */
  | {
      readonly kind: 'negotiation-failed';
      readonly policyUuid: PolicyUuid;
      readonly reason: string;
      readonly remote?: string | undefined;
    };

/**
 * What carries out IPsec in one IPspace. Every operation is idempotent and takes an AbortSignal; removing what is not
 * there succeeds. Throws DatapathUnavailableError when there is no answer, DatapathRefusedError when the answer is no.
 *
 * Never in clear (decision 5): `install` brings the new form up before any older form of the same policy goes, and
 * keeps a block beneath every protected selector that only `remove` takes away.
 */
export interface Datapath {
  readonly kind: 'strongswan' | 'simulated';
  readonly capabilities: Capabilities;
  /** Version and endpoint, for people: "strongSwan 5.9.8 at /run/…/Default.sock". */
  describe(): string;
  /** Installs or replaces one policy's entry; SAs of other policies are untouched. */
  install(entry: DatapathEntry, settings: DatapathSettings, signal?: AbortSignal): Promise<void>;
  /**
   * Installs many entries at once; the result names those that failed and why. The reconciler calls it with everything
   * desired after each `connected`: a driver learns the siblings of shared connections from it, and skips what is
   * already installed in the same form, so that calling it again changes nothing.
   */
  installAll(
    entries: readonly DatapathEntry[],
    settings: DatapathSettings,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<PolicyUuid, Error>>;
  /** Removes every form of the policy and takes down its SAs (and an IKE SA that no other policy uses). */
  remove(policyUuid: PolicyUuid, signal?: AbortSignal): Promise<void>;
  /** Everything of ours that is installed, one row per form: a policy may show twice during a change. */
  installed(signal?: AbortSignal): Promise<readonly InstalledEntry[]>;
  /** All SAs at one observation, ours and foreign. The very same array as before says that nothing has changed since. */
  securityAssociations(signal?: AbortSignal): Promise<readonly ObservedSa[]>;
  /**
   * The daemon's connections that are not ours, by name, kept up with what others load and unload. They are left alone.
   * Never asks.
   */
  foreignConnections(): readonly ForeignConnection[];
  /**
   * SHA-256 of the revocation lists of installed entries that are not in force, although nothing newer of their CA is,
   * as last looked at. Never asks.
   */
  unheldRevocationLists(): ReadonlySet<string>;
  /** What the datapath's daemons were asked, by command: what watching them costs. Never asks. */
  daemonRequests(): readonly DaemonRequests[];
  /** How the kernel's own SPD and SAD compare with what should be there, where somebody may look. Never asks. */
  kernelReport(): KernelReport;
  /** Starts with `connected` or `lost` and goes on until the signal aborts. */
  events(signal: AbortSignal): AsyncIterable<DatapathEvent>;
  /** Stops watching and closes connections; policies and SAs stay up. */
  close(): Promise<void>;
}
