import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockPriority, neighbourDiscoveryPriority, priorityOf, specificity } from './priority.ts';
import { anySelector, smallWorldSelectors } from './testing/arbitraries.ts';
import { selector } from './testing/policies.ts';
import { selectorKey, selectorsOverlap } from './traffic-selector.ts';

/** Two overlapping selectors of equal priority are the same selector. */
function isTieOfTwo(a: Parameters<typeof priorityOf>[0], b: Parameters<typeof priorityOf>[0]): boolean {
  return selectorsOverlap(a, b) && priorityOf(a) === priorityOf(b) && selectorKey(a) !== selectorKey(b);
}

test('no two different overlapping selectors of a small world tie', () => {
  const world = smallWorldSelectors();
  expect(world.length).toBeGreaterThan(200);
  expect(world.flatMap((a) => world.filter((b) => isTieOfTwo(a, b)))).toEqual([]);
});

test('no two different overlapping selectors tie', () => {
  fc.assert(
    fc.property(anySelector, anySelector, (a, b) => !isTieOfTwo(a, b)),
    { numRuns: 2000 },
  );
});

test('the prefixes weigh first, remote before local, then protocol, remote port and local port', () => {
  const narrowing = [
    selector('::/0', '::/0'),
    selector('::/0', '::/0', { localPort: 80 }),
    selector('::/0', '::/0', { remotePort: 80 }),
    selector('::/0', '::/0', { localPort: 80, remotePort: 80 }),
    selector('::/0', '::/0', { protocol: 6 }),
    selector('::/0', '::/0', { protocol: 6, localPort: 80, remotePort: 80 }),
    selector('::/1', '::/0'),
    selector('::/128', '::/0', { protocol: 6, localPort: 80, remotePort: 80 }),
    selector('::/0', '::/1'),
    selector('::/0', '::/128'),
    selector('::/128', '::/128', { protocol: 6, localPort: 80, remotePort: 80 }),
  ];
  const priorities = narrowing.map(priorityOf);
  expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
  expect(new Set(priorities).size).toBe(narrowing.length);
});

test('every priority fits the kernel, below neighbour discovery and above the blocks', () => {
  const widest = priorityOf(selector('::/0', '::/0'));
  const narrowest = priorityOf(
    selector('::1/128', '::2/128', { protocol: 6, localPort: 80, remotePort: 80 }),
  );
  expect(specificity(selector('0.0.0.0/0', '0.0.0.0/0'))).toBe(0);
  expect(widest).toBe(200_000);
  expect(narrowest).toBe(66_873);
  expect(narrowest).toBeGreaterThan(neighbourDiscoveryPriority);
  expect(widest).toBeLessThan(blockPriority);
  expect(blockPriority).toBeLessThanOrEqual(4_294_967_295);
});
