import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Account } from '@esplanade/desired';
import {
  type IssuedCertificate,
  issueAuthority,
  issueCertificate,
} from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { basic, testPassword } from '../testing/test-server.ts';
import { startTlsTestServer, type TlsTestServer } from '../testing/tls-test-server.ts';
import { IssuedLogins } from './certificate-logins.ts';

const forClients = [
  'basicConstraints=critical,CA:FALSE',
  'extendedKeyUsage=clientAuth',
  'authorityKeyIdentifier=keyid',
];
const issue = (issuer: IssuedCertificate, name: string, over: object = {}): IssuedCertificate =>
  issueCertificate({ subject: `/O=Lighthouses/CN=${name}`, issuer, extensions: forClients, ...over });
const harbour = issueAuthority('/CN=harbour');
const tenant = issueAuthority('/CN=tenant');
const keeper = issue(harbour, 'keeper');

let server: TlsTestServer;
let svm: { readonly uuid: string; readonly name: string };
beforeAll(async () => {
  server = await startTlsTestServer();
  const [first] = server.parts.desired.snapshot().svms.values();
  if (first === undefined) throw new Error('there is no SVM');
  svm = { uuid: first.value.uuid, name: first.value.name };
  await put({ name: 'keeper' });
  await put({ name: 'keeper', scope: { kind: 'svm', svm }, role: 'vsadmin' });
  await put({ name: 'admin2', authenticationMethods: ['password'] });
});
afterAll(() => server.close());

/** An account that logs in by certificate unless it says otherwise. */
async function put(over: Partial<Account>): Promise<void> {
  const scope: Account['scope'] = { kind: 'cluster' };
  const account: Account = {
    name: 'keeper',
    scope,
    role: 'admin',
    authenticationMethods: ['certificate'],
    isLocked: false,
    ...over,
  };
  expect(await server.parts.desired.putAccount(account)).toMatchObject({ kind: 'written' });
}

const installed: string[] = [];
async function trust({ certificate }: IssuedCertificate, owner?: string): Promise<string> {
  const body = {
    type: 'client_ca',
    public_certificate: certificate,
    ...(owner && { svm: { name: owner } }),
  };
  const { status, headers, text } = await server.request('POST', '/api/security/certificates', body);
  expect(status, text).toBe(201);
  const uuid = headers['location']?.split('/').at(-1) ?? '';
  installed.push(uuid);
  return uuid;
}
async function distrust(uuid: string): Promise<void> {
  expect((await server.request('DELETE', `/api/security/certificates/${uuid}`)).status).toBe(200);
  installed.splice(installed.indexOf(uuid), 1);
}
afterEach(async () => {
  for (const uuid of [...installed]) await distrust(uuid);
});

/** The status of a request on a connection of its own. */
const statusWith = async (shown: IssuedCertificate, path = '/api/cluster'): Promise<number> =>
  (await client(shown).ask(path)).status;
const client = ({ certificate, key }: IssuedCertificate) => server.connect({ cert: certificate, key });

describe('TLS', () => {
  const clientCertificateIsAskedFor = async (): Promise<boolean> => {
    const { certificate, key } = keeper;
    const ours = once(server.app.server, 'secureConnection') as Promise<[TLSSocket]>;
    const socket = connect({ port: server.port, cert: certificate, key, rejectUnauthorized: false });
    const [accepted] = await ours;
    const isAsked = accepted.getPeerX509Certificate() !== undefined;
    socket.destroy();
    return isAsked;
  };

  it('asks clients for a certificate only while there is a client_ca', async () => {
    expect(await clientCertificateIsAskedFor()).toBe(false);
    const uuid = await trust(harbour);
    expect(await clientCertificateIsAskedFor()).toBe(true);
    await distrust(uuid);
    expect(await clientCertificateIsAskedFor()).toBe(false);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes no session of %s while it asks', async (maxVersion) => {
    const resumes = async (): Promise<boolean> => {
      const options = { port: server.port, rejectUnauthorized: false, maxVersion } as const;
      const first = connect(options);
      let session: Buffer | undefined;
      first.on('session', (told: Buffer) => {
        session = told;
      });
      first.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
      first.resume();
      await once(first, 'close');
      const second = connect({ ...options, ...(session !== undefined && { session }) });
      await once(second, 'secureConnect');
      const isReused = second.isSessionReused();
      second.destroy();
      return isReused;
    };
    expect(await resumes()).toBe(true);
    await trust(harbour);
    expect(await resumes()).toBe(false);
  });
});

