import { describe, expect, it } from 'vitest';
import type { RefusedLogin } from '../app.ts';
import { auditText } from './audit-entry.ts';
import type { EntryParts } from './audit-trail.ts';
import { RefusedLogins } from './refused-logins.ts';

function counting() {
  const entries: EntryParts[] = [];
  const timers = new Set<() => void>();
  const logins = new RefusedLogins({
    add: async (parts) => void entries.push(parts),
    clock: {
      nowMs: () => 0,
      after: (_, action) => {
        timers.add(action);
        return () => timers.delete(action);
      },
    },
  });
  const endMinute = async (): Promise<void> => {
    for (const action of [...timers]) {
      timers.delete(action);
      action();
    }
    await Promise.resolve();
  };
  return { entries, logins, timers, endMinute };
}

const keeper = { name: 'keeper', scope: { kind: 'svm', svm: { uuid: 'u1', name: 'svm1' } } } as const;

function refusal(source: string, account?: RefusedLogin['account']): RefusedLogin {
  return { source, reason: 'password-wrong', ...(account && { account }) };
}

describe('refused logins', () => {
  it('are told one by one up to the tenth of a source, and then together when the minute is over', async () => {
    const { entries, logins, endMinute } = counting();
    for (let count = 0; count < 35; count += 1) logins.refused(refusal('192.0.2.1', keeper));
    logins.refused(refusal('192.0.2.2'));
    expect(entries).toHaveLength(11);
    expect(entries[0]).toMatchObject({
      user: 'keeper',
      svm: keeper.scope.svm,
      location: '192.0.2.1',
      state: 'error',
      message: 'refused: password-wrong',
    });
    expect(entries[10]).toMatchObject({ location: '192.0.2.2', user: undefined });
    await endMinute();
    expect(entries.slice(11)).toMatchObject([
      {
        location: '192.0.2.1',
        svm: keeper.scope.svm,
        message: '25 more logins were refused within a minute (password-wrong 25; accounts: keeper)',
      },
    ]);
  });

  it('are told to an SVM only as far as they are about its accounts', async () => {
    const { entries, logins, endMinute } = counting();
    for (let count = 0; count < 12; count += 1) logins.refused(refusal('192.0.2.1', keeper));
    for (let count = 0; count < 13; count += 1) logins.refused(refusal('192.0.2.1'));
    await endMinute();
    expect(entries.slice(20)).toMatchObject([
      { svm: keeper.scope.svm, message: expect.stringMatching(/^2 more logins/) },
      { svm: undefined, message: expect.stringMatching(/^3 more logins/) },
    ]);
  });

  it('are counted apart from requests that were refused before', async () => {
    const { entries, logins, endMinute } = counting();
    const reason = 'page-of-another-site';
    for (let count = 0; count < 12; count += 1) logins.unheard({ source: '192.0.2.1', reason });
    logins.refused(refusal('192.0.2.1'));
    await endMinute();
    expect(entries).toHaveLength(12);
    expect(entries[0]).toMatchObject({ input: 'Request', user: undefined, message: `refused: ${reason}` });
    expect(entries[10]).toMatchObject({ input: 'Login', message: 'refused: password-wrong' });
    expect(entries[11]?.message).toBe(`2 more requests were refused within a minute (${reason} 2)`);
  });

  it('begin anew with the next minute', async () => {
    const { entries, logins, timers, endMinute } = counting();
    for (let count = 0; count < 12; count += 1) logins.refused(refusal('192.0.2.1'));
    await endMinute();
    expect(timers.size).toBe(0);
    logins.refused(refusal('192.0.2.1'));
    expect(entries).toHaveLength(12);
    expect(entries.at(-1)?.message).toBe('refused: password-wrong');
  });

  it('count the addresses of one IPv6 link as one source', () => {
    const { entries, logins } = counting();
    for (let host = 1; host <= 50; host += 1) logins.refused(refusal(`2001:db8::${host.toString(16)}`));
    expect(entries).toHaveLength(10);
  });

  it('are written when the server ends', async () => {
    const { entries, logins, timers } = counting();
    for (let count = 0; count < 11; count += 1) logins.refused(refusal('192.0.2.1'));
    await logins.close();
    expect(entries).toHaveLength(11);
    expect(timers.size).toBe(0);
  });

  it('grow the log by little, however many they are and wherever they come from', async () => {
    const { entries, logins, endMinute } = counting();
    for (let index = 0; index < 100_000; index += 1) logins.refused(refusal(`10.0.0.${index % 100}`, keeper));
    await endMinute();
    const bytes = entries.reduce((sum, parts) => sum + entryBytes(parts), 0);
    console.log(
      `100,000 refused logins of 100 sources within a minute: ${entries.length} entries, ${bytes} bytes`,
    );
    expect(entries).toHaveLength(64 * (10 + 1) + 1);
    expect(entries.at(-1)?.message).toMatch(/^36000 more logins of further sources were refused/);
    entries.length = 0;
    for (let index = 0; index < 100_000; index += 1) logins.refused(refusal('192.0.2.1'));
    await endMinute();
    console.log(`100,000 refused logins of one source within a minute: ${entries.length} entries`);
    expect(entries).toHaveLength(11);
  });
});

function entryBytes(parts: EntryParts): number {
  return Buffer.byteLength(auditText({ ...parts, timestamp: new Date(0).toISOString() }));
}
