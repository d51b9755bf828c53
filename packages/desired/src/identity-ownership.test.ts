import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Opened, openFixture, prefix, pskPolicy, svmOf } from './desired-state.fixture.ts';
import type { NewPolicy, WriterRights } from './desired-state.ts';
import type { Svm } from './model.ts';

const [keyOfOne, keyOfTwo] = ['the key of the first', 'the key of the second'];

/** Two SVMs with an address each, and a policy of the second with names of its own. */
async function twoSvms() {
  const fixture = await openFixture();
  const { desired } = fixture;
  const one = svmOf(desired.snapshot());
  const two = { uuid: randomUUID(), name: 'svm2', ipspace: one.ipspace };
  await desired.createSvm(two);
  for (const [svm, address] of [
    [one, '192.0.2.1'],
    [one, '192.0.2.8'],
    [one, '192.0.2.9'],
    [two, '192.0.2.2'],
  ] as const)
    await desired.createInterface({
      uuid: randomUUID(),
      name: address,
      svm,
      ipspace: one.ipspace,
      address,
      netmask: 24,
      enabled: true,
    });
  const theirs = policyOf(fixture, two, keyOfTwo, {
    local: '192.0.2.2/32',
    names: ['two.example', 'peer.example'],
  });
  expect((await desired.createPolicy(theirs)).kind).toBe('written');
  return { fixture, one, two, theirs };
}

interface Choices {
  readonly local?: string;
  readonly remote?: string;
  /** Local and remote identity; without one, the address of that side. */
  readonly names?: readonly [local: string | undefined, remote?: string];
}

function policyOf(
  fixture: Opened,
  svm: Svm,
  psk: string,
  { local = '192.0.2.1/32', remote = '198.51.100.1/32', names = [undefined] }: Choices,
): NewPolicy {
  const plain = pskPolicy(fixture, psk, { name: randomUUID(), scope: { kind: 'svm', svm } });
  const [ours, theirs] = names;
  return {
    ...plain,
    selector: { ...plain.selector, local: prefix(local), remote: prefix(remote) },
    ...(ours !== undefined && { localIdentity: { kind: 'text', text: ours } }),
    ...(theirs !== undefined && {
      remoteIdentity: theirs === 'ANYTHING' ? { kind: 'any' } : { kind: 'text', text: theirs },
    }),
  };
}

const boundTo = ({ uuid }: Svm): WriterRights => ({ svmUuid: uuid, isOfSvm: true });

