import type { PolicyWish } from '../support/operator.ts';
import { type PeerConnection, type PeerSecret, swanctlConf } from '../support/peer-connection.ts';
import { isByCertificate, isProtecting, type Scenario } from './matrix.ts';
import { authorityName, ourCertificate, revocationOf } from './scenario-credentials.ts';
import { type Identities, identitiesOf, remoteNames } from './scenario-identities.ts';

/** A packet that is sent, and answered with its ports swapped. */
export interface Exchange {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'gre';
  /** Port of our host. 0 where the protocol has none. */
  readonly ourPort: number;
  readonly peerPort: number;
}

/** Addresses of the two hosts in the scenario's family. */
export interface Ends {
  readonly ours: string;
  readonly peer: string;
}

/** What every scenario of a family has to do with. */
export interface Addresses extends Ends {
  /** Another address of the peer's, where it is another remote to us. */
  readonly second: string;
}

/** What a scenario comes to between two hosts. */
export interface ScenarioPlan {
  /** The policy in question; before it, the one that would decide if it were not there. */
  readonly policies: readonly PolicyWish[];
  /** The peer's swanctl.conf. */
  readonly peerConfiguration: string;
  /** Between whom: us and each remote. */
  readonly ends: readonly Ends[];
  /** Traffic that the policy is about, with each remote. */
  readonly inside: readonly Exchange[];
  /** Traffic next to it, which must stay as if there were no policy. */
  readonly beside: readonly Exchange[];
}

/** ONTAP's suites as the other end's administrator would write them. */
const suites = {
  suiteb_gcm256: { ikeProposals: 'aes256-sha384-ecp384', espProposals: 'aes256gcm16' },
  suiteb_gmac256: { ikeProposals: 'aes256-sha384-ecp384', espProposals: 'aes256gmac' },
  suite_aescbc: { ikeProposals: 'aes256-sha512-modp4096', espProposals: 'aes256-sha512' },
} as const;

/** The plan of a scenario; `number` tells its names, keys and ports from those of every other scenario. */
export function planOf(scenario: Scenario, addresses: Addresses, number: number): ScenarioPlan {
  const ports = { ours: 20_000 + 10 * number, peer: 30_000 + 10 * number };
  const traffic = trafficOf(scenario, ports);
  const keys = keysOf(scenario, number);
  const { ours, peer, second } = addresses;
  const ends = (scenario.remotes === 'two' ? [peer, second] : [peer]).map((one) => ({ ours, peer: one }));
  const selector = { ...prefixesOf(scenario, addresses), ...traffic.selector };
  const policy = { name: policyName(number), action: scenario.action, ...selector };
  const policies = isProtecting(scenario)
    ? [{ ...policy, ...keys, ...identitiesOf(scenario, addresses).wish }]
    : [...beneath(policy), policy];
  return {
    policies,
    peerConfiguration: isProtecting(scenario) ? peerConfiguration(scenario, ends, keys, traffic) : '',
    ends,
    inside: traffic.inside,
    beside: traffic.beside,
  };
}

type Keys = Pick<PolicyWish, 'secretKey' | 'postquantumKey' | 'certificate'>;

function keysOf(scenario: Scenario, number: number): Keys {
  if (isByCertificate(scenario)) return { certificate: ourCertificate };
  const secretKey = `the key of scenario ${number}`;
  if (scenario.authentication === 'psk') return { secretKey };
  const postquantumKey = { identity: `quantum ${number}`, key: `the other key of scenario ${number}` };
  return { secretKey, postquantumKey };
}

function peerConfiguration(
  scenario: Scenario,
  ends: readonly Ends[],
  { secretKey, postquantumKey }: Keys,
  traffic: TrafficPlan,
): string {
  const remotes = ends.map((end, index) => ({
    name: `remote${index + 1}`,
    end,
    identities: identitiesOf(scenario, end, index).peer,
  }));
  const secrets = remotes.flatMap(({ name, identities }): readonly PeerSecret[] =>
    secretKey === undefined
      ? []
      : [{ name, identities: [identities.localIdentity, identities.remoteIdentity], key: secretKey }],
  );
  const connections = remotes.map(({ name, end, identities }, index) => ({
    ...peerConnection(scenario, end, identities, traffic),
    name,
    ...(postquantumKey && { postquantumIdentity: postquantumKey.identity }),
    ...(isByCertificate(scenario) && {
      certificate: remoteNames[index] ?? '',
      authorities: [authorityName],
      revocation: revocationOf(scenario),
    }),
  }));
  return swanctlConf(connections, secrets, postquantumKey && [postquantumKey]);
}

/** The name of the policy that a scenario is about. */
function policyName(number: number): string {
  return `scenario ${number}`;
}

