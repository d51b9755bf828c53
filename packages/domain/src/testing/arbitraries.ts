import fc from 'fast-check';
import { addressBits } from '../ip-address.ts';
import type { Prefix } from '../prefix.ts';
import type { Packet, TrafficSelector } from '../traffic-selector.ts';
import { packet, selector } from './policies.ts';

/**
 * A world small enough to try everything: three addresses (one outside every prefix but /0), nested prefixes, two
 * ports (one that no selector names), and protocols with ports and without.
 */
export const smallWorld = {
  prefixes: ['0.0.0.0/0', '10.0.0.0/31', '10.0.0.0/32', '10.0.0.1/32'],
  addresses: ['10.0.0.0', '10.0.0.1', '192.0.2.9'],
  protocols: [0, 1, 6, 17],
  selectorPorts: [0, 80],
  packetPorts: [80, 81],
} as const;

/** Every selector of the small world that validation lets through: ICMP names no port. */
export function smallWorldSelectors(): readonly TrafficSelector[] {
  const { prefixes, protocols, selectorPorts } = smallWorld;
  return prefixes.flatMap((local) =>
    prefixes.flatMap((remote) =>
      protocols.flatMap((protocol) =>
        selectorPorts.flatMap((localPort) =>
          selectorPorts
            .filter((remotePort) => protocol !== 1 || (localPort === 0 && remotePort === 0))
            .map((remotePort) => selector(local, remote, { protocol, localPort, remotePort })),
        ),
      ),
    ),
  );
}

/** Every packet of the small world. */
export function smallWorldPackets(): readonly Packet[] {
  const { addresses, packetPorts } = smallWorld;
  return addresses.flatMap((local) =>
    addresses.flatMap((remote) => [
      packet(local, remote, { protocol: 1, icmpType: 8 }),
      ...[6, 17].flatMap((protocol) =>
        packetPorts.flatMap((localPort) =>
          packetPorts.map((remotePort) => packet(local, remote, { protocol, localPort, remotePort })),
        ),
      ),
    ]),
  );
}

/** Any prefix of either family, host bits as they come. */
export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.record({
    family: fc.constant('ipv4' as const),
    address: fc.bigInt(0n, 2n ** 32n - 1n),
    length: fc.integer({ min: 0, max: 32 }),
  }),
  fc.record({
    family: fc.constant('ipv6' as const),
    address: fc.bigInt(0n, 2n ** 128n - 1n),
    length: fc.integer({ min: 0, max: 128 }),
  }),
);

/** Any selector of one family; addresses are few so that selectors often overlap. */
export const anySelector: fc.Arbitrary<TrafficSelector> = fc
  .constantFrom('ipv4' as const, 'ipv6' as const)
  .chain((family) => {
    const side = fc.record({
      family: fc.constant(family),
      address: fc.bigInt(0n, 7n),
      length: fc.constantFrom(...[3, 2, 1, 0].map((short) => addressBits(family) - short), 0, 1),
    });
    const port = fc.constantFrom(0, 80, 443);
    return fc.record({
      family: fc.constant(family),
      local: side,
      remote: side,
      protocol: fc.constantFrom(0, 6, 17),
      localPort: port,
      remotePort: port,
    });
  });
