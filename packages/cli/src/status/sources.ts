import {
  type Api,
  ApiError,
  ForbiddenError,
  NotFoundError,
  UnauthorizedError,
  UnexpectedAnswerError,
} from '@esplanade/sdk';
import type { ApiRecord } from '../output/output.ts';

/** What one resource says, or why it says nothing: this server does not have it, or the account may not read it. */
export type Source<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'failed'; readonly sentence: string; readonly status: number };

/** Records, of which there may be more. */
export interface Some {
  readonly records: readonly ApiRecord[];
  readonly count: number;
}

/** What a server says of what it only last knew. */
export interface LastKnown {
  readonly why: string;
  /** ISO 8601; undefined where it does not tell. */
  readonly observedAt: string | undefined;
}

/** Everything that `status` asks. A real ONTAP has some of it. */
export interface Sources {
  readonly url: string;
  readonly cluster: Source<ApiRecord>;
  readonly ipsec: Source<ApiRecord>;
  readonly health: Source<ApiRecord>;
  readonly datapaths: Source<Some>;
  /** How many policies are in each state; on ONTAP just how many are enabled and disabled. */
  readonly states: Source<ReadonlyMap<string, number>>;
  readonly enabled: Source<ReadonlyMap<string, number>>;
  /** Policies that are not in force, or had failures, or have warnings. */
  readonly troubled: Source<Some>;
  readonly sas: Source<ReadonlyMap<string, number>>;
  /** Why the SAs are what was last known and not what is, and when they were so; undefined when they are. */
  readonly lastKnown: Source<LastKnown | undefined>;
  /** Certificates that expire soon, the first one first. */
  readonly expiring: Source<Some>;
}

const states = ['applied', 'pending', 'failed', 'shadowed', 'disabled'];

const sasPath: string = '/security/ipsec/security-associations';

/** Of each kind of trouble so many records are told; the rest is counted. */
const toldRecords = 20;

/** Asks everything at once. Rejects where there is no answer or the login is wrong: then nothing can be said. */
export async function askSources(api: Api, signal: AbortSignal, expiringBefore: Date): Promise<Sources> {
  // Who asks how things are wants to hear that they are not, and now; what is not current is part of the answer.
  const asked = api.with({ signal, retries: 0, onIncomplete: () => undefined });
  const [cluster, ipsec, health, datapaths, byState, enabled, troubled, sas, lastKnown, expiring] =
    await Promise.all([
      source(asked.record('/cluster').get()),
      source(asked.record('/security/ipsec').get()),
      source(healthOf(asked)),
      datapathsOf(asked),
      source(counts(asked, '/esplanade/v1/policies', 'state', states)),
      source(counts(asked, '/security/ipsec/policies', 'enabled', ['true', 'false'])),
      source(troubledPolicies(asked)),
      source(counts(asked, sasPath, 'type', ['ike', 'ipsec'])),
      source(whyLastKnown(asked)),
      source(
        some(
          asked,
          '/security/certificates',
          { expiry_time: `<${expiringBefore.toISOString()}` },
          ['name', 'common_name', 'type', 'svm.name', 'expiry_time'],
          'expiry_time',
        ),
      ),
    ]);
  return {
    url: api.url.href.replace(/\/$/, ''),
    ...{ cluster, ipsec, health, datapaths, states: byState, enabled, troubled, sas, lastKnown, expiring },
  };
}

/** Only accounts of the cluster may ask; the refusal of another would be in the audit log each time. */
async function datapathsOf(api: Api): Promise<Source<Some>> {
  const seen = await source(some(api, '/security/accounts', { scope: 'cluster' }, ['scope']));
  if (seen.kind === 'known' && seen.value.count === 0) return { kind: 'hidden' };
  return source(some(api, '/esplanade/v1/datapaths', {}, ['*']));
}

/** What `/readyz` says, which it also says with 503. */
async function healthOf(api: Api): Promise<ApiRecord> {
  try {
    return await api.call('GET', '/readyz', undefined, { isOutsideApi: true });
  } catch (error) {
    if (error instanceof UnexpectedAnswerError && isRecord(error.body) && error.body['ready'] === false) {
      return error.body;
    }
    throw error;
  }
}

/** Whether a part of an answer is a record. */
export function isRecord(value: unknown): value is ApiRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function troubledPolicies(api: Api): Promise<Some> {
  const fields = [
    'name',
    'uuid',
    'svm.name',
    'ipspace.name',
    'state',
    'reason',
    'since',
    'last_failure',
    'warnings',
  ] as const;
  // No policy is in two of them, so that the counts may be added up.
  const inForce = 'applied|disabled';
  const parts = await Promise.all(
    [
      { state: 'pending|failed|shadowed' },
      { state: inForce, last_failure: '!null' },
      { state: inForce, last_failure: 'null', warnings: '!null' },
    ].map((query) => some(api, '/esplanade/v1/policies', query, fields)),
  );
  // One may have gone from one to another while they were asked.
  const records = new Map(parts.flatMap((part) => part.records).map((record) => [record['uuid'], record]));
  const untold = parts.reduce((sum, part) => sum + part.count - part.records.length, 0);
  return { records: [...records.values()], count: records.size + untold };
}

async function some(
  api: Api,
  path: string,
  query: Readonly<Record<string, string>>,
  fields: readonly [string, ...string[]],
  order?: string,
): Promise<Some> {
  let wanted = api.collection(path).fields(...fields);
  for (const [name, text] of Object.entries(query)) wanted = wanted.query(name, text);
  if (order !== undefined) wanted = wanted.orderBy(order);
  for await (const { records } of wanted.pageSize(toldRecords).pages()) {
    return { records, count: records.length < toldRecords ? records.length : await wanted.count() };
  }
  return { records: [], count: 0 };
}

/** What the server says with SAs that it cannot look at now. */
async function whyLastKnown(api: Api): Promise<LastKnown | undefined> {
  for await (const { incomplete, observedAt } of api.collection(sasPath).pageSize(1).pages())
    return incomplete && { why: incomplete.message, observedAt };
  return undefined;
}

async function counts(
  api: Api,
  path: string,
  field: string,
  values: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = values.map(
    async (value) => [value, await api.collection(path).query(field, value).count()] as const,
  );
  return new Map(await Promise.all(found));
}

async function source<T>(answer: Promise<T>): Promise<Source<T>> {
  try {
    return { kind: 'known', value: await answer };
  } catch (error) {
    if (error instanceof UnauthorizedError) throw error;
    // A proxy's 404 in place of what is no ONTAP resource says as much as ONTAP's own.
    if (error instanceof NotFoundError || (error instanceof UnexpectedAnswerError && error.status === 404))
      return { kind: 'absent' };
    if (error instanceof ForbiddenError) return { kind: 'hidden' };
    if (error instanceof ApiError || error instanceof UnexpectedAnswerError) {
      return { kind: 'failed', sentence: error.message, status: error.status };
    }
    throw error;
  }
}
