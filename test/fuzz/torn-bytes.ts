import type { SeededRandom } from '../robustness/seeded-random.ts';

type Tear = (text: string, random: SeededRandom) => string;

const afterFirstLine = (text: string, more: string): string => text.replace('\r\n', `\r\n${more}\r\n`);

/** Ways to send what is no HTTP, or two things at once. */
const tears: readonly Tear[] = [
  (text, random) => text.slice(0, random.below(text.length)),
  (text) => afterFirstLine(text, 'Content-Length: 5'),
  (text) => afterFirstLine(text, 'Content-Length: -1'),
  (text) => afterFirstLine(text, 'Content-Length: 99999999999999999999'),
  (text) => afterFirstLine(text, 'Transfer-Encoding: chunked'),
  (text) => afterFirstLine(text, 'Transfer-Encoding: gzip, chunked'),
  (text) => `${afterFirstLine(text, 'Transfer-Encoding: chunked')}zz\r\nabc\r\n0\r\n\r\n`,
  (text) => `${afterFirstLine(text, 'Transfer-Encoding: chunked')}ffffffffffffffff\r\nabc`,
  (text) => text.replaceAll('\r\n', '\n'),
  (text) => text.replace('HTTP/1.1', 'HTTP/9.9'),
  (text) => text.replace(' HTTP/1.1', ''),
  (text) => text.replace(' HTTP/1.1', '\0 HTTP/1.1'),
  (text) => afterFirstLine(text, ' folded: x'),
  (text) => afterFirstLine(text, `X-Long: ${'a'.repeat(40_000)}`),
  (text) => afterFirstLine(text, Array.from({ length: 3_000 }, (_, index) => `X${index}: 1`).join('\r\n')),
  (text) => text + text,
  (text, random) => {
    const place = random.below(text.length);
    return text.slice(0, place) + String.fromCharCode(random.below(256)).repeat(3) + text.slice(place);
  },
];

/** The bytes of a request, torn. */
export function tornBytes(bytes: Buffer, random: SeededRandom): Buffer {
  return Buffer.from(random.pick(tears)(bytes.toString('latin1'), random), 'latin1');
}
