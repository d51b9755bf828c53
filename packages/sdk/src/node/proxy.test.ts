import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../testing/self-signed.ts';
import type { ApiRequest } from '../transport.ts';
import { CertificateChangedError, CertificateNotTrustedError, UnreachedError } from './connection-errors.ts';
import { inspectServer } from './inspect-server.ts';
import { type NodeTransport, type NodeTransportOptions, nodeTransport } from './node-transport.ts';
import { proxyFor } from './proxy.ts';

const pair = selfSigned('gateway.test');
const fingerprint = new X509Certificate(pair.cert).fingerprint256;
const impostorPair = selfSigned('gateway.test');
/** What servers were asked, and the impostor too. */
const seen: string[] = [];
/** What the proxy was asked for, and as whom. */
const asked: (readonly [to: string | undefined, as: string | undefined])[] = [];
const tunnels = new Set<Socket>();
const listeners: Server[] = [];
const transports: NodeTransport[] = [];
let serverPort: number;
let impostorPort: number;
let proxy: string;
let answersAs: 'itself' | 'impostor' | 'forbidden' | 'nobody' = 'itself';

async function listening(server: Server): Promise<number> {
  listeners.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const answering = (certificate: typeof pair) =>
    createServer(certificate, (incoming, answer) => {
      seen.push(`${incoming.headers.host} ${incoming.headers.authorization}`);
      answer.end('{}');
    });
  serverPort = await listening(answering(pair));
  impostorPort = await listening(answering(impostorPair));
  const proxying = createHttpServer();
  proxying.on('connect', (incoming, client: Socket) => {
    asked.push([incoming.url, incoming.headers['proxy-authorization']]);
    if (answersAs === 'nobody') return;
    if (answersAs === 'forbidden') {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const onward = connect(answersAs === 'itself' ? serverPort : impostorPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    tunnels.add(client);
    client.on('error', () => onward.destroy()).on('close', () => tunnels.delete(client));
    onward.on('error', () => client.destroy());
  });
  proxy = `127.0.0.1:${await listening(proxying)}`;
});

beforeEach(() => {
  seen.length = 0;
  asked.length = 0;
  answersAs = 'itself';
});

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  await expect.poll(() => tunnels.size).toBe(0);
});

afterAll(() => {
  for (const listener of listeners) listener.close();
});

function transportOf(options: NodeTransportOptions): NodeTransport {
  const transport = nodeTransport({ proxyEnv: { HTTPS_PROXY: `http://${proxy}` }, ...options });
  transports.push(transport);
  return transport;
}

const rawPercent = 'HTTPS_PROXY: write % in its user name or password as %25.';
const pinned = { trust: { kind: 'certificate', fingerprint } } as const;

function getting(more: Partial<ApiRequest> = {}): ApiRequest {
  const url = new URL('https://gateway.test:8443/api/cluster');
  return { method: 'GET', url, headers: { authorization: 'Basic c2VjcmV0' }, ...more };
}