function prefixesOf(
  { family, local, remote }: Scenario,
  { ours, peer }: Ends,
): Pick<PolicyWish, 'local' | 'remote'> {
  const subnet = family === 'ipv4' ? '10.9.0.0/24' : 'fd00:9::/64';
  const anywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  return { local: local === 'host' ? ours : subnet, remote: { host: peer, subnet, anywhere }[remote] };
}

/** A bypass shows nothing where everything passes: beneath it lies a discard of the same traffic, one bit wider. */
function beneath(policy: PolicyWish): readonly PolicyWish[] {
  if (policy.action !== 'bypass') return [];
  const [address = '', length] = policy.local.split('/');
  const bits = Number(length ?? (address.includes(':') ? 128 : 32));
  return [{ ...policy, name: 'beneath', action: 'discard', local: `${address}/${bits - 1}` }];
}

interface TrafficPlan {
  readonly selector: Pick<PolicyWish, 'protocol' | 'localPort' | 'remotePort'>;
  /** The selector's protocols and ports as a stock configuration names them: the peer's side, then ours. */
  readonly peerSelectors: readonly (readonly [peer: string, ours: string])[];
  readonly inside: readonly Exchange[];
  readonly beside: readonly Exchange[];
}

function trafficOf(
  { traffic, family }: Scenario,
  ports: { readonly ours: number; readonly peer: number },
): TrafficPlan {
  const exchange = (protocol: Exchange['protocol'], ourShift = 0, peerShift = 0): Exchange => ({
    protocol,
    ourPort: ports.ours + ourShift,
    peerPort: ports.peer + peerShift,
  });
  const icmp = { protocol: 'icmp', ourPort: 0, peerPort: 0 } as const;
  const gre = { protocol: 'gre', ourPort: 0, peerPort: 0 } as const;
  const [tcp, udp] = [exchange('tcp'), exchange('udp')];
  const icmpNumber = family === 'ipv4' ? '1' : '58';
  switch (traffic) {
    case 'anything':
      return { selector: {}, peerSelectors: [['', '']], inside: [tcp, udp, icmp, gre], beside: [] };
    case 'any protocol, remote port':
      return {
        selector: { remotePort: ports.peer },
        peerSelectors: [
          [`[tcp/${ports.peer}]`, '[tcp]'],
          [`[udp/${ports.peer}]`, '[udp]'],
        ],
        inside: [tcp, udp],
        beside: [exchange('tcp', 0, 1), exchange('udp', 0, 1), icmp],
      };
    case 'any protocol, local port':
      return {
        selector: { protocol: 'any', localPort: ports.ours },
        peerSelectors: [
          ['[tcp]', `[tcp/${ports.ours}]`],
          ['[udp]', `[udp/${ports.ours}]`],
        ],
        inside: [tcp, udp],
        beside: [exchange('tcp', 1), exchange('udp', 1), icmp],
      };
    case 'tcp, remote port':
      return {
        selector: { protocol: 'tcp', remotePort: ports.peer },
        peerSelectors: [[`[tcp/${ports.peer}]`, '[tcp]']],
        inside: [tcp],
        beside: [udp, exchange('tcp', 0, 1)],
      };
    case 'tcp, local port':
      return {
        selector: { protocol: 'tcp', localPort: ports.ours },
        peerSelectors: [['[tcp]', `[tcp/${ports.ours}]`]],
        inside: [tcp],
        beside: [udp, exchange('tcp', 1)],
      };
    case 'udp, remote port':
      return {
        selector: { protocol: 'udp', remotePort: ports.peer },
        peerSelectors: [[`[udp/${ports.peer}]`, '[udp]']],
        inside: [udp],
        beside: [tcp, exchange('udp', 0, 1)],
      };
    case 'icmp':
      return {
        selector: { protocol: family === 'ipv4' ? 'icmp' : icmpNumber },
        peerSelectors: [[`[${icmpNumber}]`, `[${icmpNumber}]`]],
        inside: [icmp],
        beside: [udp],
      };
    case 'protocol 47':
      return {
        selector: { protocol: '47' },
        peerSelectors: [['[gre]', '[gre]']],
        inside: [gre],
        beside: [udp, icmp],
      };
  }
}

/** As the administrator of the peer would write it: two hosts, and the traffic from the peer's side. */
function peerConnection(
  { family, suite, first }: Scenario,
  { ours, peer }: Ends,
  identities: Identities['peer'],
  { peerSelectors }: TrafficPlan,
): Omit<PeerConnection, 'name'> {
  const length = family === 'ipv4' ? 32 : 128;
  return {
    local: peer,
    remote: ours,
    ...identities,
    ...suites[suite],
    children: [
      {
        name: 'scenario',
        localTs: peerSelectors.map(([selector]) => `${peer}/${length}${selector}`).join(', '),
        remoteTs: peerSelectors.map(([, selector]) => `${ours}/${length}${selector}`).join(', '),
        startAction: first === 'peer' ? 'trap' : 'none',
      },
    ],
  };
}
