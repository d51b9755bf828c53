/** What numbers are counted in, and so how they may be written besides. */
export type QuantityUnit = 'bytes' | 'seconds';

/**
 * What was written with units, or with commas: `1.2 GB`, `1 h 12 m`, `1,048,576`. Undefined of what is no whole number of bytes
 * or seconds, and of what is beyond the numbers of JSON.
 */
export function quantityOf(unit: QuantityUnit, text: string): number | undefined {
  const exact = exactly(unit, text);
  return exact === undefined || exact > largest ? undefined : Number(exact);
}

/** What is taken where this text is not, to follow "is". */
export function wantedQuantity(unit: QuantityUnit, text: string): string {
  return exactly(unit, text) === undefined ? forms[unit] : `at most ${largest.toLocaleString('en')}`;
}

const largest = BigInt(Number.MAX_SAFE_INTEGER);

const forms: Readonly<Record<QuantityUnit, string>> = {
  bytes: 'a whole number, or bytes such as 1.2 GB (B, kB, MB, GB, TB, PB, EB)',
  seconds: 'a whole number, or a duration such as 1 h 12 m',
};

function exactly(unit: QuantityUnit, text: string): bigint | undefined {
  if (/^\d{1,3}(?:,\d{3})+$/.test(text)) return BigInt(text.replaceAll(',', ''));
  return unit === 'bytes' ? bytesOf(text) : secondsOf(text);
}

const prefixes = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** By powers of 1,000, as they are shown. */
function bytesOf(text: string): bigint | undefined {
  const [, whole, fraction = '', prefix = ''] = /^(\d+)(?:\.(\d+))? ?([kmgtpe]?)b$/i.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const scaled = BigInt(whole + fraction) * 1000n ** BigInt(prefixes.indexOf(prefix.toLowerCase()));
  const parts = 10n ** BigInt(fraction.length);
  return scaled % parts === 0n ? scaled / parts : undefined;
}

const unitSeconds: Readonly<Record<string, bigint>> = { d: 86_400n, h: 3600n, m: 60n, s: 1n };

function secondsOf(text: string): bigint | undefined {
  if (!/^(?:\d+ ?[dhms] ?)+$/i.test(text)) return undefined;
  const parts = text.toLowerCase().matchAll(/(\d+) ?([dhms])/g);
  return Array.from(parts, ([, count = '0', unit = '']) => BigInt(count) * (unitSeconds[unit] ?? 1n)).reduce(
    (sum, part) => sum + part,
  );
}
