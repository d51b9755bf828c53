import {
  type ChildSa,
  type ChildSaState,
  type CipherSuite,
  formatAddress,
  type IkeSa,
  type IkeSaState,
  type Lifetimes,
  type PolicyUuid,
  parseAddress,
  type SaDirection,
  type SecurityAssociation,
  type Spi,
} from '@esplanade/domain';
import type { Message, ViciEvent } from '@esplanade/vici';
import { type SaPlace, saUuid } from '../sa-uuid.ts';
import { isOurs, parseChildName, replayWindowOf } from './names.ts';
import { type ReportedAlgorithms, suiteOfChildSa, suitesOfIkeSa } from './proposals.ts';

/** What the driver knows beside what charon reports. */
export interface SaContext {
  readonly place: SaPlace;
  /** What was configured under a child's name, where we did it since we started. */
  configured(
    childName: string,
  ): { readonly cipherSuite: CipherSuite; readonly lifetimes: Lifetimes } | undefined;
  /** How the peers of a connection prove who they are, where charon has told. */
  authentication(connectionName: string): IkeSa['authentication'];
  /** The policy that an IKE SA was first seen with, by the IKE SA's uuid. */
  firstPolicy(ikeUuid: string): PolicyUuid | undefined;
}

const ikeStates: ReadonlyMap<string, IkeSaState> = new Map([
  ['CREATED', 'none'],
  ['CONNECTING', 'connecting'],
  ['ESTABLISHED', 'established'],
  ['PASSIVE', 'none'],
  // While it is replaced it carries on, until the new one says REKEYED.
  ['REKEYING', 'established'],
  ['REKEYED', 'established'],
  ['DELETING', 'none'],
  ['DESTROYING', 'none'],
]);

const childStates: ReadonlyMap<string, ChildSaState> = new Map([
  ['CREATED', 'created'],
  ['ROUTED', 'routed'],
  ['INSTALLING', 'installing'],
  ['INSTALLED', 'installed'],
  ['UPDATING', 'updating'],
  ['REKEYING', 'rekeying'],
  ['REKEYED', 'rekeyed'],
  ['RETRYING', 'retrying'],
  ['DELETING', 'deleting'],
  ['DELETED', 'deleted'],
  ['DESTROYING', 'destroying'],
]);

/**
 * The SAs of one `list-sa` row: each section of it is an IKE SA under its connection's name, with its CHILD SAs. A
 * CHILD SA that has no SPI yet is not one yet and is left out.
 */
export function securityAssociationsOf(row: Message, context: SaContext): SecurityAssociation[] {
  return row.sections().flatMap(([connectionName, section]) => {
    const children =
      section
        .section('child-sas')
        ?.sections()
        .map(([, child]) => child) ?? [];
    const uuid = saUuid(context.place, 'ike', addressText(section, 'local-host'), ownIkeSpi(section));
    return [
      ikeSaOf(uuid, connectionName, section, children, context),
      ...children.flatMap((child) => childSaOf(uuid, section, child, context)),
    ];
  });
}

/** Names of the children that a `child-rekey` event tells of. */
export function rekeyedChildren(event: ViciEvent): readonly string[] {
  if (event.kind !== 'event' || event.name !== 'child-rekey') return [];
  const children = event.message
    .sections()
    .flatMap(([, ikeSa]) => ikeSa.section('child-sas')?.sections() ?? []);
  return children.flatMap(([, child]) => child.section('new')?.text('name') ?? []);
}

/** Names of the children in a `list-sa` row that still carry traffic or are about to. */
export function childNamesOf(row: Message): string[] {
  return row
    .sections()
    .flatMap(([, ikeSa]) => ikeSa.section('child-sas')?.sections() ?? [])
    .filter(([, child]) => !leavingStates.has(child.text('state') ?? ''))
    .flatMap(([, child]) => child.text('name') ?? []);
}

const leavingStates: ReadonlySet<string> = new Set(['REKEYED', 'DELETING', 'DELETED', 'DESTROYING']);