describe('a client certificate', () => {
  it('logs in as the account of its name', async () => {
    await trust(harbour);
    expect(await statusWith(keeper)).toBe(200);
    // Of all owners: an administrator.
    expect(await statusWith(keeper, '/metrics')).toBe(200);
  });

  it('of a CA of an SVM proves accounts of that SVM alone', async () => {
    await trust(tenant, svm.name);
    const ofTenant = issue(tenant, 'keeper');
    expect(await statusWith(ofTenant, '/metrics')).toBe(403);
    expect(await statusWith(ofTenant, '/api/security/ipsec/policies')).toBe(200);
    expect(await statusWith(issue(tenant, 'admin'))).toBe(401);
  });

  it('counts for nothing beside a password, right or wrong', async () => {
    await trust(harbour);
    const both = client(keeper);
    expect((await both.ask('/metrics', { authorization: basic('admin', 'wrong') })).status).toBe(401);
    expect((await both.ask('/metrics', { authorization: basic('admin', testPassword) })).status).toBe(200);
  });

  it('that is a client_ca itself proves who holds its key, as NetApp shows it', async () => {
    const own = issueAuthority('/O=Lighthouses/CN=keeper');
    await trust(own);
    expect(await statusWith(own)).toBe(200);
  });

  const between = issueAuthority('/CN=between', { issuer: harbour });
  it('of a CA between counts only if that is installed too', async () => {
    const far = issue(between, 'keeper');
    await trust(harbour);
    expect(await statusWith({ ...far, certificate: far.certificate + between.certificate })).toBe(401);
    await trust(between);
    expect(await statusWith(far)).toBe(200);
  });

  const day = 86_400_000;
  it.each<[string, () => IssuedCertificate]>([
    ['an account that has no such login', () => issue(harbour, 'admin2')],
    ['an account that there is not', () => issue(harbour, 'nobody')],
    ['nobody', () => issueCertificate({ subject: '/O=x', issuer: harbour, extensions: forClients })],
    ['somebody, signed by a CA of the same name', () => issue(issueAuthority('/CN=harbour'), 'keeper')],
    ['somebody, signed by itself', () => issueAuthority('/CN=keeper')],
    [
      'somebody, signed by who is no CA',
      () => {
        const { certificate, key } = issue(keeper, 'keeper', { extensions: ['subjectKeyIdentifier=hash'] });
        return { certificate: certificate + keeper.certificate, key };
      },
    ],
    ['a server', () => issue(harbour, 'keeper', { extensions: ['extendedKeyUsage=serverAuth'] })],
    ['somebody, once', () => issue(harbour, 'keeper', { notAfter: new Date(Date.now() - day / 24) })],
    ['somebody, some day', () => issue(harbour, 'keeper', { notBefore: new Date(Date.now() + day) })],
    ['somebody, by SHA-1', () => issue(harbour, 'keeper', { hash: 'sha1' })],
  ])('of %s is refused', async (_whom, make) => {
    await trust(harbour);
    const shown = make();
    const judged = new IssuedLogins(server.parts.desired).find(new X509Certificate(shown.certificate));
    expect(judged).toBeUndefined();
    expect(await statusWith(shown).catch((error: NodeJS.ErrnoException) => error.code)).not.toBe(200);
  });
});

describe('on a connection that stays open', () => {
  /** Asks before and after on one connection. */
  const around = async (change: () => Promise<void>): Promise<readonly number[]> => {
    const { ask } = client(keeper);
    const before = await ask('/metrics');
    await change();
    const after = await ask('/metrics');
    expect(after.localPort).toBe(before.localPort);
    return [before.status, after.status];
  };
  afterEach(() => put({ name: 'keeper' }));

  it('a deleted client_ca counts at the next request', async () => {
    const uuid = await trust(harbour);
    expect(await around(() => distrust(uuid))).toEqual([200, 401]);
  });

  it('a revoked certificate counts at the next request', async () => {
    const uuid = await trust(harbour);
    const { serialNumber } = new X509Certificate(keeper.certificate);
    const lists = '/api/esplanade/v1/certificate-revocation-lists';
    const revoke = async (): Promise<void> => {
      const { status, text } = await server.request('POST', lists, {
        certificate: { uuid },
        crl: issueRevocationList({ issuer: harbour, number: 1, revoked: [serialNumber] }),
      });
      expect(status, text).toBe(201);
    };
    expect(await around(revoke)).toEqual([200, 401]);
    const [made] = (await server.request('GET', `${lists}?fields=*`)).body.records;
    expect((await server.request('DELETE', `${lists}/${made.certificate?.uuid ?? made.uuid}`)).status).toBe(
      200,
    );
  });

  it.each<[string, Partial<Account>]>([
    ['a lock', { isLocked: true }],
    ['another way to log in', { authenticationMethods: ['password'], passwordHash: '' }],
  ])('%s of the account counts at the next request', async (_what, over) => {
    await trust(harbour);
    expect(await around(() => put({ name: 'keeper', ...over }))).toEqual([200, 401]);
  });

  it('another role of the account counts at the next request', async () => {
    await trust(harbour);
    const { ask } = client(keeper);
    const post = async () => (await ask('/api/svm/svms', {}, 'POST')).status;
    expect(await post()).toBe(400);
    await put({ role: 'readonly' });
    expect(await post()).toBe(403);
  });

  it('the end of its time counts at the next request', async () => {
    await trust(harbour);
    let nowMs = Date.now();
    const logins = new IssuedLogins(server.parts.desired, () => nowMs);
    const shown = new X509Certificate(keeper.certificate);
    expect(logins.find(shown)?.name).toBe('keeper');
    nowMs = shown.validToDate.getTime();
    expect(logins.find(shown)).toBeUndefined();
  });
});
