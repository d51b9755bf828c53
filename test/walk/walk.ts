import type { HttpsClient } from '../support/https-client.ts';

/** A record, as far as a walk looks into it. */
export type WalkedRecord = Readonly<Record<string, unknown>> & { readonly uuid: string };

/** A walk through all pages. */
export interface Walk {
  readonly records: readonly WalkedRecord[];
  readonly pages: number;
}

interface PageBody {
  readonly records: readonly WalkedRecord[];
  readonly num_records: number;
  readonly _links?: { readonly next?: { readonly href: string } };
}

/**
 * Follows `next` to the end, as a client does that keeps nothing but the link. Throws where a page contradicts itself: a
 * link that lost a parameter, a header that says another, a number that is not that of the records.
 */
export async function walk(client: HttpsClient, path: string, query: string): Promise<Walk> {
  const records: WalkedRecord[] = [];
  let pages = 0;
  for (let url: string | undefined = `${path}?${query}`; url !== undefined; pages += 1) {
    const { status, headers, body, text } = await client.send({
      method: 'GET',
      path: url,
      headers: { accept: 'application/json' },
    });
    if (status !== 200 || !isPage(body)) throw new Error(`${url}: ${status} ${text.slice(0, 300)}`);
    if (body.num_records !== body.records.length) throw new Error(`${url}: counted ${body.num_records}`);
    records.push(...body.records);
    const next: string | undefined = body._links?.next?.href;
    checkNext(`${path}?${query}`, next, headers['link']);
    url = next;
  }
  return { records, pages };
}

function checkNext(first: string, next: string | undefined, header: string | string[] | undefined): void {
  if (next === undefined) {
    if (header !== undefined) throw new Error(`a Link header without a next link: ${header}`);
    return;
  }
  const start = next.startsWith(`${first}&`) ? next.slice(first.length + 1) : '';
  if (!/^start=[\w-]+$/.test(start)) throw new Error(`${next} is not ${first} with a start`);
  const linked = /^<(.*)>; rel="next"$/.exec(String(header))?.[1];
  if (linked === undefined || decodeURIComponent(linked) !== decodeURIComponent(next))
    throw new Error(`the Link header says ${header}, the body ${next}`);
}

/** What a walk did wrong with the records that were there all the time, in a few words each. */
export function faultsOf({ records }: Walk, lasting: ReadonlySet<string>): readonly string[] {
  const seen = new Map<string, number>();
  for (const { uuid } of records) seen.set(uuid, (seen.get(uuid) ?? 0) + 1);
  const missed = [...lasting].filter((uuid) => !seen.has(uuid));
  const repeated = [...seen].filter(([, times]) => times > 1);
  return [
    ...(missed.length === 0 ? [] : [`${missed.length} missed, such as ${missed[0]}`]),
    ...(repeated.length === 0
      ? []
      : [`${repeated.length} repeated, such as ${repeated[0]?.join(': ')} times`]),
  ];
}

/** Whether each record comes after the one before it; the keys are compared as JavaScript compares them. */
export function isOrdered(
  records: readonly WalkedRecord[],
  keysOf: (record: WalkedRecord) => string,
): boolean {
  return records.every(
    (record, index) => index === 0 || keysOf(records[index - 1] ?? record) <= keysOf(record),
  );
}

function isPage(body: unknown): body is PageBody {
  return typeof body === 'object' && body !== null && 'records' in body && Array.isArray(body.records);
}
