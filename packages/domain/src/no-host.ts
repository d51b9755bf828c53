import { overlaps, type Prefix, parsePrefix } from './prefix.ts';

const ranges = [
  // RFC 1122 3.2.1.3, RFC 5771, RFC 919, RFC 4291 2.7. Longer before shorter.
  ['0.0.0.0/8', 'an address of "this network", which no host has'],
  ['255.255.255.255/32', 'the broadcast address, which no host has'],
  ['224.0.0.0/4', 'a multicast group, which no host has as its address'],
  ['ff00::/8', 'a multicast group, which no host has as its address'],
].flatMap(([text = '', what = '']) => {
  const range = parsePrefix(text);
  return range === undefined ? [] : [{ range, what }];
});

/** What a prefix is about when no host can have an address of it, a noun with a clause; `undefined` when one can. */
export function noHostIn(prefix: Prefix): string | undefined {
  return ranges.find(({ range }) => range.length <= prefix.length && overlaps(range, prefix))?.what;
}
