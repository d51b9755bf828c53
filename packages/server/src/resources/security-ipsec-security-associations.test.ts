import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyUuid } from '@esplanade/domain';
import type { SadReading } from '@esplanade/reconciler';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';
import type { ResourceParts } from './resource-parts.ts';
import { findSa, saRows } from './sad-rows.ts';

const path = '/api/security/ipsec/security-associations';
const admin = { account: 'admin', role: 'admin' };

/** A counter beyond 2^53, which a JavaScript number would round. */
const beyondDoubles = '9007199254740993';
const seed = {
  security_associations: [
    {
      uuid: '6c025f9b-7a1b-11ef-a1a5-005056bb0c3e',
      type: 'ipsec',
      scope: 'svm',
      svm: { name: 'elsewhere', uuid: '02c9e252-41be-11e9-81d5-00a0986138f7' },
      node: { name: 'node1', uuid: '1cd8a442-86d1-11e0-ae1c-123478563412' },
      policy_name: 'seeded',
      local_address: '10.23.1.1',
      remote_address: '10.23.1.2',
      lifetime: 28800,
      cipher_suite: 'suite_aescbc',
      ipsec: {
        state: 'installed',
        action: 'esp_transport',
        inbound: {
          security_parameter_index: 'c4c5b3d6',
          bytes: 4242,
          packets: 7,
          offload_bytes: 5,
        },
        outbound: { security_parameter_index: 'c7d6e5f4', bytes: 3, packets: 1 },
      },
    },
    { uuid: '6c025f9b-7a1b-11ef-a1a5-005056bb0c3f', type: 'ipsec', scope: 'svm', svm: { name: 'late' } },
  ],
};

