import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
const newKey = { secret_key: 'another key of eighteen characters' };
let server: TestServer;
let uuid: string;
beforeAll(async () => {
  server = await startTestServer();
  const { body } = await server.request('POST', `${policies}?return_records=true`, goodPolicy);
  uuid = body.records[0].uuid;
});
afterAll(() => server.close());

const patch = (query: string, change: object) =>
  server.request('PATCH', `${policies}/${uuid}${query}`, change);
/** How much longer a former key is accepted, in seconds; undefined when there is none. */
async function secondsLeft(): Promise<number | undefined> {
  const path = `/api/esplanade/v1/policies/${uuid}?fields=former_key_until`;
  const { former_key_until: until } = (await server.request('GET', path)).body;
  return until === undefined ? undefined : (Date.parse(until) - Date.now()) / 1_000;
}

describe('a PATCH of secret_key', () => {
  it('keeps the former key for an hour, or as long as it is told', async () => {
    expect(await secondsLeft()).toBeUndefined();
    expect((await patch('', newKey)).status).toBe(200);
    expect(await secondsLeft()).toSatisfy((left: number) => left > 3_000 && left <= 3_600);
    expect((await patch('?overlap=604800', { secret_key: goodPolicy.secret_key })).status).toBe(200);
    expect(await secondsLeft()).toSatisfy((left: number) => left > 600_000 && left <= 604_800);
  });

  it('with the same key again changes nothing of that', async () => {
    expect((await patch('?overlap=0', { secret_key: goodPolicy.secret_key })).status).toBe(200);
    expect(await secondsLeft()).toBeGreaterThan(600_000);
  });

  it('without an overlap ends every former key', async () => {
    expect((await patch('?overlap=0', newKey)).status).toBe(200);
    expect(await secondsLeft()).toBeUndefined();
  });

  it.each(['-1', '1.5', 'soon', '', '604801'])('refuses the overlap "%s"', async (overlap) => {
    expect(await patch(`?overlap=${overlap}`, newKey)).toMatchObject({
      status: 400,
      body: { error: { code: '262197', target: 'overlap' } },
    });
  });

  it('is what an overlap is about: without a key it is refused', async () => {
    const { body } = await patch('?overlap=0', { enabled: true });
    expect(body.error.message).toContain('none without a new secret_key');
    expect(body.error.message).not.toContain('from 0');
    expect(await patch('?overlap=60', { name: 'nfs2' })).toMatchObject({
      status: 400,
      body: { error: { code: '262197', target: 'overlap' } },
    });
  });
});
