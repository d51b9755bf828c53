/** What a field of the model's records holds. */
export type NaiveType = 'text' | 'word' | 'whole' | 'count' | 'flag' | 'date' | 'address' | 'range' | 'list';

/** A value in a plain JSON record; counters are text, because JSON numbers are rounded. */
export type NaiveValue = string | number | boolean | readonly string[];

/** What compares: the first difference of two lists decides. */
type Rank = readonly (bigint | string)[];

const units = ['KB', 'MB', 'GB', 'TB', 'PB'];

/** What a text in a query means as a value of the type; undefined when it is none. */
export function rankOfText(type: NaiveType, text: string): Rank | undefined {
  switch (type) {
    case 'text':
    case 'list':
      return [text];
    case 'word':
      return [word(text)];
    case 'whole': {
      const number = wholeNumber(text);
      const isSafe = number !== undefined && number > -(2n ** 53n) && number < 2n ** 53n;
      return isSafe ? [number] : undefined;
    }
    case 'count': {
      const number = wholeNumber(text);
      return number === undefined ? undefined : [number];
    }
    case 'flag': {
      const spelling = text.toLowerCase();
      if (['true', 'yes', 'on', '1'].includes(spelling)) return [1n];
      return ['false', 'no', 'off', '0'].includes(spelling) ? [0n] : undefined;
    }
    case 'date':
      return instant(text);
    case 'address':
      return addressRank(text);
    case 'range':
      return bounds(text);
  }
}

/** What a value means. */
export function rankOfValue(type: NaiveType, value: NaiveValue): Rank {
  if (typeof value === 'boolean') return [value ? 1n : 0n];
  if (typeof value === 'number') return [BigInt(value)];
  if (typeof value === 'object') return [value.join('\n')];
  const rank = rankOfText(type, value);
  if (rank === undefined) throw new Error(`${value} is no ${type}`);
  return rank;
}

/** Negative, 0, positive: as `a` is less than, equal to or more than `b`. */
export function compareRanks(a: Rank, b: Rank): number {
  for (let index = 0; index < a.length; index += 1) {
    const left = a[index] ?? '';
    const right = b[index] ?? '';
    if (left < right) return -1;
    if (left > right) return 1;
  }
  return 0;
}

/** The value as the API prints it. */
export function printedValue(type: NaiveType, value: NaiveValue): string {
  return type === 'address' ? printedAddress(String(value)) : String(value);
}

/** A word of the CLI in its one form. */
export function word(text: string): string {
  return text.toLowerCase().split('-').join('_');
}

function wholeNumber(text: string): bigint | undefined {
  let digits = text;
  let factor = 1n;
  const unit = units.indexOf(text.slice(-2).toUpperCase());
  if (unit >= 0) {
    digits = text.slice(0, -2);
    for (let power = 0; power <= unit; power += 1) factor *= 1024n;
  }
  let sign = 1n;
  if (digits.startsWith('-')) sign = -1n;
  if (digits.startsWith('-') || digits.startsWith('+')) digits = digits.slice(1);
  if (digits === '' || digits.split('').some((digit) => !'0123456789'.includes(digit))) return undefined;
  return sign * BigInt(digits) * factor;
}

/** Milliseconds since 1970 by the calendar; UTC where no zone is given. */
function instant(text: string): Rank | undefined {
  const date = /^(\d\d\d\d)-(\d\d)-(\d\d)$/.exec(text.slice(0, 10));
  if (date === null) return undefined;
  const [year = 0, month = 0, day = 0] = date.slice(1).map(Number);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[month - 1];
  if (length === undefined || day < 1 || day > length) return undefined;
  let days = 0;
  for (let each = 1970; each < year; each += 1)
    days += each % 4 === 0 && (each % 100 !== 0 || each % 400 === 0) ? 366 : 365;
  for (const each of lengths.slice(0, month - 1)) days += each;
  days += day - 1;
  if (text.length === 10) return [BigInt(days) * 86_400_000n];
  const time = /^[Tt](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?$/.exec(text.slice(10));
  if (time === null) return undefined;
  const [, hour = '', minute = '', second = '0', fraction = '.0', zone = 'Z'] = time;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  let minutes = days * 1440 + Number(hour) * 60 + Number(minute);
  if (zone.length > 1) {
    const offset = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
    if (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(-2)) > 59) return undefined;
    minutes += zone.startsWith('-') ? offset : -offset;
  }
  const milliseconds = Number(fraction.padEnd(4, '0').slice(1, 4));
  return [BigInt(minutes) * 60_000n + BigInt(Number(second) * 1000 + milliseconds)];
}

function bounds(text: string): Rank | undefined {
  const [low = '', high = low, ...more] = text.split('-');
  const isNumber = (part: string): boolean => /^[0-9]{1,7}$/.test(part);
  return isNumber(low) && isNumber(high) && more.length === 0 ? [BigInt(low), BigInt(high)] : undefined;
}

/** The family first, then the address as a number. */
function addressRank(text: string): Rank | undefined {
  const ipv4 = quad(text);
  if (ipv4 !== undefined) return [4n, ipv4];
  const groups = hexGroups(text);
  return groups && [6n, groups.reduce((sum, group) => sum * 65_536n + group, 0n)];
}

function quad(text: string): bigint | undefined {
  const parts = text.split('.');
  const isQuad =
    parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]?[0-9]?)$/.test(part) && Number(part) < 256);
  return isQuad ? parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) : undefined;
}

function hexGroups(text: string): readonly bigint[] | undefined {
  if (!text.includes(':')) return undefined;
  let given = text;
  const lastColon = text.lastIndexOf(':');
  const tail = quad(text.slice(lastColon + 1));
  if (tail !== undefined)
    given = `${text.slice(0, lastColon + 1)}${(tail / 65_536n).toString(16)}:${(tail % 65_536n).toString(16)}`;
  const halves = given.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...left, ...Array.from({ length: halves.length === 2 ? missing : 0 }, () => '0'), ...right];
  return all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? all.map((group) => BigInt(`0x${group}`))
    : undefined;
}

/** RFC 5952: of all ways to leave out one run of zeros, the shortest text; of these the first. */
function printedAddress(text: string): string {
  const groups = hexGroups(text);
  if (groups === undefined) return text;
  if (groups.slice(0, 5).every((group) => group === 0n) && groups[5] === 0xffffn) {
    const [high = 0n, low = 0n] = groups.slice(6);
    return `::ffff:${high / 256n}.${high % 256n}.${low / 256n}.${low % 256n}`;
  }
  const digits = groups.map((group) => group.toString(16));
  let best = digits.join(':');
  let longest = 1;
  for (let start = 0; start < 8; start += 1)
    for (let end = start + 1; end <= 8; end += 1) {
      const isZero = groups.slice(start, end).every((group) => group === 0n);
      if (!isZero || end - start <= longest) continue;
      longest = end - start;
      best = `${digits.slice(0, start).join(':')}::${digits.slice(end).join(':')}`;
    }
  return best;
}
