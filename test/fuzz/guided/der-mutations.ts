import type { SeededRandom } from '../../robustness/seeded-random.ts';

/** One element of an encoding; `children` where its contents are elements themselves. */
interface DerNode {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly children: readonly DerNode[] | undefined;
}

/** Integers, times, strings, bits, object identifiers, sequences, sets and what is numbered. */
const tags = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x82, 0xa0, 0xa3, 0x1f,
];

/** One element somewhere in it changed, the lengths of all around it made right again; now and then they are not. */
export function mutatedDer(input: Uint8Array, random: SeededRandom): Uint8Array {
  const nodes = nodesOf(input, 0);
  if (nodes === undefined || nodes.length === 0) return input;
  const changed = changedAmong(nodes, random);
  return Buffer.concat(changed.map((node) => encoded(node, random.below(12) === 0 ? random : undefined)));
}

function changedAmong(nodes: readonly DerNode[], random: SeededRandom): readonly DerNode[] {
  const index = random.below(nodes.length);
  const node = nodes[index];
  if (node === undefined) return nodes;
  const { children } = node;
  if (children !== undefined && children.length > 0 && random.below(4) > 0)
    return nodes.with(index, { ...node, children: changedAmong(children, random) });
  switch (random.below(8)) {
    case 0:
      return nodes.toSpliced(index, 1);
    case 1:
      return nodes.toSpliced(
        index,
        0,
        ...Array.from({ length: atMost(node, random.pick([1, 2, 50, 1_000])) }, () => node),
      );
    case 2:
      return nodes.with(index, { ...node, tag: random.pick(tags) });
    case 3:
      return nodes.with(index, nested(node, atMost(node, random.pick([1, 5, 100, 3_000]))));
    case 4:
      return nodes.with(
        index,
        leaf(node.tag, new Uint8Array(random.pick([0, 1, 4, 16, 21, 300, 5_000])).fill(random.below(256))),
      );
    case 5:
      return nodes.with(index, random.pick(nodes));
    case 6:
      return nodes.with(
        index,
        leaf(node.tag, node.contents.subarray(0, random.below(node.contents.length + 1))),
      );
    default: {
      const contents = Buffer.from(node.contents);
      if (contents.length > 0) contents[random.below(contents.length)] = random.below(256);
      return nodes.with(index, leaf(node.tag, contents));
    }
  }
}

/** So many times, but not more often than fits an input. */
function atMost(node: DerNode, times: number): number {
  return Math.min(times, Math.ceil(65_536 / (node.contents.length + 1)));
}

function leaf(tag: number, contents: Uint8Array): DerNode {
  return { tag, contents, children: undefined };
}

function nested(node: DerNode, depth: number): DerNode {
  let outer = node;
  for (let count = 0; count < depth; count += 1) outer = leaf(node.tag | 0x20, encoded(outer, undefined));
  return outer;
}

/** Not what is tried: elements that end where they should, read no deeper than a certificate goes. */
function nodesOf(bytes: Uint8Array, depth: number): readonly DerNode[] | undefined {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0x80;
    const size = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || size > 3 || (tag & 0x1f) === 0x1f) return undefined;
    let length = size === 0 ? first : 0;
    for (const byte of bytes.subarray(at + 2, at + 2 + size)) length = length * 256 + byte;
    const end = at + 2 + size + length;
    if (end > bytes.length) return undefined;
    const contents = bytes.subarray(at + 2 + size, end);
    const isConstructed = (tag & 0x20) !== 0;
    // Octet strings often hold an encoding too.
    const mayHold = (isConstructed || tag === 0x04) && depth < 12;
    nodes.push({ tag, contents, children: mayHold ? nodesOf(contents, depth + 1) : undefined });
    at = end;
  }
  return nodes;
}

function encoded({ tag, contents, children }: DerNode, random: SeededRandom | undefined): Uint8Array {
  const body =
    children === undefined ? contents : Buffer.concat(children.map((child) => encoded(child, undefined)));
  const wrong =
    random === undefined
      ? body.length
      : random.pick([0, body.length + 1, body.length >> 1, 2 ** 31, 2 ** 32 - 1]);
  return Buffer.concat([Buffer.of(tag), lengthOf(wrong), body]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const shortest = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 | shortest.length), shortest]);
}
