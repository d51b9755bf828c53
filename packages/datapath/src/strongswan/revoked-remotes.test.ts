import type { RevocationList } from '@esplanade/domain';
import { describe, expect, it } from 'vitest';
import { RevokedRemotes } from './revoked-remotes.ts';

function list(sha256: string, revoked: readonly string[], issuer = 'ca'): RevocationList {
  const times = { thisUpdateMs: 0, nextUpdateMs: 0 };
  return { der: new Uint8Array(), issuer, sha256, number: 1n, ...times, revoked: new Set(revoked) };
}

/** IKE SAs of one connection. What becomes of one that is reauthenticated, look by look, `fates` say. */
function fixture(fates: Readonly<Record<string, readonly string[]>>, isNews = true) {
  const states = new Map(Object.keys(fates).map((id) => [id, 'ESTABLISHED']));
  const asked: string[] = [];
  const ended: string[] = [];
  const left = new Map(Object.entries(fates).map(([id, fate]) => [id, [...fate]]));
  const remotes = new RevokedRemotes({
    isNews: () => isNews,
    pollMs: 1,
    boundMs: 2_000,
    sas: {
      statesOf: async () => {
        for (const id of asked) {
          const next = left.get(id)?.shift();
          if (next === 'gone') states.delete(id);
          else if (next === 'connecting') states.set(`${id}*`, 'CONNECTING');
          else if (next === 'refused') states.delete(`${id}*`);
        }
        return new Map(states);
      },
      reauthenticate: async (id) => {
        asked.push(id);
      },
      end: async (id) => {
        ended.push(id);
      },
    },
  });
  const settle = (...revocationLists: readonly RevocationList[]) =>
    remotes.settle({
      connection: { name: 'one' },
      negotiation: { credentials: { trust: { revocationLists } } },
    });
  return { remotes, settle, asked, ended };
}

describe('a newer revocation list', () => {
  it('has remotes prove themselves again, and ends the IKE SAs of those that cannot', async () => {
    const { settle, asked, ended } = fixture({
      good: ['connecting', 'connecting', 'gone'],
      revoked: ['connecting', 'connecting', 'refused'],
      idle: [],
    });
    await settle(list('1', []));
    expect(asked).toEqual([]);
    await settle(list('2', ['0A']));
    expect(asked).toEqual(['good', 'revoked', 'idle']);
    expect(ended).toEqual(['revoked', 'idle']);
  });

  it('that revokes nothing new leaves all IKE SAs as they are', async () => {
    const { settle, asked } = fixture({ good: ['gone'] });
    await settle(list('1', []));
    await settle(list('2', []));
    const again = fixture({ good: ['gone'] }, false);
    await again.settle(list('1', ['0A', '0B']));
    await again.settle(list('2', ['0A']));
    expect([...asked, ...again.asked]).toEqual([]);
  });

  it('counts once for all policies of a connection', async () => {
    const { settle, asked } = fixture({ good: ['gone'] });
    await Promise.all([settle(list('1', ['0A'])), settle(list('1', ['0A']))]);
    expect(asked).toEqual(['good']);
  });

  it('that charon had before we came is no news', async () => {
    const { settle, asked } = fixture({ good: ['gone'] }, false);
    await settle(list('1', ['0A']));
    expect(asked).toEqual([]);
    await settle(list('2', ['0A', '0B']));
    expect(asked).toEqual(['good']);
  });

  it('of another CA is held against what that one had revoked', async () => {
    const { settle, asked } = fixture({ good: ['gone'] }, false);
    await settle(list('1', ['0A'], 'coast'));
    await settle(list('1', ['0A'], 'coast'), list('2', ['0A'], 'reef'));
    expect(asked).toEqual(['good']);
  });

  it('of a connection that was forgotten is news only if charon had it from us', async () => {
    const { remotes, settle, asked } = fixture({ good: ['gone'] }, false);
    await settle(list('1', []));
    remotes.retain([]);
    await settle(list('2', ['0A']));
    expect(asked).toEqual([]);
  });
});
