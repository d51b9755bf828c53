import type { ObservedSa } from '@esplanade/datapath';
import type { Spi } from '@esplanade/domain';
import { beforeEach, describe, expect, test } from 'vitest';
import { FailedNegotiations } from './failed-negotiations.ts';
import { FakeClock } from './fake-clock.fixture.ts';
import { uuid } from './policy.fixture.ts';
import { failedNegotiation, PolicyTroubles } from './policy-troubles.ts';

let told: string[];
let failures: FailedNegotiations;
let clock: FakeClock;
beforeEach(() => {
  told = [];
  const callOf = (): string => 'policy "nfs"';
  const tell = ({ kind, sentence }: { kind: string; sentence: string }) => told.push(`${kind}: ${sentence}`);
  clock = new FakeClock();
  const context = { clock, callOf, tell };
  failures = new FailedNegotiations(new PolicyTroubles(failedNegotiation, context), clock);
});

const direction = { spi: '00000001' as Spi, bytes: 0n, packets: 0n };
const sa = (
  name: string,
  remoteAddress: string,
  state: 'installed' | 'deleting' = 'installed',
): ObservedSa => ({
  kind: 'ipsec',
  uuid: name,
  policyUuid: uuid(1),
  localAddress: '10.9.0.1',
  remoteAddress,
  lifetimeSeconds: 3_600,
  state,
  action: 'esp_transport',
  mode: 'transport',
  inbound: direction,
  outbound: direction,
  ikeUuid: 'ike',
});
const reason = (): string | undefined => failures.reasonOf(uuid(1));
const revoked = { reason: 'It is revoked. The remote is 10.9.0.7.', remote: '10.9.0.7' };
const observed = async (...rows: readonly ObservedSa[]): Promise<void> => {
  failures.observed(rows);
  await clock.advance(2_000);
};
const over = 'recovery: an SA of policy "nfs" has come up since';

describe('why a remote has no SA', () => {
  test('is told however many others have one, and come and go', async () => {
    await observed(sa('a', '10.9.0.2'));
    failures.happened(uuid(1), revoked);
    await observed(sa('a', '10.9.0.2'));
    await observed(sa('b', '10.9.0.2'), sa('c', '10.9.0.3'));
    expect(reason()).toBe(revoked.reason);
    expect(told).toEqual([`trouble: an SA of policy "nfs" did not come up: ${revoked.reason}`]);
  });

  test('is over when that remote gets one that was not there before', async () => {
    await observed(sa('a', '10.9.0.7'));
    failures.happened(uuid(1), revoked);
    await observed(sa('a', '10.9.0.7'), sa('b', '10.9.0.7', 'deleting'));
    expect(reason()).toBe(revoked.reason);
    await observed(sa('c', '10.9.0.7'));
    expect(reason()).toBeUndefined();
    expect(told.at(-1)).toBe(over);
  });

  test('is over with the next SA of any remote where it is not known which it was', async () => {
    await observed(sa('a', '10.9.0.2'));
    failures.happened(uuid(1), { reason: 'Nobody answers.' });
    await observed(sa('a', '10.9.0.2'));
    expect(reason()).toBe('Nobody answers.');
    await observed(sa('b', '10.9.0.3'));
    expect(reason()).toBeUndefined();
  });

  test('is told of each of several remotes, the latest first, and of each by its last reason', async () => {
    failures.happened(uuid(1), { reason: 'Old.', remote: '10.9.0.8' });
    failures.happened(uuid(1), revoked);
    failures.happened(uuid(1), { reason: 'It is expired.', remote: '10.9.0.8' });
    expect(reason()).toBe(`It is expired. ${revoked.reason}`);
    await observed(sa('a', '10.9.0.8'));
    expect(reason()).toBe(revoked.reason);
    expect(told).not.toContain(over);
  });

  test('is told of the last eight remotes only', async () => {
    for (let n = 1; n <= 9; n += 1) failures.happened(uuid(1), { reason: `${n}`, remote: `10.9.0.${n}` });
    expect(reason()).toBe('9 8 7 6 5 4 3 2');
  });

  test('is not told of a policy that was changed since, and its recovery still is', async () => {
    failures.happened(uuid(1), revoked);
    failures.isChanged(uuid(1));
    expect(reason()).toBeUndefined();
    await observed(sa('a', '10.9.0.7'));
    expect(told.at(-1)).toBe(over);
  });

  test('is not over by an SA that a remote has for a moment before it is refused', async () => {
    failures.happened(uuid(1), revoked);
    failures.observed([sa('a', '10.9.0.7')]);
    await clock.advance(1_999);
    await observed();
    expect(reason()).toBe(revoked.reason);
    expect(told).not.toContain(over);
  });
});
