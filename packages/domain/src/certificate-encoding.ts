import { createHash } from 'node:crypto';
import { type DerElement, derChildren, derElements, derTags } from './der.ts';
import { type NamePart, nameParts } from './distinguished-name.ts';
import { type SubjectAlternatives, subjectAlternatives } from './subject-alternatives.ts';

/** What a certificate says that Node's own reader does not tell, or tells wrongly. */
export interface CertificateEncoding {
  /** 1 or 3. */
  readonly version: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Pairs of upper-case hex digits with colons between them. */
  readonly subjectKeyIdentifier?: string;
  readonly authorityKeyIdentifier?: string;
  readonly subjectAlternatives: SubjectAlternatives;
  /** The subject's distinguished name, in the order of the encoding. */
  readonly subject: readonly NamePart[];
  /**
   * SHA-1 of the public key's bits (RFC 5280 4.2.1.2, method 1), 40 lower-case hex digits: IKE daemons call keys by it.
   */
  readonly publicKeyIdentifier: string;
}

/** DER contents of the object identifiers 2.5.29.N. */
const extensionIds = {
  subjectKeyIdentifier: 14,
  subjectAlternatives: 17,
  authorityKeyIdentifier: 35,
} as const;

/**
 * Reads it from a certificate's encoding (RFC 5280 4.1); `undefined` when it is not DER or its dates are none: of a date
 * that is malformed, OpenSSL makes whatever is in memory.
 */
export function readEncoding(der: Uint8Array): CertificateEncoding | undefined {
  const [certificate] = derElements(der) ?? [];
  const [tbs] = derChildren(certificate);
  const fields = derChildren(tbs);
  const version = fields[0]?.tag === derTags.constructedContext(0) ? fields[0] : undefined;
  // Before the dates: perhaps the version, then serial number, algorithm, issuer.
  const dates = derChildren(fields[version === undefined ? 3 : 4]);
  const [notBeforeMs, notAfterMs] = dates.map(derTimeMs);
  if (notBeforeMs === undefined || notAfterMs === undefined) return undefined;
  // After the dates: subject and public key.
  const [subjectName, publicKey] = fields.slice(version === undefined ? 4 : 5);
  const bits = derChildren(publicKey)[1]?.contents.subarray(1);
  if (subjectName === undefined || bits === undefined) return undefined;
  const [list] = derChildren(fields.find(({ tag }) => tag === derTags.constructedContext(3)));
  const extensions = derChildren(list);
  const [subject] = extensionValue(extensions, extensionIds.subjectKeyIdentifier);
  const [authority] = extensionValue(extensions, extensionIds.authorityKeyIdentifier);
  const authorityKey = derChildren(authority).find(({ tag }) => tag === derTags.context(0));
  const [alternatives] = extensionValue(extensions, extensionIds.subjectAlternatives);
  return {
    version: (derChildren(version)[0]?.contents[0] ?? 0) + 1,
    notBeforeMs,
    notAfterMs,
    ...(subject !== undefined && { subjectKeyIdentifier: colonHex(subject.contents) }),
    ...(authorityKey !== undefined && { authorityKeyIdentifier: colonHex(authorityKey.contents) }),
    subjectAlternatives: subjectAlternatives(derChildren(alternatives)),
    subject: nameParts(subjectName),
    publicKeyIdentifier: createHash('sha1').update(bits).digest('hex'),
  };
}

/**
 * A time in epoch milliseconds: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280 4.1.2.5); `undefined` for anything else.
 */
export function derTimeMs({ tag, contents }: DerElement): number | undefined {
  const text = Buffer.from(contents).toString('latin1');
  const isShort = tag === derTags.utcTime;
  if (!isShort && tag !== derTags.generalizedTime) return undefined;
  const [, year = '', ...rest] =
    /^(\d\d(?:\d\d)?)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.map(String) ?? [];
  if (year.length !== (isShort ? 2 : 4)) return undefined;
  const century = isShort ? (Number(year) < 50 ? '20' : '19') : '';
  const [month, day, hour, minute, second] = rest;
  const iso = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) || new Date(ms).toISOString() !== iso ? undefined : ms;
}

/** An extension is an object identifier, perhaps a boolean, and an octet string that holds its value. */
function extensionValue(extensions: readonly DerElement[], id: number): readonly DerElement[] {
  for (const extension of extensions) {
    const parts = derChildren(extension);
    const [oid] = parts;
    if (oid === undefined || Buffer.compare(oid.contents, Buffer.from([0x55, 0x1d, id])) !== 0) continue;
    const value = parts.find(({ tag }) => tag === derTags.octetString);
    return (value && derElements(value.contents)) ?? [];
  }
  return [];
}

/** Pairs of upper-case hex digits with colons between them. */
export function colonHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}
