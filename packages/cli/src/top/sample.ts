import type { Api } from '@esplanade/sdk';
import type { ApiRecord } from '../output/output.ts';
import { member } from '../output/value-text.ts';

/** What an SA has carried since it came up. */
export interface Counters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** An SA at one look. Texts are empty where there are none: an SA may belong to no SVM. */
export interface SaSample {
  readonly uuid: string;
  readonly vserver: string;
  readonly policyName: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly state: string;
  readonly counters: Counters;
  /** Of what instant the counters are: the server's, where it tells, else when its answer came. */
  readonly atMs: number;
}

/** One look at the SAs of a server. */
export interface Sample {
  readonly sas: readonly SaSample[];
  /** How long it took to be told. */
  readonly tookMs: number;
  /** When the server last looked itself; undefined where it does not tell, as ONTAP. */
  readonly observedAtMs?: number;
  /** Why these are what was last known, and not what is. */
  readonly incomplete?: string;
}

/** Field and query of the SAs to look at. */
export type SaFilter = readonly (readonly [field: string, query: string])[];

const fields = [
  'uuid',
  'svm.name',
  'policy_name',
  'local_address',
  'remote_address',
  'ipsec.state',
  'ipsec.inbound.bytes',
  'ipsec.inbound.packets',
  'ipsec.outbound.bytes',
  'ipsec.outbound.packets',
] as const;

/** A page has as many as ONTAP gives at most. */
const pageRecords = 10_000;

/** Looks at the IPsec SAs once. */
export async function takeSample(api: Api, filter: SaFilter, signal: AbortSignal): Promise<Sample> {
  const beganMs = performance.now();
  const path: string = '/security/ipsec/security-associations';
  let query = api
    .collection(path)
    .query('type', 'ipsec')
    // Nobody reads the answer, and without its indentation it is a third shorter.
    .parameters({ pretty: false })
    .fields(...fields);
  for (const [field, text] of filter) query = query.query(field, text);
  const sas: SaSample[] = [];
  let observedAtMs: number | undefined;
  let incomplete: string | undefined;
  for await (const page of query.pageSize(pageRecords).pages({ signal })) {
    const toldMs = page.observedAt === undefined ? Number.NaN : Date.parse(page.observedAt);
    // The server may look again between two pages; all of them together are as old as the oldest.
    if (!Number.isNaN(toldMs)) observedAtMs = Math.min(observedAtMs ?? toldMs, toldMs);
    incomplete ??= page.incomplete?.message;
    const atMs = Number.isNaN(toldMs) ? Date.now() : toldMs;
    for (const record of page.records) sas.push(saOf(record, atMs));
  }
  return {
    sas,
    tookMs: performance.now() - beganMs,
    ...(observedAtMs !== undefined && { observedAtMs }),
    ...(incomplete !== undefined && { incomplete }),
  };
}

function saOf(record: ApiRecord, atMs: number): SaSample {
  const text = (path: string) => String(member(record, path) ?? '');
  const count = (path: string) => Number(member(record, path) ?? 0);
  return {
    uuid: text('uuid'),
    vserver: text('svm.name'),
    policyName: text('policy_name'),
    localAddress: text('local_address'),
    remoteAddress: text('remote_address'),
    state: text('ipsec.state'),
    counters: {
      bytesIn: count('ipsec.inbound.bytes'),
      bytesOut: count('ipsec.outbound.bytes'),
      packetsIn: count('ipsec.inbound.packets'),
      packetsOut: count('ipsec.outbound.packets'),
    },
    atMs,
  };
}