function ikeSaOf(
  uuid: string,
  connectionName: string,
  section: Message,
  children: readonly Message[],
  context: SaContext,
): IkeSa {
  const oldest = oldestOf(children);
  const oldestName = oldest?.text('name') ?? '';
  const policyUuid = context.firstPolicy(uuid) ?? parseChildName(oldestName)?.policyUuid;
  const configured = context.configured(oldestName);
  const candidates = suitesOfIkeSa(algorithmsOf(section));
  // Two suites have the same IKE algorithms; what was configured, or what the CHILD SA uses, tells which it is.
  const wanted = configured?.cipherSuite ?? (oldest && suiteOfChildSa(algorithmsOf(oldest)));
  const suite = candidates.find((candidate) => candidate === wanted) ?? onlyOne(candidates);
  return {
    kind: 'ike',
    uuid,
    ...owner(connectionName, isOurs(connectionName), policyUuid),
    localAddress: addressText(section, 'local-host'),
    remoteAddress: addressText(section, 'remote-host'),
    lifetimeSeconds: configured?.lifetimes.ikeSeconds ?? number(section, 'rekey-time'),
    ...(suite === undefined ? {} : { cipherSuite: suite }),
    ikeVersion: number(section, 'version'),
    state: ikeStateOf(section),
    authentication: context.authentication(connectionName),
    isInitiator: section.yesNo('initiator') ?? false,
    initiatorSpi: spi(section, 'initiator-spi', 16),
    responderSpi: spi(section, 'responder-spi', 16),
    ...optional('localIdentity', section.text('local-id')),
    ...optional('remoteIdentity', section.text('remote-id')),
  };
}

function childSaOf(ikeUuid: string, ike: Message, child: Message, context: SaContext): ChildSa[] {
  if (/^0*$/.test(child.text('spi-in') ?? '')) return [];
  const name = child.text('name') ?? '';
  const form = parseChildName(name);
  const configured = context.configured(name);
  const suite = suiteOfChildSa(algorithmsOf(child));
  const localAddress = addressText(ike, 'local-host');
  const inbound = directionOf(child, 'in');
  const replayWindow = replayWindowOf(name);
  return [
    {
      kind: 'ipsec',
      uuid: saUuid(context.place, 'ipsec', localAddress, inbound.spi),
      ...owner(name, form !== undefined, form?.policyUuid),
      localAddress,
      remoteAddress: addressText(ike, 'remote-host'),
      lifetimeSeconds: configured?.lifetimes.ipsecSeconds ?? number(child, 'life-time'),
      ...(suite === undefined ? {} : { cipherSuite: suite }),
      state: childStates.get(child.text('state') ?? '') ?? 'unknown',
      action: child.yesNo('encap') === true ? 'esp_udp' : 'esp_transport',
      mode: child.text('mode') === 'TUNNEL' ? 'tunnel' : 'transport',
      ...(replayWindow === undefined ? {} : { replayWindow }),
      inbound,
      outbound: directionOf(child, 'out'),
      ikeUuid,
    },
  ];
}

/** The CHILD SA that came first among those still there: charon numbers them as they come. */
function oldestOf(children: readonly Message[]): Message | undefined {
  const age = (child: Message): number => number(child, 'uniqueid');
  return [...children].sort((a, b) => age(a) - age(b))[0];
}

function ikeStateOf(section: Message): IkeSaState {
  const state = ikeStates.get(section.text('state') ?? '') ?? 'none';
  const isProbing = section.texts('tasks-active').includes('IKE_DPD');
  return state === 'established' && isProbing ? 'dead_peer_probe' : state;
}

function owner(
  name: string,
  ours: boolean,
  policyUuid: PolicyUuid | undefined,
): { readonly policyUuid?: PolicyUuid; readonly foreignName?: string } {
  if (!ours) return { foreignName: name };
  return policyUuid === undefined ? {} : { policyUuid };
}

function ownIkeSpi(section: Message): Spi {
  return spi(section, section.yesNo('initiator') === true ? 'initiator-spi' : 'responder-spi', 16);
}

function directionOf(child: Message, way: 'in' | 'out'): SaDirection {
  return {
    spi: spi(child, `spi-${way}`, 8),
    bytes: BigInt(child.text(`bytes-${way}`) ?? '0'),
    packets: BigInt(child.text(`packets-${way}`) ?? '0'),
  };
}

function algorithmsOf(section: Message): ReportedAlgorithms {
  return {
    encryption: section.text('encr-alg'),
    keyBits: section.text('encr-keysize'),
    integrity: section.text('integ-alg'),
    group: section.text('dh-group'),
  };
}

// The pattern is the brand's own: lower-case hex of fixed length.
function spi(section: Message, name: string, digits: number): Spi {
  return (section.text(name) ?? '').toLowerCase().padStart(digits, '0') as Spi;
}

/** Charon's text of an address, in our one form; `%any` while it knows none. */
function addressText(section: Message, name: string): string {
  const text = section.text(name) ?? '';
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

function number(section: Message, name: string): number {
  return Number(section.text(name) ?? '0');
}

function optional<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [N in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]: string });
}

function onlyOne<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}
