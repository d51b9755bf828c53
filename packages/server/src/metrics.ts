import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DaemonRequests, KernelReport } from '@esplanade/datapath';
import type { Certificate } from '@esplanade/domain';
import type { Health } from './health.ts';
import { auditLogSize } from './metrics/audit-log-size.ts';
import type { EventLoopDelay } from './metrics/event-loop-delay.ts';
import { escaped, family, labelsOf, type Sample } from './metrics/exposition.ts';
import type { MeteredStore } from './metrics/metered-store.ts';
import { policyTraffic } from './metrics/policy-traffic.ts';
import type { ReconcilingMeter } from './metrics/reconciling-meter.ts';
import type { RequestMeter } from './metrics/request-meter.ts';
import { certificatesInUse } from './pki-in-use.ts';
import type { ResourceParts } from './resources/resource-parts.ts';

/** What counts for `/metrics` while the server runs. */
export interface Meters {
  readonly requests: RequestMeter;
  readonly commits: Pick<MeteredStore, 'families' | 'trouble'>;
  readonly reconciling: ReconcilingMeter;
  readonly eventLoop: EventLoopDelay;
  /** When the certificate of the listener expires, in milliseconds since 1970; undefined before it has one. */
  readonly tlsNotAfterMs: () => number | undefined;
  /** Documents whose secrets are still sealed with a former key. */
  readonly toSealAnew: () => number;
  /** Whether each policy has series of its own. */
  readonly isPerPolicy: boolean;
}

/**
 * The metrics in Prometheus' text format (exposition format 0.0.4). Policies and SAs are counted in short turns: nobody
 * waits long for a scrape, however many there are.
 */
export async function renderMetrics(parts: ResourceParts, health: Health, meters: Meters): Promise<string> {
  const { version, datapath } = health;
  return [
    family('esplanade_info', 'gauge', 'What runs here.', [
      [`version="${escaped(version)}",datapath="${datapath.kind}"`, 1],
    ]),
    family('esplanade_ready', 'gauge', 'Whether the store and the datapath are ready.', [
      ['', Number(health.ready)],
    ]),
    family(
      'esplanade_datapath_up',
      'gauge',
      'Whether the datapath of an IPspace answers.',
      datapath.ipspaces.map(({ ipspace, ready }) => [ipspaceLabel(ipspace), Number(ready)] as const),
    ),
    family(
      'esplanade_policies',
      'gauge',
      'Policies by what became of them in the datapath.',
      await policyCounts(parts),
    ),
    family(
      'esplanade_security_associations',
      'gauge',
      'Security associations last observed.',
      await saCounts(parts),
    ),
    family(
      'esplanade_drift_total',
      'counter',
      'What was found to differ from what we made it, and healed.',
      driftCounts(parts),
    ),
    family(
      'esplanade_foreign_clashes',
      'gauge',
      'Policies that something in the datapath which is not ours gets in the way of.',
      [...parts.carriers.all()].map(
        ({ ipspace, reconciler }) => [ipspaceLabel(ipspace.name), reconciler.clashing()] as const,
      ),
    ),
    family(
      'esplanade_vici_requests_total',
      'counter',
      'Commands sent to the daemons over VICI.',
      viciCounts(parts, ({ count }) => [['', count]]),
    ),
    family(
      'esplanade_vici_errors_total',
      'counter',
      'Commands over VICI that were refused, or to which no answer came.',
      viciCounts(parts, ({ refused, unanswered }) => [
        [',kind="refused"', refused],
        [',kind="unanswered"', unanswered],
      ]),
    ),
    meters.reconciling.families(),
    family(
      'esplanade_kernel_checked',
      'gauge',
      "Whether a kernel reader lets us compare the kernel's SPD and SAD with what should be there.",
      kernelSamples(parts, ({ kind }) => [['', Number(kind === 'checked')]]),
    ),
    family(
      'esplanade_kernel_missing',
      'gauge',
      'Policies and SAs that the kernel lacked when it was last looked at.',
      kernelSamples(parts, (report) => (report.kind === 'checked' ? [['', report.missing]] : [])),
    ),
    family(
      'esplanade_kernel_differences_total',
      'counter',
      'Policies and SAs that were gone from the kernel behind the back of charon, and were put back.',
      kernelSamples(parts, ({ differences }) => [
        [',kind="policy"', differences.policies],
        [',kind="sa"', differences.securityAssociations],
      ]),
    ),
    family(
      'esplanade_certificate_not_after_timestamp_seconds',
      'gauge',
      'When a certificate that IPsec uses expires, or one between it and its root; of those that expire first.',
      await certificateSamples(parts),
    ),
    family(
      'esplanade_revocation_list_next_update_timestamp_seconds',
      'gauge',
      'When a newer certificate revocation list is due; of those that are due first.',
      revocationListSamples(parts),
    ),
    family(
      'esplanade_tls_certificate_not_after_timestamp_seconds',
      'gauge',
      'When the certificate of the listener expires.',
      timeSample(meters.tlsNotAfterMs()),
    ),
    family(
      'esplanade_documents_to_seal_anew',
      'gauge',
      'Records with secrets that are still sealed with a former key.',
      [['', meters.toSealAnew()]],
    ),
    ...(meters.isPerPolicy ? [await policyTraffic(parts)] : []),
    meters.requests.families(),
    meters.commits.families(),
    await auditLogSize(parts.desired),
    family(
      'esplanade_audit_mirror_lost_total',
      'counter',
      'Entries of the audit log that were trimmed before a destination had them.',
      [...parts.auditMirror.losses()].map(
        ([name, lost]) => [`destination="${escaped(name)}"`, lost] as const,
      ),
    ),
    meters.eventLoop.family(),
    family('process_start_time_seconds', 'gauge', 'When the server began, in seconds since 1970.', [
      ['', parts.startedAtMs / 1000],
    ]),
    family('process_resident_memory_bytes', 'gauge', 'Memory of the server.', [
      ['', process.memoryUsage.rss()],
    ]),
  ].join('');
}

