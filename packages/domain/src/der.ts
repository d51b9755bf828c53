/** One element of a DER encoding (X.690 10): its tag as one octet, its contents, and all of it. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly whole: Uint8Array;
}

/** Tags of X.690 8, with the constructed bit where the type has it. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  context: (number: number) => 0x80 | number,
  constructedContext: (number: number) => 0xa0 | number,
} as const;

/**
 * The elements that follow one another in `bytes`; `undefined` when they are not whole, have a tag of several octets or
 * an indefinite length, neither of which a certificate has.
 */
export function derElements(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const length = derLength(bytes, at + 1);
    if ((tag & 0x1f) === 0x1f || length === undefined) return undefined;
    const end = length.next + length.octets;
    if (end > bytes.length) return undefined;
    elements.push({ tag, contents: bytes.subarray(length.next, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return elements;
}

/** The elements within an element; none of a malformed one. */
export function derChildren(element: DerElement | undefined): readonly DerElement[] {
  return (element && derElements(element.contents)) ?? [];
}

function derLength(
  bytes: Uint8Array,
  at: number,
): { readonly octets: number; readonly next: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { octets: first, next: at + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4 || at + 1 + size > bytes.length) return undefined;
  const octets = bytes.subarray(at + 1, at + 1 + size).reduce((sum, octet) => sum * 256 + octet, 0);
  return { octets, next: at + 1 + size };
}
