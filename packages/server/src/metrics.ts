import type { KernelReport } from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { Health } from './health.ts';
import type { ResourceParts } from './resources/resource-parts.ts';

/** Counts what `/metrics` shows about requests. Bounded: a handful of methods times status classes. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  /** Counts one answer. */
  add(method: string, status: number): void {
    const known = ['GET', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].includes(method) ? method : 'other';
    const labels = `method="${known}",status="${Math.floor(status / 100)}xx"`;
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1);
  }

  /** Each set of labels with its count. */
  entries(): Iterable<readonly [string, number]> {
    return this.#counts;
  }
}

/** The metrics in Prometheus' text format (exposition format 0.0.4). */
export function renderMetrics(parts: ResourceParts, health: Health, requests: RequestCounts): string {
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
      datapath.ipspaces.map(
        ({ ipspace, ready }) => [`ipspace="${escaped(ipspace)}"`, Number(ready)] as const,
      ),
    ),
    family(
      'esplanade_policies',
      'gauge',
      'Policies by what became of them in the datapath.',
      policyCounts(parts),
    ),
    family(
      'esplanade_security_associations',
      'gauge',
      'Security associations last observed.',
      saCounts(parts),
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
        ({ ipspace, reconciler }) => [`ipspace="${escaped(ipspace.name)}"`, reconciler.clashing()] as const,
      ),
    ),
    family(
      'esplanade_vici_requests_total',
      'counter',
      'Commands sent to the daemons over VICI.',
      viciCounts(parts),
    ),
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
    family('esplanade_requests_total', 'counter', 'Requests answered.', requests.entries()),
    family('process_start_time_seconds', 'gauge', 'When the server began, in seconds since 1970.', [
      ['', parts.startedAtMs / 1000],
    ]),
    family('process_resident_memory_bytes', 'gauge', 'Memory of the server.', [
      ['', process.memoryUsage.rss()],
    ]),
  ].join('');
}

function policyCounts({ desired, carriers }: ResourceParts): Iterable<readonly [string, number]> {
  const counts = new Map(['applied', 'pending', 'failed', 'shadowed', 'disabled'].map((state) => [state, 0]));
  for (const { value } of desired.snapshot().policies.values()) {
    const uuid: PolicyUuid = value.uuid;
    const state = carriers.of(value.ipspace.uuid)?.reconciler.policyState(uuid)?.kind ?? 'pending';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => [`state="${state}"`, count] as const);
}

function saCounts({ carriers }: ResourceParts): Iterable<readonly [string, number]> {
  const counts = new Map<string, number>();
  for (const { reconciler } of carriers.all()) {
    const reading = reconciler.peekSad();
    if (reading.kind === 'unavailable') continue;
    for (const sa of reading.snapshot.rows) {
      const labels = `type="${sa.kind}",state="${sa.state}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
    }
  }
  return counts;
}

function viciCounts({ carriers }: ResourceParts): Iterable<readonly [string, number]> {
  return [...carriers.all()].flatMap(({ ipspace, daemonRequests }) =>
    daemonRequests().map(({ daemon, command, count }) => {
      const labels = `ipspace="${escaped(ipspace.name)}",daemon="${daemon}",command="${escaped(command)}"`;
      return [labels, count] as const;
    }),
  );
}

function driftCounts({ carriers }: ResourceParts): Iterable<readonly [string, number]> {
  return [...carriers.all()].flatMap(({ ipspace, reconciler }) => {
    const { missing, strangers, endedSas, implied, idleIkeSas } = reconciler.drift();
    const labels = (kind: string): string => `ipspace="${escaped(ipspace.name)}",kind="${kind}"`;
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
      ([labels, value]) => [`ipspace="${escaped(ipspace.name)}"${labels}`, value] as const,
    ),
  );
}

function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: Iterable<readonly [string, number]>,
): string {
  const lines = [...samples].map(
    ([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** A label's value: backslash, quote and line feed are the three that need escaping. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