async function policyCounts({ desired, carriers }: ResourceParts): Promise<Counts> {
  const { ipspaces, policies } = desired.snapshot();
  const labels = (ipspace: string, state: string): string => `${ipspaceLabel(ipspace)},state="${state}"`;
  const states = ['applied', 'pending', 'failed', 'shadowed', 'disabled'];
  const names = [...ipspaces.values()].map(({ value }) => value.name);
  const counts: Counts = new Map(names.flatMap((name) => states.map((state) => [labels(name, state), 0])));
  await countInTurns(counts, policies.values(), ({ value: { uuid, ipspace } }) => {
    const state = carriers.of(ipspace.uuid)?.reconciler.policyState(uuid);
    return labels(ipspace.name, state?.kind ?? 'pending');
  });
  return counts;
}

async function saCounts({ carriers }: ResourceParts): Promise<Counts> {
  const counts: Counts = new Map();
  for (const { ipspace, reconciler } of carriers.all()) {
    const reading = reconciler.peekSad();
    if (reading.kind === 'unavailable') continue;
    const label = ipspaceLabel(ipspace.name);
    await countInTurns(
      counts,
      reading.snapshot.rows,
      (sa) => `${label},type="${sa.kind}",state="${sa.state}"`,
    );
  }
  return counts;
}

function ipspaceLabel(name: string): string {
  return `ipspace="${escaped(name)}"`;
}

/** So many series of certificates, and of revocation lists, at most. */
const mostSeries = 1_000;

async function certificateSamples({ desired }: ResourceParts): Promise<Iterable<readonly [string, number]>> {
  const used = await certificatesInUse(desired.snapshot());
  return used.slice(0, mostSeries).map(({ use, certificate, notAfterMs }) => {
    return [`${certificateLabels(certificate)},use="${use}"`, notAfterMs / 1000] as const;
  });
}

function revocationListSamples({ desired }: ResourceParts): Iterable<readonly [string, number]> {
  const { certificates, revocationLists } = desired.snapshot();
  return [...revocationLists.values()]
    .flatMap(({ value: { certificateUuid, list } }) => {
      const ca = certificates.get(certificateUuid)?.value;
      return list === undefined || ca === undefined
        ? []
        : [[certificateLabels(ca), list.nextUpdateMs / 1000] as const];
    })
    .sort(([, a], [, b]) => a - b)
    .slice(0, mostSeries);
}

function certificateLabels({ uuid, name, scope }: Certificate): string {
  const svm = scope.kind === 'svm' ? scope.svm.name : '';
  return `svm="${escaped(svm)}",certificate="${escaped(name)}",uuid="${uuid}"`;
}

function timeSample(atMs: number | undefined): readonly Sample[] {
  return atMs === undefined ? [] : [['', atMs / 1_000]];
}

/** How many there are with the same labels. */
type Counts = Map<string, number>;

/** What is counted before others have their turn: a millisecond or two. */
const countedPerTurn = 500;

async function countInTurns<Item>(
  counts: Counts,
  items: Iterable<Item>,
  labelsOf: (item: Item) => string,
): Promise<void> {
  let counted = 0;
  for (const item of items) {
    counted += 1;
    if (counted % countedPerTurn === 0) await nextTurn();
    const labels = labelsOf(item);
    counts.set(labels, (counts.get(labels) ?? 0) + 1);
  }
}

function viciCounts(
  { carriers }: ResourceParts,
  samplesOf: (requests: DaemonRequests) => readonly Sample[],
): Iterable<Sample> {
  return [...carriers.all()].flatMap(({ ipspace, daemonRequests }) =>
    daemonRequests().flatMap((requests) => {
      const { daemon, command } = requests;
      const labels = labelsOf({ ipspace: ipspace.name, daemon, command });
      return samplesOf(requests).map(([more, value]) => [`${labels}${more}`, value] as const);
    }),
  );
}

function driftCounts({ carriers }: ResourceParts): Iterable<readonly [string, number]> {
  return [...carriers.all()].flatMap(({ ipspace, reconciler }) => {
    const { missing, strangers, endedSas, implied, idleIkeSas } = reconciler.drift();
    const labels = (kind: string): string => `${ipspaceLabel(ipspace.name)},kind="${kind}"`;
    return [
      [labels('missing'), missing] as const,
      [labels('stranger'), strangers] as const,
      [labels('ended_sa'), endedSas] as const,
      [labels('implied_entry'), implied] as const,
      [labels('idle_ike_sa'), idleIkeSas] as const,
    ];
  });
}

function kernelSamples(
  { carriers }: ResourceParts,
  samplesOf: (report: KernelReport) => readonly (readonly [string, number])[],
): Iterable<readonly [string, number]> {
  return [...carriers.all()].flatMap(({ ipspace, kernelReport }) =>
    samplesOf(kernelReport()).map(
      ([labels, value]) => [`${ipspaceLabel(ipspace.name)}${labels}`, value] as const,
    ),
  );
}
