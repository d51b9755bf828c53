import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatPrefix, networkOf, parsePrefix, protocols } from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { KernelPolicy, KernelState } from '../kernel/xfrm-text.ts';
import type { ChildSettings } from './shunt-mapping.ts';

/** What one kernel policy decides by, apart from where it applies: an expected one and a held one are equal in both. */
interface Expected {
  /** Direction, selector and mark. Of policies that are equal in it, the kernel holds charon's best alone. */
  readonly place: string;
  readonly priority: number;
  readonly effect: Effect;
}

type Effect = 'allow' | 'block' | 'protect';

/** So many are compared in a row, which takes some milliseconds; then others have a turn. */
const inARow = 500;

/** What the kernel may hold in a place. Of forms that take each other's place, either. */
interface Best {
  readonly priority: number;
  readonly decisions: Set<string>;
}

/**
 * The children whose policies the kernel holds only in part or not at all, although charon counts them as in force. Lets
 * others have their turn meanwhile: there may be ten thousands.
 */
export async function missingInKernel<Child extends { readonly settings: ChildSettings }>(
  children: readonly Child[],
  policies: readonly KernelPolicy[],
): Promise<readonly Child[]> {
  const held = new Map<string, Set<string>>();
  const spell = spelling();
  for await (const lot of inLots(policies))
    for (const policy of lot)
      valueAt(held, placeOf(policy, spell)).add(decision(policy.priority, effectOf(policy)));
  const expectations: { readonly child: Child; readonly expected: readonly Expected[] }[] = [];
  const best = new Map<string, Best>();
  for await (const lot of inLots(children))
    for (const child of lot) {
      const expected = expectedPolicies(child.settings);
      expectations.push({ child, expected });
      for (const { place, priority, effect } of expected) {
        const known = best.get(place);
        if (known === undefined || priority < known.priority)
          best.set(place, { priority, decisions: new Set([decision(priority, effect)]) });
        else if (priority === known.priority) known.decisions.add(decision(priority, effect));
      }
    }
  const isThere = ({ place, priority }: Expected): boolean => {
    const known = best.get(place);
    return known?.priority !== priority || held.get(place)?.isDisjointFrom(known.decisions) === false;
  };
  const missing: Child[] = [];
  for await (const lot of inLots(expectations))
    for (const { child, expected } of lot) if (!expected.every(isThere)) missing.push(child);
  return missing;
}

async function* inLots<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  for (let index = 0; index < items.length; index += inARow) {
    yield items.slice(index, index + inARow);
    await nextTurn();
  }
}

/** A CHILD SA of which the kernel lacks a half. */
export interface DeadSa {
  readonly childName: string;
  readonly childId: string;
  /** Another SA of the same child with the same peer is whole. */
  readonly hasLivingSibling: boolean;
}

interface ListedSa {
  readonly childName: string;
  readonly childId: string;
  readonly peer: string;
  readonly inbound: string;
  readonly outbound: string;
}

/**
 * The CHILD SAs that charon lists as installed, and of which the kernel lacks the inbound half, or the outbound one
 * while no other SA of the same child with the same peer has one: between two halves of a rekey only one of two has.
 */
export function deadSas(rows: readonly Message[], states: readonly KernelState[]): readonly DeadSa[] {
  const negotiated = states.filter(({ isLarval }) => !isLarval);
  const held = new Set(negotiated.map(({ destination, spi }) => `${destination} ${spi}`));
  const sas = rows.flatMap(installedSas);
  const siblings = Map.groupBy(sas, ({ childName, peer }) => `${childName} ${peer}`);
  return sas.flatMap((sa) => {
    const all = siblings.get(`${sa.childName} ${sa.peer}`) ?? [];
    const isDead = !held.has(sa.inbound) || !all.some(({ outbound }) => held.has(outbound));
    if (!isDead) return [];
    const hasLivingSibling = all.some(
      ({ childId, inbound, outbound }) => childId !== sa.childId && held.has(inbound) && held.has(outbound),
    );
    return [{ childName: sa.childName, childId: sa.childId, hasLivingSibling }];
  });
}

