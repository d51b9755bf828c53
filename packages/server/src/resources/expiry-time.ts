import { parseDate } from '@esplanade/ontap';

const dayMs = 86_400_000;

/**
 * Reads when a certificate is to expire: an ISO 8601 date and time, or a duration from now, in which the last `T` may
 * stand without a time as in NetApp's `P365DT`. `undefined` for other texts, and for less than a day or more than ten
 * years from now.
 */
export function parseExpiry(text: string, now: Date): Date | undefined {
  const date = afterDuration(text, now) ?? parseDate(text);
  if (date === undefined) return undefined;
  const latest = new Date(now);
  latest.setUTCFullYear(now.getUTCFullYear() + 10);
  const isWithin = date.getTime() >= now.getTime() + dayMs && date <= latest;
  return isWithin ? date : undefined;
}

function afterDuration(text: string, now: Date): Date | undefined {
  const match =
    /^P(?=T?\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/i.exec(
      text,
    );
  if (match === null) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const date = new Date(now);
  date.setUTCFullYear(now.getUTCFullYear() + years, now.getUTCMonth() + months, now.getUTCDate());
  // A month without that day ends sooner: a month from 31 January is the last day of February.
  if (date.getUTCDate() !== now.getUTCDate()) date.setUTCDate(0);
  date.setTime(date.getTime() + (weeks * 7 + days) * dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
