/**
 * IP addresses as text, for comparing and printing only: the dialect knows no more about them than their order.
 */

/** Orders addresses by family, then by number: an IPv4 address is its number, an IPv6 address 32 hexadecimal digits. */
export type AddressKey = number | string;

const dottedQuad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The key of an address, or undefined when `text` is none (zones and prefixes are none). */
export function addressKey(text: string): AddressKey | undefined {
  if (!text.includes(':')) return ipv4Number(text);
  const groups = ipv6Groups(text);
  return groups?.map((group) => group.toString(16).padStart(4, '0')).join('');
}

/** The address as RFC 5952 prints it (IPv6 compressed, lower case); text that is no address comes back as it is. */
export function canonicalAddress(text: string): string {
  if (!text.includes(':')) return text;
  const groups = ipv6Groups(text);
  return groups === undefined ? text : compressed(groups);
}

function ipv4Number(text: string): number | undefined {
  const match = dottedQuad.exec(text);
  if (match === null) return undefined;
  let number = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    number = number * 256 + octet;
  }
  return number;
}

function ipv6Groups(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = groupsOf(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  // RFC 5952 section 4.2.2 never shortens a single group, but readers of RFC 4291 addresses must accept it.
  if (missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The 16-bit groups of one side of `::`; a dotted quad may stand for the last two of the address. */
function groupsOf(text: string, isAddressEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = isAddressEnd && index === parts.length - 1 ? ipv4Number(part) : undefined;
    if (quad === undefined) return undefined;
    groups.push(Math.floor(quad / 65536), quad % 65536);
  }
  return groups;
}

function compressed(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${octets(groups[6] ?? 0)}.${octets(groups[7] ?? 0)}`;
  const zeros = longestZeroRun(groups);
  const digits = groups.map((group) => group.toString(16));
  if (zeros.length < 2) return digits.join(':');
  return `${digits.slice(0, zeros.start).join(':')}::${digits.slice(zeros.start + zeros.length).join(':')}`;
}

function octets(group: number): string {
  return `${group >> 8}.${group & 255}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
