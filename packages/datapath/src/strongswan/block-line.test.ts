import { policy, selector, uuid } from '@esplanade/domain/testing';
import { describe, expect, it } from 'vitest';
import { blockLine } from './block-line.ts';
import { blockConnection } from './shunt-mapping.ts';

describe('the line of a block', () => {
  it('names connection and child as the driver does, and holds each protocol of a port', () => {
    const any = policy(1, { selector: selector('10.0.0.1/32', '10.0.0.0/24', { remotePort: 2049 }) });
    const { name, children } = blockConnection(any.uuid, any.selector);
    const selectors = '10.0.0.1/32[6],10.0.0.1/32[17] 10.0.0.0/24[6/2049],10.0.0.0/24[17/2049]';
    expect(blockLine(any)).toBe(`${name} ${Object.keys(children)[0]} ${selectors}\n`);
    expect(name).toContain(uuid(1));
  });

  it('is there for a discard, and not for a bypass', () => {
    const ends = selector('fd00::1/128', 'fd00::2/128');
    expect(blockLine(policy(2, { action: 'discard', selector: ends }))).toContain('fd00::1/128 fd00::2/128');
    expect(blockLine(policy(3, { action: 'bypass', selector: ends }))).toBeUndefined();
  });
});
