import { type DerElement, derChildren } from './der.ts';

/** One attribute of a distinguished name. */
export interface NamePart {
  /** The attribute's short name in lower case, one for each of its spellings. */
  readonly attribute: string;
  /** Without spaces around it. */
  readonly value: string;
}

/**
 * Reads a distinguished name, `C=CH, O=Lab, CN=host` or `/C=CH/O=Lab/CN=host` (X.501); `undefined` where an attribute
 * is unknown, which makes IKE daemons take the whole text for a key id. Spaces around attributes and values do not count.
 */
export function readDistinguishedName(text: string): readonly NamePart[] | undefined {
  const separator = text.startsWith('/') ? '/' : ',';
  const parts = (separator === '/' ? text.slice(1) : text).split(separator);
  if (/^ *$/.test(parts.at(-1) ?? '')) parts.pop();
  const name = parts.map(readPart);
  return name.every((part) => part !== undefined) ? name : undefined;
}

function readPart(text: string): NamePart | undefined {
  const [begun = '', attribute = ''] = /^ *([^ =]+)[ =]+/.exec(text) ?? [];
  let end = text.length;
  // An expression that looks for the end of the spaces would look from each of them.
  while (end > begun.length && text[end - 1] === ' ') end -= 1;
  const value = text.slice(begun.length, end);
  const lowerCase = attribute.toLowerCase();
  const known = attributeAliases.get(lowerCase) ?? lowerCase;
  return attributes.has(known) ? { attribute: known, value } : undefined;
}

const attributes: ReadonlySet<string> = new Set(
  'nd uid dc cn sn serialnumber c l st street o ou t d postaladdress postalcode n g i dnqualifier dmdname pseudonym id en e un ua tcgid'.split(
    ' ',
  ),
);

const attributeAliases: ReadonlyMap<string, string> = new Map([
  ['employeenumber', 'en'],
  ['email', 'e'],
  ['emailaddress', 'e'],
  ['unstructuredname', 'un'],
  ['unstructuredaddress', 'ua'],
]);

/** The attributes of a Name (RFC 5280 4.1.2.4) one after the other. One that has no short name goes by its digits. */
export function nameParts(name: DerElement): readonly NamePart[] {
  const attributesOf = derChildren(name).flatMap((set) => derChildren(set));
  return attributesOf.flatMap((attribute) => {
    const [type, value] = derChildren(attribute);
    if (type === undefined || value === undefined) return [];
    const hex = Buffer.from(type.contents).toString('hex');
    return [{ attribute: attributesById.get(hex) ?? hex, value: nameText(value).trim() }];
  });
}

/** Whether two names are one to IKE daemons: the same attributes in the same order, without case in ASCII. */
export function areEqualNames(one: readonly NamePart[], other: readonly NamePart[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ attribute, value }, index) => {
      const counterpart = other[index];
      return attribute === counterpart?.attribute && lowerCase(value) === lowerCase(counterpart.value);
    })
  );
}

/** A name as people write it: `C=CH, O=Lab, CN=host`. */
export function formatDistinguishedName(name: readonly NamePart[]): string {
  return name.map(({ attribute, value }) => `${attribute.toUpperCase()}=${value}`).join(', ');
}

/** Without case in ASCII, as IKE daemons compare names. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A BMPString is the only one of them in two bytes a character. */
function nameText({ tag, contents }: DerElement): string {
  const bytes = Buffer.from(contents);
  const isTwoBytes = tag === 30 && bytes.length % 2 === 0;
  return isTwoBytes ? bytes.swap16().toString('utf16le') : bytes.toString('utf8');
}

/** Contents of object identifiers below 2.5.4, of PKCS #9 and of RFC 4519, in hexadecimal. */
const attributesById: ReadonlyMap<string, string> = new Map([
  ['550403', 'cn'],
  ['550404', 'sn'],
  ['550405', 'serialnumber'],
  ['550406', 'c'],
  ['550407', 'l'],
  ['550408', 'st'],
  ['550409', 'street'],
  ['55040a', 'o'],
  ['55040b', 'ou'],
  ['55040c', 't'],
  ['55040d', 'd'],
  ['550410', 'postaladdress'],
  ['550411', 'postalcode'],
  ['550429', 'n'],
  ['55042a', 'g'],
  ['55042b', 'i'],
  ['55042d', 'id'],
  ['55042e', 'dnqualifier'],
  ['550436', 'dmdname'],
  ['550441', 'pseudonym'],
  ['0992268993f22c640101', 'uid'],
  ['0992268993f22c640119', 'dc'],
  ['2a864886f70d010901', 'e'],
  ['2a864886f70d010902', 'un'],
  ['2a864886f70d010908', 'ua'],
]);
