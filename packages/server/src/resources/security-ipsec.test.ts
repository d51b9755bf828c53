import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/security/ipsec';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function patched(body: object): Promise<number> {
  return (await server.request('PATCH', path, body)).status;
}

describe('/security/ipsec', () => {
  it('begins as ONTAP ships it, a bare object with links', async () => {
    const { body } = await server.request('GET', `${path}?max_records=1024&fields=`);
    expect(body).toEqual({
      enabled: false,
      replay_window: 0,
      offload_enabled: false,
      _links: { self: { href: path } },
    });
  });

  it('takes the window as a number or as its text, and gives the number', async () => {
    for (const window of [64, '128', 256, '512', 1024, '0']) {
      expect(
        await server.request('PATCH', `${path}?return_timeout=30`, { replay_window: window }),
      ).toMatchObject({
        status: 200,
        body: {},
      });
      const { body } = await server.request('GET', `${path}?fields=enabled,replay_window`);
      expect(body.replay_window).toBe(Number(window));
    }
  });

  it.each([
    [{ replay_window: 65 }, '262185', 'replay_window'],
    [{ replay_window: 'wide' }, '262197', 'replay_window'],
    [{ replay_window: null }, '262197', 'replay_window'],
    [{ enabled: 'maybe' }, '262197', 'enabled'],
    [{ nonsense: true }, '262179', 'nonsense'],
    [{ offload_enabled: true, replay_window: 64 }, '66256915', 'replay_window'],
  ])('refuses %j', async (body, code, target) => {
    const answer = await server.request('PATCH', path, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
  });

  it('lets offload be changed only while IPsec is disabled, and not beside anti-replay', async () => {
    expect(await patched({ enabled: true })).toBe(200);
    expect(await server.request('PATCH', path, { offload_enabled: true })).toMatchObject({
      status: 400,
      body: { error: { code: '66256913', target: 'offload_enabled' } },
    });
    expect(await patched({ enabled: false })).toBe(200);
    expect(await patched({ offload_enabled: true })).toBe(200);
    expect(await server.request('PATCH', path, { replay_window: 64 })).toMatchObject({
      status: 400,
      body: { error: { code: '66256915', target: 'replay_window' } },
    });
    expect(await patched({ offload_enabled: false })).toBe(200);
  });

  describe('allows, of all changes of enabled, replay_window and offload_enabled together,', () => {
    const states = [false, true].flatMap((enabled) => [
      { enabled, replay_window: 0, offload_enabled: false },
      { enabled, replay_window: 0, offload_enabled: true },
      { enabled, replay_window: 64, offload_enabled: false },
    ]);
    const flags = [undefined, false, true];
    const changes = flags.flatMap((enabled) =>
      [undefined, 0, 64].flatMap((replay_window) =>
        flags.map((offload_enabled) => ({ enabled, replay_window, offload_enabled })),
      ),
    );

    it.each(states)('what fits %j', async (before) => {
      for (const change of changes) {
        await setTo(before);
        const offload = change.offload_enabled ?? before.offload_enabled;
        const window = change.replay_window ?? before.replay_window;
        const expected = [
          ...(before.enabled && offload !== before.offload_enabled ? ['66256913'] : []),
          ...(offload && window !== 0 ? ['66256915'] : []),
        ];
        const { status, body } = await server.request('PATCH', path, change);
        const codes = body.error === undefined ? [] : [body.error, ...(body.error.arguments ?? [])];
        expect(
          { status, codes: codes.map(({ code }: { code: string }) => code) },
          JSON.stringify(change),
        ).toEqual({ status: expected.length === 0 ? 200 : 400, codes: expected });
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
        const after = expected.length === 0 ? { ...before, ...given } : before;
        expect((await server.request('GET', path)).body).toMatchObject(after);
      }
      await setTo({ enabled: false, replay_window: 0, offload_enabled: false });
    });

    async function setTo(state: (typeof states)[number]): Promise<void> {
      const { desired } = server.parts;
      const { enabled, replay_window: replayWindow, offload_enabled: offloadEnabled } = state;
      const { modified } = desired.snapshot().ipsec;
      const result = await desired.updateIpsecConfig({ enabled, replayWindow, offloadEnabled }, modified);
      expect(result.kind).toBe('written');
    }
  });

  it('knows no offload in releases before it', async () => {
    const old = await startTestServer('--ontap-version', '9.15.1');
    const { body } = await old.request('PATCH', path, { offload_enabled: true });
    expect(body.error).toMatchObject({ code: '262179', target: 'offload_enabled' });
    expect((await old.request('GET', path)).body).not.toHaveProperty('offload_enabled');
    await old.close();
  });

  it('brings SAs up when it is enabled and takes them down when it is disabled; policies stay', async () => {
    const { headers } = await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
    const uuid = headers['location']?.split('/').at(-1);
    const state = async () => (await server.request('GET', `/api/esplanade/v1/policies/${uuid}`)).body.state;
    expect(await state()).toBe('disabled');
    expect(await patched({ enabled: true })).toBe(200);
    expect(await state()).toBe('applied');
    expect(await patched({ enabled: false })).toBe(200);
    expect(await state()).toBe('disabled');
    expect((await server.request('GET', '/api/security/ipsec/policies')).body.num_records).toBe(1);
  });

  it('has no POST and no DELETE', async () => {
    for (const method of ['POST', 'DELETE']) {
      const { status, headers } = await server.request(method, path, {});
      expect({ status, allow: headers['allow'] }).toEqual({
        status: 405,
        allow: 'GET, HEAD, OPTIONS, PATCH',
      });
    }
  });

  it('keeps every field when two writers change different ones', async () => {
    const answers = await Promise.all([patched({ enabled: true }), patched({ replay_window: 64 })]);
    expect(answers).toEqual([200, 200]);
    const { body } = await server.request('GET', path);
    expect(body).toMatchObject({ enabled: true, replay_window: 64 });
  });
});
