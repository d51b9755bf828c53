import type { PolicyUuid } from '@esplanade/domain';
import { Message } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { childNamesOf, type SaContext, securityAssociationsOf } from './sa-mapping.ts';

const policy = '5b1e8f6a-0000-4000-8000-000000000001' as PolicyUuid;
const other = '5b1e8f6a-0000-4000-8000-000000000002' as PolicyUuid;
const ourConnection = 'esplanade-0123456789ab';

type Section = { readonly [name: string]: string | readonly string[] };

const child: Section = {
  name: `${policy}-00000000000a`,
  uniqueid: '4',
  reqid: '1',
  state: 'INSTALLED',
  mode: 'TRANSPORT',
  protocol: 'ESP',
  'spi-in': 'c296efa0',
  'spi-out': 'C111AAAA',
  'encr-alg': 'AES_GCM_16',
  'encr-keysize': '256',
  'bytes-in': '18446744073709551615',
  'packets-in': '4',
  'bytes-out': '336',
  'packets-out': '5',
  'rekey-time': '25000',
  'life-time': '28700',
};

const ike: Section = {
  uniqueid: '1',
  version: '2',
  state: 'ESTABLISHED',
  'local-host': '10.9.0.1',
  'local-id': 'a.example',
  'remote-host': '10.9.0.2',
  'remote-id': 'b.example',
  initiator: 'yes',
  'initiator-spi': '0a1b2c3d4e5f6071',
  'responder-spi': '8192a3b4c5d6e7f8',
  'encr-alg': 'AES_CBC',
  'encr-keysize': '256',
  'integ-alg': 'HMAC_SHA2_384_192',
  'dh-group': 'ECP_384',
  established: '10',
  'rekey-time': '76000',
};

