import { randomUUID } from 'node:crypto';
import type { IpsecPolicy, PolicyUuid } from '@esplanade/domain';
import { describe, expect, it } from 'vitest';
import { openFixture, prefix, pskPolicy, svmOf } from './desired-state.fixture.ts';
import type { DesiredState, WriteResult } from './desired-state.ts';
import type { Versioned } from './model.ts';

const psk = 'correct horse battery staple';

function stored(desired: DesiredState, uuid: PolicyUuid): Versioned<IpsecPolicy> {
  const policy = desired.snapshot().policies.get(uuid);
  if (policy === undefined) throw new Error(`no policy ${uuid}`);
  return policy;
}

function kinds(results: readonly WriteResult[]): readonly string[] {
  return results.map((result) => result.kind).sort();
}

describe('writing policies', () => {
  it('shows a resolved creation in the snapshot, aged by its commit', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    const result = await fixture.desired.createPolicy(policy);
    if (result.kind !== 'written') throw new Error(result.kind);
    const { value, created, modified } = stored(fixture.desired, policy.uuid);
    expect({ created, modified }).toEqual({ created: result.revision, modified: result.revision });
    expect(value).toMatchObject({ name: 'nfs', createdRevision: result.revision });
    expect(fixture.desired.snapshot().revision).toBe(result.revision);
  });

  it('writes one of 40 policies of one name created at once and calls the others duplicates', async () => {
    const fixture = await openFixture();
    const results = await Promise.all(
      Array.from({ length: 40 }, () => fixture.desired.createPolicy(pskPolicy(fixture, psk))),
    );
    expect(kinds(results)).toEqual([...Array(39).fill('duplicate'), 'written']);
    expect(fixture.desired.snapshot().policies.size).toBe(1);
  });

  it('lets one name exist once in each scope', async () => {
    const fixture = await openFixture();
    expect((await fixture.desired.createPolicy(pskPolicy(fixture, psk))).kind).toBe('written');
    const clusterPolicy = pskPolicy(fixture, psk, { scope: { kind: 'cluster' } });
    expect((await fixture.desired.createPolicy(clusterPolicy)).kind).toBe('written');
    const another = pskPolicy(fixture, psk, { scope: { kind: 'cluster' } });
    expect(await fixture.desired.createPolicy(another)).toEqual({ kind: 'duplicate' });
  });

  it('loses no update: of writers that hold the same revision one is written, the others conflict', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    const { value, modified } = stored(fixture.desired, policy.uuid);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fixture.desired.updatePolicy(
          { ...value, lifetimes: { ...value.lifetimes, ikeSeconds: 1_000 + index } },
          modified,
        ),
      ),
    );
    expect(kinds(results)).toEqual([...Array(19).fill('conflict'), 'written']);
    const winner = results.findIndex((result) => result.kind === 'written');
    expect(stored(fixture.desired, policy.uuid).value.lifetimes.ikeSeconds).toBe(1_000 + winner);
  });

  it('keeps the age through updates and frees the old name', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    const before = stored(fixture.desired, policy.uuid);
    await fixture.desired.updatePolicy({ ...before.value, name: 'renamed' }, before.modified);
    const after = stored(fixture.desired, policy.uuid);
    expect(after.value).toMatchObject({ name: 'renamed', createdRevision: before.created });
    expect(after.modified).toBeGreaterThan(before.modified);
    expect((await fixture.desired.createPolicy(pskPolicy(fixture, psk))).kind).toBe('written');
    expect(await fixture.desired.updatePolicy({ ...after.value, name: 'nfs' }, after.modified)).toEqual({
      kind: 'duplicate',
    });
  });

  it('does not find what was deleted, and frees its name', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    const { value, modified } = stored(fixture.desired, policy.uuid);
    const deletions = await Promise.all([1, 2, 3].map(() => fixture.desired.deletePolicy(policy.uuid)));
    expect(kinds(deletions)).toEqual(['not-found', 'not-found', 'written']);
    expect(await fixture.desired.updatePolicy(value, modified)).toEqual({ kind: 'not-found' });
    expect((await fixture.desired.createPolicy(pskPolicy(fixture, psk))).kind).toBe('written');
  });

  it('deletes only the revision asked for', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    const before = stored(fixture.desired, policy.uuid);
    await fixture.desired.updatePolicy({ ...before.value, enabled: false }, before.modified);
    expect(await fixture.desired.deletePolicy(policy.uuid, before.modified)).toEqual({ kind: 'conflict' });
    const { modified } = stored(fixture.desired, policy.uuid);
    expect((await fixture.desired.deletePolicy(policy.uuid, modified)).kind).toBe('written');
  });

  it('refuses a policy of an SVM or IPspace that does not exist', async () => {
    const fixture = await openFixture();
    const strange = { uuid: randomUUID(), name: 'nowhere' };
    const results = [
      await fixture.desired.createPolicy(pskPolicy(fixture, psk, { scope: { kind: 'svm', svm: strange } })),
      await fixture.desired.createPolicy(
        pskPolicy(fixture, psk, { scope: { kind: 'cluster' }, ipspace: strange }),
      ),
    ];
    expect(results).toMatchObject([
      { kind: 'refused', problem: { target: 'svm.name' } },
      { kind: 'refused', problem: { target: 'ipspace.name' } },
    ]);
  });
});

