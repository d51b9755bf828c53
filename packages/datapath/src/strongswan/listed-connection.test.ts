import { Message } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { isListedOtherwise, listedConnection } from './listed-connection.ts';
import { neighbourDiscoveryConnection, shuntChild, shuntConnection } from './shunt-mapping.ts';

interface Shown {
  readonly mode?: string;
  readonly priority?: string;
  readonly local?: readonly string[];
  readonly remote?: readonly string[];
}

const ours = (local: readonly string[], remote: readonly string[]) =>
  shuntConnection('ours', { one: shuntChild('drop', 3000, { local_ts: local, remote_ts: remote }) });
const loaded = ours(['10.9.0.1/32[6]', '10.9.0.1/32[17]'], ['10.9.0.0/24[6/80]', '10.9.0.0/24[17/80]']);
const asLoaded = {
  mode: 'DROP',
  priority: '3000',
  local: ['10.9.0.1/32[tcp]', '10.9.0.1/32[udp]'],
  remote: ['10.9.0.0/24[tcp/http]', '10.9.0.0/24[udp/80]'],
};
const listing = ({ mode = '', priority = '', local = [], remote = [] }: Shown) => {
  const one = { mode, priority, 'local-ts': local, 'remote-ts': remote };
  return listedConnection(Message.from({ children: { one } }));
};

describe('a connection of ours', () => {
  it('is listed as we load it, with names for numbers', () => {
    expect(isListedOtherwise(listing(asLoaded), loaded)).toBe(false);
    const ipv6 = ours(['fd00:9::/64'], ['::/0[132/7]']);
    const shown = { ...asLoaded, local: ['fd00:9::/64'], remote: ['::/0[sctp/echo]'] };
    expect(isListedOtherwise(listing(shown), ipv6)).toBe(false);
  });

  it('is listed as we load it when charon mixes names up that it looks up for others at the same time', () => {
    const shown = { ...asLoaded, local: ['10.9.0.1/32[gre]', '10.9.0.1/32[sctp]'] };
    expect(isListedOtherwise(listing(shown), loaded)).toBe(false);
  });

  it.each<[string, Shown]>([
    ['mode', { mode: 'PASS' }],
    ['priority', { priority: '10' }],
    ['prefix', { remote: ['10.9.0.0/25[tcp/http]', '10.9.0.0/25[udp/80]'] }],
    ['port', { remote: ['10.9.0.0/24[tcp/81]', '10.9.0.0/24[udp/80]'] }],
    ['protocol', { local: ['10.9.0.1/32', '10.9.0.1/32[udp]'] }],
    ['range', { remote: ['10.9.0.7..10.9.0.19[tcp/80]', '10.9.0.0/24[udp/80]'] }],
    ['selector beyond', { local: [...asLoaded.local, '10.9.0.3/32[tcp]'] }],
    ['selector less', { remote: ['10.9.0.0/24[tcp/80]'] }],
  ])('is listed otherwise when it has another %s', (_, other) => {
    expect(isListedOtherwise(listing({ ...asLoaded, ...other }), loaded)).toBe(true);
  });

  it('is listed otherwise when it negotiates and either end is to prove itself in another way', () => {
    const negotiating = { ...loaded, settings: { ...loaded.settings, local: { auth: 'psk' } } };
    const rounds = (remote: string) =>
      listedConnection(
        Message.from({ 'local-1': { class: 'pre-shared key' }, 'remote-1': { class: remote }, children: {} }),
      );
    expect(isListedOtherwise(rounds('pre-shared key'), negotiating)).toBe(false);
    expect(isListedOtherwise(rounds('any'), negotiating)).toBe(true);
  });

  it('for neighbour discovery is compared without the types, which charon shows in words', () => {
    const children = Object.entries(neighbourDiscoveryConnection().children).map(
      ([name, { priority = '' }]) => {
        const everywhere = ['::/0[ipv6-icmp/135(0-255)]'];
        const shown = { mode: 'PASS', priority, 'local-ts': everywhere, 'remote-ts': everywhere };
        return [name, shown] as const;
      },
    );
    const listed = listedConnection(Message.from({ children: Object.fromEntries(children) }));
    expect(isListedOtherwise(listed, neighbourDiscoveryConnection())).toBe(false);
  });
});
