import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
import { derOfPem, issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const path = '/api/esplanade/v1/certificate-revocation-lists';
const modes = '/api/esplanade/v1/revocation-modes';

/** What the CA serves at the moment. */
let served: Uint8Array | undefined;
const pki = createServer((_, response) => {
  if (served === undefined) response.writeHead(404).end('MARK-OF-THE-BODY');
  else response.end(served);
});

let server: TestServer;
let url: string;
beforeAll(async () => {
  pki.listen(0, '127.0.0.1');
  await once(pki, 'listening');
  const { port } = pki.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/coast.crl`;
  server = await startTestServer('--crl-fetch-allow', `127.0.0.1/32=${port}`);
});
afterAll(async () => {
  await server.close();
  pki.close();
});

let made = 0;
/** Installs a CA of its own. */
async function installed(isOfSvm = true): Promise<{ readonly uuid: string; readonly ca: IssuedCertificate }> {
  made += 1;
  const name = `coast${made}`;
  const ca = issueCertificate({ subject: `/CN=${name}`, isCa: true });
  const answer = await server.request('POST', '/api/security/certificates', {
    name,
    type: 'server_ca',
    public_certificate: ca.certificate,
    ...(isOfSvm && { 'svm.name': 'svm1' }),
  });
  expect(answer.status).toBe(201);
  return { uuid: answer.headers['location']?.split('/').at(-1) ?? '', ca };
}

describe('/esplanade/v1/certificate-revocation-lists', () => {
  it('keeps a list that is sent, and shows what it says', async () => {
    const { uuid, ca } = await installed();
    const crl = issueRevocationList({ issuer: ca, number: 4096, revoked: ['0A', '0B'] });
    const answer = await server.request('POST', path, { certificate: { uuid }, crl });
    expect(answer).toMatchObject({ status: 201, headers: { location: `${path}/${uuid}` } });
    const { body } = await server.request('GET', `${path}/${uuid}?fields=*`);
    expect(body).toMatchObject({
      certificate: { uuid, name: `coast${made}` },
      scope: 'svm',
      svm: { name: 'svm1' },
      state: 'current',
      number: '4096',
      entries: 2,
      crl,
    });
    expect(Date.parse(body.next_update) - Date.parse(body.this_update)).toBe(25 * 3_600_000);
    expect(body.last_fetch).toBeUndefined();
    const [, , second = ''] = crl.split('\n');
    const filter = encodeURIComponent(`*CRL-----*${second}*END*`);
    const found = await server.request('GET', `${path}?crl=${filter}`);
    expect(found.body.records).toMatchObject([{ certificate: { uuid } }]);
    expect((await server.request('GET', `${path}?number=>3`)).status).toBe(400);
  });

  it('takes newer lists only, in DER as well', async () => {
    const { uuid, ca } = await installed();
    const list = (number: number) => issueRevocationList({ issuer: ca, number });
    await server.request('POST', path, { certificate: { uuid }, crl: list(2) });
    const older = await server.request('PATCH', `${path}/${uuid}`, { crl: list(1) });
    expect(older).toMatchObject({ status: 400, body: { error: { code: '262197', target: 'crl' } } });
    const der = Buffer.from(derOfPem(list(3))).toString('base64');
    expect(await server.request('PATCH', `${path}/${uuid}`, { crl: der })).toMatchObject({ status: 200 });
    const { body } = await server.request('GET', `${path}/${uuid}?fields=number`);
    expect(body.number).toBe('3');
  });

  it('fetches a list from where it is said to be, at once', async () => {
    const { uuid, ca } = await installed();
    served = derOfPem(issueRevocationList({ issuer: ca, number: 7, revoked: ['0C'] }));
    expect(await server.request('POST', path, { certificate: { uuid }, url })).toMatchObject({ status: 201 });
    await expect
      .poll(async () => (await server.request('GET', `${path}/${uuid}?fields=*`)).body)
      .toMatchObject({ url, state: 'current', number: '7', entries: 1, last_fetch: {} });
  });

  it('says why a list could not be fetched, and nothing of what was answered', async () => {
    const { uuid } = await installed();
    served = undefined;
    await server.request('POST', path, { certificate: { uuid }, url });
    await expect
      .poll(async () => (await server.request('GET', `${path}/${uuid}?fields=*`)).body)
      .toMatchObject({ state: 'missing', last_fetch: { error: 'The answer had status 404.' } });
    expect(server.log.join()).not.toContain('MARK-OF-THE-BODY');
    expect(server.log.join()).toContain('could not be fetched: The answer had status 404.');
  });

  it('keeps a list when its URL goes, and something always', async () => {
    const { uuid, ca } = await installed();
    const crl = issueRevocationList({ issuer: ca, number: 1 });
    await server.request('POST', path, { certificate: { uuid }, crl, url });
    expect(await server.request('PATCH', `${path}/${uuid}`, { url: null })).toMatchObject({ status: 200 });
    const { body } = await server.request('GET', `${path}/${uuid}?fields=*`);
    expect(body).toMatchObject({ number: '1' });
    expect(body.url).toBeUndefined();
    const nothing = await server.request('PATCH', `${path}/${uuid}`, { crl: null });
    expect(nothing).toMatchObject({ status: 400, body: { error: { code: '262278' } } });
  });

  it('is there once for a CA, and keeps its certificate', async () => {
    const { uuid, ca } = await installed();
    const crl = issueRevocationList({ issuer: ca, number: 1 });
    const post = () => server.request('POST', path, { certificate: { uuid }, crl });
    expect((await post()).status).toBe(201);
    expect(await post()).toMatchObject({ status: 409, body: { error: { code: '1' } } });
    const certificate = `/api/security/certificates/${uuid}`;
    expect(await server.request('DELETE', certificate)).toMatchObject({
      status: 409,
      body: { error: { code: '52560272' } },
    });
    expect((await server.request('DELETE', `${path}/${uuid}`)).status).toBe(200);
    expect((await server.request('DELETE', certificate)).status).toBe(200);
  });

  it('shows an SVM its own lists and no others, and is for certificates of CAs', async () => {
    const ofCluster = await installed(false);
    const ofSvm = await installed();
    const asSvm = { 'x-dot-svm-name': 'svm1' };
    const post = (uuid: string) => server.request('POST', path, { certificate: { uuid }, url }, asSvm);
    expect(await post(ofCluster.uuid)).toMatchObject({
      status: 400,
      body: { error: { target: 'certificate.uuid' } },
    });
    expect((await post(ofSvm.uuid)).status).toBe(201);
    await server.request('POST', path, { certificate: { uuid: ofCluster.uuid }, url });
    expect((await server.request('GET', `${path}/${ofSvm.uuid}`, undefined, asSvm)).status).toBe(200);
    expect((await server.request('GET', `${path}/${ofCluster.uuid}`, undefined, asSvm)).status).toBe(404);
    const own = await server.request('POST', '/api/security/certificates', {
      type: 'server',
      common_name: 'keeper',
      'svm.name': 'svm1',
    });
    const notOfCa = own.headers['location']?.split('/').at(-1) ?? '';
    expect((await post(notOfCa)).status).toBe(400);
  });
});

describe('/esplanade/v1/revocation-modes', () => {
  it('are relaxed for every SVM and the cluster until one is made strict', async () => {
    const all = await server.request('GET', `${modes}?fields=*`);
    expect(all.body.records).toHaveLength(2);
    expect(all.body.records.map(({ mode }: { mode: string }) => mode)).toEqual(['relaxed', 'relaxed']);
    const { uuid } = all.body.records.find(({ svm }: { svm?: object }) => svm !== undefined);
    expect((await server.request('PATCH', `${modes}/${uuid}`, { mode: 'STRICT' })).status).toBe(200);
    const strict = await server.request('GET', `${modes}?mode=strict`);
    expect(strict.body.records).toMatchObject([{ uuid, svm: { name: 'svm1' }, mode: 'strict' }]);
    expect((await server.request('PATCH', `${modes}/${uuid}`, { mode: 'lax' })).status).toBe(400);
    expect((await server.request('PATCH', `${modes}/${uuid}`, {})).status).toBe(200);
    expect((await server.request('GET', `${modes}/${uuid}`)).body.mode).toBe('strict');
    expect((await server.request('PATCH', `${modes}/${uuid}`, { mode: null })).status).toBe(200);
    expect((await server.request('GET', `${modes}/${uuid}`)).body.mode).toBe('relaxed');
  });

  it('of other owners do not exist for an SVM', async () => {
    const asSvm = { 'x-dot-svm-name': 'svm1' };
    const { body } = await server.request('GET', modes, undefined, asSvm);
    expect(body.records).toMatchObject([{ svm: { name: 'svm1' } }]);
    const cluster = (await server.request('GET', `${modes}?scope=cluster`)).body.records[0].uuid;
    const change = await server.request('PATCH', `${modes}/${cluster}`, { mode: 'strict' }, asSvm);
    expect(change.status).toBe(404);
  });
});
