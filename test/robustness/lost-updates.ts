import type { HttpsClient, RawAnswer } from '../support/https-client.ts';

/** What came of read-modify-write by many at once. */
export interface CounterOutcome {
  /** How often a writer was told that it had written. */
  readonly written: number;
  /** How often it was told that somebody else was first. */
  readonly late: number;
  /** What the record counts at the end, from 0. */
  readonly counted: number;
  readonly faults: readonly string[];
}

/** A field of a record that can count. */
export interface Counter {
  readonly path: string;
  readonly read: (record: Record) => number;
  readonly write: (count: number) => unknown;
}

/** A record as the API shows it. */
export type Record = Readonly<{ [name: string]: unknown }>;

/**
 * Each writer, `rounds` times: read the record, add one to its counter, write it back with If-Match. Without a lost update
 * the counter ends at the number of those that were told 200.
 */
export async function countTogether(
  client: HttpsClient,
  { path, read, write }: Counter,
  { writers, rounds }: { readonly writers: number; readonly rounds: number },
): Promise<CounterOutcome> {
  const faults: string[] = [];
  let written = 0;
  let late = 0;
  const writer = async (): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      const before = await client.call('GET', path);
      const next = write(read(recordOf(before)) + 1);
      const answer = await client.send({
        method: 'PATCH',
        path,
        body: JSON.stringify(next),
        headers: { 'if-match': String(before.headers['etag']) },
      });
      if (answer.status === 200) written += 1;
      else if (answer.status === 412) late += 1;
      else faults.push(`PATCH ${path}: ${answer.status} ${answer.text}`);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return { written, late, counted: read(recordOf(await client.call('GET', path))), faults };
}

/** The fields of a record, and what each is set to in a round. */
export interface DisjointFields {
  readonly path: string;
  readonly fields: Readonly<{ [dotted: string]: (round: number) => unknown }>;
}

/** Changes every field by a request of its own, all at once, round by round; says what was not there after a round. */
export async function patchDisjointly(
  client: HttpsClient,
  { path, fields }: DisjointFields,
  rounds: number,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const changes = Object.entries(fields).map(([name, value]) => [name, value(round)] as const);
    const answers = await Promise.all(
      changes.map(([name, value]) => client.call('PATCH', path, { [name]: value })),
    );
    for (const { status, text } of answers)
      if (status !== 200) faults.push(`PATCH ${path} in round ${round}: ${status} ${text}`);
    const after = recordOf(await client.call('GET', `${path}?fields=**`));
    for (const [name, value] of changes)
      if (JSON.stringify(memberOf(after, name)) !== JSON.stringify(value))
        faults.push(`${path}: ${name} is ${memberOf(after, name)} after round ${round}, not ${value}`);
  }
  return faults;
}

/** Creates the same `times` at once; says which statuses came how often. */
export async function createAtOnce(
  client: HttpsClient,
  path: string,
  body: (index: number) => unknown,
  times: number,
): Promise<string> {
  const answers = await Promise.all(
    Array.from({ length: times }, (_, index) => client.call('POST', path, body(index))),
  );
  const statuses = Map.groupBy(answers, ({ status }) => status);
  return [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, { length }]) => `${length} x ${status}`)
    .join(', ');
}

/** The body of an answer that has to be a record. */
export function recordOf({ status, body, text }: RawAnswer): Record {
  if (status !== 200 || typeof body !== 'object' || body === null)
    throw new Error(`no record: ${status} ${text}`);
  return { ...body };
}

/** The value at a dotted name. */
export function memberOf(record: Record, dotted: string): unknown {
  return dotted
    .split('.')
    .reduce<unknown>(
      (value, member) => Object.entries(Object(value)).find(([name]) => name === member)?.[1],
      record,
    );
}
