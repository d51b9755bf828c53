import type { WriteContext } from '@esplanade/ontap';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';
import { securityIpsec } from './security-ipsec.ts';
import { securityIpsecPolicies } from './security-ipsec-policies.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** A request from 192.0.2.2 to our port on 192.0.2.1. */
function over(parameters: Readonly<Record<string, string>> = {}): WriteContext {
  return {
    principal: { account: 'admin', role: 'admin' },
    parameters: new Map(Object.entries(parameters)),
    within: [],
    localAddress: '192.0.2.1',
    localPort: 8443,
    remoteAddress: '192.0.2.2',
    remotePort: 50000,
    signal: new AbortController().signal,
  };
}

function body(fields: Readonly<Record<string, string | number | boolean>>) {
  return new Map(Object.entries(fields));
}

const wide = {
  'local_endpoint.address': '192.0.2.0',
  'local_endpoint.netmask': '24',
  'remote_endpoint.address': '192.0.2.0',
  'remote_endpoint.netmask': '24',
};
const toApiPort = {
  ...wide,
  protocol: 'tcp',
  'local_endpoint.port': '8443',
};

async function create(fields: Readonly<Record<string, string>>, context = over()) {
  const result = await securityIpsecPolicies(server.parts).create?.(body(fields), context);
  if (result === undefined) throw new Error('policies cannot be created');
  return result;
}

async function remove(key: string, context = over()) {
  const policies = securityIpsecPolicies(server.parts);
  const row = policies.find(key, context.principal);
  if (row === undefined || 'kind' in row) throw new Error(`there is no policy ${key}`);
  return policies.remove?.(row, context);
}

async function enable(enabled: boolean, context = over()) {
  const resource = securityIpsec(server.parts);
  return resource.modify?.(server.parts.desired.snapshot().ipsec, body({ enabled }), context);
}

const lockedOut = { kind: 'failure', problems: [{ code: '990001' }] };

describe('a write over a connection that it would cut off', () => {
  it('is refused when it discards, or asks for ESP that is not up, and done with force', async () => {
    await enable(true);
    const discard = await create({ name: 'discard', action: 'discard', ...wide });
    expect(discard).toMatchObject(lockedOut);
    expect(JSON.stringify(discard)).toContain('192.0.2.2 port 50000 to 192.0.2.1 port 8443');
    // The simulator's peers are hosts, so a policy for a subnet has no SA of its own.
    expect(await create({ name: 'esp', secret_key: goodPolicy.secret_key, ...wide })).toMatchObject(
      lockedOut,
    );
    const forced = await create({ name: 'discard', action: 'discard', ...wide }, over({ force: 'true' }));
    expect(forced).toMatchObject({ kind: 'created' });
    if (forced.kind === 'created') expect(await remove(forced.key)).toEqual({ kind: 'deleted' });
  });

  it('is done when it is about other packets, or a narrower bypass decides', async () => {
    const elsewhere = await create({ name: 'elsewhere', action: 'discard', ...wide, protocol: 'udp' });
    expect(elsewhere).toMatchObject({ kind: 'created' });
    const bypass = await create({ name: 'bypass', action: 'bypass', ...toApiPort });
    expect(bypass).toMatchObject({ kind: 'created' });
    const discard = await create({ name: 'discard', action: 'discard', ...wide });
    expect(discard).toMatchObject({ kind: 'created' });
    if (bypass.kind !== 'created' || discard.kind !== 'created' || elsewhere.kind !== 'created') return;
    expect(await remove(bypass.key)).toMatchObject(lockedOut);
    for (const { key } of [discard, bypass, elsewhere])
      expect(await remove(key)).toEqual({ kind: 'deleted' });
  });

  it('is refused as a PATCH that widens, and as one that enables IPsec', async () => {
    await enable(false);
    const discard = await create({ name: 'discard', action: 'discard', ...wide });
    if (discard.kind !== 'created') throw new Error('a disabled IPsec cuts nothing off');
    expect(await enable(true)).toMatchObject(lockedOut);
    expect(await enable(true, over({ force: 'true' }))).toMatchObject({ kind: 'modified' });
    // It is cut off already: this write changes nothing about that.
    expect(await create({ name: 'more', action: 'discard', ...toApiPort })).toMatchObject({
      kind: 'created',
    });
    await enable(false);
  });
});

describe('a PATCH over a connection that it would cut off', () => {
  it('is refused', async () => {
    for (const { value } of server.parts.desired.snapshot().policies.values()) await remove(value.uuid);
    await enable(true);
    const policies = securityIpsecPolicies(server.parts);
    const bypass = await create({ name: 'p', action: 'bypass', ...toApiPort });
    if (bypass.kind !== 'created') throw new Error('a bypass cuts nothing off');
    const row = policies.find(bypass.key, over().principal);
    if (row === undefined || 'kind' in row) throw new Error('the policy is gone');
    expect(await policies.modify?.(row, body({ action: 'discard' }), over())).toMatchObject(lockedOut);
    expect(
      await policies.modify?.(row, body({ 'local_endpoint.port': '22', action: 'discard' }), over()),
    ).toMatchObject({
      kind: 'modified',
    });
  });
});
