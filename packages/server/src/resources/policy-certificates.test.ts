import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
const patience = { timeout: 4_000 };
const certificates = '/api/security/certificates';
const { secret_key: _, ...keyless } = goodPolicy;
const pki = {
  ...keyless,
  authentication_method: 'pki',
  certificate: { name: 'host' },
  local_identity: 'CN=host',
  remote_identity: 'CN=*.example',
};
const nobody = '00000000-0000-4000-8000-000000000000';

/** UUIDs of the certificates that every test finds: two of end entities and a CA's of svm1, one of the cluster. */
interface Installed {
  readonly host: string;
  readonly laptop: string;
  readonly ca: string;
  readonly ofCluster: string;
}

let server: TestServer;
let installed: Installed;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  installed = await installAll(server);
});
afterEach(async () => {
  await server.request('DELETE', `${policies}?name=*`);
});
afterAll(() => server.close());

async function installAll(on: TestServer): Promise<Installed> {
  const install = async (name: string, type: string, owner: object): Promise<string> => {
    const body = { name, type, common_name: name, ...owner };
    const { status, headers, text } = await on.request('POST', certificates, body);
    expect({ status, text }).toMatchObject({ status: 201 });
    return headers['location']?.split('/').at(-1) ?? '';
  };
  const svm = { svm: { name: 'svm1' } };
  return {
    host: await install('host', 'server', svm),
    laptop: await install('laptop', 'client', svm),
    ca: await install('ca', 'root_ca', svm),
    ofCluster: await install('of-cluster', 'server', {}),
  };
}

/** Creates a policy and gives its path. */
async function created(over: object = {}): Promise<string> {
  const { status, headers, body } = await server.request('POST', policies, { ...pki, ...over });
  expect({ status, body }).toEqual({ status: 201, body: {} });
  return headers['location'] ?? '';
}

async function shown(url: string, accept = 'application/json') {
  return (await server.request('GET', `${url}?fields=*`, undefined, { accept })).body;
}

describe('a policy with a certificate', () => {
  it('names it by name, by UUID, or by both, and shows both with a link', async () => {
    const expected = { name: 'host', uuid: installed.host };
    for (const certificate of [{ name: 'host' }, { uuid: installed.host }, expected]) {
      const url = await created({ certificate });
      expect(await shown(url)).toMatchObject({
        authentication_method: 'pki',
        certificate: expected,
        certificate_modify_keepsa: false,
        local_identity: 'CN=host',
      });
      const href = `${certificates}/${installed.host}`;
      expect((await shown(url, '*/*')).certificate).toEqual({
        ...expected,
        _links: { self: { href } },
      });
      await server.request('DELETE', url);
    }
  });

  it('needs no stated method, dotted keys will do', async () => {
    const { authentication_method: _method, certificate: _certificate, ...implied } = pki;
    const body = { ...implied, 'certificate.uuid': installed.host, certificate_modify_keepsa: 'true' };
    const { headers } = await server.request('POST', policies, body);
    expect(await shown(headers['location'] ?? '')).toMatchObject({
      authentication_method: 'pki',
      certificate_modify_keepsa: true,
    });
  });

  it('is found by everything of it', async () => {
    await created({ certificate_modify_keepsa: true });
    await server.request('POST', policies, { ...goodPolicy, name: 'psk', protocol: 'udp' });
    for (const filter of [
      'certificate.name=ho*',
      `certificate.uuid=${installed.host}`,
      'certificate_modify_keepsa=yes',
      'authentication_method=pki',
    ]) {
      const { body } = await server.request('GET', `${policies}?${filter}`);
      expect(body.records, filter).toMatchObject([{ name: 'nfs' }]);
    }
    const { body } = await server.request('GET', `${policies}?certificate.name=null`);
    expect(body.records).toMatchObject([{ name: 'psk' }]);
  });

  it('of the cluster names one of the cluster', async () => {
    const url = await created({ scope: 'cluster', certificate: { name: 'of-cluster' } });
    expect(await shown(url)).toMatchObject({ certificate: { uuid: installed.ofCluster } });
  });

  it('is carried out by the simulator, whose SAs say so', async () => {
    await created({ remote_identity: 'ANYTHING' });
    const sas = '/api/security/ipsec/security-associations?type=ike&fields=ike.authentication';
    await expect
      .poll(async () => (await server.request('GET', sas)).body.records, patience)
      .toMatchObject([{ ike: { authentication: 'cert' } }]);
  });

  it('keeps its certificate from being deleted until it is gone or has another', async () => {
    const url = await created();
    const remove = () => server.request('DELETE', `${certificates}/${installed.host}`);
    const { status, body } = await remove();
    expect({ status, code: body.error.code }).toEqual({ status: 409, code: '52560272' });
    expect(body.error.message).toContain('"nfs"');
    expect((await server.request('PATCH', url, { 'certificate.name': 'laptop' })).status).toBe(200);
    expect((await remove()).status).toBe(200);
    installed = { ...installed, host: (await again('host')) ?? '' };
  });

  async function again(name: string): Promise<string | undefined> {
    const body = { name, type: 'server', common_name: name, svm: { name: 'svm1' } };
    return (await server.request('POST', certificates, body)).headers['location']?.split('/').at(-1);
  }
});

