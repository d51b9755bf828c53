import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consider, decide } from './decide.ts';
import { ikePorts, neighbourDiscoveryTypes } from './implied-entry.ts';
import { type IpsecPolicy, policyActions } from './policy.ts';
import { spdOf } from './spd.ts';
import { smallWorldPackets, smallWorldSelectors } from './testing/arbitraries.ts';
import { packet, policy, selector, uuid } from './testing/policies.ts';
import { isToOneself } from './to-oneself.ts';
import { matchesPacket, type Packet, selectorKey } from './traffic-selector.ts';

const on = { ipsecEnabled: true };
const ssh = packet('10.0.0.1', '10.0.0.2', { protocol: 6, localPort: 22, remotePort: 40_000 });

/** Outcomes by policy number, in the order asked; implied entries left out. */
function outcomes(policies: readonly IpsecPolicy[], given: Packet, settings = on) {
  return [...consider(spdOf(policies), given, settings)].flatMap(({ decider, outcome }) =>
    decider.kind === 'policy' ? [[decider.policy.name, outcome] as const] : [],
  );
}

describe('the verdict', () => {
  test('a bypass and a discard for single ports beat the ESP between the hosts', () => {
    const hosts = { local: '10.0.0.1/32', remote: '10.0.0.2/32' };
    const spd = spdOf([
      policy(1),
      policy(2, {
        action: 'bypass',
        selector: selector(hosts.local, hosts.remote, { protocol: 6, localPort: 22 }),
      }),
      policy(3, {
        action: 'discard',
        selector: selector(hosts.local, hosts.remote, { protocol: 6, localPort: 23 }),
      }),
    ]);
    const verdicts = [22, 23, 24].map((localPort) => decide(spd, { ...ssh, localPort }, on).verdict);
    expect(verdicts).toEqual(['bypass', 'discard', 'protect']);
  });

  test('a wide bypass loses to a narrow ESP', () => {
    const wide = policy(1, { action: 'bypass', selector: selector('10.0.0.1/32', '10.0.0.0/8') });
    expect(decide(spdOf([wide, policy(2)]), ssh, on)).toMatchObject({
      verdict: 'protect',
      by: { policy: { name: 'policy-2' } },
    });
  });

  test('a packet no policy is about passes with no-policy, by nobody', () => {
    const elsewhere = packet('10.0.0.1', '10.9.9.9', { protocol: 6, localPort: 22, remotePort: 1 });
    const decision = decide(spdOf([policy(1)]), elsewhere, on);
    expect(decision.verdict).toBe('no-policy');
    expect(decision).not.toHaveProperty('by');
  });

  test('with IPsec disabled no policy has a say, and each says why', () => {
    const discards = [policy(1, { action: 'discard' })];
    const off = { ipsecEnabled: false };
    expect(decide(spdOf(discards), ssh, off).verdict).toBe('no-policy');
    expect(outcomes(discards, ssh, off)).toEqual([['policy-1', { kind: 'disabled', what: 'ipsec' }]]);
  });

  test.each(ikePorts)('IKE on UDP port %i passes a discard of everything between the hosts', (localPort) => {
    const spd = spdOf([policy(1, { action: 'discard' })]);
    const ike = packet('10.0.0.1', '10.0.0.2', { protocol: 17, localPort, remotePort: localPort });
    expect(decide(spd, ike, on)).toMatchObject({
      verdict: 'bypass',
      by: { kind: 'implied', entry: { name: 'ike' } },
    });
    expect(decide(spd, { ...ike, protocol: 6 }, on).verdict).toBe('discard');
    expect(decide(spd, { ...ike, localPort: 501 }, on).verdict).toBe('discard');
  });

  test('IPv6 neighbour discovery passes a host-to-host ESP policy, other ICMPv6 does not', () => {
    const spd = spdOf([policy(1, { selector: selector('fd00::1/128', 'fd00::2/128') })]);
    const icmp = (icmpType: number) => packet('fd00::1', 'fd00::2', { protocol: 58, icmpType });
    const by = { kind: 'implied', entry: { name: 'ipv6-neighbour-discovery' }, priority: 1 };
    for (const type of neighbourDiscoveryTypes)
      expect(decide(spd, icmp(type), on)).toMatchObject({ verdict: 'bypass', by });
    expect([128, 132, 138].map((type) => decide(spd, icmp(type), on).verdict)).toEqual([
      'protect',
      'protect',
      'protect',
    ]);
  });
});

