import { randomUUID } from 'node:crypto';
import type { CaRevocationList, DesiredSnapshot, DesiredState, Versioned } from '@esplanade/desired';
import { type Certificate, readCertificate } from '@esplanade/domain';
import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
import { derOfPem, issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import type { Fetched } from './guarded-fetch.ts';
import { RevocationListRefresh } from './revocation-list-refresh.ts';

const url = 'http://pki.lighthouses.example/coast.crl';
const hourMs = 3_600_000;

let server: TestServer;
let ca: IssuedCertificate;
beforeAll(async () => {
  server = await startTestServer();
  ca = issueCertificate({ subject: '/CN=coast', isCa: true });
});
afterAll(() => server.close());

const opened: RevocationListRefresh[] = [];
afterEach(async () => {
  for (const refresh of opened.splice(0)) await refresh.close();
});

/** Timers that fire when they are told to. */
class StillClock {
  now = Date.now();
  readonly timers: { readonly atMs: number; readonly action: () => void }[] = [];

  nowMs = (): number => this.now;

  steadyMs = (): number => this.now;

  after = (delayMs: number, action: () => void): (() => void) => {
    const timer = { atMs: this.now + delayMs, action };
    this.timers.push(timer);
    return () => {
      const at = this.timers.indexOf(timer);
      if (at >= 0) this.timers.splice(at, 1);
    };
  };

  /** Goes on to the next timer; how long that takes. */
  fire(): number {
    const [next] = this.timers.toSorted((a, b) => a.atMs - b.atMs);
    if (next === undefined) throw new Error('nothing is planned');
    this.timers.splice(this.timers.indexOf(next), 1);
    const passed = next.atMs - this.now;
    this.now = next.atMs;
    next.action();
    return passed;
  }
}

function listOf(number: number, over: Partial<Parameters<typeof issueRevocationList>[0]> = {}): Fetched {
  const bytes = derOfPem(issueRevocationList({ issuer: over.issuer ?? ca, number, ...over }));
  return { kind: 'fetched', bytes };
}

const html = (): Fetched => ({ kind: 'fetched', bytes: Buffer.from('<html>') });

/** A CA of its own with a URL, and a refresh of all lists whose fetches are answered in turn. */
async function fixture(...answers: readonly (() => Fetched | Promise<Fetched>)[]) {
  const desired: DesiredState = server.parts.desired;
  const uuid = randomUUID();
  ca = issueCertificate({ subject: `/CN=${uuid}`, isCa: true });
  const content = readCertificate(ca.certificate);
  if (content === undefined) throw new Error('OpenSSL made no certificate');
  const certificate: Certificate = {
    uuid,
    name: `coast ${uuid}`,
    scope: { kind: 'cluster' },
    type: 'server_ca',
    content,
    intermediates: [],
  };
  expect(await desired.createCertificate(certificate)).toMatchObject({ kind: 'written' });
  expect(await desired.createRevocationList({ certificateUuid: uuid, url })).toMatchObject({
    kind: 'written',
  });
  const clock = new StillClock();
  const left = [...answers];
  const asked: string[] = [];
  const news: string[] = [];
  const only = (snapshot: DesiredSnapshot): DesiredSnapshot => {
    const row = snapshot.revocationLists.get(uuid);
    return { ...snapshot, revocationLists: new Map(row === undefined ? [] : [[uuid, row]]) };
  };
  const refresh = new RevocationListRefresh({
    desired: {
      snapshot: () => only(desired.snapshot()),
      subscribe: (listener) => desired.subscribe((snapshot, change) => listener(only(snapshot), change)),
      updateRevocationList: (record, expected) => desired.updateRevocationList(record, expected),
    },
    fetch: async (from) => {
      asked.push(from);
      return (await left.shift()?.()) ?? { kind: 'failed', why: 'Nothing is there.' };
    },
    clock,
    random: () => 0,
    onNews: ({ kind, sentence }) => news.push(`${kind}: ${sentence}`),
    onUnexpected: (error) => {
      throw error;
    },
  });
  opened.push(refresh);
  const row = (): Versioned<CaRevocationList> => {
    const found = desired.snapshot().revocationLists.get(uuid);
    if (found === undefined) throw new Error('the list is not there');
    return found;
  };
  /** Fires the next timer and waits until its fetch is over. */
  const next = async (): Promise<number> => {
    const passed = clock.fire();
    const before = refresh.lastFetch(uuid);
    await expect.poll(() => refresh.lastFetch(uuid) !== before && clock.timers.length > 0).toBe(true);
    return passed;
  };
  return { desired, refresh, clock, asked, news, uuid, row, next };
}

describe('the refresh of revocation lists', () => {
  it('fetches at once, keeps what came, and comes back before the next one is due', async () => {
    const { asked, clock, next, refresh, row, uuid } = await fixture(listOfLater(1), listOfLater(2));
    expect(refresh.lastFetch(uuid)).toBeUndefined();
    await next();
    expect(row().value.list?.number).toBe(1n);
    expect(refresh.lastFetch(uuid)).toEqual({ atMs: clock.now });
    expect(await next()).toBe(6 * hourMs);
    expect(row().value.list?.number).toBe(2n);
    expect(asked).toEqual([url, url]);
  });

  it('writes nothing when the same list is still there', async () => {
    let same: Fetched | undefined;
    const again = () => (same ??= listOf(1));
    const { next, refresh, row, uuid } = await fixture(again, again);
    await next();
    const { modified } = row();
    await next();
    expect(row().modified).toBe(modified);
    expect(refresh.lastFetch(uuid)?.error).toBeUndefined();
  });

  it('keeps the list of before when another one is not to be taken, and says why, once', async () => {
    const other = issueCertificate({ subject: '/CN=coast', isCa: true });
    const { news, next, refresh, row, uuid } = await fixture(
      listOfLater(2),
      html,
      html,
      () => listOf(3, { issuer: other }),
      listOfLater(1),
      listOfLater(3),
    );
    await next();
    const errors: (string | undefined)[] = [];
    for (const expectedMs of [6 * hourMs, 30_000, 60_000, 120_000]) {
      expect(await next()).toBe(expectedMs);
      errors.push(refresh.lastFetch(uuid)?.error);
    }
    expect(errors).toEqual([
      expect.stringMatching(/no certificate revocation list/),
      expect.stringMatching(/no certificate revocation list/),
      expect.stringMatching(/not signed by this CA/),
      expect.stringMatching(/has number 1 and .* has 2/),
    ]);
    expect(row().value.list?.number).toBe(2n);
    await next();
    expect(row().value.list?.number).toBe(3n);
    expect(news.map((line) => line.replace(/".*"/, 'X'))).toEqual([
      expect.stringMatching(/^trouble: .*no certificate revocation list/),
      expect.stringMatching(/^trouble: .*not signed/),
      expect.stringMatching(/^trouble: .*has number 1/),
      expect.stringMatching(/^better: .* was fetched again/),
    ]);
  });

  it('tries again after a failure, less and less often', async () => {
    const { next, refresh, uuid } = await fixture();
    await next();
    expect(refresh.lastFetch(uuid)?.error).toBe('Nothing is there.');
    expect([await next(), await next(), await next()]).toEqual([30_000, 60_000, 120_000]);
  });

  it('begins anew with another URL, and takes no answer of the one before', async () => {
    const late = Promise.withResolvers<Fetched>();
    const { asked, clock, desired, next, row, uuid } = await fixture(() => late.promise, listOfLater(5));
    clock.fire();
    await expect.poll(() => asked.length).toBe(1);
    const elsewhere = 'http://other.example/coast.crl';
    await desired.updateRevocationList({ certificateUuid: uuid, url: elsewhere }, row().modified);
    late.resolve(listOf(9));
    await next();
    expect(asked).toEqual([url, elsewhere]);
    expect(row().value.list?.number).toBe(5n);
  });

  it('ends with the record, and with its URL', async () => {
    const { clock, desired, next, refresh, row, uuid } = await fixture(listOfLater(1));
    await next();
    const { list } = row().value;
    await desired.updateRevocationList({ certificateUuid: uuid, ...(list && { list }) }, row().modified);
    expect(clock.timers).toEqual([]);
    expect(refresh.lastFetch(uuid)).toBeUndefined();
    await desired.deleteRevocationList(uuid);
    expect(clock.timers).toEqual([]);
  });

  it('begins anew when its list is taken away, and when it is told to, after a pause', async () => {
    let same: Fetched | undefined;
    const again = () => (same ??= listOf(1));
    const { desired, next, refresh, row, uuid } = await fixture(again, again, again);
    await next();
    await desired.updateRevocationList({ certificateUuid: uuid, url }, row().modified);
    expect(await next()).toBe(10_000);
    expect(row().value.list?.number).toBe(1n);
    refresh.fetchNow(uuid);
    expect(await next()).toBe(10_000);
    expect(refresh.lastFetch(uuid)?.error).toBeUndefined();
  });

  it('lets owners take turns, so that one with many lists holds up nobody', async () => {
    const { desired } = server.parts;
    const asked: string[] = [];
    const late = Promise.withResolvers<Fetched>();
    const rows = new Map<string, Versioned<CaRevocationList>>();
    const certificates = new Map<string, Versioned<Certificate>>();
    const [some] = desired.snapshot().certificates.values();
    const [row] = desired.snapshot().revocationLists.values();
    if (some === undefined || row === undefined) throw new Error('there are lists of other tests');
    const add = (owner: string, n: number) => {
      const uuid = `${owner}${n}`;
      const scope = { kind: 'svm', svm: { uuid: owner, name: owner } } as const;
      certificates.set(uuid, { ...some, value: { ...some.value, uuid, scope } });
      rows.set(uuid, { ...row, value: { certificateUuid: uuid, url: `http://${uuid}.example/` } });
    };
    for (let n = 1; n <= 7; n += 1) add('many', n);
    add('few', 1);
    const clock = new StillClock();
    const refresh = new RevocationListRefresh({
      desired: {
        snapshot: () => ({ ...desired.snapshot(), certificates, revocationLists: rows }),
        subscribe: () => () => undefined,
        updateRevocationList: () => Promise.resolve({ kind: 'conflict' }),
      },
      fetch: (from, signal) => {
        asked.push(new URL(from).hostname);
        signal.addEventListener('abort', () => late.resolve({ kind: 'failed', why: 'It is over.' }));
        return asked.length <= 2 ? Promise.resolve({ kind: 'failed', why: 'Gone.' }) : late.promise;
      },
      clock,
      random: () => 0,
      onNews: () => undefined,
      onUnexpected: (error) => {
        throw error;
      },
    });
    opened.push(refresh);
    for (let n = 1; n <= 8; n += 1) clock.fire();
    await expect.poll(() => asked.length).toBe(6);
    expect(asked).toEqual(
      ['many1', 'many2', 'many3', 'many4', 'many5', 'few1'].map((host) => `${host}.example`),
    );
  });

  it('loses nothing that somebody else changes meanwhile', async () => {
    const late = Promise.withResolvers<Fetched>();
    const { asked, clock, desired, refresh, row, uuid } = await fixture(() => late.promise);
    clock.fire();
    await expect.poll(() => asked.length).toBe(1);
    const own = issueRevocationList({ issuer: ca, number: 8 });
    const answer = await server.request('PATCH', `/api/esplanade/v1/certificate-revocation-lists/${uuid}`, {
      crl: own,
    });
    expect(answer.status).toBe(200);
    late.resolve(listOf(7));
    await expect.poll(() => refresh.lastFetch(uuid)?.error).toMatch(/has number 7 and .* has 8/);
    expect(row().value.list?.number).toBe(8n);
    expect(desired.snapshot().revocationLists.get(uuid)?.value.url).toBe(url);
  });
});

/** A list that is made when it is fetched, by the CA of the test. */
function listOfLater(number: number): () => Fetched {
  return () => listOf(number, { nextUpdate: new Date(Date.now() + 720 * hourMs) });
}
