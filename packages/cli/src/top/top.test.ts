import { describe, expect, it } from 'vitest';
import { pressed } from './live.ts';
import { ordered } from './order.ts';
import { ratesOf, type SaRates, sumOf } from './rates.ts';
import { sa, sample, t0 } from './sample.fixture.ts';
import type { Sample, SaSample } from './sample.ts';
import { selectionOf } from './selection.ts';
import { type View, viewLines } from './view.ts';

function after(...samples: readonly Sample[]): SaRates {
  return samples.reduce<SaRates>(ratesOf, new Map());
}

const perSecond = (rates: SaRates, name: string) => rates.get(`uuid-of-${name}`)?.perSecond;

describe('a rate', () => {
  it('is not known at the first look', () => {
    expect(perSecond(after(sample(sa('nfs', 1000, 2000))), 'nfs')).toBeUndefined();
  });

  it('is what was counted between the instants that the server looked at', () => {
    const rates = after(sample(sa('nfs', 1000, 2000)), sample(sa('nfs', 5000, 2000, t0 + 4000)));
    expect(perSecond(rates, 'nfs')).toEqual({ bytesIn: 1000, bytesOut: 0, packetsIn: 10, packetsOut: 0 });
  });

  it('stays what it was while the server has not looked again', () => {
    const second = sample(sa('nfs', 5000, 2000, t0 + 4000));
    const rates = after(sample(sa('nfs', 1000, 2000)), second, second);
    expect(perSecond(rates, 'nfs')?.bytesIn).toBe(1000);
  });

  it('is not known of counters that fall, nor of an SA that was away', () => {
    const rates = after(sample(sa('nfs', 1000, 2000)), sample(sa('nfs', 10, 20, t0 + 1000)));
    expect(perSecond(rates, 'nfs')).toBeUndefined();
    const anew = after(sample(sa('nfs', 1, 1)), sample(), sample(sa('nfs', 5, 5, t0 + 2000)));
    expect(perSecond(anew, 'nfs')).toBeUndefined();
  });

  it('adds up over those that are known', () => {
    const rates = after(
      sample(sa('nfs', 0, 0), sa('smb', 0, 0)),
      sample(sa('nfs', 100, 200, t0 + 1000), sa('smb', 300, 0, t0 + 1000), sa('new', 9, 9, t0 + 1000)),
    );
    expect(sumOf(rates.values())).toMatchObject({ bytesIn: 400, bytesOut: 200 });
  });
});

const busy = after(
  sample(sa('nfs10', 0, 0), sa('nfs9', 0, 0), sa('smb', 0, 0)),
  sample(
    sa('nfs10', 100, 900, t0 + 1000),
    sa('nfs9', 600, 0, t0 + 1000),
    sa('smb', 0, 0, t0 + 1000),
    sa('new', 5000, 5000, t0 + 1000),
  ),
);

describe('the order', () => {
  it.each([
    ['rate', ['nfs10', 'nfs9', 'smb', 'new']],
    ['in', ['nfs9', 'nfs10', 'smb', 'new']],
    ['out', ['nfs10', 'nfs9', 'smb', 'new']],
    ['total', ['new', 'nfs10', 'nfs9', 'smb']],
    ['policy', ['new', 'nfs9', 'nfs10', 'smb']],
    ['remote', ['new', 'nfs9', 'nfs10', 'smb']],
  ] as const)('by %s is right, and rates that are not known come last', (sorting, names) => {
    expect(ordered(busy.values(), sorting, false).map((rate) => rate.sa.policyName)).toEqual(names);
  });

  it('is worked out once for each look and choice, however often somebody scrolls', () => {
    const selection = selectionOf(view);
    const scrolled: View = { ...view, top: 2, isHelping: true };
    expect(selectionOf(scrolled)).toBe(selection);
    expect(selectionOf({ ...view, sorting: 'in' })).not.toBe(selection);
    expect(selectionOf({ ...view, rates: new Map(busy) })).not.toBe(selection);
    expect(selectionOf({ ...view, filter: 'nfs' }).sas).toHaveLength(2);
  });

  it('can be reversed', () => {
    expect(ordered(busy.values(), 'total', true).map((rate) => rate.sa.policyName)[0]).toBe('smb');
  });
});

