import { type DerElement, derChildren, derElements, derTags } from './der.ts';
import { formatAddress, parseAddress } from './ip-address.ts';

/** Other names of a certificate's subject (RFC 5280 4.2.1.6), as texts. */
export interface SubjectAlternatives {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  /** As `formatAddress` prints them. */
  readonly ip: readonly string[];
  readonly uri: readonly string[];
}

/** What a certificate says that Node's own reader does not tell. */
export interface CertificateExtensions {
  /** 1 or 3. */
  readonly version: number;
  /** Pairs of upper-case hex digits with colons between them. */
  readonly subjectKeyIdentifier?: string;
  readonly authorityKeyIdentifier?: string;
  readonly subjectAlternatives: SubjectAlternatives;
}

/** DER contents of the object identifiers 2.5.29.N. */
const extensionIds = {
  subjectKeyIdentifier: 14,
  subjectAlternatives: 17,
  authorityKeyIdentifier: 35,
} as const;

/** Tags of GeneralName (RFC 5280 4.2.1.6). */
const generalNames = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

/** Reads them from a certificate's encoding; `undefined` when it is not DER. */
export function certificateExtensions(der: Uint8Array): CertificateExtensions | undefined {
  const [certificate] = derElements(der) ?? [];
  const [tbs] = derChildren(certificate);
  const fields = derChildren(tbs);
  if (fields.length === 0) return undefined;
  const version = derChildren(fields.find(({ tag }) => tag === derTags.constructedContext(0)))[0];
  const [list] = derChildren(fields.find(({ tag }) => tag === derTags.constructedContext(3)));
  const extensions = derChildren(list);
  const [subject] = extensionValue(extensions, extensionIds.subjectKeyIdentifier);
  const [authority] = extensionValue(extensions, extensionIds.authorityKeyIdentifier);
  const authorityKey = derChildren(authority).find(({ tag }) => tag === derTags.context(0));
  const [alternatives] = extensionValue(extensions, extensionIds.subjectAlternatives);
  return {
    version: (version?.contents[0] ?? 0) + 1,
    ...(subject !== undefined && { subjectKeyIdentifier: colonHex(subject.contents) }),
    ...(authorityKey !== undefined && { authorityKeyIdentifier: colonHex(authorityKey.contents) }),
    subjectAlternatives: subjectAlternatives(derChildren(alternatives)),
  };
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

function subjectAlternatives(names: readonly DerElement[]): SubjectAlternatives {
  const texts = (kind: number) =>
    names.filter(({ tag }) => tag === derTags.context(kind)).map(({ contents }) => asciiText(contents));
  return {
    dns: texts(generalNames.dns),
    email: texts(generalNames.email),
    ip: names.flatMap(({ tag, contents }) =>
      tag === derTags.context(generalNames.ip) ? addressText(contents) : [],
    ),
    uri: texts(generalNames.uri),
  };
}

function asciiText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function addressText(bytes: Uint8Array): readonly string[] {
  const text =
    bytes.length === 4
      ? bytes.join('.')
      : bytes.length === 16
        ? (Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':')
        : '';
  const address = parseAddress(text);
  return address === undefined ? [] : [formatAddress(address)];
}

function colonHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}
