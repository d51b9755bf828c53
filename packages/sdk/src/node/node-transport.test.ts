import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionError } from '../errors.ts';
import { type KeyPair, selfSigned } from '../testing/self-signed.ts';
import type { ApiRequest } from '../transport.ts';
import { CertificateChangedError, CertificateNotTrustedError, UnreachedError } from './connection-errors.ts';
import { inspectServer } from './inspect-server.ts';
import { type NodeTransport, type NodeTransportOptions, nodeTransport } from './node-transport.ts';

/** What a server has got, so that a test can tell that it got nothing. */
const seen: string[] = [];
const servers: TcpServer[] = [];
const transports: NodeTransport[] = [];
let pair: KeyPair;
let server: Server;
let url: URL;

beforeAll(async () => {
  pair = selfSigned('localhost');
  server = createServer({ ...pair, requestCert: true, rejectUnauthorized: false }, (incoming, answer) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`);
    if (incoming.url === '/silent') return;
    if (incoming.url === '/marked') {
      answer.end('\u{feff}{}');
      return;
    }
    if (incoming.url === '/half') {
      answer.writeHead(200, { 'content-length': 100 });
      answer.write('half', () => incoming.socket.destroy());
      return;
    }
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      body += chunk;
    });
    incoming.on('end', () => {
      const { remotePort } = incoming.socket;
      const { headers, method } = incoming;
      answer.writeHead(409, { 'content-type': 'application/json', etag: '"7"' });
      answer.end(JSON.stringify({ method, headers, body, remotePort, client: clientOf(incoming.socket) }));
    });
  });
  url = await listening(server, 'https:');
});

afterAll(async () => {
  for (const transport of transports) transport.close();
  server.closeAllConnections();
  for (const each of servers) each.close();
});

function clientOf(socket: object): string | undefined {
  if (!('getPeerCertificate' in socket) || typeof socket.getPeerCertificate !== 'function') return undefined;
  return socket.getPeerCertificate().fingerprint256;
}

async function listening(on: TcpServer, protocol: string): Promise<URL> {
  servers.push(on);
  on.listen(0, '127.0.0.1');
  await once(on, 'listening');
  return new URL(`${protocol}//localhost:${(on.address() as AddressInfo).port}`);
}

function transportOf(options: NodeTransportOptions): NodeTransport {
  const transport = nodeTransport(options);
  transports.push(transport);
  return transport;
}

function asked(to: URL, path = '/', more: Partial<ApiRequest> = {}): ApiRequest {
  return { method: 'GET', url: new URL(path, to), headers: { authorization: 'Basic c2VjcmV0' }, ...more };
}

async function failureOf(outcome: Promise<unknown>): Promise<unknown> {
  return await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const anyone = { trust: { kind: 'anyone' } } as const;
const fingerprint = () => new X509Certificate(pair.cert).fingerprint256;

describe('a request', () => {
  it('goes out as it is, and the answer comes back whatever its status', async () => {
    const answer = await transportOf(anyone)(
      asked(url, '/api?a=1', { method: 'POST', headers: { 'x-one': '1' }, body: '{"name":"ü"}' }),
    );
    expect(answer.status).toBe(409);
    expect(answer.header('etag')).toBe('"7"');
    expect(answer.header('location')).toBeUndefined();
    expect(JSON.parse(answer.text)).toMatchObject({
      method: 'POST',
      headers: { 'x-one': '1', host: url.host, 'content-length': '13' },
      body: '{"name":"ü"}',
    });
  });

  it('takes answers only as they are, and without a mark of their order of bytes', async () => {
    const { text } = await transportOf(anyone)(asked(url, '/api'));
    expect(JSON.parse(text).headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect((await transportOf(anyone)(asked(url, '/marked'))).text).toBe('{}');
  });

  it('uses the connection of the one before', async () => {
    const transport = transportOf(anyone);
    const ports = [];
    for (const path of ['/1', '/2'])
      ports.push(JSON.parse((await transport(asked(url, path))).text).remotePort);
    expect(ports[0]).toBe(ports[1]);
  });

  it('shows the client certificate it was given', async () => {
    const { cert, key } = selfSigned('keeper');
    const transport = transportOf({ ...anyone, clientCertificate: { certificate: cert, privateKey: key } });
    const answer = await transport(asked(url));
    expect(JSON.parse(answer.text).client).toBe(new X509Certificate(cert).fingerprint256);
  });

  it('ends with the reason of its signal, before the handshake, in it and after it', async () => {
    const mute = await listening(createTcpServer(), 'https:');
    for (const to of [asked(url, '/silent'), asked(mute)]) {
      const aborting = new AbortController();
      const outcome = failureOf(transportOf(anyone)({ ...to, signal: aborting.signal }));
      setImmediate(() => aborting.abort(new Error('enough')));
      expect(await outcome).toEqual(new Error('enough'));
      const late = failureOf(transportOf(anyone)({ ...to, signal: aborting.signal }));
      expect(await late).toEqual(new Error('enough'));
    }
  });
});

describe('trust', () => {
  const other = 'AB:'.repeat(31).concat('AB');

  it('holds for the certificate that is known, in whatever way its fingerprint is written', async () => {
    for (const written of [fingerprint(), fingerprint().replaceAll(':', '').toLowerCase()]) {
      const transport = transportOf({ trust: { kind: 'certificate', fingerprint: written } });
      expect((await transport(asked(url))).status).toBe(409);
    }
    expect(() => nodeTransport({ trust: { kind: 'certificate', fingerprint: 'AB:CD' } })).toThrow(RangeError);
  });

  it('ends where the certificate is another one, with both fingerprints, and nothing is sent', async () => {
    seen.length = 0;
    const error = await failureOf(
      transportOf({ trust: { kind: 'certificate', fingerprint: other } })(asked(url)),
    );
    expect(error).toBeInstanceOf(CertificateChangedError);
    expect(error).toMatchObject({ expected: other, certificate: { fingerprint: fingerprint() } });
    expect(String(error)).toContain(fingerprint());
    expect(seen).toEqual([]);
  });

  it('holds for whoever has a certificate of the given authorities', async () => {
    const transport = transportOf({ trust: { kind: 'authorities', pem: pair.cert } });
    expect((await transport(asked(url))).status).toBe(409);
  });

  it('does not hold under another name', async () => {
    seen.length = 0;
    const byAddress = new URL(url.href.replace('localhost', '127.0.0.1'));
    const transport = transportOf({ trust: { kind: 'authorities', pem: pair.cert } });
    const error = await failureOf(transport(asked(byAddress)));
    expect(error).toBeInstanceOf(CertificateNotTrustedError);
    expect(String(error)).toContain('it is for another name');
    expect(seen).toEqual([]);
  });

  it('is not given to who signed his own certificate, and nothing is sent', async () => {
    seen.length = 0;
    const error = await failureOf(transportOf({})(asked(url)));
    expect(error).toBeInstanceOf(CertificateNotTrustedError);
    expect(error).toMatchObject({ reason: 'it signed itself', certificate: { fingerprint: fingerprint() } });
    expect(seen).toEqual([]);
  });
});

describe('a server that is looked at', () => {
  it('tells its certificate and what speaks against it, and gets no request', async () => {
    seen.length = 0;
    const { certificate, distrust } = await inspectServer(url);
    expect(certificate).toMatchObject({
      subject: 'O=Example, CN=localhost',
      names: ['DNS:localhost'],
      fingerprint: fingerprint(),
    });
    expect(certificate.validTo.getTime()).toBeGreaterThan(certificate.validFrom.getTime());
    expect(distrust).toBe('it signed itself');
    expect(seen).toEqual([]);
  });

  it('tells it also where nothing speaks against it', async () => {
    const { certificate, distrust } = await inspectServer(url, {
      trust: { kind: 'authorities', pem: pair.cert },
    });
    expect(certificate.fingerprint).toBe(fingerprint());
    expect(distrust).toBeUndefined();
  });
});

describe('no answer', () => {
  it('says why', async () => {
    const closed = createTcpServer();
    const nobody = await listening(closed, 'https:');
    await new Promise((resolve) => closed.close(resolve));
    const clear = await listening(
      createHttpServer((_incoming, answer) => answer.end('no')),
      'https:',
    );
    const mute = await listening(createTcpServer(), 'https:');
    const hasty = { ...anyone, connectTimeoutMs: 30, answerTimeoutMs: 30 };
    const cases = [
      ['refused', anyone, asked(nobody)],
      ['not-resolved', anyone, asked(new URL('https://nowhere.invalid'))],
      ['no-tls', anyone, asked(clear)],
      ['no-tls', anyone, asked(new URL(url.href.replace('https:', 'http:')))],
      ['timed-out', hasty, asked(mute)],
      ['timed-out', { ...anyone, answerTimeoutMs: 30 }, asked(url, '/silent')],
      ['broken', anyone, asked(url, '/half')],
    ] as const;
    for (const [reason, options, sent] of cases) {
      const error = await failureOf(transportOf(options)(sent));
      expect(error, reason).toBeInstanceOf(ConnectionError);
      expect(error, reason).toBeInstanceOf(UnreachedError);
      expect(error).toMatchObject({ reason });
      expect(String(error), reason).toContain(sent.url.host);
    }
  });
});
