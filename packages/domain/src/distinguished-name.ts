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
  const [, attribute = '', value = ''] = /^ *([^ =]+)[ =]+(.*?) *$/s.exec(text) ?? [];
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
