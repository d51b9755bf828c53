import { type IpAddress, type IpsecPolicy, parseAddress, type SpdEntry } from '@esplanade/domain';
import { selector, entry as testEntry } from '@esplanade/domain/testing';
import { expect, test } from 'vitest';
import type { DatapathEvent } from '../datapath.ts';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import { AdjustableClock } from './clock.ts';
import { SimulatedDatapath } from './driver.ts';
import { parseSeed } from './seed.ts';

const settings = { replayWindow: 0 };
const seed = parseSeed('{"security_associations":[{"uuid":"seeded","type":"ike"}]}');

test('seeded SAs are listed from the start and survive everything', async () => {
  const datapath = open();
  expect(await datapath.securityAssociations()).toEqual(seed);
  datapath.inject({ kind: 'daemon-down' });
  datapath.clearFaults();
  datapath.reset();
  expect(await datapath.securityAssociations()).toEqual(seed);
});

test('counters grow with the clock and with nothing else', async () => {
  let nowMs = 1_000;
  const datapath = new SimulatedDatapath({ place, clock: new AdjustableClock(() => nowMs) });
  await datapath.install(entry(), settings);
  expect(await childOf(datapath)).toMatchObject({ inbound: { packets: 0n, bytes: 0n } });
  nowMs += 5_000;
  const later = await childOf(datapath);
  expect(later.inbound.packets).toBeGreaterThan(0n);
  expect(later.inbound.bytes).toBeGreaterThan(later.outbound.bytes);
  expect(await childOf(datapath)).toEqual(later);
});

test('a rekey draws new SPIs, starts counters again and keeps the IKE SA', async () => {
  let nowMs = 0;
  const datapath = new SimulatedDatapath({ place, clock: new AdjustableClock(() => nowMs) });
  await datapath.install(entry(), settings);
  nowMs = 60_000;
  const before = await childOf(datapath);
  expect(datapath.rekey(entry().policy.uuid)).toBeUndefined();
  const after = await childOf(datapath);
  expect(after.inbound.spi).not.toBe(before.inbound.spi);
  expect(after.inbound.packets).toBe(0n);
  expect(after.ikeUuid).toBe(before.ikeUuid);
});

test('down ends the SAs and leaves the policy, up brings them back', async () => {
  const datapath = open();
  const { uuid } = entry().policy;
  await datapath.install(entry(), settings);
  datapath.down(uuid);
  expect(await datapath.securityAssociations()).toEqual(seed);
  expect(await datapath.installed()).toHaveLength(1);
  expect(datapath.rekey(uuid)).toBe('not-up');
  expect(datapath.up(uuid)).toBeUndefined();
  expect(await childOf(datapath)).toMatchObject({ policyUuid: uuid });
});

test('SAs outlive a change of certificate if they are to, and no other change', async () => {
  const datapath = open();
  const withCertificate = (uuid: string, keepsSas: boolean, cipherSuite?: 'suite_aescbc') => {
    const { policy, ...rest } = entry();
    const authentication = { kind: 'pki', certificate: { uuid, name: uuid }, keepsSas } as const;
    return { ...rest, policy: { ...policy, authentication, ...(cipherSuite && { cipherSuite }) } };
  };
  const spiAfter = async (changed: SpdEntry) => {
    await datapath.install(changed, settings);
    return (await childOf(datapath)).inbound.spi;
  };
  const first = await spiAfter(withCertificate('a', true));
  expect(await spiAfter(withCertificate('b', true))).toBe(first);
  expect((await datapath.installed()).length).toBe(1);
  const second = await spiAfter(withCertificate('c', false));
  expect(second).not.toBe(first);
  expect(await spiAfter(withCertificate('c', true, 'suite_aescbc'))).not.toBe(second);
});

test('a policy about many hosts waits for one that is named', async () => {
  const datapath = open();
  const wide = entry({ remote: '10.9.0.0/24' });
  expect(datapath.up(wide.policy.uuid)).toBe('not-installed');
  await datapath.install(wide, settings);
  expect(await datapath.securityAssociations()).toEqual(seed);
  expect(datapath.up(wide.policy.uuid)).toBe('no-address');
  for (const outside of ['::1', '0.0.0.0', '10.9.1.77'])
    expect(datapath.up(wide.policy.uuid, address(outside))).toBe('other-address');
  expect(datapath.up(wide.policy.uuid, address('10.9.0.77'))).toBeUndefined();
  expect(await childOf(datapath)).toMatchObject({ remoteAddress: '10.9.0.77' });
});