const context: SaContext = {
  place: { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' },
  configured: () => undefined,
  authentication: () => 'psk',
  firstPolicy: () => undefined,
};

function map(
  ikeChange: Section = {},
  children: readonly Section[] = [child],
  options: { readonly connection?: string; readonly context?: Partial<SaContext> } = {},
) {
  const section = {
    ...ike,
    ...ikeChange,
    'child-sas': Object.fromEntries(children.map((one, index) => [`child-${index}`, one])),
  };
  const row = Message.from({ [options.connection ?? ourConnection]: section });
  const all = securityAssociationsOf(row, { ...context, ...options.context });
  return {
    ikeSa: all.find((sa) => sa.kind === 'ike'),
    childSas: all.filter((sa) => sa.kind === 'ipsec'),
  };
}

describe('an IKE SA', () => {
  it('is what charon says of it', () => {
    expect(map().ikeSa).toEqual({
      kind: 'ike',
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      policyUuid: policy,
      localAddress: '10.9.0.1',
      remoteAddress: '10.9.0.2',
      lifetimeSeconds: 76_000,
      cipherSuite: 'suiteb_gcm256',
      ikeVersion: 2,
      state: 'established',
      authentication: 'psk',
      isInitiator: true,
      initiatorSpi: '0a1b2c3d4e5f6071',
      responderSpi: '8192a3b4c5d6e7f8',
      localIdentity: 'a.example',
      remoteIdentity: 'b.example',
    });
  });

  it.each([
    ['CREATED', 'none'],
    ['CONNECTING', 'connecting'],
    ['ESTABLISHED', 'established'],
    ['PASSIVE', 'none'],
    ['REKEYING', 'established'],
    ['REKEYED', 'established'],
    ['DELETING', 'none'],
    ['DESTROYING', 'none'],
    ['SOMETHING_NEW', 'none'],
  ])('in charon state %s is %s', (state, expected) => {
    expect(map({ state }).ikeSa?.state).toBe(expected);
  });

  it('asks a silent remote whether it lives while charon has that task', () => {
    expect(map({ 'tasks-active': ['IKE_DPD'] }).ikeSa?.state).toBe('dead_peer_probe');
    expect(map({ 'tasks-active': ['IKE_REKEY'] }).ikeSa?.state).toBe('established');
  });

  it('has a uuid by our own SPI and address, whatever the remote chose', () => {
    const initiated = map().ikeSa?.uuid;
    expect(map({ 'responder-spi': '0000000000000000', state: 'CONNECTING' }).ikeSa?.uuid).toBe(initiated);
    expect(map({ 'initiator-spi': 'ffffffffffffffff' }).ikeSa?.uuid).not.toBe(initiated);
    const responded = map({ initiator: 'no' }).ikeSa?.uuid;
    expect(map({ initiator: 'no', 'initiator-spi': 'ffffffffffffffff' }).ikeSa?.uuid).toBe(responded);
  });

  it('belongs to the policy that it was first seen with, else to that of its oldest CHILD SA', () => {
    const younger = { ...child, name: `${other}-00000000000b`, uniqueid: '9' };
    const older = { ...child, name: `${other}-00000000000b`, uniqueid: '2' };
    expect(map({}, [younger, child]).ikeSa).toMatchObject({ policyUuid: policy });
    expect(map({}, [child, older]).ikeSa).toMatchObject({ policyUuid: other });
    const context = { firstPolicy: () => policy };
    expect(map({}, [older], { context }).ikeSa).toMatchObject({ policyUuid: policy });
  });

  it('without CHILD SA belongs to no policy yet and has the suite that only it can have', () => {
    const { ikeSa } = map({}, []);
    expect(ikeSa).not.toHaveProperty('policyUuid');
    expect(ikeSa).not.toHaveProperty('cipherSuite');
    const aescbc = { 'integ-alg': 'HMAC_SHA2_512_256', 'dh-group': 'MODP_4096' };
    expect(map(aescbc, []).ikeSa).toMatchObject({ cipherSuite: 'suite_aescbc' });
  });

  it('that is not ours goes by its name in charon', () => {
    const { ikeSa, childSas } = map({}, [{ ...child, name: 'net' }], { connection: 'home' });
    expect(ikeSa).toMatchObject({ foreignName: 'home' });
    expect(ikeSa).not.toHaveProperty('policyUuid');
    expect(childSas).toMatchObject([{ foreignName: 'net' }]);
  });

  it('writes IPv6 addresses in their one form', () => {
    expect(map({ 'local-host': 'FD00:0::1' }).ikeSa?.localAddress).toBe('fd00::1');
  });
});

describe('a CHILD SA', () => {
  it('is what charon says of it', () => {
    const { ikeSa, childSas } = map();
    expect(childSas).toEqual([
      {
        kind: 'ipsec',
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        policyUuid: policy,
        localAddress: '10.9.0.1',
        remoteAddress: '10.9.0.2',
        lifetimeSeconds: 28_700,
        cipherSuite: 'suiteb_gcm256',
        state: 'installed',
        action: 'esp_transport',
        mode: 'transport',
        inbound: { spi: 'c296efa0', bytes: 18_446_744_073_709_551_615n, packets: 4n },
        outbound: { spi: 'c111aaaa', bytes: 336n, packets: 5n },
        ikeUuid: ikeSa?.uuid,
      },
    ]);
  });

  it.each([
    'created',
    'routed',
    'installing',
    'installed',
    'updating',
    'rekeying',
    'rekeyed',
    'retrying',
    'deleting',
    'deleted',
    'destroying',
  ])('may be %s', (state) => {
    expect(map({}, [{ ...child, state: state.toUpperCase() }]).childSas).toMatchObject([{ state }]);
  });

  it('in a state that nobody has heard of is unknown', () => {
    expect(map({}, [{ ...child, state: 'SOMETHING_NEW' }]).childSas).toMatchObject([{ state: 'unknown' }]);
  });

  it('without an SPI is none yet', () => {
    const early = Object.fromEntries(Object.entries(child).filter(([name]) => name !== 'spi-in'));
    expect(map({}, [early, { ...child, 'spi-in': '00000000' }]).childSas).toEqual([]);
  });

  it('shows encapsulation and tunnel mode', () => {
    expect(map({}, [{ ...child, encap: 'yes', mode: 'TUNNEL' }]).childSas).toMatchObject([
      { action: 'esp_udp', mode: 'tunnel' },
    ]);
  });

  it.each([
    [{ 'encr-alg': 'NULL_AES_GMAC' }, 'suiteb_gmac256'],
    [{ 'encr-alg': 'AES_CBC', 'integ-alg': 'HMAC_SHA2_512_256' }, 'suite_aescbc'],
    [{ 'encr-alg': 'AES_GCM_16', 'encr-keysize': '128' }, undefined],
    [{ 'encr-alg': 'AES_CBC', 'integ-alg': 'HMAC_SHA2_256_128' }, undefined],
  ])('with %j is of suite %s', (change, suite) => {
    expect(map({}, [{ ...child, ...change }]).childSas[0]?.cipherSuite).toBe(suite);
  });

  it('has the lifetimes that were configured, where they are known', () => {
    const lifetimes = { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 };
    const configured = () => ({ cipherSuite: 'suiteb_gmac256' as const, lifetimes });
    const { ikeSa, childSas } = map({}, [child], { context: { configured } });
    expect(ikeSa).toMatchObject({ lifetimeSeconds: 86_400, cipherSuite: 'suiteb_gmac256' });
    expect(childSas).toMatchObject([{ lifetimeSeconds: 28_800, cipherSuite: 'suiteb_gcm256' }]);
  });

  it('is named among those that carry traffic until it leaves', () => {
    const leaving = { ...child, name: 'gone', state: 'DELETING' };
    const row = Message.from({ home: { ...ike, 'child-sas': { a: child, b: leaving } } });
    expect(childNamesOf(row)).toEqual([`${policy}-00000000000a`]);
  });
});