describe('one pre-shared key per peer', () => {
  it('refuses a second policy of the peer with another key and names the first, not the keys', async () => {
    const fixture = await openFixture();
    const first = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(first);
    const result = await fixture.desired.createPolicy(
      pskPolicy(fixture, 'quite another key', { name: 'smb' }),
    );
    expect(result).toMatchObject({ kind: 'refused', problem: { target: 'secret_key' } });
    expect(JSON.stringify(result)).toContain(first.uuid);
    expect(JSON.stringify(result)).not.toContain('quite');
  });

  it('accepts the same key, another peer, and a disabled policy', async () => {
    const fixture = await openFixture();
    const { selector } = pskPolicy(fixture, psk);
    const policies = [
      pskPolicy(fixture, psk),
      pskPolicy(fixture, psk, { name: 'same key', selector: { ...selector, localPort: 445 } }),
      pskPolicy(fixture, 'another', {
        name: 'other peer',
        selector: { ...selector, remote: prefix('198.51.100.2/32') },
      }),
      pskPolicy(fixture, 'another', {
        name: 'other identity',
        localIdentity: { kind: 'text', text: 'host.example' },
      }),
      pskPolicy(fixture, 'another', { name: 'disabled', enabled: false }),
    ];
    for (const policy of policies) expect((await fixture.desired.createPolicy(policy)).kind).toBe('written');
  });

  it('refuses enabling or rekeying a policy into another key, and allows it once the other is gone', async () => {
    const fixture = await openFixture();
    const first = pskPolicy(fixture, psk);
    const second = pskPolicy(fixture, 'another', { name: 'second', enabled: false });
    await fixture.desired.createPolicy(first);
    await fixture.desired.createPolicy(second);
    const enable = async () => {
      const { value, modified } = stored(fixture.desired, second.uuid);
      return fixture.desired.updatePolicy({ ...value, enabled: true }, modified);
    };
    expect((await enable()).kind).toBe('refused');
    await fixture.desired.deletePolicy(first.uuid);
    expect((await enable()).kind).toBe('written');
  });

  it('lets the only policy of a peer change its key, again and again', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    for (const key of ['first new key', 'second new key', psk]) {
      const { value, modified } = stored(fixture.desired, policy.uuid);
      const secret = fixture.secretBox.secret(new TextEncoder().encode(key));
      const next: IpsecPolicy = { ...value, authentication: { kind: 'psk', psk: secret } };
      expect((await fixture.desired.updatePolicy(next, modified)).kind).toBe('written');
      expect(stored(fixture.desired, policy.uuid).value.authentication).toMatchObject({
        psk: { fingerprint: secret.fingerprint },
      });
    }
  });

  it('never lets two keys through, whatever comes at once', { timeout: 60_000 }, async () => {
    const fixture = await openFixture();
    for (let round = 0; round < 10; round += 1) {
      const results = await Promise.all(
        Array.from({ length: 24 }, (_, index) =>
          fixture.desired.createPolicy(
            pskPolicy(fixture, `key number ${index % 3}`, { name: `${round} ${index}` }),
          ),
        ),
      );
      const { policies } = fixture.desired.snapshot();
      const fingerprints = [...policies.values()].map(({ value }) =>
        value.authentication.kind === 'psk' ? value.authentication.psk.fingerprint : '',
      );
      expect(new Set(fingerprints).size).toBe(1);
      expect(kinds(results)).toEqual([...Array(16).fill('refused'), ...Array(8).fill('written')]);
      await Promise.all([...policies.keys()].map((uuid) => fixture.desired.deletePolicy(uuid)));
      expect(fixture.desired.snapshot().policies.size).toBe(0);
    }
  });

  it('creates 200 policies of one peer at once without a conflict', async () => {
    const fixture = await openFixture();
    await fixture.desired.createPolicy(pskPolicy(fixture, psk));
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        fixture.desired.createPolicy(pskPolicy(fixture, psk, { name: `policy ${index}` })),
      ),
    );
    expect(new Set(kinds(results))).toEqual(new Set(['written']));
    expect(svmOf(fixture.desired.snapshot()).name).toBe('svm1');
  });
});
