import {
  areEqualNames,
  type NamePart,
  type PublicCertificate,
  readDistinguishedName,
} from '@esplanade/domain';
import type { Message, ViciEvent } from '@esplanade/vici';
import { anchorDigits } from '../entry-fingerprint.ts';

const trusting = /^ {2}using trusted ca certificate "(.*)"$/;
const authenticated = /^authentication of '.*' with (?!pre-shared key|EAP).* successful$/;

/** Charon never says when an IKE SA was forgotten, so the oldest are, beyond this many. */
const rememberedSas = 20_000;

/**
 * Which CA vouched for the remote of each IKE SA: charon says so once, in its log, when the remote authenticates. Not
 * known of SAs that came up before we listened.
 */
export class Vouchers {
  /** The CA that an authentication under way rests on, by the IKE SA's number. */
  readonly #considered = new Map<string, string>();
  /** Names of CAs, read once: they are looked at for every SA whenever charon is compared with what is desired. */
  readonly #vouchers = new Map<string, readonly NamePart[]>();
  readonly #known = new Map<string, PublicCertificate>();

  /** Takes in an event: lines of the log, and IKE SAs that take the place of others. */
  heard(event: ViciEvent): void {
    if (event.kind !== 'event') return;
    if (event.name === 'log') this.#read(event.message);
    if (event.name === 'ike-rekey') for (const [, section] of event.message.sections()) this.#follow(section);
  }

  /** Takes note of CAs that are believed, so that they are known once they no longer are. */
  note(anchors: readonly PublicCertificate[]): void {
    for (const anchor of anchors) this.#known.set(anchor.sha256.slice(0, anchorDigits), anchor);
  }

  /** Charon is another one: it counts its IKE SAs anew. */
  forget(): void {
    this.#considered.clear();
    this.#vouchers.clear();
  }

  /**
   * Whether it is known that one of `anchors` vouched for the remote of an IKE SA, and none of those that were believed
   * besides when it came up (`formerly`, as `credentialsIn` gives them): two may have the same name.
   */
  isVouchedBy(ikeId: string, anchors: readonly PublicCertificate[], formerly: ReadonlySet<string>): boolean {
    const name = this.#vouchers.get(ikeId);
    if (name === undefined) return false;
    const hasName = ({ subject }: PublicCertificate): boolean => areEqualNames(subject, name);
    const others = formerly.difference(new Set(anchors.map(({ sha256 }) => sha256.slice(0, anchorDigits))));
    return (
      anchors.some(hasName) && ![...others].flatMap((digits) => this.#known.get(digits) ?? []).some(hasName)
    );
  }

  #read(message: Message): void {
    const ikeId = message.text('ikesa-uniqueid');
    const line = message.text('msg') ?? '';
    if (ikeId === undefined) return;
    const [, ca] = trusting.exec(line) ?? [];
    if (ca !== undefined) remember(this.#considered, ikeId, ca);
    const considered = this.#considered.get(ikeId);
    if (considered === undefined || !authenticated.test(line)) return;
    this.#considered.delete(ikeId);
    const name = readDistinguishedName(considered);
    if (name === undefined) this.#vouchers.delete(ikeId);
    else remember(this.#vouchers, ikeId, name);
  }

  #follow(section: Message): void {
    const former = section.section('old')?.text('uniqueid');
    const successor = section.section('new')?.text('uniqueid');
    const voucher = former === undefined ? undefined : this.#vouchers.get(former);
    if (successor !== undefined && voucher !== undefined) remember(this.#vouchers, successor, voucher);
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > rememberedSas && oldest !== undefined) map.delete(oldest);
}
