import { invalid, type Parsed, type Problem, valid } from './problem.ts';
import { problemKinds, problemOf, refusal } from './problem-kinds.ts';

const shortestCharacters = 18;
const longestCharacters = 128;

/**
 * Reads the text of a pre-shared key into the bytes IKE uses: `0x` hex, `0s` base64 (prefix in either case), anything
 * else its own ASCII characters. 18 to 128 printable ASCII characters as sent, prefix included. No message repeats
 * any part of it.
 */
export function parseSecretKey(text: string, target = 'secret_key'): Parsed<Uint8Array> {
  const problems: Problem[] = [];
  if (text.length < shortestCharacters || text.length > longestCharacters || !/^[\x20-\x7e]*$/.test(text)) {
    const bounds = { least: `${shortestCharacters}`, most: `${longestCharacters}` };
    problems.push(problemOf(problemKinds.keyRule, target, bounds));
  }
  const decoded = decode(text, target);
  if (decoded.kind === 'invalid') problems.push(...decoded.problems);
  return problems.length === 0 ? decoded : invalid(...problems);
}

function decode(text: string, target: string): Parsed<Uint8Array> {
  const digits = text.slice(2);
  if (/^0x/i.test(text)) {
    // An odd digit would be half a byte, and programs disagree on which half.
    if (/^([0-9a-f]{2})+$/i.test(digits)) return valid(Uint8Array.from(Buffer.from(digits, 'hex')));
    return refusal(problemKinds.keyNotHex, target, {});
  }
  if (/^0s/i.test(text)) {
    const bytes = Buffer.from(digits, 'base64');
    // Node skips what is not base64; a round trip shows whether anything was skipped.
    if (digits !== '' && bytes.toString('base64') === digits) return valid(Uint8Array.from(bytes));
    return refusal(problemKinds.keyNotBase64, target, {});
  }
  return valid(Uint8Array.from(Buffer.from(text, 'utf8')));
}