describe('an account of an SVM', () => {
  it.each<[string, Choices, string, RegExp]>([
    [
      'both its names',
      { names: ['two.example', 'peer.example'] },
      'local_identity',
      /two.example[^ ]* is in use/,
    ],
    ['its local name in other letters', { names: ['@TWO.example'] }, 'local_identity', /is in use outside/],
    [
      'its local name as a remote',
      { names: [undefined, 'two.example'] },
      'remote_identity',
      /is in use outside/,
    ],
    ['its address', { names: ['192.0.2.2'] }, 'local_identity', /svm1[^ ]* does not own 192.0.2.2/],
    ['its address in bytes', { names: ['ipv4:#c0000202'] }, 'local_identity', /does not own 192.0.2.2/],
    ['a free address', { names: ['192.0.2.77'] }, 'local_identity', /does not own 192.0.2.77/],
    ['its address as a remote', { names: [undefined, '192.0.2.2'] }, 'remote_identity', /an address of ours/],
    ['its address as remote endpoint', { remote: '192.0.2.2/32' }, 'remote_identity', /an address of ours/],
    [
      'its remote name',
      { names: [undefined, 'peer.example'] },
      'remote_identity',
      /peer.example[^ ]* is in use/,
    ],
    [
      'its remote name as a local',
      { names: ['peer.example'] },
      'local_identity',
      /peer.example[^ ]* is in use/,
    ],
    [
      'no identity',
      { local: '192.0.2.8/31', names: [undefined, 'ANYTHING'] },
      'local_endpoint.address',
      /Neither side/,
    ],
  ])('gives no key of its own to another SVM’s policy by %s', async (_what, choices, target, why) => {
    const { fixture, one, theirs } = await twoSvms();
    const result = await fixture.desired.createPolicy(
      policyOf(fixture, one, keyOfOne, choices),
      boundTo(one),
    );
    expect(result).toMatchObject({ kind: 'refused', problem: { target } });
    expect(JSON.stringify(result)).toMatch(why);
    expect(JSON.stringify(result)).not.toMatch(/svm2/);
    expect(JSON.stringify(result)).not.toContain(theirs.uuid);
  });

  it.each<[string, Choices]>([
    ['names of its own', { names: ['one.example', 'another.example'] }],
    ['any remote of its own name', { names: ['one.example', 'ANYTHING'] }],
    ['an address of its own', { names: ['192.0.2.8'] }],
    ['the address it is on', { names: ['192.0.2.1'] }],
    ['the remote host of another SVM', { remote: '198.51.100.1/32' }],
    [
      'a network of its own and a named remote',
      { local: '192.0.2.8/31', names: [undefined, 'mine.example'] },
    ],
  ])('uses %s, with several keys', async (_what, choices) => {
    const { fixture, one } = await twoSvms();
    const { desired } = fixture;
    const first = policyOf(fixture, one, keyOfOne, choices);
    expect(await desired.createPolicy(first, boundTo(one))).toMatchObject({ kind: 'written' });
    const { remote = '198.51.100.1/32' } = choices;
    const second = policyOf(fixture, one, 'another key of the first', {
      ...choices,
      remote: remote.replace('.1/', '.7/'),
    });
    expect(await desired.createPolicy(second, boundTo(one))).toMatchObject({ kind: 'written' });
  });

  it('changes a key after its address went, but takes no new identity', async () => {
    const { fixture, one } = await twoSvms();
    const { desired } = fixture;
    const policy = policyOf(fixture, one, keyOfOne, { names: ['192.0.2.8'] });
    await desired.createPolicy(policy, boundTo(one));
    const lost = [...desired.snapshot().interfaces.values()].find(
      ({ value }) => value.address === '192.0.2.8',
    );
    await desired.deleteInterface(lost?.value.uuid ?? '');
    const change = (over: object) => {
      const row = desired.snapshot().policies.get(policy.uuid);
      if (row === undefined) throw new Error('the policy is gone');
      return desired.updatePolicy({ ...row.value, ...over }, row.modified, boundTo(one));
    };
    const { authentication } = policyOf(fixture, one, 'its next key', {});
    expect((await change({ authentication })).kind).toBe('written');
    const other = { localIdentity: { kind: 'text', text: '192.0.2.2' } };
    expect(await change(other)).toMatchObject({ kind: 'refused', problem: { target: 'local_identity' } });
    expect((await change({ enabled: false })).kind).toBe('written');
    expect(await change({ enabled: true })).toMatchObject({ kind: 'refused' });
  });

  it('gets no remote address that becomes another SVM’s before it, at the same moment', async () => {
    const { fixture, one, two } = await twoSvms();
    const { desired } = fixture;
    for (let round = 10; round < 16; round += 1) {
      const address = `192.0.2.${round}`;
      const svm = { uuid: two.uuid, name: two.name };
      const plain = { uuid: randomUUID(), name: address, svm, ipspace: one.ipspace };
      const [given, taken] = await Promise.all([
        desired.createInterface({ ...plain, address, netmask: 24, enabled: true }),
        desired.createPolicy(policyOf(fixture, one, keyOfOne, { names: [undefined, address] }), boundTo(one)),
      ]);
      expect([given.kind, taken.kind]).toEqual(['written', 'refused']);
    }
  });
});