test.each(['daemon-down', 'hang'] as const)(
  'nothing is negotiated while the daemon has the fault %s',
  async (kind) => {
    const datapath = open();
    const { policy } = entry();
    await datapath.install(entry(), settings);
    datapath.inject({ kind });
    expect(datapath.up(policy.uuid)).toBe(kind);
    expect(datapath.rekey(policy.uuid)).toBe(kind);
    expect(datapath.down(policy.uuid)).toBe(kind);
  },
);

test('a policy that moves to another peer leaves no SA with the old one', async () => {
  const datapath = open();
  await datapath.install(entry(), settings);
  await datapath.install(entry({ remote: '10.9.0.9/32' }), settings);
  const addresses = (await datapath.securityAssociations()).map((sa) => sa.remoteAddress);
  expect(addresses).toEqual(['', '10.9.0.9', '10.9.0.9']);
});

test('a policy that no longer protects has no SA', async () => {
  const datapath = open();
  await datapath.install(entry(), settings);
  await datapath.install(entry({ over: { action: 'bypass' } }), settings);
  expect(await datapath.securityAssociations()).toEqual(seed);
});

test.each(['unreachable', 'authentication-failed', 'no-proposal'] as const)(
  'a peer that is %s is told with the policy and tried again when that ends',
  async (kind) => {
    const datapath = open();
    const stop = new AbortController();
    const events = datapath.events(stop.signal);
    expect(await nextOf(events)).toEqual({ kind: 'connected' });
    datapath.inject({ kind, remoteAddress: '10.9.0.2' });
    await datapath.install(entry(), settings);
    expect(await nextOf(events)).toMatchObject({
      kind: 'negotiation-failed',
      policyUuid: entry().policy.uuid,
      reason: expect.stringContaining('the peer'),
    });
    expect(await datapath.securityAssociations()).toEqual(seed);
    datapath.clearFaults(kind);
    expect(await nextOf(events)).toEqual({ kind: 'sas-changed' });
    expect(await childOf(datapath)).toMatchObject({ state: 'installed' });
    stop.abort();
  },
);

test('a fault of one peer is no fault of another', async () => {
  const datapath = open();
  datapath.inject({ kind: 'unreachable', remoteAddress: '10.9.0.3' });
  await datapath.install(entry(), settings);
  expect(await childOf(datapath)).toMatchObject({ remoteAddress: '10.9.0.2' });
});

test('a daemon that is down forgets policies and SAs and answers nothing', async () => {
  const datapath = open();
  await datapath.install(entry(), settings);
  datapath.inject({ kind: 'daemon-down' });
  await expect(datapath.installed()).rejects.toThrow(DatapathUnavailableError);
  datapath.clearFaults('daemon-down');
  expect(await datapath.installed()).toEqual([]);
});

test('a hanging daemon holds an operation until it is cancelled, or carries it out when it goes on', async () => {
  const datapath = open();
  datapath.inject({ kind: 'hang' });
  const cancel = new AbortController();
  const cancelled = datapath.install(entry(), settings, cancel.signal);
  cancel.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  const patient = datapath.install(entry(), settings);
  datapath.clearFaults('hang');
  await patient;
  expect(await datapath.installed()).toHaveLength(1);
});

test('a refused policy is told apart from those beside it', async () => {
  const datapath = open();
  const [good, bad] = [entry(), entry({ n: 2 })];
  datapath.inject({ kind: 'refuse', policyUuid: bad.policy.uuid });
  await expect(datapath.install(bad, settings)).rejects.toThrow(DatapathRefusedError);
  const failed = await datapath.installAll([good, bad], settings);
  expect([...failed.keys()]).toEqual([bad.policy.uuid]);
  expect((await datapath.installed()).map((row) => row.policyUuid)).toEqual([good.policy.uuid]);
});

test('reset ends faults, policies and SAs and asks listeners to compare from scratch', async () => {
  const datapath = open();
  const stop = new AbortController();
  const events = datapath.events(stop.signal);
  await nextOf(events);
  datapath.inject({ kind: 'unreachable' });
  await datapath.install(entry(), settings);
  datapath.reset();
  expect(await nextOf(events)).toMatchObject({ kind: 'negotiation-failed' });
  expect(await nextOf(events)).toEqual({ kind: 'connected' });
  expect(await datapath.installed()).toEqual([]);
  stop.abort();
});

