/** The number that a flag was given. Throws RangeError where it is none, or too small to do anything. */
export function givenNumber(flag: string, text: string, least = 1): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number) || number < least)
    throw new RangeError(`--${flag}: "${text}" is not a number of at least ${least}.`);
  return number;
}
