import type { Message } from '@esplanade/vici';
import type { SaDirectionRecord, SaRecord } from '../support/operator.ts';

/** One direction of a CHILD SA. */
interface Direction {
  readonly spi: string;
  readonly bytes: number;
  readonly packets: number;
}

/** An IKE SA and its only CHILD SA, as one of the two hosts sees them. */
export interface SaView {
  readonly local: string;
  readonly remote: string;
  readonly ikeState: string;
  readonly isInitiator: boolean;
  /** Of the initiator, then of the responder. */
  readonly ikeSpis: readonly [string, string];
  readonly suite: string;
  readonly state: string;
  readonly inbound: Direction;
  readonly outbound: Direction;
}

/** What the API says; undefined unless that is one IKE SA with one CHILD SA. */
export function viewOfApi(records: readonly SaRecord[]): SaView | undefined {
  const ikeSas = records.filter(({ type }) => type === 'ike');
  const childSas = records.filter(({ type }) => type === 'ipsec');
  const [ike, child] = [ikeSas[0], childSas[0]];
  if (ikeSas.length !== 1 || childSas.length !== 1 || !ike?.ike || !child?.ipsec) return undefined;
  return {
    local: ike.local_address ?? '',
    remote: ike.remote_address ?? '',
    ikeState: ike.ike.state,
    isInitiator: ike.ike.is_initiator,
    ikeSpis: [ike.ike.initiator_security_parameter_index, ike.ike.responder_security_parameter_index],
    suite: child.cipher_suite ?? '',
    state: child.ipsec.state,
    inbound: directionOfApi(child.ipsec.inbound),
    outbound: directionOfApi(child.ipsec.outbound),
  };
}

function directionOfApi({ security_parameter_index, bytes, packets }: SaDirectionRecord): Direction {
  return { spi: security_parameter_index, bytes, packets };
}

const suiteByAlgorithm: ReadonlyMap<string, string> = new Map([
  ['AES_GCM_16', 'suiteb_gcm256'],
  ['NULL_AES_GMAC', 'suiteb_gmac256'],
  ['AES_CBC', 'suite_aescbc'],
]);

/** What a charon's `list-sas` says; undefined unless that is one IKE SA with one CHILD SA in transport mode. */
export function viewOfCharon(rows: readonly Message[]): SaView | undefined {
  const ikeSas = rows.flatMap((row) => row.sections().map(([, ike]) => ike));
  const childSas = ikeSas.flatMap(
    (ike) =>
      ike
        .section('child-sas')
        ?.sections()
        .map(([, child]) => child) ?? [],
  );
  const [ike, child] = [ikeSas[0], childSas[0]];
  if (ikeSas.length !== 1 || childSas.length !== 1 || !ike || child?.text('mode') !== 'TRANSPORT')
    return undefined;
  return {
    local: ike.text('local-host') ?? '',
    remote: ike.text('remote-host') ?? '',
    ikeState: (ike.text('state') ?? '').toLowerCase(),
    isInitiator: ike.yesNo('initiator') ?? false,
    ikeSpis: [ike.text('initiator-spi') ?? '', ike.text('responder-spi') ?? ''],
    suite: suiteByAlgorithm.get(child.text('encr-alg') ?? '') ?? '',
    state: (child.text('state') ?? '').toLowerCase(),
    inbound: directionOfCharon(child, 'in'),
    outbound: directionOfCharon(child, 'out'),
  };
}

function directionOfCharon(child: Message, way: 'in' | 'out'): Direction {
  return {
    spi: child.text(`spi-${way}`) ?? '',
    bytes: Number(child.text(`bytes-${way}`)),
    packets: Number(child.text(`packets-${way}`)),
  };
}

/** The same SAs as the host at the other end must see them. */
export function seenFromTheOtherEnd(view: SaView): SaView {
  return {
    ...view,
    local: view.remote,
    remote: view.local,
    isInitiator: !view.isInitiator,
    inbound: view.outbound,
    outbound: view.inbound,
  };
}
