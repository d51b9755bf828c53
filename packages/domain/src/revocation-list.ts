import { createHash } from 'node:crypto';
import { colonHex, derTimeMs } from './certificate-encoding.ts';
import { type DerElement, derChildren, derElements, derTags } from './der.ts';

/** What a certificate revocation list (RFC 5280 5) says. */
export interface RevocationList {
  readonly der: Uint8Array;
  /**
   * SHA-256 of the DER of the CA's name and of the identifier of its key, as far as the list has one, as lower-case hex
   * digits: what tells its lists from those of others, and from those of a CA with the same name and another key.
   */
  readonly issuer: string;
  /** SHA-256 of `der`, 64 lower-case hex digits. */
  readonly sha256: string;
  /** How the CA counts its lists (RFC 5280 5.2.3). */
  readonly number: bigint;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** Serial numbers of the revoked certificates, upper-case hex. */
  readonly revoked: ReadonlySet<string>;
}

/** A list as it was read, nothing checked: what it may lack, and what tells whether it can be used. */
export interface ReadRevocationList
  extends Omit<RevocationList, 'number' | 'nextUpdateMs'>,
    Partial<Pick<RevocationList, 'number' | 'nextUpdateMs'>> {
  /** DER of the issuer's name. */
  readonly issuerName: Uint8Array;
  /**
   * What it says of whose key signed it (RFC 5280 5.2.1), pairs of upper-case hex digits with colons; one at most is
   * sound.
   */
  readonly authorityKeyIdentifiers: readonly string[];
  /** What is signed, with what algorithm (DER, once inside and once outside), and the signature. */
  readonly signed: Uint8Array;
  readonly algorithms: readonly [inner: Uint8Array, outer: Uint8Array];
  readonly signature: Uint8Array;
  /** Only what has changed since another list (RFC 5280 5.2.4). */
  readonly isDelta: boolean;
  /** Only some of the certificates, some of the reasons, or those of other CAs as well (RFC 5280 5.2.5). */
  readonly isPartial: boolean;
  /** Whether it has critical extensions that we do not know. */
  readonly hasUnknownCritical: boolean;
}

/** Numbers N of the object identifiers 2.5.29.N. */
const extensionIds = {
  issuerAlternative: 18,
  number: 20,
  reason: 21,
  holdInstruction: 23,
  invalidityDate: 24,
  delta: 27,
  distributionPoint: 28,
  authorityKey: 35,
} as const;

const knownOfLists: readonly (number | undefined)[] = [
  extensionIds.issuerAlternative,
  extensionIds.number,
  extensionIds.delta,
  extensionIds.distributionPoint,
  extensionIds.authorityKey,
];
const knownOfEntries: readonly (number | undefined)[] = [
  extensionIds.reason,
  extensionIds.holdInstruction,
  extensionIds.invalidityDate,
];

/** Reads a list from its encoding; `undefined` when that is none. */
export function readRevocationList(der: Uint8Array): ReadRevocationList | undefined {
  const [list, ...others] = derElements(der) ?? [];
  const [tbs, outer, signature, ...more] = derChildren(list);
  const fields = [...derChildren(tbs)];
  const hasVersion = fields[0]?.tag === derTags.integer;
  const [inner, issuer, thisUpdate] = fields.slice(hasVersion ? 1 : 0);
  const thisUpdateMs = thisUpdate && derTimeMs(thisUpdate);
  if (tbs === undefined || inner === undefined || issuer === undefined || outer === undefined)
    return undefined;
  const isWhole = others.length === 0 && more.length === 0 && issuer.tag === derTags.sequence;
  if (!isWhole || thisUpdateMs === undefined || signature?.tag !== derTags.bitString) return undefined;
  // The octet that counts unused bits: of a signature, none.
  if (signature.contents[0] !== 0) return undefined;
  const rest = fields.slice(hasVersion ? 4 : 3);
  const nextUpdateMs = rest[0] && derTimeMs(rest[0]);
  if (nextUpdateMs !== undefined) rest.shift();
  const entries = rest[0]?.tag === derTags.sequence ? derElements(rest.shift()?.contents ?? none) : [];
  const wrapper = rest.shift();
  if (entries === undefined || rest.length > 0) return undefined;
  if (wrapper !== undefined && wrapper.tag !== derTags.constructedContext(0)) return undefined;
  const serials = entries.map((entry) => derChildren(entry)[0]);
  if (!serials.every((serial) => serial?.tag === derTags.integer)) return undefined;
  const ofList = derChildren(derChildren(wrapper)[0]).map(readExtension);
  const ofEntries = entries.flatMap((entry) => derChildren(derChildren(entry)[2]).map(readExtension));
  const number = numberOf(ofList);
  const authorityKeys = ofList.filter(({ id }) => id === extensionIds.authorityKey).flatMap(keyIdentifierOf);
  return {
    der,
    issuer: issuerDigest(issuer.whole, ...authorityKeys),
    sha256: digest(der),
    ...(number !== undefined && { number }),
    thisUpdateMs,
    ...(nextUpdateMs !== undefined && { nextUpdateMs }),
    revoked: new Set(serials.map((serial) => serialText(serial?.contents ?? none))),
    issuerName: issuer.whole,
    authorityKeyIdentifiers: authorityKeys.map(colonHex),
    signed: tbs.whole,
    algorithms: [inner.whole, outer.whole],
    signature: signature.contents.subarray(1),
    isDelta: ofList.some(({ id }) => id === extensionIds.delta),
    isPartial: ofList.some(
      ({ id, value }) => id === extensionIds.distributionPoint && !isEmptySequence(value),
    ),
    hasUnknownCritical:
      ofList.some(({ id, isCritical }) => isCritical && !knownOfLists.includes(id)) ||
      ofEntries.some(({ id, isCritical }) => isCritical && !knownOfEntries.includes(id)),
  };
}

