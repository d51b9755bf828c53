import type { ApiRequest, ApiResponse } from './api.ts';
import { failure, genericErrors } from './error-codes.ts';
import type { CollectionResource, Field, ParsedBody, Resource, Rows, SingletonResource } from './resource.ts';
import { type Api, type ApiOptions, createApi } from './router.ts';

/** A record of the invented collection that the dialect's tests talk to. */
export interface Lighthouse {
  readonly uuid: string;
  readonly name: string;
  readonly svmUuid: string;
  readonly svmName: string;
  readonly heightMetres?: number;
  readonly lit?: boolean;
  readonly flashes?: bigint;
  readonly address?: string;
  readonly builtAt?: string;
  readonly channel?: string;
  readonly colours?: readonly string[];
  readonly kind?: string;
  readonly keeperName?: string;
  readonly keeperPhone?: string;
}

/** What the collection's functions saw and said; tests set what it should say next. */
export interface Station {
  readonly records: Map<string, Lighthouse>;
  /** Bodies and extension parameters that reached `create` and `modify`. */
  readonly bodies: ParsedBody[];
  readonly parameters: ReadonlyMap<string, string>[];
  readonly bugs: unknown[];
  rows: Omit<Rows<Lighthouse>, 'kind' | 'rows'>;
  thrown: unknown;
}

/** An API over lighthouses, and its station. */
export interface Coast {
  readonly api: Api;
  readonly station: Station;
}

/** Three lighthouses that differ in every field; the last has hardly any set. */
export const threeLighthouses: readonly Lighthouse[] = [
  {
    uuid: 'u1',
    name: 'fastnet',
    svmUuid: 'svm-1',
    svmName: 'atlantic',
    heightMetres: 54,
    lit: true,
    flashes: 9_007_199_254_740_993n,
    address: '10.0.0.9',
    builtAt: '1904-06-27T00:00:00Z',
    channel: '16-16',
    colours: ['white'],
    kind: 'rock',
    keeperName: 'Ann',
    keeperPhone: '1',
  },
  {
    uuid: 'u2',
    name: 'eddystone',
    svmUuid: 'svm-1',
    svmName: 'atlantic',
    heightMetres: 41,
    lit: false,
    flashes: 7n,
    address: '2001:DB8:0:0:0::1',
    builtAt: '1882-05-18T00:00:00Z',
    channel: '9-9',
    colours: ['white', 'red'],
    kind: 'shore',
    keeperName: 'Bob',
  },
  { uuid: 'u3', name: 'pharos', svmUuid: 'svm-2', svmName: 'mediterranean' },
];

/** The collection's fields: one of each type, a write-only one, newer and older ones, an alias. */
export const lighthouseFields: Readonly<Record<string, Field<Lighthouse>>> = {
  uuid: { type: 'string', description: 'Key.', get: (row) => row.uuid, isDefault: true },
  name: {
    type: 'string',
    description: 'Name.',
    get: (row) => row.name,
    isDefault: true,
    writable: ['post', 'patch'],
    isRequired: true,
    example: 'fastnet',
  },
  'svm.uuid': {
    type: 'string',
    description: 'Owner.',
    get: (row) => row.svmUuid,
    writable: ['post'],
  },
  'svm.name': {
    type: 'string',
    description: 'Owner.',
    get: (row) => row.svmName,
    writable: ['post'],
  },
  height_metres: {
    type: 'integer',
    description: 'Height.',
    get: (row) => row.heightMetres,
    writable: ['post', 'patch'],
  },
  lit: { type: 'boolean', description: 'Lit.', get: (row) => row.lit, writable: ['post', 'patch'] },
  flashes: {
    type: 'counter',
    description: 'Flashes so far.',
    get: (row) => row.flashes,
    aliases: ['blinks'],
  },
  address: {
    type: 'address',
    description: 'Address.',
    get: (row) => row.address,
    writable: ['post', 'patch'],
  },
  built_at: {
    type: 'datetime',
    description: 'Built.',
    get: (row) => row.builtAt,
    writable: ['post', 'patch'],
  },
  channel: {
    type: 'range',
    description: 'Radio channel.',
    get: (row) => row.channel,
    writable: ['post', 'patch'],
  },
  colours: {
    type: 'strings',
    description: 'Colours.',
    get: (row) => row.colours,
    writable: ['post', 'patch'],
    enum: ['white', 'red', 'green'],
  },
  kind: {
    type: 'string',
    description: 'Kind.',
    get: (row) => row.kind,
    writable: ['post'],
    enum: ['rock', 'shore'],
    filterSince: '9.15.1',
  },
  'keeper.name': {
    type: 'string',
    description: 'Keeper.',
    get: (row) => row.keeperName,
    writable: ['post', 'patch'],
  },
  'keeper.phone': {
    type: 'string',
    description: 'Phone.',
    get: (row) => row.keeperPhone,
    writable: ['post', 'patch'],
    since: '9.17.1',
  },
  passphrase: { type: 'string', description: 'Secret.', writable: ['post'] },
  charts: {
    type: 'strings',
    description: 'Sea charts, as long codes.',
    get: () => undefined,
    writable: ['post', 'patch'],
    isOpaque: true,
  },
  oil: {
    type: 'string',
    description: 'Fuel of old.',
    get: () => 'whale',
    until: '9.9.1',
  },
};

