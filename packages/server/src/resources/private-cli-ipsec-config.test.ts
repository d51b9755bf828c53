import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const cli = '/api/private/cli/security/ipsec';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('security ipsec config', () => {
  it('is what /security/ipsec is, in columns', async () => {
    const answer = await server.request('PATCH', `${cli}/config`, {
      'is-enabled': true,
      replay_window: '128',
    });
    expect(answer).toMatchObject({ status: 200, body: {} });
    const { body } = await server.request(
      'GET',
      `${cli}/config?fields=is-enabled,replay_window`,
      undefined,
      plain,
    );
    expect(body).toEqual({ is_enabled: true, replay_window: 128 });
    const { body: rest } = await server.request('GET', '/api/security/ipsec');
    expect(rest).toMatchObject({ enabled: true, replay_window: 128 });
  });

  it('shows all its columns unless some are named, for it has no keys to show', async () => {
    const show = async (query: string) =>
      (await server.request('GET', `${cli}/config${query}`, undefined, plain)).body;
    const columnsShown = ['is_enabled', 'is_offload_enabled', 'replay_window'];
    expect(Object.keys(await show('')).sort()).toEqual(columnsShown);
    expect(Object.keys(await show('?fields=replay-window'))).toEqual(['replay_window']);
  });

  it('switches offload while IPsec is disabled, and says its column when it is not', async () => {
    const change = { 'is-offload-enabled': true, replay_window: 0 };
    const refused = await server.request('PATCH', `${cli}/config`, change);
    expect(refused.body.error).toMatchObject({ code: '66256913', target: 'is_offload_enabled' });
    expect(refused.body.error.message).toContain('is_offload_enabled');
    await server.request('PATCH', `${cli}/config`, { is_enabled: false });
    expect(await server.request('PATCH', `${cli}/config`, change)).toMatchObject({ status: 200 });
    const shown = await server.request('GET', `${cli}/config?fields=is-offload-enabled`, undefined, plain);
    expect(shown.body).toEqual({ is_offload_enabled: true });
    await server.request('PATCH', `${cli}/config`, { is_offload_enabled: false });
    await server.request('PATCH', `${cli}/config`, { is_enabled: true });
  });

  it.each(['log-level', 'ready_to_downgrade'])('has no %s, which would be without effect', async (column) => {
    const { body } = await server.request('PATCH', `${cli}/config`, { [column]: 1 });
    expect(body.error).toMatchObject({ code: '262179', target: column.replaceAll('-', '_') });
  });

  it('refuses a window that there is not', async () => {
    const { status, body } = await server.request('PATCH', `${cli}/config`, { 'replay-window': 100 });
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { target: 'replay_window' } });
  });

  it('is not for an SVM to change', async () => {
    const headers = { 'x-dot-svm-name': 'svm1' };
    const { status } = await server.request('PATCH', `${cli}/config`, { is_enabled: false }, headers);
    expect(status).toBe(403);
  });
});