/** A list that was checked when it was stored; `undefined` when that is not one that could have been. */
export function readCheckedRevocationList(der: Uint8Array): RevocationList | undefined {
  const read = readRevocationList(der);
  if (read?.number === undefined || read.nextUpdateMs === undefined) return undefined;
  const { issuer, sha256, number, thisUpdateMs, nextUpdateMs, revoked } = read;
  return { der, issuer, sha256, number, thisUpdateMs, nextUpdateMs, revoked };
}

/** What was revoked since an earlier list; everything when there was none. */
export function newlyRevoked(
  list: Pick<RevocationList, 'revoked'> | undefined,
  before: Pick<RevocationList, 'revoked'> | undefined,
): ReadonlySet<string> {
  const now = list?.revoked ?? new Set<string>();
  return before === undefined ? now : now.difference(before.revoked);
}

/** `issuer` of a list, of the DER of a CA's name and the identifiers of its key. */
export function issuerDigest(name: Uint8Array, ...keyIdentifiers: readonly Uint8Array[]): string {
  return digest(Buffer.concat([name, ...keyIdentifiers]));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const none = new Uint8Array();

interface Extension {
  /** Of 2.5.29.N; `undefined` for any other object identifier. */
  readonly id: number | undefined;
  readonly isCritical: boolean;
  /** Contents of the octet string. */
  readonly value: Uint8Array;
}

function readExtension(extension: DerElement): Extension {
  const parts = derChildren(extension);
  const oid = parts[0]?.contents ?? none;
  const flag = parts.find(({ tag }) => tag === derTags.boolean);
  const value = parts.find(({ tag }) => tag === derTags.octetString);
  return {
    id: oid.length === 3 && oid[0] === 0x55 && oid[1] === 0x1d ? oid[2] : undefined,
    isCritical: flag !== undefined && flag.contents[0] !== 0,
    value: value?.contents ?? none,
  };
}

/** RFC 5280 4.2.1.1; empty where only the CA's name and serial number are said. */
function keyIdentifierOf({ value }: Extension): readonly Uint8Array[] {
  const [sequence] = derElements(value) ?? [];
  const identifier = derChildren(sequence).find(({ tag }) => tag === derTags.context(0));
  return identifier === undefined ? [] : [identifier.contents];
}

/** RFC 5280 5.2.3: not negative, 20 octets at most. */
function numberOf(extensions: readonly Extension[]): bigint | undefined {
  const { value = none } = extensions.find(({ id }) => id === extensionIds.number) ?? {};
  const [integer] = derElements(value) ?? [];
  if (integer?.tag !== derTags.integer) return undefined;
  const { contents } = integer;
  if (contents.length === 0 || contents.length > 21 || (contents[0] ?? 0) >= 0x80) return undefined;
  return BigInt(`0x${Buffer.from(contents).toString('hex')}`);
}

/** As Node's `X509Certificate` prints serial numbers: no leading zero octet. */
function serialText(contents: Uint8Array): string {
  const digits = Buffer.from(contents).toString('hex').toUpperCase();
  return digits.replace(/^(00)+(?=.)/, '');
}

function isEmptySequence(value: Uint8Array): boolean {
  const [sequence] = derElements(value) ?? [];
  return sequence?.tag === derTags.sequence && sequence.contents.length === 0;
}