describe('PATCH of a policy with a certificate', () => {
  it('leaves its SAs up where they are kept, and makes new ones where they are not', async () => {
    // A name of its own, because SAs of a policy that is gone may still be seen for a moment.
    const url = await created({ name: 'kept', certificate_modify_keepsa: true });
    const spis = async (): Promise<readonly string[]> => {
      const sas =
        '/api/security/ipsec/security-associations?type=ipsec&policy_name=kept&fields=ipsec.inbound';
      const { records } = (await server.request('GET', sas)).body;
      return records.map(({ ipsec }: { ipsec: { inbound: Record<string, string> } }) => {
        return ipsec.inbound['security_parameter_index'];
      });
    };
    await expect.poll(spis, patience).toHaveLength(1);
    const first = await spis();
    expect((await server.request('PATCH', url, { 'certificate.name': 'laptop' })).status).toBe(200);
    expect(await spis()).toEqual(first);
    const change = { certificate_modify_keepsa: false, 'certificate.name': 'host' };
    expect((await server.request('PATCH', url, change)).status).toBe(200);
    await expect.poll(async () => (await spis()).some((spi) => first.includes(spi)), patience).toBe(false);
  });

  it('gives it another, and says whether SAs are kept', async () => {
    const url = await created();
    const change = { certificate: { name: 'laptop' }, certificate_modify_keepsa: true };
    expect(await server.request('PATCH', url, change)).toMatchObject({ status: 200 });
    expect(await shown(url)).toMatchObject({
      certificate: { name: 'laptop', uuid: installed.laptop },
      certificate_modify_keepsa: true,
    });
    await server.request('PATCH', url, { enabled: false });
    expect(await shown(url)).toMatchObject({
      enabled: false,
      certificate: { name: 'laptop' },
      certificate_modify_keepsa: true,
    });
    await server.request('PATCH', url, { certificate_modify_keepsa: null });
    expect(await shown(url)).toMatchObject({ certificate_modify_keepsa: false });
  });

  it.each([
    [{ certificate: null }, '66257134', 'certificate.uuid'],
    [{ certificate: { name: 'nothing' } }, '66257135', 'certificate.name'],
    [{ certificate: { uuid: nobody } }, '66257139', 'certificate.uuid'],
    [{ certificate: { name: 'ca' } }, '66257140', 'certificate.name'],
    [{ secret_key: goodPolicy.secret_key }, '66257137', 'secret_key'],
    [{ remote_identity: null }, '66257138', 'remote_identity'],
    [{ ppk: { identity: 'quantum', shared_key: goodPolicy.secret_key } }, '262186', 'ppk.identity'],
    [{ authentication_method: 'psk' }, '262196', 'authentication_method'],
    [{ certificate_modify_keepsa: 'perhaps' }, '262197', 'certificate_modify_keepsa'],
  ])('refuses %j', async (change, code, target) => {
    const url = await created();
    const before = await shown(url);
    const { status, body } = await server.request('PATCH', url, change);
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code, target } });
    expect(await shown(url)).toEqual(before);
  });

  it('sets none on a policy with a key, nor on one that protects nothing', async () => {
    const psk = await server.request('POST', policies, goodPolicy);
    const bypass = await server.request('POST', policies, { ...goodPolicy, name: 'b', action: 'bypass' });
    for (const { headers } of [psk, bypass]) {
      const { status, body } = await server.request('PATCH', headers['location'] ?? '', {
        certificate: { name: 'host' },
      });
      expect({ status, code: body.error.code }).toEqual({ status: 400, code: '66257136' });
    }
    const turned = { action: 'esp_transport', certificate: { name: 'host' }, remote_identity: 'CN=them' };
    const { headers } = bypass;
    expect(await server.request('PATCH', headers['location'] ?? '', turned)).toMatchObject({ status: 200 });
    expect(await shown(headers['location'] ?? '')).toMatchObject({ authentication_method: 'pki' });
  });
});