function installedSas(row: Message): readonly ListedSa[] {
  return row.sections().flatMap(([, ike]) => {
    const local = ike.text('local-host') ?? '';
    const peer = ike.text('remote-host') ?? '';
    const children = ike.section('child-sas')?.sections() ?? [];
    return children.flatMap(([, child]) => {
      const spis = [child.text('spi-in'), child.text('spi-out')] as const;
      if (child.text('state') !== 'INSTALLED' || spis[0] === undefined || spis[1] === undefined) return [];
      return [
        {
          childName: child.text('name') ?? '',
          childId: child.text('uniqueid') ?? '',
          peer,
          inbound: `${local} ${spis[0].padStart(8, '0')}`,
          outbound: `${peer} ${spis[1].padStart(8, '0')}`,
        },
      ];
    });
  });
}

/** What charon makes the kernel hold of a child: traps have no policy for forwarded packets in transport mode. */
function expectedPolicies(settings: ChildSettings): readonly Expected[] {
  const priority = Number(settings['priority']);
  const effect = settings['mode'] === 'drop' ? 'block' : settings['mode'] === 'pass' ? 'allow' : 'protect';
  const mark = textOf(settings['mark_out']);
  const remotes = listOf(settings['remote_ts']).map(readSelector);
  return listOf(settings['local_ts']).flatMap((text, index) => {
    const local = readSelector(text);
    const remote = remotes[index] ?? local;
    const placeOut = place('out', local, remote, mark);
    const inward = effect === 'protect' ? (['in'] as const) : (['in', 'fwd'] as const);
    const places = [placeOut, ...inward.map((direction) => place(direction, remote, local, mark))];
    return places.map((one) => ({ place: one, priority, effect }));
  });
}

interface Side {
  readonly network: string;
  readonly protocol: number;
  /** A port, or of ICMP the type, which stands on both sides. */
  readonly port: number | undefined;
}

/** Reads a traffic selector as selectorSettings writes it for charon: `10.9.0.1/32[6/2049]`. */
function readSelector(text: string): Side {
  const [, network = '', protocolText = '0', portText] =
    /^([^[]+)(?:\[(\d+)(?:\/(\d+)(?:-\d+)?)?\])?$/.exec(text) ?? [];
  const protocol = Number(protocolText);
  const port = portText === undefined ? undefined : Number(portText);
  const isType = protocol === protocols.icmp || protocol === protocols.icmpv6;
  return { network, protocol, port: isType && port !== undefined ? port >> 8 : port };
}

function place(direction: string, source: Side, destination: Side, mark: string | undefined): string {
  const { protocol } = source;
  const isType = protocol === protocols.icmp || protocol === protocols.icmpv6;
  const ports = [source.port, isType ? undefined : destination.port];
  return [direction, source.network, destination.network, protocol, ...ports, mark].join(' ');
}

function placeOf(policy: KernelPolicy, spell: (network: string) => string): string {
  const { direction, protocol, sourcePort, destinationPort, mark } = policy;
  const networks = [spell(policy.source), spell(policy.destination)];
  return [direction, ...networks, protocol, sourcePort, destinationPort, mark].join(' ');
}

function effectOf({ action, isProtect }: KernelPolicy): Effect {
  if (action === 'block') return 'block';
  return isProtect ? 'protect' : 'allow';
}

function decision(priority: number, effect: Effect): string {
  return `${priority} ${effect}`;
}

/** The kernel and we may spell the same address in two ways; the same few occur again and again. */
function spelling(): (network: string) => string {
  const known = new Map<string, string>();
  return (network) => {
    const spelt = known.get(network) ?? canonical(network);
    known.set(network, spelt);
    return spelt;
  };
}

function canonical(network: string): string {
  const prefix = parsePrefix(network);
  return prefix === undefined ? network : formatPrefix(networkOf(prefix));
}

function listOf(value: ChildSettings[string] | undefined): readonly string[] {
  return value === undefined || typeof value === 'string' ? [] : value;
}

function textOf(value: ChildSettings[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function valueAt<Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> {
  const value = map.get(key) ?? new Set<Value>();
  map.set(key, value);
  return value;
}
