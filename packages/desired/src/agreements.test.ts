import { describe, expect, it } from 'vitest';
import { type Opened, openFixture, prefix, pskPolicy } from './desired-state.fixture.ts';
import type { NewPolicy } from './desired-state.ts';

const psk = 'correct horse battery staple';

interface Choices extends Partial<NewPolicy> {
  readonly psk?: string;
  readonly ppk?: readonly [identity: string, key: string];
  /** Last number of the remote host's address. */
  readonly host?: number;
}

function policy(fixture: Opened, name: string, { psk: text = psk, ppk, host = 1, ...changes }: Choices) {
  const plain = pskPolicy(fixture, text, { name, ...changes });
  const secret = (of: string) => fixture.secretBox.secret(new TextEncoder().encode(of));
  const selector = { ...plain.selector, remote: prefix(`198.51.100.${host}/32`) };
  const postquantumKey = ppk && { identity: ppk[0], key: secret(ppk[1]) };
  const authentication = {
    kind: 'psk',
    psk: secret(text),
    ...(postquantumKey && { postquantumKey }),
  } as const;
  return { ...plain, selector, authentication };
}

describe('the post-quantum key', () => {
  it.each<[string, Choices, string | undefined, string]>([
    ['the same of the same peer', { ppk: ['quantum', 'k1'] }, undefined, ''],
    ['the same of another peer', { ppk: ['quantum', 'k1'], host: 2 }, undefined, ''],
    ['another of another peer', { ppk: ['another', 'k2'], host: 2 }, undefined, ''],
    ['none of another peer', { host: 2 }, undefined, ''],
    ['another of a disabled policy', { ppk: ['quantum', 'k2'], enabled: false }, undefined, ''],
    ['none of the same peer', {}, 'ppk.identity', 'only one of the two has any'],
    [
      'another identity of the same peer',
      { ppk: ['another', 'k1'] },
      'ppk.identity',
      'cannot tell the two apart',
    ],
    ['another key of the same peer', { ppk: ['quantum', 'k2'] }, 'ppk.identity', 'cannot tell the two apart'],
    [
      'another key under that identity, of another peer',
      { ppk: ['quantum', 'k2'], host: 2 },
      'ppk.identity',
      'found by that alone',
    ],
    [
      'another key under that identity in other letters',
      { ppk: ['QUANTUM', 'k2'], host: 2 },
      'ppk.identity',
      'found by that alone',
    ],
    [
      'another pre-shared key beside it',
      { psk: 'another', ppk: ['quantum', 'k1'] },
      'secret_key',
      'pre-shared key',
    ],
  ])('of a policy stands beside %s as it can', async (_what, choices, target, why) => {
    const fixture = await openFixture();
    const first = policy(fixture, 'first', { ppk: ['quantum', 'k1'] });
    expect((await fixture.desired.createPolicy(first)).kind).toBe('written');
    const result = await fixture.desired.createPolicy(policy(fixture, 'second', choices));
    if (target === undefined) {
      expect(result.kind).toBe('written');
      return;
    }
    expect(result).toMatchObject({ kind: 'refused', problem: { target } });
    expect(JSON.stringify(result)).toContain(first.uuid);
    expect(JSON.stringify(result)).toContain(why);
  });

  it.each<[Choices, string]>([
    [{ ppk: ['quantum', 'k2'] }, 'ppk.identity'],
    [{ ppk: ['quantum', 'k2'], host: 2 }, 'ppk.identity'],
    [{ psk: 'another', ppk: ['quantum', 'k1'] }, 'secret_key'],
  ])('of a policy that does not exist for who asks is not named for %j', async (choices, target) => {
    const fixture = await openFixture();
    const first = policy(fixture, 'the first', { ppk: ['quantum', 'k1'] });
    await fixture.desired.createPolicy(first);
    const rights = { svmUuid: 'another SVM' };
    const result = await fixture.desired.createPolicy(policy(fixture, 'second', choices), rights);
    expect(result).toMatchObject({ kind: 'refused', problem: { target } });
    expect(JSON.stringify(result)).toContain('outside this SVM');
    expect(JSON.stringify(result)).not.toMatch(/the first|svm1/);
    expect(JSON.stringify(result)).not.toContain(first.uuid);
  });

  it('of the only policy that has it changes as often as one likes, and goes', async () => {
    const fixture = await openFixture();
    const first = policy(fixture, 'first', { ppk: ['quantum', 'k1'] });
    await fixture.desired.createPolicy(first);
    const next: readonly Choices[] = [
      { ppk: ['quantum', 'k2'] },
      { ppk: ['another', 'k2'] },
      { ppk: ['quantum', 'k1'] },
      {},
      { ppk: ['quantum', 'k3'] },
    ];
    for (const choices of next) {
      const stored = fixture.desired.snapshot().policies.get(first.uuid);
      if (stored === undefined) throw new Error('the policy is gone');
      const { authentication } = policy(fixture, 'first', choices);
      const result = await fixture.desired.updatePolicy({ ...stored.value, authentication }, stored.modified);
      expect(result.kind).toBe('written');
    }
    const other = policy(fixture, 'second', { ppk: ['another', 'k9'], host: 2 });
    expect((await fixture.desired.createPolicy(other)).kind).toBe('written');
  });

  it('is one for each peer and each identity, whatever comes at once', { timeout: 60_000 }, async () => {
    const fixture = await openFixture();
    for (let round = 0; round < 5; round += 1) {
      const attempts = Array.from({ length: 24 }, (_, index) => {
        const choices: Choices = { ppk: [`quantum ${index % 2}`, `k${index % 3}`], host: 1 + (index % 4) };
        return policy(fixture, `${round} ${index}`, choices);
      });
      await Promise.all(attempts.map((one) => fixture.desired.createPolicy(one)));
      const written = [...fixture.desired.snapshot().policies.values()].map(({ value }) => value);
      const postquantum = written.map(({ authentication }) =>
        authentication.kind === 'psk' ? authentication.postquantumKey : undefined,
      );
      const [byIdentity, byPeer] = [new Map<unknown, Set<unknown>>(), new Map<unknown, Set<unknown>>()];
      written.forEach(({ selector }, index) => {
        const { identity, key } = postquantum[index] ?? {};
        const add = (map: Map<unknown, Set<unknown>>, at: unknown, value: unknown) =>
          map.set(at, (map.get(at) ?? new Set()).add(value));
        add(byIdentity, identity, key?.fingerprint);
        add(byPeer, selector.remote.address, `${identity} ${key?.fingerprint}`);
      });
      expect([...byIdentity.values(), ...byPeer.values()].every(({ size }) => size === 1)).toBe(true);
      expect(byPeer.size).toBe(4);
      await Promise.all(written.map(({ uuid }) => fixture.desired.deletePolicy(uuid)));
    }
  });
});
