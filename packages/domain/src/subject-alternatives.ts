import { type DerElement, derTags } from './der.ts';
import { formatAddress, parseAddress } from './ip-address.ts';

/** Other names of a certificate's subject (RFC 5280 4.2.1.6), as texts. */
export interface SubjectAlternatives {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  /** As `formatAddress` prints them. */
  readonly ip: readonly string[];
  readonly uri: readonly string[];
}

/** Tags of GeneralName (RFC 5280 4.2.1.6). */
const generalNames = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

/** Reads them from the elements of a GeneralNames; kinds that no policy can name are left out. */
export function subjectAlternatives(names: readonly DerElement[]): SubjectAlternatives {
  const contents = (kind: number) =>
    names.flatMap((name) => (name.tag === derTags.context(kind) ? [name.contents] : []));
  return {
    dns: contents(generalNames.dns).map(asciiText),
    email: contents(generalNames.email).map(asciiText),
    ip: contents(generalNames.ip).flatMap((bytes) => addressText(bytes) ?? []),
    uri: contents(generalNames.uri).map(asciiText),
  };
}

function asciiText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function addressText(bytes: Uint8Array): string | undefined {
  const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
  const text = bytes.length === 4 ? bytes.join('.') : bytes.length === 16 ? groups.join(':') : '';
  const address = parseAddress(text);
  return address && formatAddress(address);
}
