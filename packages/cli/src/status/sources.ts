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
  /** How many policies are in each state. */
  readonly states: Source<ReadonlyMap<string, number>>;
  /** How many are enabled and disabled; asked for where the states are not known, as on ONTAP. */
  readonly enabled: Source<ReadonlyMap<string, number>>;
  /** Policies that are not in force, or had failures, or have warnings. */
  readonly troubled: Source<Some>;
  readonly sas: Source<ReadonlyMap<string, number>>;
  /** Why the SAs are what was last known and not what is, and when they were so; undefined when they are. */
  readonly lastKnown: Source<LastKnown | undefined>;
  /** Certificates that expire soon, the first one first. */
  readonly expiring: Source<Some>;
}

const inForce = ['applied', 'disabled'];
const notInForce = ['pending', 'failed', 'shadowed'];

const policyStatesPath: string = '/esplanade/v1/policies';
const sasPath: string = '/security/ipsec/security-associations';

/** Of each kind of trouble so many records are told; the rest is counted. */
const toldRecords = 20;

/** Asks everything at once. Rejects where there is no answer or the login is wrong: then nothing can be said. */
export async function askSources(api: Api, signal: AbortSignal, expiringBefore: Date): Promise<Sources> {
  // Who asks how things are wants to hear that they are not, and now; what is not current is part of the answer.
  const asked = api.with({ signal, retries: 0, onIncomplete: () => undefined });
  const policies = policiesByState(asked);
  const [cluster, ipsec, health, datapaths, states, troubled, sas, lastKnown, expiring] = await Promise.all([
    source(asked.record('/cluster').get()),
    source(asked.record('/security/ipsec').get()).then(withSwitch),
    source(healthOf(asked)),
    datapathsOf(asked),
    source(policies.then(({ counted }) => counted)),
    source(troubledPolicies(asked, policies)),
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
  // Says less, so it is asked only where nothing else tells how many there are.
  const enabled =
    states.kind === 'known'
      ? ({ kind: 'absent' } as const)
      : await source(counts(asked, '/security/ipsec/policies', 'enabled', ['true', 'false']));
  return {
    url: api.url.href.replace(/\/$/, ''),
    ...{ cluster, ipsec, health, datapaths, states, enabled, troubled, sas, lastKnown, expiring },
  };
}

/** Only accounts of the cluster may ask; the refusal of another would be in the audit log each time. */
async function datapathsOf(api: Api): Promise<Source<Some>> {
  const seen = await source(some(api, '/security/accounts', { scope: 'cluster' }, ['scope']));
  if (seen.kind === 'known' && seen.value.count === 0) return { kind: 'hidden' };
  return source(some(api, '/esplanade/v1/datapaths', {}, ['*']));
}

/** A configuration that does not say whether IPsec is on says nothing. */
function withSwitch(ipsec: Source<ApiRecord>): Source<ApiRecord> {
  const isSaid = ipsec.kind !== 'known' || typeof ipsec.value['enabled'] === 'boolean';
  return isSaid ? ipsec : { kind: 'absent' };
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

const troubleFields = [
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

/** How many policies are in each state, and the first of those that are not in force. */
interface PoliciesByState {
  readonly counted: ReadonlyMap<string, number>;
  readonly down: Some;
}

/** The server works out the state of every policy for each question, so none is asked that another answers. */
async function policiesByState(api: Api): Promise<PoliciesByState> {
  const [rest, { records, isAll }] = await Promise.all([
    counts(api, policyStatesPath, 'state', inForce),
    first(api, policyStatesPath, { state: notInForce.join('|') }, troubleFields),
  ]);
  const down = isAll
    ? new Map(
        notInForce.map((state) => [state, records.filter((record) => record['state'] === state).length]),
      )
    : await counts(api, policyStatesPath, 'state', notInForce);
  const count = [...down.values()].reduce((sum, one) => sum + one, 0);
  return { counted: new Map([...rest, ...down]), down: { records, count } };
}

async function troubledPolicies(api: Api, policies: Promise<PoliciesByState>): Promise<Some> {
  const state = inForce.join('|');
  // No policy is in two of them, so that the counts may be added up.
  const parts = await Promise.all([
    policies.then(({ down }) => down),
    some(api, policyStatesPath, { state, last_failure: '!null' }, troubleFields),
    some(api, policyStatesPath, { state, last_failure: 'null', warnings: '!null' }, troubleFields),
  ]);
  // One may have gone from one to another while they were asked.
  const records = new Map(parts.flatMap((part) => part.records).map((record) => [record['uuid'], record]));
  const untold = parts.reduce((sum, part) => sum + part.count - part.records.length, 0);
  return { records: [...records.values()], count: records.size + untold };
}

async function some(api: Api, path: string, query: Query, fields: Fields, order?: string): Promise<Some> {
  const { records, isAll } = await first(api, path, query, fields, order);
  return { records, count: isAll ? records.length : await asking(api, path, query, fields).count() };
}

/** As many as are told of, and whether that is all of them. */
async function first(
  api: Api,
  path: string,
  query: Query,
  fields: Fields,
  order?: string,
): Promise<{ readonly records: readonly ApiRecord[]; readonly isAll: boolean }> {
  const unordered = asking(api, path, query, fields);
  const wanted = order === undefined ? unordered : unordered.orderBy(order);
  for await (const { records } of wanted.pageSize(toldRecords).pages()) {
    return { records, isAll: records.length < toldRecords };
  }
  return { records: [], isAll: true };
}

/** Fields and what to ask of them. */
type Query = Readonly<Record<string, string>>;

type Fields = readonly [string, ...string[]];

function asking(api: Api, path: string, query: Query, fields: Fields) {
  let wanted = api.collection(path).fields(...fields);
  for (const [name, text] of Object.entries(query)) wanted = wanted.query(name, text);
  return wanted;
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
