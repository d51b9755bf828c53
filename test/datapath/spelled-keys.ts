/** A pre-shared key as our API is sent it, and as the peer's swanctl.conf has it. */
export interface SpelledKey {
  readonly what: string;
  readonly ours: string;
  /** In another spelling than ours, so that no mistake in reading one can be made by both sides. */
  readonly peer: string;
}

const longestCharacters = 128;
const shortestCharacters = 18;
const prefixCharacters = 2;
/** Two digits each. */
const longestHexBytes = (longestCharacters - prefixCharacters) / 2;
/** Three bytes in four characters, whole groups only. */
const longestBase64Bytes = Math.floor((longestCharacters - prefixCharacters) / 4) * 3;

const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
const printable = Buffer.from(allBytes.subarray(0x20, 0x7f)).toString();

/** Every byte value in both binary spellings and every printable character as text, at every limit of length. */
export const spelledKeys: readonly SpelledKey[] = [
  ...chunks(allBytes, longestHexBytes).map((bytes) => inHex(bytes)),
  ...chunks(allBytes, longestBase64Bytes).map((bytes) => inBase64(bytes)),
  inText(`every printable character`, printable),
  inText('shortest text', printable.slice(-shortestCharacters)),
  inText('longest text', (printable + printable).slice(0, longestCharacters)),
  inHex(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)),
  inBase64(Uint8Array.of(0, 255, 254, 253, 0, 1, 2, 3, 0, 0, 0, 0)),
];

/** So long that the last has the same length: it reaches back, rather than be shorter. */
function chunks(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.min(index * length, bytes.length - length);
    return bytes.subarray(start, start + length);
  });
}

function inHex(bytes: Uint8Array): SpelledKey {
  return spelled('0x', bytes, `0x${hexOf(bytes)}`, `0s${base64Of(bytes)}`);
}

function inBase64(bytes: Uint8Array): SpelledKey {
  return spelled('0s', bytes, `0s${base64Of(bytes)}`, `0x${hexOf(bytes)}`);
}

function inText(what: string, text: string): SpelledKey {
  return { what, ours: text, peer: `0x${hexOf(Buffer.from(text))}` };
}

function spelled(form: string, bytes: Uint8Array, ours: string, peer: string): SpelledKey {
  return { what: `${form}, bytes ${bytes.at(0)} to ${bytes.at(-1)}`, ours, peer };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
