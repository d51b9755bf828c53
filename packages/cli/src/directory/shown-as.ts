import type { ValueFormat } from '../output/column.ts';
import { bytesText, durationText } from '../output/quantities.ts';
import { quantityOf } from '../quantity.ts';

/** The values of the API that people see as one text: the least of them, and the greatest. */
export interface Span {
  readonly least: string;
  readonly most: string;
}

/**
 * The values that a column shows so; undefined of what is none. `18.1 MB` is all that is rounded to it, `1 h` all that is cut
 * off to it, an instant its whole second, in the local time zone. What is written otherwise, `18.124 MB` or `60 m`, is one
 * value.
 */
export function shownAs(format: ValueFormat, text: string): Span | undefined {
  switch (format) {
    case 'bytes':
      return numberSpan(text) ?? spanOf(quantityOf(format, text), text, bytesText);
    case 'seconds':
      return numberSpan(text) ?? spanOf(quantityOf(format, text), text, durationText);
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

/** Around the value all that are shown by the same text; where that is not how it was typed, the value alone. */
function spanOf(value: number | undefined, typed: string, show: (value: number) => string): Span | undefined {
  if (value === undefined) return undefined;
  const text = show(value);
  const isAsShown = spelled(typed) === spelled(text);
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

/** `18.0 MB`, `18 MB` and `18mb` are the same. */
function spelled(text: string): string {
  return text
    .replaceAll(' ', '')
    .replace(/\.0(?=\D)/, '')
    .toLowerCase();
}

const years = String.raw`(?<year>\d{4})-(?<month>\d\d?)-(?<day>\d\d?)`;
const ontaps = String.raw`(?<month>\d\d?)/(?<day>\d\d?)/(?<year>\d{4})`;
const clock = String.raw`(?:[ T](?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d))?)?`;
const localTimes = [new RegExp(`^${years}${clock}$`, 'i'), new RegExp(`^${ontaps}${clock}$`, 'i')];

/** Of a minute or a day all of it, and of a time that there is twice both. With a zone it is for the server to read. */
function timeSpan(text: string): Span | undefined {
  // Whole parts of a time are as good as what begins with them.
  const beginning = text.replace(/(?<=\D\d\d|\/\d{4})\*$/, '');
  const groups = localTimes.map((form) => form.exec(beginning)?.groups).find((found) => found !== undefined);
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
  const most = lastSuch(
    at(
      Number(hour === undefined),
      Number(hour !== undefined && second === undefined),
      Number(second !== undefined),
      -1,
    ),
  );
  // What there is not would become another day, year or, where clocks are put forward, hour.
  const isThere =
    least.getFullYear() === part('year') &&
    least.getMonth() === part('month') - 1 &&
    least.getDate() === part('day') &&
    (hour === undefined || (least.getHours() === part('hour') && least.getMinutes() === part('minute')));
  const isOfClock = Number(minute ?? 0) < 60 && Number(second ?? 0) < 60;
  if (!isThere || !isOfClock || most.getUTCFullYear() > 9999) return undefined;
  return { least: least.toISOString().replace('.000Z', 'Z'), most: most.toISOString() };
}

/** Where clocks are put back, the later of the two instants of one local time. */
function lastSuch(instant: Date): Date {
  const nextDay = new Date(instant.getTime() + 86_400_000);
  const putBackMinutes = nextDay.getTimezoneOffset() - instant.getTimezoneOffset();
  const later = new Date(instant.getTime() + putBackMinutes * 60_000);
  return putBackMinutes > 0 && later.getTimezoneOffset() === nextDay.getTimezoneOffset() ? later : instant;
}