describe('policies with one named identity', () => {
  it('have one owner or a key in common, and an administrator is told who the other is', async () => {
    const { fixture, one, theirs } = await twoSvms();
    const { desired } = fixture;
    const names = ['one.example', 'peer.example'] as const;
    const told = await desired.createPolicy(policyOf(fixture, one, keyOfOne, { names }));
    expect(told).toMatchObject({ kind: 'refused', problem: { code: '262186', target: 'remote_identity' } });
    expect(JSON.stringify(told)).toContain(theirs.uuid);
    expect(JSON.stringify(told)).toContain('svm2');
    expect((await desired.createPolicy(policyOf(fixture, one, keyOfTwo, { names }))).kind).toBe('written');
    const disabled = { ...policyOf(fixture, one, keyOfOne, { names }), enabled: false };
    expect((await desired.createPolicy(disabled)).kind).toBe('written');
  });

  it('are not told from others of another IPspace', async () => {
    const { fixture, one } = await twoSvms();
    const aside = { uuid: randomUUID(), name: 'aside' };
    await fixture.desired.createIpspace(aside);
    const svm = { uuid: randomUUID(), name: 'svm3', ipspace: aside };
    await fixture.desired.createSvm(svm);
    const policy = policyOf(fixture, one, keyOfOne, { names: ['two.example', 'peer.example'] });
    const there = { ...policy, scope: { kind: 'svm' as const, svm }, ipspace: aside };
    expect((await fixture.desired.createPolicy(there)).kind).toBe('written');
  });

  it('may have it on both sides', async () => {
    const { fixture, one } = await twoSvms();
    const policy = policyOf(fixture, one, keyOfOne, { names: ['we.example', 'we.example'] });
    expect((await fixture.desired.createPolicy(policy)).kind).toBe('written');
  });

  it('are of one owner or one key, whatever comes at once', { timeout: 60_000 }, async () => {
    const { fixture, one, two } = await twoSvms();
    const { desired } = fixture;
    for (let round = 0; round < 5; round += 1) {
      const attempts = Array.from({ length: 24 }, (_, index) =>
        policyOf(fixture, index % 2 === 0 ? one : two, `key ${index % 3} of these tests`, {
          local: `192.0.2.${1 + (index % 2)}/32`,
          remote: `198.51.100.${index + 1}/32`,
          names: [`${index}.example`, `shared${index % 5}.example`],
        }),
      );
      await Promise.all(attempts.map((attempt) => desired.createPolicy(attempt)));
      const written = [...desired.snapshot().policies.values()].map(({ value }) => value);
      const byName = Map.groupBy(written, ({ remoteIdentity }) =>
        remoteIdentity?.kind === 'text' ? remoteIdentity.text : '',
      );
      for (const policies of byName.values()) {
        const owners = new Set(policies.map(({ scope }) => (scope.kind === 'svm' ? scope.svm.uuid : '')));
        const keys = policies.map(({ authentication }) =>
          authentication.kind === 'psk' ? authentication.psk.fingerprint : '',
        );
        expect(Math.min(owners.size, new Set(keys).size)).toBe(1);
      }
      expect(byName.size).toBe(6);
      for (const { uuid } of attempts) await desired.deletePolicy(uuid);
    }
  });
});

