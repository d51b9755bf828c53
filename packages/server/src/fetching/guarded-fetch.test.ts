import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FetchGuard, parseAllowance } from './fetch-guard.ts';
import { type Fetched, type FetchOptions, guardedFetch } from './guarded-fetch.ts';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

/** A server on the loopback; its port. */
async function serve(answer: RequestListener): Promise<number> {
  const server: Server = createServer(answer);
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Fetches with the loopback's port allowed. */
async function fetchFrom(
  url: string,
  port: number,
  over: Partial<FetchOptions> = {},
  signal = new AbortController().signal,
): Promise<Fetched> {
  const allowed = parseAllowance(`127.0.0.1/32=${port}`) ?? expect.fail('no allowance');
  const guard = new FetchGuard([allowed]);
  const resolve = async () => ['127.0.0.1'];
  return guardedFetch({ guard, resolve, mostBytes: 1_000, timeLimitMs: 5_000, ...over })(url, signal);
}

function whyOf(fetched: Fetched): string {
  return fetched.kind === 'failed' ? fetched.why : 'it was fetched';
}

const body = 'MARK-OF-THE-BODY';

/** Counts calls. */
function counter(): { (): void; readonly count: number } {
  let count = 0;
  const call = () => {
    count += 1;
  };
  return Object.defineProperty(call, 'count', { get: () => count }) as typeof call & {
    readonly count: number;
  };
}

describe('a guarded fetch', () => {
  it('gets what is there, by name or address, and says who it asks', async () => {
    const asked: (string | undefined)[] = [];
    const port = await serve(({ headers, url }, response) => {
      asked.push(`${headers.host}${url}`);
      response.end(body);
    });
    for (const host of ['lists.example', '127.0.0.1', '2130706433']) {
      const fetched = await fetchFrom(`http://${host}:${port}/root.crl?a=b`, port);
      expect(fetched).toEqual({ kind: 'fetched', bytes: new Uint8Array(Buffer.from(body)) });
    }
    expect(asked[0]).toBe(`lists.example:${port}/root.crl?a=b`);
    expect(asked[1]).toBe(`127.0.0.1:${port}/root.crl?a=b`);
  });

  it('connects to no address of a name that is not allowed, also when others are', async () => {
    const touched = counter();
    const port = await serve((_, response) => response.end(body));
    const trap = createTcpServer(touched).listen(port, '127.0.0.2');
    opened.push(trap);
    await once(trap, 'listening');
    const mixed = ['127.0.0.2', '169.254.169.254', '::1', 'no address', '127.0.0.1'];
    const fetched = await fetchFrom(`http://lists.example:${port}/`, port, { resolve: async () => mixed });
    expect(fetched.kind).toBe('fetched');
    expect(touched.count).toBe(0);
  });

  it('asks for the addresses of a name once, so that what was checked is what is connected to', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const asked = counter();
    const resolve = async () => {
      asked();
      return answers.shift() ?? [];
    };
    const port = await serve((_, response) => response.end(body));
    expect((await fetchFrom(`http://lists.example:${port}/`, port, { resolve })).kind).toBe('fetched');
    expect(asked.count).toBe(1);
  });

  it('tells a name that is not there from one that leads inside by nothing', async () => {
    const inside = await fetchFrom('http://lists.example/', 1, { resolve: async () => ['10.0.0.1'] });
    const absent = await fetchFrom('http://lists.example/', 1, {
      resolve: async () => {
        throw new Error('queryA ENOTFOUND lists.example');
      },
    });
    expect(whyOf(inside)).toMatch(/no address that may be fetched from/);
    expect(absent).toEqual(inside);
  });

  it('goes on to the next address when one does not answer', async () => {
    const port = await serve((_, response) => response.end(body));
    const guard = new FetchGuard([parseAllowance(`127.0.0.0/8=${port}`) ?? expect.fail('no allowance')]);
    const resolve = async () => ['127.0.0.3', '127.0.0.1'];
    expect((await fetchFrom(`http://lists.example:${port}/`, port, { guard, resolve })).kind).toBe('fetched');
  });

  it('follows a redirect that leads where it may go', async () => {
    const port = await serve(({ url }, response) => {
      if (url === '/new') response.end(body);
      else response.writeHead(302, { location: '/new' }).end('moved');
    });
    expect((await fetchFrom(`http://lists.example:${port}/old`, port)).kind).toBe('fetched');
  });

  it.each([
    ['another host inside', () => 'http://127.0.0.2/'],
    ['another port', (port: number) => `http://127.0.0.1:${port + 1}/`],
    ["a cloud's metadata", () => 'http://169.254.169.254/latest/meta-data/'],
    ['IPv4 in IPv6 clothing', () => 'http://[::ffff:10.0.0.1]/'],
    ['a number', () => 'http://167772161/'],
    ['a file', () => 'file:///etc/shadow'],
    ['a directory', () => 'ldap://127.0.0.1/'],
    ['a password', (port: number) => `http://a:b@127.0.0.1:${port}/`],
    ['nothing', () => 'http://'],
  ])('follows no redirect to %s', async (_, location) => {
    const asked = counter();
    const port = await serve((_request, response) => {
      asked();
      response.writeHead(302, { location: location(port) }).end(body);
    });
    const why = whyOf(await fetchFrom(`http://lists.example:${port}/`, port));
    expect(why).toMatch(/^Of a redirect: |no address that may/);
    expect(why).not.toContain('metadata/');
    expect(asked.count).toBe(1);
  });

  it('gives up a host that redirects for ever', async () => {
    const asked = counter();
    const port = await serve((_, response) => {
      asked();
      response.writeHead(301, { location: '/again' }).end();
    });
    expect(whyOf(await fetchFrom(`http://lists.example:${port}/`, port))).toMatch(/redirected more than 3/);
    expect(asked.count).toBe(4);
  });

  it('repeats nothing of an answer that is not what was asked for', async () => {
    const port = await serve((_, response) => {
      response.writeHead(500, body, { 'x-mark': body }).end(body);
    });
    expect(whyOf(await fetchFrom(`http://lists.example:${port}/`, port))).toBe('The answer had status 500.');
    const babbler = createTcpServer((socket) => socket.end(`${body}\r\n\r\n`)).listen(0, '127.0.0.1');
    opened.push(babbler);
    await once(babbler, 'listening');
    const { port: other } = babbler.address() as AddressInfo;
    const why = whyOf(await fetchFrom(`http://lists.example:${other}/`, other));
    expect(why).toMatch(/could not be read/);
    expect(why).not.toContain('MARK');
  });

  it('reads no more than it may, whether the size is told or not', async () => {
    const written = counter();
    const port = await serve(({ url }, response) => {
      if (url === '/told') {
        response.writeHead(200, { 'content-length': 1_001 }).end('x'.repeat(1_001));
        return;
      }
      const write = (): void => {
        if (response.destroyed) return;
        written();
        response.write('x'.repeat(64_000), write);
      };
      write();
    });
    for (const path of ['/told', '/endless'])
      expect(whyOf(await fetchFrom(`http://lists.example:${port}${path}`, port))).toMatch(/larger than 1000/);
    expect(written.count).toBeLessThan(1_000);
    const exact = await serve((_, response) => response.end('x'.repeat(1_000)));
    expect((await fetchFrom(`http://lists.example:${exact}/`, exact)).kind).toBe('fetched');
  });

  it.each([
    ['never answers', () => undefined],
    ['trickles', (response: { write(text: string): unknown }) => response.write('x')],
  ])('gives up a host that %s', async (_, answer) => {
    const port = await serve((_request, response) => {
      answer(response);
    });
    const why = whyOf(await fetchFrom(`http://lists.example:${port}/`, port, { timeLimitMs: 100 }));
    expect(why).toBe('It took too long.');
  });

  it('gives up names that take for ever', async () => {
    const resolve = () => Promise.withResolvers<readonly string[]>().promise;
    const why = whyOf(await fetchFrom('http://lists.example/', 1, { resolve, timeLimitMs: 100 }));
    expect(why).toBe('It took too long.');
  });

  it('ends when it is told to', async () => {
    const port = await serve(() => undefined);
    const ending = new AbortController();
    const fetching = fetchFrom(`http://lists.example:${port}/`, port, {}, ending.signal);
    ending.abort();
    expect(whyOf(await fetching)).toMatch(/shut down/);
  });

  it('takes no answer that breaks off for a whole one', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write(body, () => response.destroy());
    });
    expect(whyOf(await fetchFrom(`http://lists.example:${port}/`, port))).toMatch(/broken off/);
  });

  it('asks no proxy of the environment', async () => {
    const proxy = counter();
    const proxyPort = await serve((_, response) => {
      proxy();
      response.end('from the proxy');
    });
    const port = await serve((_, response) => response.end(body));
    for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy'])
      vi.stubEnv(name, `http://127.0.0.1:${proxyPort}`);
    try {
      expect((await fetchFrom(`http://lists.example:${port}/`, port)).kind).toBe('fetched');
      expect(proxy.count).toBe(0);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('believes no host over TLS that it does not know', async () => {
    const { certificate, key } = issueCertificate({ subject: '/CN=lists.example' });
    const asked = counter();
    const server = createSecureServer({ cert: certificate, key }, asked).listen(0, '127.0.0.1');
    opened.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const why = whyOf(await fetchFrom(`https://lists.example:${port}/`, port));
    expect(why).toMatch(/^The certificate of the host, or its TLS, is not to be trusted/);
    expect(asked.count).toBe(0);
  });
});
