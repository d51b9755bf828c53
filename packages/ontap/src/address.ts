/**
 * IP addresses as text, for comparing and printing only: the dialect knows no more about them than their order.
 */

/** Orders addresses by family, then by number: an IPv4 address is its number, an IPv6 address 32 hexadecimal digits. */
export type AddressKey = number | string;

const colonCode = ':'.charCodeAt(0);

/** The value of a hexadecimal digit, by its character code. */
const hexDigits: readonly (number | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? undefined : digit;
});

const dottedQuad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The key of an address, or undefined when `text` is none (zones and prefixes are none). */
export function addressKey(text: string): AddressKey | undefined {
  if (!text.includes(':')) return ipv4Number(text);
  const groups = ipv6Groups(text);
  if (groups === undefined) return undefined;
  let key = '';
  for (const group of groups) key += (0x10000 + group).toString(16).slice(1);
  return key;
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
  const groups: number[] = [];
  let gap: number | undefined;
  let position = 0;
  if (text.startsWith('::')) {
    gap = 0;
    position = 2;
  }
  while (position < text.length) {
    const colon = text.indexOf(':', position);
    const end = colon < 0 ? text.length : colon;
    const group = hexGroup(text, position, end);
    if (group === undefined) {
      // A dotted quad may stand for the last two groups.
      const quad = colon < 0 ? ipv4Number(text.slice(position)) : undefined;
      if (quad === undefined) return undefined;
      groups.push(Math.floor(quad / 65536), quad % 65536);
      break;
    }
    groups.push(group);
    if (colon < 0) break;
    position = end + 1;
    if (text.charCodeAt(position) === colonCode) {
      if (gap !== undefined) return undefined;
      gap = groups.length;
      position += 1;
    } else if (position === text.length) return undefined;
  }
  const missing = 8 - groups.length;
  if (gap === undefined) return missing === 0 ? groups : undefined;
  // RFC 5952 section 4.2.2 never shortens a single group, but readers of RFC 4291 addresses must accept it.
  if (missing < 1) return undefined;
  groups.splice(gap, 0, ...new Array<number>(missing).fill(0));
  return groups;
}

/** One to four hexadecimal digits as a number. */
function hexGroup(text: string, start: number, end: number): number | undefined {
  if (end - start < 1 || end - start > 4) return undefined;
  let group = 0;
  for (let position = start; position < end; position += 1) {
    const digit = hexDigits[text.charCodeAt(position)];
    if (digit === undefined) return undefined;
    group = group * 16 + digit;
  }
  return group;
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
