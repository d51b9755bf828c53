import type { Answer, TestServer } from '@esplanade/server/testing';
import { below, type FlatRecord, flatten, type Leaf, valueAt } from './flat-record.ts';

/** A server with records on it that are known from elsewhere than from its answers. */
export interface World {
  readonly server: TestServer;
  /** Below `/api`. */
  readonly path: string;
  /** The field that is the last path element; undefined where there is one record without a key. */
  readonly key: string | undefined;
  /** Every record of the path in wire form, every field of it, `_links` of references included. */
  readonly records: readonly FlatRecord[];
  /** A field with several values, to sort by. */
  readonly sortField: string;
  /** A body for POST that differs from all before it. */
  readonly newBody: () => object;
  /** A body for PATCH that changes nothing that a check looks at. */
  readonly patchBody: object;
  /** What to send for each field of a body, by the name of the field. */
  readonly samples: Readonly<Record<string, Sample>>;
  /** What of the page's example bodies has to be replaced by what is here. */
  readonly exampleOver: object;
  /** How to raise each code, by the code; those that a request can raise. */
  readonly provocations: Readonly<Record<string, Provocation>>;
  /** The same records under another emulated release. */
  readonly at: (release: string) => Promise<World>;
}

/** A body that sets a field, and what the record then shows. */
export interface Sample {
  readonly body: object;
  /** The body for PATCH, where another than for POST. */
  readonly patch?: object;
  readonly shows: Readonly<Record<string, Leaf>>;
  /** Of an enumeration: a body for each word. */
  readonly wordBodies?: Readonly<Record<string, object>>;
  /** A body with the field in a form that is refused, and by which code. */
  readonly refused?: { readonly body: object; readonly code: string };
}

/**
 * What raises a code: a body, or a key, by default one that is nowhere. Where we differ, what it raises instead, or
 * that it succeeds.
 */
export interface Provocation {
  readonly body?: object;
  readonly key?: string;
  /** Of the answer; 400 unless given. */
  readonly status?: number;
  readonly instead?: { readonly status: number; readonly code: string };
  /** The last release that we emulate with the code itself. */
  readonly until?: string;
}

/** Starts a world under an emulated release; `at` gives the same one under another. */
export type WorldStart = (release: string, at: World['at']) => Promise<World>;

/** Worlds that are started when they are first asked for, and closed together. */
export class Worlds<Name extends string> {
  readonly #starts: Readonly<Record<Name, WorldStart>>;
  readonly #started = new Map<string, Promise<World>>();

  constructor(starts: Readonly<Record<Name, WorldStart>>) {
    this.#starts = starts;
  }

  get(name: Name, release = '9.18.1'): Promise<World> {
    const place = `${name} ${release}`;
    const world = this.#started.get(place) ?? this.#starts[name](release, (other) => this.get(name, other));
    this.#started.set(place, world);
    return world;
  }

  async close(): Promise<void> {
    // A world that could not be started has no server.
    const started = await Promise.allSettled(this.#started.values());
    for (const world of started) if (world.status === 'fulfilled') await world.value.server.close();
  }
}

/** Asks with links in the answer, as a client without `Accept: application/json` gets them. */
export function ask(
  { server }: Pick<World, 'server'>,
  verb: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return server.request(verb, `/api${path}`, body);
}

/** The records of a collection, flat, as `query` shows them. */
export async function listed(world: World, query: string): Promise<readonly FlatRecord[]> {
  const { status, body, text } = await ask(world, 'GET', `${world.path}?${query}`);
  if (status !== 200) throw new Error(`${query}: ${status} ${text}`);
  return recordsOf(body).map((record) => flatten(record));
}

/** The array `records` of an answer. */
export function recordsOf(body: unknown): readonly unknown[] {
  const records = valueAt(body, 'records');
  if (!Array.isArray(records)) throw new Error('there are no records');
  return records;
}

/** The record's path element. */
export function keyOf({ key }: World, record: FlatRecord): string {
  return key === undefined ? '' : String(record.get(key));
}

/** A record of the world that has something under `name`; throws when none has. */
export function recordWith({ records }: World, name: string): FlatRecord {
  const found = records.find((record) => below(record, name).size > 0);
  if (found === undefined) throw new Error(`no record has ${name}`);
  return found;
}

/** `path` with the key of the record in place of `{…}`. */
export function pathTo(world: World, record: FlatRecord): string {
  return world.key === undefined ? world.path : `${world.path}/${encodeURIComponent(keyOf(world, record))}`;
}

/** The record with the self links of what it refers to, by the prefix of the reference. */
export function withLinks(record: object, hrefs: Readonly<Record<string, string>>): FlatRecord {
  const flat = flatten(record);
  for (const [prefix, collection] of Object.entries(hrefs)) {
    const uuid = flat.get(`${prefix}.uuid`);
    if (uuid !== undefined) flat.set(`${prefix}._links.self.href`, `/api${collection}/${uuid}`);
  }
  return flat;
}
