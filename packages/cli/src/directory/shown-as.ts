import type { ValueFormat } from '../output/column.ts';
import { bytesText, durationText } from '../output/quantities.ts';

/** The values of the API that people see as one text: the least of them, and the greatest. */
export interface Span {
  readonly least: string;
  readonly most: string;
}

/**
 * The values that a column shows so; undefined of what is none. `18.1 MB` is all that is rounded to it, `1 h` all that is cut
 * off to it, an instant its whole second, in the local time zone. What is written otherwise, `18MB` or `60 m`, is one value.
 */
export function shownAs(format: ValueFormat, text: string): Span | undefined {
  switch (format) {
    case 'bytes':
      return numberSpan(text) ?? spanOf(bytesOf(text), text, bytesText);
    case 'seconds':
      return numberSpan(text) ?? spanOf(secondsOf(text), text, durationText);
    case 'count':
    case 'integer':
      return numberSpan(text);
    case 'time':
      return timeSpan(text);
    default:
      return undefined;
  }
}

/** `1234567`, and `1,234,567`. */
function numberSpan(text: string): Span | undefined {
  if (!/^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)$/.test(text)) return undefined;
  const number = text.replaceAll(',', '');
  return { least: number, most: number };
}

const prefixes = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** By powers of 1,000, as they are shown. */
function bytesOf(text: string): number | undefined {
  const [, digits, prefix = ''] = /^(\d+(?:\.\d+)?) ?([kmgtpe]?)b$/i.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Math.round(Number(digits) * 1000 ** prefixes.indexOf(prefix.toLowerCase()));
}

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

function secondsOf(text: string): number | undefined {
  if (!/^(?:\d+ ?[dhms] ?)+$/i.test(text)) return undefined;
  const parts = text.toLowerCase().matchAll(/(\d+) ?([dhms])/g);
  return Array.from(parts, ([, count, unit = '']) => Number(count) * (unitSeconds[unit] ?? 1)).reduce(
    (sum, part) => sum + part,
  );
}

/** Around the value all that are shown by the same text; where that is not how it was typed, the value alone. */
function spanOf(value: number | undefined, typed: string, show: (value: number) => string): Span | undefined {
  if (value === undefined || !Number.isSafeInteger(value)) return undefined;
  const text = show(value);
  const isAsShown = typed.replaceAll(' ', '').toLowerCase() === text.replaceAll(' ', '').toLowerCase();
  const farthest = (direction: 1 | -1): string => {
    let last = value;
    let step = 1;
    while (show(last + direction * step) === text) step *= 2;
    for (; step >= 1; step /= 2) if (show(last + direction * step) === text) last += direction * step;
    return String(last);
  };
  return isAsShown
    ? { least: farthest(-1), most: farthest(1) }
    : { least: String(value), most: String(value) };
}

const years = String.raw`(?<year>\d{4})-(?<month>\d\d?)-(?<day>\d\d?)`;
const ontaps = String.raw`(?<month>\d\d?)/(?<day>\d\d?)/(?<year>\d{4})`;
const clock = String.raw`(?:[ T](?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d))?)?`;
const localTimes = [new RegExp(`^${years}${clock}$`, 'i'), new RegExp(`^${ontaps}${clock}$`, 'i')];

/** Of a minute or a day all of it. With a zone it is for the server to read. */
function timeSpan(text: string): Span | undefined {
  const groups = localTimes.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  if (groups === undefined) return undefined;
  const { hour, minute, second } = groups;
  const part = (name: string) => Number(groups[name] ?? 0);
  const at = (days: number, minutes: number, seconds: number, milliseconds: number) =>
    new Date(
      part('year'),
      part('month') - 1,
      part('day') + days,
      part('hour'),
      part('minute') + minutes,
      part('second') + seconds,
      milliseconds,
    );
  const least = at(0, 0, 0, 0);
  // A day that there is not would become another one.
  const isThere = least.getMonth() === part('month') - 1 && least.getDate() === part('day');
  const isOfClock = Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 60;
  if (!isThere || !isOfClock) return undefined;
  const most = at(
    Number(hour === undefined),
    Number(hour !== undefined && second === undefined),
    Number(second !== undefined),
    -1,
  );
  return { least: least.toISOString().replace('.000Z', 'Z'), most: most.toISOString() };
}
