import { Message } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { parseKernelPolicy, parseProtocolNames, xfrmRecords } from '../kernel/xfrm-text.ts';
import { deadSas, missingInKernel } from './kernel-expectations.ts';
import { markedForGuard, neighbourDiscoveryConnection } from './shunt-mapping.ts';

const names = parseProtocolNames('tcp 6\nudp 17\nipv6-icmp 58\n');
/** What iproute2 6.1 printed when charon 5.9.8 had loaded `trap` and `block`, and a guard its marked block. */
const printed = `src 10.9.0.1/32 dst 10.9.0.2/32 proto tcp dport 201 
	dir out action block priority 3000000000 ptype main 
	mark 0/0x80000000 
src 10.9.0.2/32 dst 10.9.0.1/32 proto tcp sport 201 
	dir in action block priority 3000000000 ptype main 
	mark 0/0x80000000 
src 10.9.0.2/32 dst 10.9.0.1/32 proto tcp sport 201 
	dir fwd action block priority 3000000000 ptype main 
	mark 0/0x80000000 
src 10.9.0.2/32 dst 10.9.0.1/32 proto tcp sport 201 
	dir in priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
src 10.9.0.1/32 dst 10.9.0.2/32 proto tcp dport 201 
	dir out priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
src 10.9.0.2/32 dst 10.9.0.1/32 proto udp sport 201 
	dir in priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
src 10.9.0.1/32 dst 10.9.0.2/32 proto udp dport 201 
	dir out priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
`;
const held = xfrmRecords(printed).map((record) => parseKernelPolicy(record, names));
const selector = {
  local_ts: ['10.9.0.1/32[6]', '10.9.0.1/32[17]'],
  remote_ts: ['10.9.0.2/32[6/201]', '10.9.0.2/32[17/201]'],
};
const trap = { settings: { mode: 'transport', priority: '90000', ...selector } };
const tcpOnly = { local_ts: selector.local_ts.slice(0, 1), remote_ts: selector.remote_ts.slice(0, 1) };
const block = {
  settings: {
    ...{ mode: 'drop', priority: '3000000000', mark_in: '0/0x80000000', mark_out: '0/0x80000000' },
    ...tcpOnly,
  },
};

describe('what the kernel lacks of a child', () => {
  it('is nothing where all its policies are there', async () => {
    expect(await missingInKernel([trap, block], held)).toEqual([]);
  });

  it.each(held.map((policy, index) => [policy.direction, policy.protocol, policy.mark, index] as const))(
    'is found when the %s policy of protocol %i with mark %s is gone',
    async (_direction, _protocol, mark, index) => {
      const lacking = mark === undefined ? trap : block;
      expect(await missingInKernel([trap, block], held.toSpliced(index, 1))).toEqual([lacking]);
    },
  );

  it.each([
    ['lets pass what it should protect', { isProtect: false }],
    ['has another priority', { priority: 1 }],
    ['has another mark', { mark: '1/0xff' }],
  ] as const)('is found when a policy %s', async (_what, change) => {
    expect(
      await missingInKernel(
        [trap],
        held.map((one) => ({ ...one, ...change })),
      ),
    ).toEqual([trap]);
  });

  it('is nothing of a child beneath another with the same selector: the kernel has one policy for both', async () => {
    const beneath = { settings: { mode: 'drop', priority: '3000000000', ...tcpOnly } };
    const forwarded = { ...held[2], mark: undefined };
    const kernel = [...held.filter(({ mark }) => mark === undefined), forwarded] as typeof held;
    expect(await missingInKernel([trap, beneath], kernel)).toEqual([]);
    expect(await missingInKernel([beneath], kernel)).toEqual([beneath]);
  });

  it('is nothing of either form while one takes the place of the other', async () => {
    const discard = { settings: { mode: 'drop', priority: '90000', ...selector } };
    const forwarded = held.map(
      (one) => ({ ...one, direction: 'fwd', action: 'block', isProtect: false }) as const,
    );
    expect(await missingInKernel([trap, discard], [...held, ...forwarded.slice(3)])).toEqual([]);
  });

  it('is told apart for the types of neighbour discovery, with the mark of the guard and without', async () => {
    const connection = neighbourDiscoveryConnection();
    const children = [connection, markedForGuard(connection)].flatMap((one) =>
      Object.values(one.children).map((settings) => ({ settings })),
    );
    const policies = [undefined, '0/0x80000000'].flatMap((mark) =>
      [133, 134, 135, 136, 137].flatMap((type) =>
        (['in', 'out', 'fwd'] as const).map((direction) => ({
          ...{ direction, source: '::/0', destination: '::/0', protocol: 58, sourcePort: type },
          ...({ destinationPort: undefined, priority: 1, action: 'allow', isProtect: false, mark } as const),
        })),
      ),
    );
    expect(await missingInKernel(children, policies)).toEqual([]);
    expect(await missingInKernel(children, policies.slice(1))).toEqual([children[0]]);
  });
});

const textMessage = (fields: Readonly<Record<string, string>>): [string, Uint8Array][] =>
  Object.entries(fields).map(([name, text]) => [name, Buffer.from(text)]);
const row = (
  ...children: readonly (readonly [id: string, name: string, inbound: string, outbound: string])[]
) => {
  const sections = children.map(([uniqueid, name, inbound, outbound]) => {
    const fields = { name, uniqueid, state: 'INSTALLED', 'spi-in': inbound, 'spi-out': outbound };
    return [`${name}-${uniqueid}`, new Message(textMessage(fields))] as const;
  });
  const hosts = textMessage({ 'local-host': '10.9.0.1', 'remote-host': '10.9.0.2' });
  const ike = new Message([...hosts, ['child-sas', new Message(sections)]]);
  return new Message([['esplanade-0123456789ab', ike]]);
};
const kinds = { protocol: 'esp', isLarval: false };
const inbound = (spi: string) => ({ source: '10.9.0.2', destination: '10.9.0.1', spi, ...kinds });
const outbound = (spi: string) => ({ source: '10.9.0.1', destination: '10.9.0.2', spi, ...kinds });

describe('an SA that charon lists', () => {
  const one = ['7', 'a', 'c0000001', 'c0000002'] as const;
  const other = ['8', 'a', 'c0000003', 'c0000004'] as const;

  it('lives while the kernel has both halves', () => {
    expect(deadSas([row(one)], [inbound('c0000001'), outbound('c0000002')])).toEqual([]);
  });

  it.each([
    ['inbound', [outbound('c0000002')]],
    ['outbound', [inbound('c0000001')]],
    ['whole', []],
    // The policy that asks for an SA in place of the lost one names its SPI.
    ['negotiated outbound', [inbound('c0000001'), { ...outbound('c0000002'), isLarval: true }]],
  ])('is dead without its %s half', (_which, states) => {
    expect(deadSas([row(one)], states)).toEqual([{ childName: 'a', childId: '7', hasLivingSibling: false }]);
  });

  it('lives without an outbound half while another of its child has one: they take turns in a rekey', () => {
    const states = [inbound('c0000001'), inbound('c0000003'), outbound('c0000002')];
    expect(deadSas([row(one, other)], states)).toEqual([]);
  });

  it('is dead beside a whole one of its child when its inbound half is gone', () => {
    const states = [inbound('c0000003'), outbound('c0000004')];
    expect(deadSas([row(one, other)], states)).toEqual([
      { childName: 'a', childId: '7', hasLivingSibling: true },
    ]);
  });
});
