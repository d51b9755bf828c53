import { inspect, isDeepStrictEqual } from 'node:util';
import {
  type Considered,
  consider,
  type Decider,
  type Decision,
  decide,
  formatAddress,
  formatPort,
  formatPrefix,
  formatProtocol,
  type IpAddress,
  type IpsecPolicy,
  isProtecting,
  networkOf,
  type Packet,
  type PolicyUuid,
  protocolsOf,
  type Spd,
} from '@esplanade/domain';
import type { AskingEntry, Fate, Probe } from './packet-oracle.ts';

const fates: Readonly<Record<Decision['verdict'], Fate['kind']>> = {
  protect: 'held for ESP',
  bypass: 'in clear',
  discard: 'discarded',
  'no-policy': 'in clear',
};

/** What the model says of one packet, beside what the kernel did with it. */
export interface Trial {
  readonly probe: Probe;
  readonly decision: Decision;
  /** Everything that was asked, in order. */
  readonly considered: readonly Considered[];
  readonly fate: Fate;
}

/** What the model says of a packet. */
export function judge(spd: Spd, packet: Packet): Pick<Trial, 'decision' | 'considered'> {
  const settings = { ipsecEnabled: true };
  return { decision: decide(spd, packet, settings), considered: [...consider(spd, packet, settings)] };
}

/**
 * How many trials there were of each kind. The last counts packets that go out and that more than one ESP policy
 * matches, so that it takes the acquire to see which one decided.
 */
export type Tally = Record<
  Decision['verdict'] | 'bypass by an implied entry' | 'ESP policy of several',
  number
>;

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    protect: 0,
    bypass: 0,
    discard: 0,
    'no-policy': 0,
    'bypass by an implied entry': 0,
    'ESP policy of several': 0,
  };
}

/** The trials of one policy set in which the kernel did something else than `decide` says. */
export function disagreements(trials: readonly Trial[]): readonly Trial[] {
  const namesOf = new Map<number, PolicyUuid>();
  return trials.filter(({ probe, decision, fate }) => {
    if (fate.kind !== fates[decision.verdict]) return true;
    if (fate.kind !== 'held for ESP' || fate.by === undefined) return false;
    if (decision.verdict !== 'protect' || decision.by.kind !== 'policy') return true;
    const { by } = fate;
    const { policy, priority } = decision.by;
    if (!isDeepStrictEqual(by, { ...entryOf(policy, probe.packet), priority, reqid: by.reqid })) return true;
    // Two policies with one number: charon could not tell which is asked.
    const named = namesOf.get(by.reqid) ?? policy.uuid;
    namesOf.set(by.reqid, named);
    return named !== policy.uuid;
  });
}

/** Adds trials to a tally. */
export function count(trials: readonly Trial[], into: Tally): void {
  for (const { decision, considered, probe } of trials) {
    const { verdict } = decision;
    into[verdict] += 1;
    if (verdict === 'no-policy') continue;
    if (decision.by.kind === 'implied') into['bypass by an implied entry'] += 1;
    if (verdict === 'protect' && probe.direction === 'out' && considered.some(isOutrankedEsp))
      into['ESP policy of several'] += 1;
  }
}

/** Everything known of a trial, for people. */
export function describeTrial({ probe, decision, considered, fate }: Trial): string {
  return [
    describeProbe(probe),
    `decide says ${decision.verdict}; in the kernel it is ${describeFate(fate)}`,
    ...considered.map(({ decider, outcome }) => `  ${describeDecider(decider)}: ${inspect(outcome)}`),
  ].join('\n');
}

/** `policy-7 bypass 10.30.0.0/24 port 0-0, 10.40.0.2/32 port 445-445, tcp`: local before remote. */
export function describePolicy({ name, action, enabled, selector }: IpsecPolicy): string {
  const local = `${formatPrefix(selector.local)} port ${formatPort(selector.localPort)}`;
  const remote = `${formatPrefix(selector.remote)} port ${formatPort(selector.remotePort)}`;
  const state = enabled ? '' : ' (disabled)';
  return `${name} ${action} ${local}, ${remote}, ${formatProtocol(selector.protocol)}${state}`;
}

/** `out udp 10.30.0.1 port 8, 10.40.0.2 port 445`: local before remote. Different for different packets. */
export function describeProbe({ direction, packet }: Probe): string {
  const { localAddress, remoteAddress, localPort, remotePort, icmpType } = packet;
  const side = (address: IpAddress, port?: number): string =>
    `${formatAddress(address)}${port === undefined ? '' : ` port ${port}`}`;
  const type = icmpType === undefined ? '' : ` type ${icmpType}`;
  const protocol = formatProtocol(packet.protocol);
  return `${direction} ${protocol}${type} ${side(localAddress, localPort)}, ${side(remoteAddress, remotePort)}`;
}

function describeDecider(decider: Decider): string {
  const what = decider.kind === 'policy' ? describePolicy(decider.policy) : `implied ${decider.entry.name}`;
  return `${decider.priority} ${what}`;
}

function describeFate(fate: Fate): string {
  if (fate.kind === 'unclear') return `unclear: ${fate.what}`;
  return fate.kind === 'held for ESP' && fate.by !== undefined
    ? `${fate.kind} by ${JSON.stringify(fate.by)}`
    : fate.kind;
}

/** The entry of the kernel's outbound SPD that this policy puts there for such packets. */
function entryOf({ selector }: IpsecPolicy, packet: Packet): Omit<AskingEntry, 'priority' | 'reqid'> {
  return {
    source: formatPrefix(networkOf(selector.local)),
    destination: formatPrefix(networkOf(selector.remote)),
    protocol: protocolsOf(selector).includes(packet.protocol) ? packet.protocol : 0,
    sourcePort: selector.localPort,
    destinationPort: selector.remotePort,
  };
}

function isOutrankedEsp({ decider, outcome }: Considered): boolean {
  return outcome.kind === 'outranked' && decider.kind === 'policy' && isProtecting(decider.policy.action);
}
