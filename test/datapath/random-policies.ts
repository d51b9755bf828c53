import { randomUUID } from 'node:crypto';
import {
  type IpsecPolicy,
  isPolicyUuid,
  type Packet,
  parseAddress,
  parsePrefix,
  Secret,
  type TrafficSelector,
} from '@esplanade/domain';
import type { Probe } from '../support/traffic-orders.ts';

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A world small enough that every packet of it is tried; prefixes nest, touch and miss. */
export const world = {
  locals: ['10.9.0.1', '10.9.0.17'],
  remotes: ['10.9.0.66', '10.9.0.67', '10.9.0.130'],
  localPorts: [700, 40_001],
  remotePorts: [445, 2049, 40_000],
} as const;

const localPrefixes = ['10.9.0.1/32', '10.9.0.17/32', '10.9.0.0/28', '10.9.0.0/27'];
const remotePrefixes = [
  ...['10.9.0.66/32', '10.9.0.67/32', '10.9.0.130/32'],
  ...['10.9.0.66/31', '10.9.0.64/26', '10.9.0.128/25', '10.9.0.64/30'],
];

/** So many policies of the world, some of them with the selector of an older one. */
export function randomPolicies(count: number, random: () => number): readonly IpsecPolicy[] {
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[Math.floor(random() * choices.length)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice;
  };
  return Array.from({ length: count }, (_, index): IpsecPolicy => {
    const action = pick(['bypass', 'discard', 'esp_transport'] as const);
    const uuid = randomUUID();
    if (!isPolicyUuid(uuid)) throw new Error(`not a policy uuid: ${uuid}`);
    return {
      uuid,
      name: `policy-${index}`,
      scope: { kind: 'cluster' },
      ipspace: { uuid: 'ipspace-1', name: 'Default' },
      enabled: random() < 0.9,
      action,
      selector: selector(pick(localPrefixes), pick(remotePrefixes), {
        protocol: pick([0, 0, 6, 17]),
        localPort: pick([0, 0, 0, 700]),
        remotePort: pick([0, 0, 445, 2049]),
      }),
      authentication:
        action === 'esp_transport'
          ? { kind: 'psk', psk: new Secret(Buffer.from('the same key for every policy'), 'same') }
          : { kind: 'none' },
      cipherSuite: 'suiteb_gcm256',
      lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
      createdRevision: index + 1,
    };
  });
}

/** Every packet of the world. */
export function everyProbe(): readonly Probe[] {
  return (['udp', 'tcp'] as const).flatMap((protocol) =>
    world.locals.flatMap((source) =>
      world.remotes.flatMap((destination) =>
        world.localPorts.flatMap((sourcePort) =>
          world.remotePorts.map((port) => ({ protocol, source, sourcePort, destination, port })),
        ),
      ),
    ),
  );
}

/** The probe as the domain sees it. */
export function packetOf(probe: Probe): Packet {
  const localAddress = parseAddress(probe.source);
  const remoteAddress = parseAddress(probe.destination);
  if (localAddress === undefined || remoteAddress === undefined) throw new Error('not an address');
  const protocol = probe.protocol === 'udp' ? 17 : 6;
  return { localAddress, remoteAddress, protocol, localPort: probe.sourcePort, remotePort: probe.port };
}

function selector(
  local: string,
  remote: string,
  rest: Pick<TrafficSelector, 'protocol' | 'localPort' | 'remotePort'>,
): TrafficSelector {
  const [localPrefix, remotePrefix] = [parsePrefix(local), parsePrefix(remote)];
  if (localPrefix === undefined || remotePrefix === undefined) throw new Error('not a prefix');
  return { family: 'ipv4', local: localPrefix, remote: remotePrefix, ...rest };
}
