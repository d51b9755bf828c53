import { formatPrefix, type TrafficSelector } from '@esplanade/domain';
import { Message } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { clashesWith } from '../foreign-connection.ts';
import { foreignConnection } from './foreign-mapping.ts';
import { entry as entryOf } from './testing/entries.ts';

interface Sections {
  readonly [key: string]: string | readonly string[] | Sections;
}

function listed(child: Sections, more: Sections = {}) {
  const ends = { local_addrs: ['10.9.0.1'], remote_addrs: ['10.9.0.2'] };
  const section = { ...ends, ...more, children: { net: { mode: 'TRANSPORT', ...child } } };
  return foreignConnection('theirs', Message.from(section));
}

const shown = ({ local, localPort, remote, remotePort, protocol }: TrafficSelector): string =>
  `${formatPrefix(local)} ${localPort} ${formatPrefix(remote)} ${remotePort} ${protocol}`;

describe('a selector as charon lists it', () => {
  it.each([
    ['10.9.0.1/32[tcp/80]', '10.9.200.0/24', '10.9.0.1/32 80 10.9.200.0/24 0 6'],
    ['dynamic', 'dynamic[udp/1701]', '10.9.0.1/32 0 10.9.0.2/32 1701 17'],
    ['10.9.0.8..10.9.0.11', '10.9.0.2[50]', '10.9.0.8/30 0 10.9.0.2/32 0 50'],
    ['10.9.0.1/32[tcp/http]', '10.9.0.2/32[tcp/1000-2000]', '10.9.0.1/32 0 10.9.0.2/32 0 6'],
    ['fd00::/64[ipv6-icmp/135]', '::/0', 'fd00::/64 0 ::/0 0 58'],
  ])('%s === %s is read, and what is not one value as any', (local, remote, expected) => {
    const [child] = listed({ 'local-ts': [local], 'remote-ts': [remote] }).children;
    expect(child?.selectors.map(shown)).toEqual([expected]);
  });

  it('pairs only what may belong together', () => {
    const sides = { 'local-ts': ['10.0.0.0/8[tcp]', '::/0'], 'remote-ts': ['10.0.0.0/8[udp]', 'fd00::/8'] };
    expect(listed(sides).children[0]?.selectors.map(shown)).toEqual(['::/0 0 fd00::/8 0 0']);
  });
});

describe('a connection that is not ours', () => {
  const entry = entryOf(1, { protocol: 6, remotePort: 443 });
  const { selector } = entry.policy;
  const everything = { 'local-ts': ['0.0.0.0/0'], 'remote-ts': ['0.0.0.0/0'] };
  const elsewhere = { local_addrs: ['10.200.0.1'], remote_addrs: ['10.200.0.2'] };
  const own = {
    'local-ts': [formatPrefix(selector.local)],
    'remote-ts': [formatPrefix(selector.remote)],
  };

  it('gets in the way when it comes first', () => {
    const [clash] = clashesWith(entry, listed({ ...everything, priority: '1000', mode: 'PASS' }));
    expect(clash).toMatch(/^"net" of the connection "theirs", .* would bypass them\.$/);
  });

  it('gets in the way when it negotiates for the same selector', () => {
    expect(clashesWith(entryOf(1), listed(own, elsewhere))).toEqual([
      expect.stringMatching(/the same selector/),
    ]);
  });

  it('gets in the way when a peer cannot tell it from ours', () => {
    const { local, remote } = selector;
    const ends = { local_addrs: [formatPrefix(local)], remote_addrs: [formatPrefix(remote)] };
    const apart = { 'local-ts': ['172.16.0.1'], 'remote-ts': ['172.16.0.2'] };
    expect(clashesWith(entry, listed(apart, ends))).toEqual([
      expect.stringMatching(/same addresses and identities/),
    ]);
    expect(clashesWith(entry, listed(apart, { ...ends, 'remote-1': { id: 'another.example' } }))).toEqual([]);
  });

  it('is no trouble when it comes after ours, or is about other packets', () => {
    expect(clashesWith(entry, listed({ ...everything, mode: 'DROP' }, elsewhere))).toEqual([]);
    const other = { 'local-ts': ['172.16.0.1/32'], 'remote-ts': ['172.16.0.2/32'] };
    expect(clashesWith(entry, listed({ ...other, priority: '1' }, elsewhere))).toEqual([]);
  });
});