async function failureOf(outcome: Promise<unknown>): Promise<unknown> {
  return await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a request through a proxy', () => {
  it('is asked for by the name of the server, and is for the server alone', async () => {
    const transport = transportOf(pinned);
    expect((await transport(getting())).text).toBe('{}');
    expect((await transport(getting())).text).toBe('{}');
    expect(asked).toEqual([['gateway.test:8443', undefined]]);
    expect(seen).toEqual(Array(2).fill('gateway.test:8443 Basic c2VjcmV0'));
  });

  it('takes the word of an authority for the name of the server, not for that of the proxy', async () => {
    const trust = { kind: 'authorities', pem: pair.cert } as const;
    expect((await transportOf({ trust })(getting())).status).toBe(200);
    const url = new URL('https://other.test:8443/');
    expect(await failureOf(transportOf({ trust })(getting({ url })))).toBeInstanceOf(
      CertificateNotTrustedError,
    );
  });

  it('logs in to the proxy as its URL says', async () => {
    const proxyEnv = { https_proxy: `http://clerk:p%40ss@${proxy}`, HTTPS_PROXY: 'http://127.0.0.1:1' };
    await transportOf({ ...pinned, proxyEnv })(getting());
    expect(asked).toEqual([['gateway.test:8443', `Basic ${Buffer.from('clerk:p@ss').toString('base64')}`]]);
  });

  it('is not sent where the proxy leads to another certificate', async () => {
    answersAs = 'impostor';
    expect(await failureOf(transportOf(pinned)(getting()))).toBeInstanceOf(CertificateChangedError);
    expect(await failureOf(transportOf({})(getting()))).toBeInstanceOf(CertificateNotTrustedError);
    expect(seen).toEqual([]);
    await expect.poll(() => tunnels.size).toBe(0);
  });

  it('says what keeps it from getting through', async () => {
    const clear = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    const noProxy = `127.0.0.1:${await listening(clear)}`;
    const closed = createTcpServer();
    const gone = `127.0.0.1:${await listening(closed)}`;
    await new Promise((resolve) => closed.close(resolve));
    const cases = [
      [`There is no way to gateway.test:8443 by the proxy ${proxy}: it says 403 Forbidden.`, proxy, false],
      [`Nobody listens at the proxy ${gone}.`, gone, true],
      [`What the proxy ${noProxy} answers is not HTTP.`, noProxy, false],
      ['HTTPS_PROXY is not a proxy as http://HOST:PORT.', 'socks5://clerk:hidden@127.0.0.1', false],
      [rawPercent, `http://clerk:100%hidden@${proxy}`, false],
      [rawPercent, `http://100%clerk:hidden@${proxy}`, false],
    ] as const;
    answersAs = 'forbidden';
    for (const [message, HTTPS_PROXY, mayPass] of cases) {
      const error = await failureOf(transportOf({ ...pinned, proxyEnv: { HTTPS_PROXY } })(getting()));
      expect(error).toBeInstanceOf(UnreachedError);
      expect(error).toMatchObject({ reason: 'no-proxy', message, mayPass });
    }
  });

  it('waits for a silent proxy no longer than for a connection, nor than somebody wants it', async () => {
    answersAs = 'nobody';
    const late = await failureOf(transportOf({ ...pinned, connectTimeoutMs: 30 })(getting()));
    expect(late).toMatchObject({ reason: 'timed-out' });
    const aborting = new AbortController();
    const outcome = failureOf(transportOf(pinned)(getting({ signal: aborting.signal })));
    await expect.poll(() => asked.length).toBe(2);
    aborting.abort(new Error('enough'));
    expect(await outcome).toEqual(new Error('enough'));
  });

  it('is none where the environment is not given', async () => {
    const error = await failureOf(transportOf({ ...pinned, proxyEnv: undefined })(getting()));
    expect(error).toMatchObject({ reason: 'not-resolved' });
    expect(asked).toEqual([]);
  });

  it('is not made to look at a certificate', async () => {
    const proxyEnv = { HTTPS_PROXY: proxy };
    const { certificate } = await inspectServer(getting().url, { proxyEnv });
    expect(certificate.fingerprint).toBe(fingerprint);
    expect(seen).toEqual([]);
  });

  it('that cannot be logged in to is told so where a certificate is looked at', async () => {
    const proxyEnv = { HTTPS_PROXY: `http://clerk:100%hidden@${proxy}` };
    const error = await failureOf(inspectServer(getting().url, { proxyEnv }));
    expect(error).toBeInstanceOf(UnreachedError);
    expect(error).toMatchObject({ reason: 'no-proxy', message: rawPercent, mayPass: false });
    expect(asked).toEqual([]);
  });
});

describe('which servers are reached without the proxy', () => {
  const HTTPS_PROXY = 'http://proxy.test:3128';
  const goes = (host: string, NO_PROXY?: string) =>
    proxyFor({ host, port: 8443 }, { HTTPS_PROXY, NO_PROXY }) !== undefined;

  it.each(['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1'])('%s always', (host) => {
    expect(goes(host)).toBe(false);
  });

  it.each([
    ['gateway.test', '*'],
    ['gateway.test', 'gateway.test'],
    ['Gateway.TEST', 'other.test, gateway.test'],
    ['a.gateway.test', 'gateway.test'],
    ['a.gateway.test', '.gateway.test'],
    ['a.gateway.test', '*.gateway.test'],
    ['gateway.test', 'gateway.test:8443'],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.0/24'],
    ['2001:db8::7', '2001:DB8:0::7'],
    ['2001:db8::7', '[2001:db8::7]:8443'],
    ['2001:db8::7', '2001:db8::/32'],
  ])('%s with NO_PROXY=%s', (host, exceptions) => {
    expect(goes(host, exceptions)).toBe(false);
  });

  it.each([
    ['gateway.test', undefined],
    ['gateway.test', ''],
    ['notgateway.test', 'gateway.test'],
    ['gateway.test', 'gateway.test:443'],
    ['gateway.test', '192.0.2.0/24'],
    ['192.0.2.7', '192.0.3.0/24'],
    ['192.0.2.7', '192.0.2.0/99'],
    ['192.0.2.7', '2.7'],
    ['2001:db8::7', '192.0.2.0/24'],
  ])('%s is not with NO_PROXY=%s', (host, exceptions) => {
    expect(goes(host, exceptions)).toBe(true);
  });

  it('is told by the name in lower case first', () => {
    const env = { HTTPS_PROXY, NO_PROXY: '*', no_proxy: 'other.test' };
    expect(proxyFor({ host: 'gateway.test', port: 8443 }, env)?.url.href).toBe('http://proxy.test:3128/');
  });
});