const nameTaken = { code: '77000001', status: 409, message: 'A lighthouse of that name exists.' };
const inUse = { code: '8', status: 409, message: 'resource in use' } as const;

/** An API over `records`. Its station can be told to fail, to warn, to be sorted. */
export function coast(
  records: readonly Lighthouse[] = threeLighthouses,
  options: Partial<ApiOptions> = {},
): Coast {
  const station = stationOf(records);
  const svms = new Map([
    ['atlantic', 'svm-1'],
    ['mediterranean', 'svm-2'],
  ]);
  const api = createApi({
    release: '9.18.1',
    resolveSvm: (reference) =>
      'name' in reference
        ? svms.get(reference.name)
        : [...svms.values()].find((uuid) => uuid === reference.uuid),
    onBug: (error) => station.bugs.push(error),
    errorCodes: [nameTaken],
    resources: coastResources(station),
    ...options,
  });
  return { api, station };
}

/** The descriptors of the coast. */
export function coastResources(station: Station = stationOf([])): readonly Resource<unknown>[] {
  return [lighthouses(station), lamp(station)];
}

function stationOf(records: readonly Lighthouse[]): Station {
  return {
    records: new Map(records.map((record) => [record.uuid, record])),
    bodies: [],
    parameters: [],
    bugs: [],
    rows: {},
    thrown: undefined,
  };
}

function lighthouses(station: Station): CollectionResource<Lighthouse> {
  const visible = (svmUuid: string | undefined) =>
    [...station.records.values()].filter((row) => svmUuid === undefined || row.svmUuid === svmUuid);
  return {
    kind: 'collection',
    path: '/coast/lighthouses',
    title: 'Lighthouses',
    key: 'uuid',
    fields: lighthouseFields,
    links: { svm: (row) => `/api/svm/svms/${row.svmUuid}` },
    parameters: [
      { name: 'force', methods: ['POST', 'PATCH', 'DELETE'], type: 'boolean', description: 'Do it anyway.' },
    ],
    errors: { POST: [nameTaken] },
    list: ({ svmUuid }) => {
      if (station.thrown !== undefined) throw station.thrown;
      return { kind: 'rows', rows: visible(svmUuid), ...station.rows };
    },
    find: (key, { svmUuid }) => visible(svmUuid).find((row) => row.uuid === key),
    create: async (body, { parameters }) => {
      station.bodies.push(body);
      station.parameters.push(parameters);
      const name = String(body.get('name') ?? '');
      if ([...station.records.values()].some((row) => row.name === name)) {
        return { kind: 'failure', problems: [{ code: '77000001', message: 'exists', target: 'name' }] };
      }
      const key = `new/${name}`;
      station.records.set(key, { uuid: key, name, svmUuid: 'svm-1', svmName: 'atlantic' });
      return { kind: 'created', key };
    },
    modify: async (row, body, { parameters }) => {
      station.bodies.push(body);
      station.parameters.push(parameters);
      if (body.get('name') === 'forbidden') return failure(inUse, {}, 'name');
      if (!station.records.has(row.uuid)) return failure(genericErrors.entryNotFound, {}, 'uuid');
      station.records.set(row.uuid, { ...row, name: String(body.get('name') ?? row.name) });
      return { kind: 'modified' };
    },
    remove: async (row) => {
      if (row.name === 'pharos') return failure(inUse, {});
      const isThere = station.records.delete(row.uuid);
      return isThere ? { kind: 'deleted' } : failure(genericErrors.entryNotFound, {}, 'uuid');
    },
  };
}

interface Lamp {
  readonly colour: string;
  readonly size: number;
}

function lamp(station: Station): SingletonResource<Lamp> {
  return {
    kind: 'singleton',
    path: '/coast',
    title: 'The lamp',
    fields: {
      colour: { type: 'string', description: 'Colour.', get: (row) => row.colour, writable: ['patch'] },
      size: {
        type: 'integer',
        description: 'Size.',
        get: (row) => row.size,
        enum: ['0', '64'],
        writable: ['patch'],
      },
    },
    read: () => ({ colour: 'white', size: 64 }),
    modify: async (_row, body) => {
      station.bodies.push(body);
      return { kind: 'modified' };
    },
  };
}

/** What a test says about a request; the rest is ordinary. */
export interface Ask extends Partial<Omit<ApiRequest, 'body' | 'method' | 'url'>> {
  readonly json?: unknown;
  readonly text?: string;
}

/** A response body, as far as tests look into it. */
export interface Envelope {
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  readonly num_records?: number;
  readonly _links?: { readonly self?: { readonly href: string }; readonly next?: { readonly href: string } };
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly target?: string;
    readonly arguments?: readonly { readonly code: string; readonly message: string }[];
  };
}

/** Sends a request, and parses what came back. */
export async function send(
  { api }: Coast,
  method: string,
  url: string,
  { json, text, ...ask }: Ask = {},
): Promise<ApiResponse & { readonly json: Envelope }> {
  const bodyText = text ?? (json === undefined ? '' : JSON.stringify(json));
  const response = await api.handle({
    method,
    url,
    body: new TextEncoder().encode(bodyText),
    principal: { account: 'admin', role: 'admin' },
    signal: new AbortController().signal,
    ...ask,
  });
  const parsed: Envelope = response.body === '' ? {} : JSON.parse(response.body);
  return { ...response, json: parsed };
}
