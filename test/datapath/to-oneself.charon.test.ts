import { decide, spdOf } from '@esplanade/domain';
import { packet, policy, selector } from '@esplanade/domain/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { Network } from '../support/network.ts';

let network: Network<'ours'>;
beforeAll(async () => {
  network = await Network.create(['ours']);
});
afterAll(() => network.close());

const echoRequest = { ipv4: { protocol: 1, icmpType: 8 }, ipv6: { protocol: 58, icmpType: 128 } } as const;

/**
 * Whether a host's ping to one of its own addresses is answered while the kernel holds a discard of the subnet, one
 * way.
 */
async function isAnswered(subnet: string, own: string, direction: 'in' | 'out'): Promise<boolean> {
  const { namespace } = network.hosts.ours;
  const xfrm = ['-n', namespace, 'xfrm', 'policy'];
  await runCommand('ip', [...xfrm, 'add', 'src', subnet, 'dst', subnet, 'dir', direction, 'action', 'block']);
  const ping = ['ping', '-n', '-c', '1', '-W', '1', '-I', own, own];
  const { status } = await runCommand('ip', ['netns', 'exec', namespace, ...ping], { anyStatus: true });
  await runCommand('ip', [...xfrm, 'flush']);
  return status === 0;
}

it.each([
  ['ipv4', '10.9.0.0/24', '10.9.0.1', 'bypass'],
  ['ipv4', '127.0.0.0/8', '127.0.0.1', 'bypass'],
  ['ipv6', 'fd00:9::/64', 'fd00:9::1', 'discard'],
  ['ipv6', '::1/128', '::1', 'discard'],
] as const)(
  'what a host sends to itself over %s under a discard of %s is to the kernel what it is to decide',
  async (family, subnet, own, verdict) => {
    const spd = spdOf([policy(1, { action: 'discard', selector: selector(subnet, subnet) })]);
    const probe = packet(own, own, echoRequest[family]);
    expect(decide(spd, probe, { ipsecEnabled: true }).verdict).toBe(verdict);
    for (const direction of ['out', 'in'] as const)
      expect(await isAnswered(subnet, own, direction), direction).toBe(verdict === 'bypass');
  },
);