describe('the SAs of a simulated datapath', () => {
  const directory = mkdtempSync(join(tmpdir(), 'esplanade-seed-'));
  let server: TestServer;
  beforeAll(async () => {
    const file = join(directory, 'seed.json');
    writeFileSync(file, JSON.stringify(seed).replace('4242', beyondDoubles));
    server = await startTestServer('--simulator-seed', file);
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
    await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
  });
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });

  /** Once the policy's SAs are listed, which is shortly after it is applied. */
  async function listed(query: string): Promise<readonly Record<string, unknown>[]> {
    const ask = async () => (await server.request('GET', `${path}?${query}`)).body;
    await expect.poll(async () => (await ask()).num_records, { timeout: 5_000 }).toBeGreaterThan(0);
    return (await ask()).records;
  }

  /** A reading with an SA of a policy that is there. */
  async function currentReading(): Promise<Extract<SadReading, { kind: 'current' }>> {
    const { carriers, desired } = server.parts;
    return await vi.waitFor(
      () => {
        const [carrier] = carriers.all();
        const reading = carrier?.reconciler.readSad();
        const { policies } = desired.snapshot();
        const isThere = ({ policyUuid }: { readonly policyUuid?: PolicyUuid }) =>
          policyUuid !== undefined && policies.has(policyUuid);
        if (reading?.kind !== 'current' || !reading.snapshot.rows.some(isThere))
          throw new Error('there is no current reading');
        return reading;
      },
      { timeout: 5_000 },
    );
  }

  it('show an IKE SA with ike and a CHILD SA with ipsec, and their policy', async () => {
    const [ike] = await listed('policy_name=nfs&type=ike&fields=*');
    expect(ike).toMatchObject({
      scope: 'svm',
      svm: { name: 'svm1' },
      policy_name: 'nfs',
      local_address: '192.0.2.1',
      remote_address: '192.0.2.2',
      lifetime: 86400,
      cipher_suite: 'suiteb_gcm256',
      ike: {
        version: 2,
        state: 'established',
        authentication: 'psk',
        is_initiator: true,
        initiator_security_parameter_index: expect.stringMatching(/^[0-9a-f]{16}$/),
        responder_security_parameter_index: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    });
    expect(ike).not.toHaveProperty('ipsec');
    const [child] = await listed('policy_name=nfs&type=ipsec&fields=*');
    expect(child).toMatchObject({
      lifetime: 28800,
      node: { name: expect.any(String) },
      ipsec: {
        state: 'installed',
        action: 'esp_transport',
        inbound: {
          security_parameter_index: expect.stringMatching(/^[0-9a-f]{8}$/),
          bytes: expect.any(Number),
          packets: expect.any(Number),
          offload_bytes: 0,
          offload_packets: 0,
        },
      },
    });
    expect(child).not.toHaveProperty('ike');
  });

  it('show a seeded record as it was recorded, and no more than that', async () => {
    const { text, body } = await server.request(
      'GET',
      `${path}/${seed.security_associations[0]?.uuid}`,
      undefined,
      {
        accept: 'application/json',
      },
    );
    expect(body).toEqual(
      JSON.parse(JSON.stringify(seed).replace('4242', beyondDoubles)).security_associations[0],
    );
    expect(text).toContain(beyondDoubles);
  });

  it('are filtered by any field, with the alias NetApp documents too', async () => {
    const found = await listed('ipsec.inbound.offloaded_bytes=5&ipsec.inbound.bytes=%3E9007199254740992');
    expect(found).toMatchObject([{ uuid: seed.security_associations[0]?.uuid }]);
  });

  it('say how old the observation is', async () => {
    const { body } = await server.request('GET', path);
    expect(Date.parse(body.observed_at)).not.toBeNaN();
    expect(body).not.toHaveProperty('error');
  });

  it('are read one by one, and 404 where there is none', async () => {
    const [child] = await listed('policy_name=nfs&type=ipsec');
    expect(await server.request('GET', `${path}/${child?.['uuid']}`)).toMatchObject({ status: 200 });
    expect(await server.request('GET', `${path}/nothing`)).toMatchObject({
      status: 404,
      body: { error: { code: '4', message: "entry doesn't exist" } },
    });
  });

  it('keep the name and the owner of a policy that was just deleted, as long as they are there', async () => {
    const reading = await currentReading();
    const { body } = await server.request('GET', '/api/security/ipsec/policies?name=nfs&fields=svm.uuid');
    await server.request('DELETE', `/api/security/ipsec/policies/${body.records[0].uuid}`);
    // As if the SAs had not gone yet.
    const lingering = withReading(server.parts, reading);
    const own = saRows(lingering, { ...admin, svmUuid: body.records[0].svm.uuid });
    const ownRows = own.kind === 'rows' ? [...own.rows] : [];
    expect(ownRows.sort((a, b) => a.sa.kind.localeCompare(b.sa.kind))).toMatchObject([
      { sa: { kind: 'ike' }, policy: { name: 'nfs', scope: { kind: 'svm' } } },
      { sa: { kind: 'ipsec' }, policy: { name: 'nfs', scope: { kind: 'svm' } } },
    ]);
    await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
  });

  it('name for a shared IKE SA a policy that goes on using it, when the one that brought it up is deleted', async () => {
    const reading = await currentReading();
    const { rows } = reading.snapshot;
    const deleted = '5b1e8f6a-0000-4000-8000-00000000dead';
    const ofDeleted = rows.map((sa) =>
      sa.kind === 'ike' ? { ...sa, policyUuid: deleted as PolicyUuid } : sa,
    );
    const shared = withReading(server.parts, {
      ...reading,
      snapshot: { ...reading.snapshot, rows: ofDeleted },
    });
    const shown = saRows(shared, admin);
    expect(shown.kind === 'rows' && [...shown.rows].find(({ sa }) => sa.kind === 'ike')).toMatchObject({
      policy: { name: 'nfs' },
    });
  });

  it('go with their policy', async () => {
    const { body } = await server.request('GET', '/api/security/ipsec/policies?name=nfs');
    await server.request('DELETE', `/api/security/ipsec/policies/${body.records[0].uuid}`);
    await expect
      .poll(async () => (await server.request('GET', path)).body.num_records, { timeout: 5_000 })
      .toBe(seed.security_associations.length);
  });

  it('keep the last known rows with a warning when the datapath falls silent, and 503 what is not among them', () => {
    const [carrier] = [...server.parts.carriers.all()];
    const reading = carrier?.reconciler.readSad();
    if (carrier === undefined || reading?.kind !== 'current') throw new Error('there is no current reading');
    const parts = reading.snapshot;
    const silent = withReading(server.parts, { kind: 'stale', snapshot: parts, reason: 'charon is gone' });
    const rows = saRows(silent, admin);
    expect(rows).toMatchObject({
      kind: 'rows',
      warning: { message: expect.stringContaining('charon is gone') },
    });
    expect(rows.kind === 'rows' && [...rows.rows]).toHaveLength(seed.security_associations.length);
    expect(findSa(silent, String(seed.security_associations[0]?.uuid), admin)).toMatchObject({ sa: {} });
    expect(findSa(silent, 'nothing', admin)).toMatchObject({ kind: 'failure', status: 503 });
  });

  it('are those of one IPspace where the request names it', async () => {
    const location = await server.request('POST', '/api/network/ipspaces', { name: 'empty' });
    expect(location.status).toBe(201);
    const list = async (ipspace: string) =>
      (await server.request('GET', `${path}?ipspace.name=${ipspace}&max_records=1`)).body;
    await expect.poll(async () => (await list('empty')).num_records === 0).toBe(true);
    const page = await list('Default');
    expect(page).toMatchObject({ num_records: 1 });
    expect(page._links.next.href).toContain('ipspace.name=Default');
    expect((await list('nowhere')).error).toMatchObject({ code: '262197', target: 'ipspace.name' });
    await server.request('DELETE', '/api/network/ipspaces?name=empty');
  });

  it('do not tell an SVM how IPspaces stand that it is not in', async () => {
    const ipspace = { uuid: 'b0f0cafe-0000-4000-8000-000000000001', name: 'aside' };
    const { desired, carriers } = server.parts;
    await desired.createIpspace(ipspace);
    await desired.createSvm({ uuid: 'svm-aside', name: 'svm-aside', ipspace });
    await expect.poll(() => carriers.of(ipspace.uuid)?.reconciler.readSad().kind === 'current').toBe(true);
    const own = carriers.of(ipspace.uuid);
    if (own === undefined) throw new Error('the IPspace has no carrier');
    const [silent] = withReading(server.parts, {
      kind: 'unavailable',
      reason: 'charon is gone',
    }).carriers.all();
    if (silent === undefined) throw new Error('there is no carrier of Default');
    const parts = { ...server.parts, carriers: { of: carriers.of, all: () => [silent, own] } };
    const shown = saRows(parts, { ...admin, svmUuid: 'svm-aside' });
    expect(shown).not.toHaveProperty('warning');
    expect(shown.kind === 'rows' && [...shown.rows]).toEqual([]);
    expect(saRows(parts, admin)).toMatchObject({
      warning: { message: expect.stringContaining('charon is gone') },
    });
    await desired.deleteSvm('svm-aside');
    await desired.deleteIpspace(ipspace.uuid);
  });

  it('hide from an SVM what belongs to others', async () => {
    const rows = saRows(server.parts, { ...admin, svmUuid: 'another' });
    expect(rows.kind === 'rows' && [...rows.rows]).toEqual([]);
    const own = saRows(server.parts, { ...admin, svmUuid: String(seed.security_associations[0]?.svm?.uuid) });
    expect(own.kind === 'rows' && [...own.rows]).toHaveLength(1);
  });

  it('show an SVM a seeded record that only names it, and hide it from another SVM', async () => {
    await server.request('POST', '/api/svm/svms', { name: 'late' });
    const { uuid } = seed.security_associations[1] ?? {};
    const asked = async (svm: string) => {
      const tunnelled = { accept: 'application/json', 'x-dot-svm-name': svm };
      const one = await server.request('GET', `${path}/${uuid}`, undefined, tunnelled);
      const all = await server.request('GET', path, undefined, tunnelled);
      const uuids = all.body.records.map((record: { uuid: string }) => record.uuid);
      return { status: one.status, isListed: uuids.includes(uuid) };
    };
    expect(await asked('late')).toEqual({ status: 200, isListed: true });
    expect(await asked('svm1')).toEqual({ status: 404, isListed: false });
  });

  it.each(['C4C5B3D6', '0xc4c5b3d6', '0XC4C5B3D6', 'C4C5*', 'c4c5b3d6'])(
    'are found by the SPI %s, however it is spelt',
    async (spi) => {
      const uuid = seed.security_associations[0]?.uuid;
      const found = await listed(`ipsec.inbound.security_parameter_index=${spi}`);
      expect(found).toMatchObject([{ uuid }]);
      const cli = await server.request('GET', `/api/private/cli/security/ipsec/ipsecsa?inbound_spi=${spi}`);
      expect(cli.body.records).toMatchObject([{ inbound_spi: 'c4c5b3d6' }]);
    },
  );
});

describe('the SAs of a datapath that never answered', () => {
  it('are 503 with the reason, not an empty list', async () => {
    const server = await startTestServer(
      '--datapath',
      'strongswan',
      '--vici',
      'Default=/nonexistent/charon.vici',
    );
    try {
      const { status, body } = await server.request('GET', path);
      expect(status).toBe(503);
      expect(body.error.message).toContain('IPspace Default');
      expect(body).not.toHaveProperty('records');
      expect(await server.request('GET', `${path}/nothing`)).toMatchObject({ status: 503 });
    } finally {
      await server.close();
    }
  });
});

/** The same server as if its datapath had been read so: what silence looks like from here. */
function withReading(parts: ResourceParts, reading: SadReading): ResourceParts {
  const carriers = [...parts.carriers.all()].map((carrier) => ({
    ...carrier,
    reconciler: Object.create(carrier.reconciler, { readSad: { value: () => reading } }),
  }));
  return { ...parts, carriers: { of: () => carriers[0], all: () => carriers } };
}