describe('packets that a host sends to itself', () => {
  const discards = (subnet: string) =>
    spdOf([policy(1, { action: 'discard', selector: selector(subnet, subnet) })]);
  const tcp = { protocol: 6, localPort: 2049, remotePort: 700 };

  test.each([
    ['10.0.0.0/24', '10.0.0.1', '10.0.0.1'],
    ['127.0.0.0/8', '127.0.0.1', '127.9.9.9'],
    ['0.0.0.0/0', '10.0.0.1', '127.0.0.1'],
  ])('pass every policy over IPv4: %s does not decide for %s to %s', (subnet, local, remote) => {
    expect(decide(discards(subnet), packet(local, remote, tcp), on)).toMatchObject({
      verdict: 'bypass',
      by: { kind: 'implied', entry: { name: 'ipv4-to-oneself' } },
    });
  });

  test('are decided for as all others over IPv6, and so are those to others over IPv4', () => {
    expect(decide(discards('fd00::/64'), packet('fd00::1', 'fd00::1', tcp), on).verdict).toBe('discard');
    expect(decide(discards('::1/128'), packet('::1', '::1', tcp), on).verdict).toBe('discard');
    expect(decide(discards('10.0.0.0/24'), packet('10.0.0.1', '10.0.0.2', tcp), on).verdict).toBe('discard');
  });
});

describe('what a policy is about', () => {
  const host = '10.0.0.1/32';
  const tcp = { protocol: 6, localPort: 2049, remotePort: 700 };
  const udp = { ...tcp, protocol: 17 };
  test.each<[string, Partial<IpsecPolicy>, readonly Packet[], readonly Packet[]]>([
    [
      'a port with protocol any: TCP and UDP on that port, nothing else',
      { selector: selector(host, '10.0.0.2/32', { localPort: 2049 }) },
      [packet('10.0.0.1', '10.0.0.2', tcp), packet('10.0.0.1', '10.0.0.2', udp)],
      [
        packet('10.0.0.1', '10.0.0.2', { ...tcp, protocol: 132 }),
        packet('10.0.0.1', '10.0.0.2', { protocol: 1, icmpType: 8 }),
        packet('10.0.0.1', '10.0.0.2', { ...tcp, localPort: 700, remotePort: 2049 }),
      ],
    ],
    [
      'ICMP: every type',
      { selector: selector(host, '10.0.0.2/32', { protocol: 1 }) },
      [0, 3, 8].map((icmpType) => packet('10.0.0.1', '10.0.0.2', { protocol: 1, icmpType })),
      [packet('10.0.0.1', '10.0.0.2', tcp)],
    ],
    [
      'any remote and a port: whoever it is with, of that family',
      { selector: selector(host, '0.0.0.0/0', { protocol: 6, localPort: 2049 }) },
      ['10.0.0.2', '192.0.2.7', '255.255.255.255'].map((remote) => packet('10.0.0.1', remote, tcp)),
      [packet('10.0.0.2', '10.0.0.1', tcp), packet('fd00::1', 'fd00::2', tcp)],
    ],
    [
      'networks on both sides, with host bits: every pair of their hosts',
      { selector: selector('10.0.0.1/24', '10.0.1.9/24') },
      [packet('10.0.0.7', '10.0.1.200', { protocol: 47 })],
      [packet('10.0.1.200', '10.0.0.7', { protocol: 47 })],
    ],
    [
      'ESP in UDP: as ESP',
      { action: 'esp_udp' },
      [packet('10.0.0.1', '10.0.0.2', udp)],
      [packet('10.0.0.1', '10.0.0.3', udp)],
    ],
    [
      'any remote of IPv6, while a narrower policy is about IPv4',
      { selector: selector('fd00::1/128', '::/0', { remotePort: 700 }) },
      [packet('fd00::1', '2001:db8::1', udp)],
      [packet('10.0.0.1', '10.0.0.9', udp)],
    ],
  ])('%s', (_, over, matching, others) => {
    const elsewhere = policy(2, { selector: selector('172.16.0.1/32', '172.16.0.2/32', { protocol: 6 }) });
    const spd = spdOf([policy(1, over), elsewhere]);
    const deciders = (packets: readonly Packet[]) =>
      packets.map((given) => {
        const decision = decide(spd, given, on);
        return decision.verdict === 'protect' && decision.by.kind === 'policy' && decision.by.policy.name;
      });
    expect(deciders(matching)).toEqual(matching.map(() => 'policy-1'));
    expect(deciders(others)).toEqual(others.map(() => false));
  });
});