describe('a certificate that a policy cannot have', () => {
  it.each([
    [{ certificate: undefined }, '66257134', 'certificate.uuid'],
    [{ certificate: { name: 'nothing' } }, '66257135', 'certificate.name'],
    [{ certificate: { uuid: nobody } }, '66257139', 'certificate.uuid'],
    [{ certificate: { name: 'ca' } }, '66257140', 'certificate.name'],
    [{ certificate: { name: 'of-cluster' } }, '66257135', 'certificate.name'],
    [{ scope: 'cluster' }, '66257135', 'certificate.name'],
    [{ remote_identity: undefined }, '66257138', 'remote_identity'],
    [{ secret_key: goodPolicy.secret_key }, '66257137', 'secret_key'],
    [{ authentication_method: 'psk', secret_key: goodPolicy.secret_key }, '66257136', 'certificate'],
  ])('is refused: %j', async (over, code, target) => {
    const { status, body } = await server.request('POST', policies, { ...pki, ...over });
    expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code, target } });
  });

  it('is refused when name and UUID are of two', async () => {
    const certificate = { name: 'host', uuid: installed.laptop };
    const { status, body } = await server.request('POST', policies, { ...pki, certificate });
    expect({ status, error: body.error }).toMatchObject({
      status: 400,
      error: { code: '66257305', target: 'certificate.uuid' },
    });
  });

  it('is not spoken of while its owner is unknown, nor looked at by bypass', async () => {
    const lost = { ...pki, 'svm.name': 'nobody', certificate: { name: 'nothing' }, protocol: 'x' };
    const { body } = await server.request('POST', policies, lost);
    expect([body.error, ...body.error.arguments].map(({ code }) => code)).toEqual(['66257202', '262185']);
    const bypass = { ...pki, action: 'bypass', certificate: { name: 'nothing' } };
    expect((await server.request('POST', policies, bypass)).status).toBe(201);
  });

  it('is one of another SVM', async () => {
    const { headers } = await server.request('POST', '/api/svm/svms', { name: 'svm2' });
    const { status, body } = await server.request('POST', policies, { ...pki, svm: { name: 'svm2' } });
    expect({ status, error: body.error }).toMatchObject({
      status: 400,
      error: { code: '66257135', target: 'certificate.name' },
    });
    expect(body.error.message).toContain('SVM "svm2"');
    await server.request('DELETE', headers['location'] ?? '');
  });
});

it('the other end is told to expect the subject of our certificate where we name no identity', async () => {
  await created({ local_identity: undefined });
  const packet =
    'local_address=192.0.2.1&remote_address=192.0.2.2&protocol=tcp&local_port=1&remote_port=2049';
  const query = `${packet}&outcome=decides&fields=peer`;
  const { status, body } = await server.request('GET', `/api/esplanade/v1/decisions?${query}`);
  expect({ status, records: body.records }).toMatchObject({
    status: 200,
    records: [{ peer: { authentication_method: 'pki', remote_identity: 'CN=host' } }],
  });
});

describe('strongSwan', () => {
  it('refuses identities that no certificate can prove, which the simulator takes', async () => {
    const real = await startTestServer(
      '--datapath',
      'strongswan',
      '--vici',
      'Default=/nonexistent/esplanade',
    );
    await installAll(real);
    const refused = await real.request('POST', policies, { ...pki, local_identity: 'keeper.example' });
    const code = '262197';
    expect(refused.status).toBe(400);
    expect(refused.body.error).toMatchObject({ code, target: 'local_identity' });
    expect(refused.text).toMatch(/does not say .*keeper\.example.* Send .*CN=host/);
    const { status, body } = await real.request('POST', policies, pki);
    expect({ status, error: body.error }).toMatchObject({
      status: 400,
      error: { code, target: 'remote_identity' },
    });
    expect(body.error.message).toMatch(/asterisk within a value.* Send CN=\* /);
    expect((await real.request('POST', policies, { ...pki, remote_identity: '*.example' })).status).toBe(201);
    await real.close();
  });
});

describe('where certificates cannot be', () => {
  it('releases before them do not know their fields', async () => {
    const older = {
      '9.9.1': ['authentication_method', 'certificate'],
      '9.17.1': ['certificate_modify_keepsa'],
    };
    for (const [release, fields] of Object.entries(older)) {
      const old = await startTestServer('--ontap-version', release);
      for (const field of fields) {
        const { body } = await old.request('POST', policies, { ...goodPolicy, [field]: 'x' });
        expect(body.error).toMatchObject({ code: '262179', target: field });
      }
      await old.close();
    }
  });
});