test('its clock runs ahead, stands still and goes on, and counters with it', async () => {
  let machineMs = 0;
  const clock = new AdjustableClock(() => machineMs);
  const datapath = new SimulatedDatapath({ place, clock });
  await datapath.install(entry(), settings);
  const packets = async () => (await childOf(datapath)).inbound.packets;
  clock.set({ aheadSeconds: 60 });
  expect(await packets()).toBe(600n);
  clock.set({ isRunning: false });
  machineMs = 5_000;
  expect({ packets: await packets(), isRunning: clock.isRunning, ahead: clock.aheadSeconds }).toEqual({
    packets: 600n,
    isRunning: false,
    ahead: 55,
  });
  clock.set({ isRunning: true });
  machineMs = 6_000;
  expect(await packets()).toBe(610n);
  clock.set({ aheadSeconds: 0 });
  expect(await packets()).toBe(60n);
});

test('peers are those of policies and those with SAs, each with what is wrong with it', async () => {
  const datapath = open();
  await datapath.install(entry(), settings);
  const wide = entry({ n: 2, remote: '10.9.0.0/24' });
  await datapath.install(wide, settings);
  datapath.up(wide.policy.uuid, address('10.9.0.77'));
  datapath.inject({ kind: 'no-proposal', remoteAddress: '10.9.0.2' });
  expect(datapath.peers()).toEqual([
    { remoteAddress: '10.9.0.2', ikeSas: 1, childSas: 1, fault: 'no-proposal' },
    { remoteAddress: '10.9.0.77', ikeSas: 1, childSas: 1 },
  ]);
  expect([entry(), wide].map(({ policy }) => datapath.childSas(policy.uuid))).toEqual([1, 1]);
});

test('a fault ends by its uuid, and others stay', async () => {
  const datapath = open();
  const [first, second] = [
    datapath.inject({ kind: 'unreachable' }),
    datapath.inject({ kind: 'unreachable', remoteAddress: '10.9.0.2' }),
  ];
  await datapath.install(entry(), settings);
  datapath.clearFault(first);
  expect(datapath.faults().map(({ uuid }) => uuid)).toEqual([second]);
  expect(datapath.childSas(entry().policy.uuid)).toBe(0);
  datapath.clearFault(second);
  expect(datapath.childSas(entry().policy.uuid)).toBe(1);
});

test('other SAs take the place of the seed, unless something is wrong with them', async () => {
  const datapath = open();
  expect(datapath.reseed('{"security_associations":[{"uuid":"other"}]}')).toEqual([
    'security_associations[0].type must be there',
  ]);
  expect(await datapath.securityAssociations()).toEqual(seed);
  expect(datapath.reseed('{"security_associations":[]}')).toEqual([]);
  expect([datapath.seedSize, await datapath.securityAssociations()]).toEqual([0, []]);
});

test('a listener that does not listen keeps only the newest event on each matter', async () => {
  const datapath = open();
  const stop = new AbortController();
  const events = datapath.events(stop.signal);
  await nextOf(events);
  await datapath.install(entry(), settings);
  for (let round = 0; round < 100; round += 1) {
    datapath.rekey(entry().policy.uuid);
    datapath.inject({ kind: 'daemon-down' });
    datapath.clearFaults();
  }
  stop.abort();
  const kinds: string[] = [];
  for await (const event of events) kinds.push(event.kind);
  expect(kinds).toEqual(['sas-changed', 'lost', 'connected']);
});

const place = { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' };

function open(): SimulatedDatapath {
  return new SimulatedDatapath({ place, seed });
}

async function nextOf(events: AsyncGenerator<DatapathEvent>): Promise<DatapathEvent | undefined> {
  const { value } = await events.next();
  return value ?? undefined;
}

async function childOf(datapath: SimulatedDatapath) {
  const children = (await datapath.securityAssociations()).filter((sa) => sa.kind === 'ipsec');
  const [child] = children;
  if (child === undefined || children.length > 1) throw new Error(`${children.length} CHILD SAs`);
  return child;
}

function entry({
  n = 1,
  remote = '10.9.0.2/32',
  over = {},
}: {
  readonly n?: number;
  readonly remote?: string;
  readonly over?: Partial<IpsecPolicy>;
} = {}): SpdEntry {
  return testEntry(n, { selector: selector('10.9.0.1/32', remote), ...over });
}

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}
