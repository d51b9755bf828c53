import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addRoutes, createApp } from './app.ts';
import { basic, startTestServer, type TestServer } from './testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('the HTTP edge', () => {
  it.each([{}, { authorization: 'Basic ' }, { authorization: basic('admin', 'wrong') }])(
    'answers 401 in ONTAP words to %j',
    async (headers) => {
      for (const url of ['/api/cluster', '/api/nothing', '/metrics']) {
        const answer = await server.request('GET', url, undefined, { authorization: '', ...headers });
        expect(answer.status).toBe(401);
        expect(answer.body).toEqual({ error: { message: 'User is not authorized.', code: '6691623' } });
        expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
      }
    },
  );

  it('forbids caching and guessing in every answer, and names the request', async () => {
    for (const url of [
      '/api/cluster',
      '/api/nothing',
      '/nothing',
      '/healthz',
      '/readyz',
      '/metrics',
      '/openapi.json',
    ]) {
      const { headers } = await server.request('GET', url);
      expect(headers).toMatchObject({
        'cache-control': 'no-cache,no-store,must-revalidate',
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      });
    }
  });

  it('gives the types ONTAP gives', async () => {
    expect((await server.request('GET', '/api/cluster')).headers['content-type']).toBe(
      'application/hal+json',
    );
    const plain = await server.request('GET', '/api/cluster', undefined, { accept: 'application/json' });
    expect(plain.headers['content-type']).toBe('application/json');
    expect(plain.body).not.toHaveProperty('_links');
  });

  it.each([
    ['GET', '/nothing', undefined, 404, '3'],
    ['PUT', '/nothing', '{}', 404, '3'],
    ['GET', '/api/nothing', undefined, 404, '3'],
    ['GET', '/api/%zz', undefined, 400, '39387137'],
    ['POST', '/api/security/ipsec/policies', '{"name": ', 400, '262200'],
    ['POST', '/api/security/ipsec/policies', '{bad}', 400, '262199'],
    ['POST', '/api/security/ipsec/policies', '[]', 400, '262255'],
    ['POST', '/api/security/ipsec/policies', `"${'x'.repeat(1_048_576)}"`, 413, '262201'],
    ['PUT', '/api/cluster', '{}', 405, '3'],
  ])('answers %s %s in the error envelope', async (method, url, body, status, code) => {
    const answer = await server.request(method, url, body);
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
  });

  it('takes bodies of any type and of none', async () => {
    for (const type of [
      'application/json',
      'application/hal+json',
      'application/x-www-form-urlencoded',
      'text/plain',
    ]) {
      const answer = await server.request('PATCH', '/api/security/ipsec', '{"replay_window": 64}', {
        'content-type': type,
      });
      expect(answer.status).toBe(200);
    }
    expect((await server.request('DELETE', '/api/security/ipsec/policies/x')).status).toBe(404);
  });

  it('collapses doubled slashes and takes a slash at the end', async () => {
    for (const url of ['/api//cluster/', '//api/cluster', '/api/cluster//'])
      expect((await server.request('GET', url)).status).toBe(200);
  });

  it('serves HEAD and OPTIONS', async () => {
    const { text } = await server.request('GET', '/api/cluster');
    const head = await server.request('HEAD', '/api/cluster');
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' });
    expect(head.headers['content-length']).toBe(`${Buffer.byteLength(text)}`);
    const options = await server.request('OPTIONS', '/api/security/ipsec');
    expect(options).toMatchObject({ status: 200, headers: { allow: expect.stringContaining('PATCH') } });
  });

  it.each(['/openapi.json', '/docs/api', '/docs/api/style.css', '/healthz', '/readyz'])(
    'answers HEAD on %s as GET, without the body',
    async (url) => {
      const { status, headers, text } = await server.request('HEAD', url, undefined, { authorization: '' });
      const get = await server.request('GET', url, undefined, { authorization: '' });
      expect({ status, text, type: headers['content-type'] }).toEqual({
        status: 200,
        text: '',
        type: get.headers['content-type'],
      });
    },
  );

  it.each(['/openapi.json', '/docs/api', '/docs/api/style.css', '/healthz', '/readyz'])(
    'tells by OPTIONS on %s what may be asked',
    async (url) => {
      const { status, headers, text } = await server.request('OPTIONS', url, undefined, {
        authorization: '',
      });
      expect({ status, text, allow: headers['allow'] }).toEqual({
        status: 204,
        text: '',
        allow: 'GET, HEAD, OPTIONS',
      });
    },
  );

  it('tells by OPTIONS on /metrics what may be asked, who may ask', async () => {
    const answer = await server.request('OPTIONS', '/metrics');
    expect(answer).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
    const unknown = await server.request('OPTIONS', '/metrics', undefined, { authorization: '' });
    expect(unknown.status).toBe(401);
    expect((await server.request('HEAD', '/metrics')).status).toBe(200);
    const page = '/docs/api/none';
    expect((await server.request('OPTIONS', page, undefined, { authorization: '' })).status).toBe(404);
  });

  it.each(['/healthz', '/readyz', '/openapi.json', '/metrics'])(
    'refuses to change %s, and says what may be asked',
    async (url) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        expect(await server.request(method, url, {})).toMatchObject({
          status: 405,
          headers: { allow: 'GET, HEAD, OPTIONS' },
          body: { error: { code: '3', message: `Method ${method} is not supported on "${url}".` } },
        });
    },
  );

  it('describes itself', async () => {
    const { body } = await server.request('GET', '/openapi.json', undefined, { authorization: '' });
    expect(body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(body.paths)).toContain('/security/ipsec/policies/{uuid}');
  });

  it('is alive, and ready with reasons', async () => {
    expect((await server.request('GET', '/healthz', undefined, { authorization: '' })).status).toBe(200);
    const { status, body } = await server.request('GET', '/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ready: true,
      store: { kind: 'embedded', ready: true },
      version: expect.any(String),
      datapath: {
        ready: true,
        kind: 'simulated',
        chosen: expect.stringContaining('--datapath simulated'),
        ipspaces: [{ ipspace: 'Default', ready: true, guard: 'simulated' }],
      },
    });
  });

  it('counts, in the text format of Prometheus', async () => {
    const { text } = await server.request('GET', '/metrics');
    expect(text).toContain('esplanade_ready 1\n');
    expect(text).toContain('esplanade_policies{ipspace="Default",state="applied"} 0\n');
    expect(text).toMatch(/esplanade_requests_total\{method="GET",route="\/readyz",status="2xx"\} \d+\n/);
  });
});