describe('a guessed key of another owner', () => {
  /** With a post-quantum key beside it, of one identity. */
  function withPostquantum(fixture: Opened, policy: NewPolicy, key: string): NewPolicy {
    const { authentication } = policy;
    if (authentication.kind !== 'psk') throw new Error('the policy has no pre-shared key');
    const secret = fixture.secretBox.secret(new TextEncoder().encode(key));
    const postquantumKey = { identity: 'quantum', key: secret };
    return { ...policy, authentication: { ...authentication, postquantumKey } };
  }

  it.each<[string, Choices]>([
    ['its local name', { names: ['two.example'] }],
    ['its remote name', { names: ['one.example', 'peer.example'] }],
    ['its remote name as a local one', { names: ['peer.example'] }],
  ])('is answered as any other under %s, in a new policy and in one that is there', async (_, choices) => {
    const { fixture, one } = await twoSvms();
    const { desired } = fixture;
    const wrong = await desired.createPolicy(policyOf(fixture, one, keyOfOne, choices), boundTo(one));
    expect(wrong).toMatchObject({ kind: 'refused', problem: { code: '262186' } });
    const right = await desired.createPolicy(policyOf(fixture, one, keyOfTwo, choices), boundTo(one));
    expect(right).toEqual(wrong);
    const mine = policyOf(fixture, one, keyOfOne, {});
    await desired.createPolicy(mine, boundTo(one));
    for (const key of [keyOfOne, keyOfTwo]) {
      const row = desired.snapshot().policies.get(mine.uuid);
      if (row === undefined) throw new Error('the policy is gone');
      const changed = { ...row.value, ...policyOf(fixture, one, key, choices), uuid: mine.uuid };
      expect(await desired.updatePolicy(changed, row.modified, boundTo(one))).toEqual(wrong);
    }
  });

  it('is answered as any other for the same peer, and for one post-quantum identity', async () => {
    const { fixture, one, two } = await twoSvms();
    const { desired } = fixture;
    const beside = withPostquantum(fixture, policyOf(fixture, two, keyOfTwo, {}), 'k2');
    expect((await desired.createPolicy(beside)).kind).toBe('written');
    for (const [remote, target] of [
      ['198.51.100.1/32', 'secret_key'],
      ['198.51.100.2/32', 'ppk.identity'],
    ] as const) {
      const answers = [];
      for (const psk of [keyOfOne, keyOfTwo])
        for (const ppk of ['k1', 'k2']) {
          const guess = withPostquantum(fixture, policyOf(fixture, one, psk, { remote }), ppk);
          answers.push(JSON.stringify(await desired.createPolicy(guess, boundTo(one))));
        }
      expect(answers[0]).toContain('outside this SVM');
      expect(answers[0]).toContain(`"${target}"`);
      expect(new Set(answers).size).toBe(1);
    }
  });

  it('is not taken where an administrator lets two owners share one, and what was agreed stays usable', async () => {
    const { fixture, one } = await twoSvms();
    const { desired } = fixture;
    const shared = policyOf(fixture, one, keyOfTwo, { names: ['one.example', 'peer.example'] });
    expect((await desired.createPolicy(shared)).kind).toBe('written');
    const change = (over: object, rights: WriterRights) => {
      const row = desired.snapshot().policies.get(shared.uuid);
      if (row === undefined) throw new Error('the policy is gone');
      return desired.updatePolicy({ ...row.value, ...over }, row.modified, rights);
    };
    const { authentication } = policyOf(fixture, one, keyOfTwo, {});
    expect((await change({ name: 'renamed', authentication }, boundTo(one))).kind).toBe('written');
    const other = policyOf(fixture, one, keyOfOne, {}).authentication;
    expect(await change({ authentication: other }, boundTo(one))).toMatchObject({ kind: 'refused' });
    expect((await change({ enabled: false }, boundTo(one))).kind).toBe('written');
    expect(await change({ enabled: true }, boundTo(one))).toMatchObject({ kind: 'refused' });
    expect((await change({ enabled: true }, {})).kind).toBe('written');
  });

  it('is not taken at the moment at which the other policy is made', async () => {
    const { fixture, one, two } = await twoSvms();
    const { desired } = fixture;
    for (let round = 0; round < 10; round += 1) {
      const names = [undefined, `round${round}.example`] as const;
      const [theirs, guess] = [
        policyOf(fixture, two, keyOfTwo, { local: '192.0.2.2/32', names }),
        policyOf(fixture, one, keyOfTwo, { names }),
      ];
      const written = await Promise.all([
        desired.createPolicy(theirs, boundTo(two)),
        desired.createPolicy(guess, boundTo(one)),
      ]);
      expect(written.filter(({ kind }) => kind === 'written')).toHaveLength(1);
    }
  });
});