const view: View = {
  server: 'cluster1:8443',
  everySeconds: 2,
  tookMs: 20,
  rates: busy,
  observedAtMs: t0 + 1000,
  trouble: undefined,
  sorting: 'rate',
  isReversed: false,
  filter: '',
  isTyping: false,
  isHelping: false,
  top: 0,
};

const lines = (shown: View, columns = 80, rows = 24) =>
  viewLines(shown, { columns, rows, hasColour: false }, (text) => text.length);

describe('the view', () => {
  it('has totals, the instant of the counters, and as many columns as there is room for', () => {
    const wide = lines(view, 140);
    expect(wide[0]).toBe('esplanade top: cluster1:8443, every 2 s');
    expect(wide.slice(1, 3)).toEqual([
      '4 IPsec SAs, 1 without a rate yet',
      'inbound 700 B/s in 7 packets/s, outbound 900 B/s in 9 packets/s',
    ]);
    expect(wide[3]).toMatch(/^Counters of 2026-11-22 \d\d:00:01, by the server's clock\.$/);
    expect(wide.slice(6)).toEqual([
      '               Local     Remote                          Inbound  Outbound     Bytes',
      'Vserver Policy Address   Address     Inbound  Outbound Packets/s Packets/s    So Far State',
      '------- ------ --------- --------- --------- --------- --------- --------- --------- ---------',
      'svm1    nfs10  192.0.2.1 192.0.2.2   100 B/s   900 B/s         1         9    1.0 kB INSTALLED',
      'svm1    nfs9   192.0.2.1 192.0.2.2   600 B/s     0 B/s         6         0     600 B INSTALLED',
      'svm1    smb    192.0.2.1 192.0.2.2     0 B/s     0 B/s         0         0       0 B INSTALLED',
      'svm1    new    192.0.2.1 192.0.2.2         -         -         -         -   10.0 kB INSTALLED',
    ]);
  });

  it('claims no rate of all together before the server has looked twice', () => {
    const first = lines({ ...view, rates: after(sample(sa('nfs', 1000, 0), sa('smb', 5, 5))) });
    expect(first.slice(1, 3)).toEqual([
      '2 IPsec SAs, 2 without a rate yet',
      'Rates are known when the server has looked twice.',
    ]);
    expect(first.join('\n')).not.toContain('0 B/s');
  });

  it('says how long a look takes where that counts', () => {
    expect(lines({ ...view, tookMs: 999 })[0]).toBe('esplanade top: cluster1:8443, every 2 s');
    expect(lines({ ...view, tookMs: 2140 })[0]).toBe(
      'esplanade top: cluster1:8443, every 2 s, a look takes 2.1 s',
    );
  });

  it('keeps the columns where they are while numbers grow and fall', () => {
    const headings = [999, 9_940, 99_940, 999_400].map((bytes) =>
      lines({
        ...view,
        rates: after(sample(sa('nfs', 0, 0)), sample(sa('nfs', bytes, 12, t0 + 1000))),
      }).filter((line) => line.startsWith('----')),
    );
    expect(new Set(headings.flat()).size).toBe(1);
  });

  it('shows rates on a narrow screen too, however long names and addresses are', () => {
    const long: SaSample = {
      ...sa('a-policy-with-a-name-that-is-as-long-as-names-may-become-in-ontap', 0, 0),
      remoteAddress: '2001:db8:1234:5678:9abc:def0:1234:5678',
    };
    const counters = { ...long.counters, bytesIn: 4000 };
    const rates = after(sample(long), sample({ ...long, counters, atMs: t0 + 1000 }));
    expect(lines({ ...view, rates }, 60, 15)).toContain(
      `${'a-policy-with-a-name-that-is-as-long-as'}…  4.0 kB/s     0 B/s`,
    );
    expect(lines({ ...view, rates }, 30, 15)).toContain('a-policy-with-a-nam…  4.0 kB/s');
  });

  it.each([20, 40, 60, 80, 100])('is never wider than %s columns', (columns) => {
    for (const shown of [view, { ...view, trouble: 'x'.repeat(200) }, { ...view, isHelping: true }]) {
      expect(Math.max(...lines(shown, columns).map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines(shown, columns, 12).length).toBeLessThanOrEqual(12);
    }
  });

  it('leaves out the state before the rates where there is little room', () => {
    const headings = lines(view, 50).find((line) => line.startsWith('Policy'));
    expect(headings).toContain('Inbound');
    expect(headings).not.toContain('State');
  });

  it('does not claim an age that no server told', () => {
    expect(lines({ ...view, observedAtMs: undefined })[3]).toBe(
      'This server does not tell how old its counters are.',
    );
  });

  it('says when what it shows is not what is', () => {
    expect(lines({ ...view, trouble: 'charon does not answer.' })).toContain(
      'Not current: charon does not answer.',
    );
  });

  it('wraps what is too long for the screen, and cuts no number', () => {
    const trouble = 'Nobody listens at 192.0.2.1 port 443, so all of this is what was last known of it.';
    const drawn = lines({ ...view, trouble }, 40, 40);
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(drawn.slice(4, 7)).toEqual([
      '4 IPsec SAs, 1 without a rate yet',
      'inbound 700 B/s in 7 packets/s',
      'outbound 900 B/s in 9 packets/s',
    ]);
    expect(drawn.join(' ')).toContain(trouble);
    expect(lines({ ...view, isHelping: true }, 80, 40)).toContain(
      'Rates are of the time between two looks of the server; "-" is not known yet.',
    );
  });

  it('leaves room for SAs on a low screen, and says there too that it is not current', () => {
    const drawn = lines({ ...view, trouble: 'It is down.' }, 40, 10);
    expect(drawn).toContain('Not current: It is down.');
    expect(drawn.filter((line) => line.startsWith('nfs'))).toHaveLength(2);
  });

  it('tells no SAs from none that match', () => {
    expect(lines({ ...view, rates: new Map() })).toContain('There are no IPsec SAs.');
    expect(lines({ ...view, filter: 'nobody' })).toContain('No SA has that in a name or an address.');
  });
});

describe('a key', () => {
  const after = (...keys: readonly string[]) =>
    keys.reduce((shown, key) => pressed(shown, key, () => 2), view);

  it('sorts, and reverses', () => {
    expect(after('n')).toMatchObject({ sorting: 'policy', isReversed: false });
    expect(after('t', 'r')).toMatchObject({ sorting: 'total', isReversed: true });
    expect(after('t', 'r', 'i')).toMatchObject({ sorting: 'in', isReversed: false });
  });

  it('filters by what is typed', () => {
    const typed = after('/', 'N', 'f', 's', 'x', '\x7f');
    expect(typed).toMatchObject({ filter: 'Nfs', isTyping: true });
    expect(selectionOf(typed).sas).toHaveLength(2);
    expect(after('/', 'q', '\r')).toMatchObject({ filter: 'q', isTyping: false });
    expect(after('/', 'q', '\x1b')).toMatchObject({ filter: '', isTyping: false });
    expect(after('/', 'q', '\r', '\x1b')).toMatchObject({ filter: '' });
  });

  it('looks more and less often, within bounds', () => {
    expect(after('+').everySeconds).toBe(3);
    expect(after('-', '-', '-').everySeconds).toBe(1);
  });

  it('scrolls no further than there is something', () => {
    expect(after('\x1b[B').top).toBe(1);
    expect(after('\x1b[F').top).toBe(2);
    expect(after('\x1b[F', '\x1b[B').top).toBe(2);
    expect(after('\x1b[F', '\x1b[H', '\x1b[A').top).toBe(0);
    expect(after('\x1b[6~', '\x1b[5~').top).toBe(0);
  });

  it('of no meaning changes nothing', () => {
    expect(after('z', '\x1b[Z')).toEqual(view);
  });
});