describe('a bug in what answers', () => {
  it('is a fixed 500 that names the request, and the log has the rest', async () => {
    const log: string[] = [];
    const app = createApp({ level: 'info', format: 'text' }, (line) => log.push(line));
    const fail = (): never => {
      throw new Error('the inner secret of the bug');
    };
    addRoutes(app, {
      api: { handle: fail },
      authenticator: {
        authenticate: () => ({
          kind: 'authenticated',
          account: { name: 'a', role: 'admin', scope: { kind: 'cluster' } },
        }),
      },
      openApi: fail,
      docs: fail,
      health: fail,
      metrics: fail,
      maySeeMetrics: () => true,
      onLoginRefused: () => undefined,
      onUnheard: () => undefined,
      onRefused: async () => undefined,
      onAnswered: () => undefined,
    });
    for (const url of ['/api/cluster', '/openapi.json', '/docs/api', '/readyz', '/metrics']) {
      const { statusCode, body, headers } = await app.inject({ url });
      expect(statusCode).toBe(500);
      expect(body).not.toContain('inner secret');
      expect(body).toContain(`request ${headers['x-request-id']}`);
      expect(log.join('')).toContain(`id="${headers['x-request-id']}"`);
    }
    expect(log.join('')).toContain('Error: the inner secret of the bug\n    at ');
    await app.close();
  });
});