test('to decide among many policies of few priorities is far cheaper than to walk them', () => {
  const many = Array.from({ length: 20_000 }, (_, n) =>
    policy(n + 1, { selector: selector('10.0.0.1/32', `10.1.${n >> 8}.${n & 255}/32`) }),
  );
  const spd = spdOf(many);
  const given = packet('10.0.0.1', '10.1.70.9', { protocol: 47 });
  const timeOf = (work: () => unknown): number => {
    const began = performance.now();
    for (let round = 0; round < 20; round += 1) work();
    return performance.now() - began;
  };
  const walk = () => Array.from(consider(spd, given, on));
  walk();
  expect(timeOf(walk) / timeOf(() => decide(spd, given, on))).toBeGreaterThan(10);
});

test('every policy is listed in order with the reason why it does or does not decide', () => {
  const policies = [
    policy(1, { selector: selector('10.0.0.1/32', '10.0.0.0/24') }),
    policy(2),
    policy(3),
    policy(4, { enabled: false }),
    policy(5, { selector: selector('10.0.0.1/32', '10.0.0.2/32', { protocol: 17 }) }),
    policy(6, { selector: selector('10.0.0.1/32', '10.7.0.0/16') }),
  ];
  expect(outcomes(policies, ssh)).toEqual([
    ['policy-5', { kind: 'no-match', field: 'protocol' }],
    ['policy-2', { kind: 'decides' }],
    ['policy-3', { kind: 'shadowed', by: uuid(2) }],
    ['policy-4', { kind: 'disabled', what: 'policy' }],
    ['policy-1', { kind: 'outranked' }],
    ['policy-6', { kind: 'no-match', field: 'remote address' }],
  ]);
});

test('the policy that decides is the narrowest enabled one that matches, the oldest of identical ones', () => {
  const anyPolicies = fc
    .array(
      fc.record({
        selector: fc.constantFrom(...smallWorldSelectors()),
        enabled: fc.boolean(),
        action: fc.constantFrom(...policyActions),
      }),
      { maxLength: 12 },
    )
    .map((overs) => overs.map((over, n) => policy(n + 1, over)));
  fc.assert(
    fc.property(
      anyPolicies,
      fc.constantFrom(...smallWorldPackets().filter((one) => !isToOneself(one))),
      (policies, given) => {
        const expected = naiveDecider(policies, given);
        const spd = spdOf(policies);
        const decision = decide(spd, given, on);
        const by = decision.verdict === 'no-policy' ? undefined : decision.by;
        expect(by?.kind === 'policy' ? by.policy : undefined).toBe(expected);
        const matching = [...consider(spd, given, on)].filter(({ outcome }) =>
          ['decides', 'outranked'].includes(outcome.kind),
        );
        expect(matching.map(({ outcome }) => outcome.kind)).toEqual(
          matching.map((_, index) => (index === 0 ? 'decides' : 'outranked')),
        );
        expect(matching.map(({ decider }) => decider.kind === 'policy' && decider.policy)).toEqual(
          Array.from(spd.matching(given), (entry) => entry.policy),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

/** The rule of decision 2 as a person would write it, without priorities. */
function naiveDecider(policies: readonly IpsecPolicy[], given: Packet): IpsecPolicy | undefined {
  const enabled = policies.filter((one) => one.enabled);
  const oldest = enabled.filter(
    (one) =>
      !enabled.some(
        (other) =>
          other.createdRevision < one.createdRevision &&
          selectorKey(other.selector) === selectorKey(one.selector),
      ),
  );
  const weights = ({ selector: { local, remote, protocol, remotePort, localPort } }: IpsecPolicy) =>
    [
      remote.length,
      local.length,
      Number(protocol > 0),
      Number(remotePort > 0),
      Number(localPort > 0),
    ] as const;
  const [narrowest] = oldest
    .filter((one) => matchesPacket(one.selector, given))
    .sort((a, b) => {
      const theirs = weights(a);
      return (
        weights(b)
          .map((weight, at) => weight - (theirs[at] ?? 0))
          .find((difference) => difference !== 0) ?? 0
      );
    });
  return narrowest;
}
