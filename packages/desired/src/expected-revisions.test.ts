import { randomUUID } from 'node:crypto';
import type { Revision, Store } from '@esplanade/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Opened, openFixture, pskPolicy, svmOf, testSeed } from './desired-state.fixture.ts';
import type { DesiredState } from './desired-state.ts';
import type { Svm } from './model.ts';
import { openDesiredState } from './open-desired-state.ts';

const never = 999_999 as Revision;

async function withTenant(): Promise<Opened & { readonly svm: Svm; readonly modified: () => Revision }> {
  const fixture = await openFixture();
  const { desired } = fixture;
  const svm = { uuid: randomUUID(), name: 'tenant', ipspace: svmOf(desired.snapshot()).ipspace };
  expect((await desired.createSvm(svm)).kind).toBe('written');
  const modified = () => desired.snapshot().svms.get(svm.uuid)?.modified ?? never;
  return { ...fixture, svm, modified };
}

/** Another server on the same store, which is interrupted before it deletes the tenant's document. */
async function interrupted(fixture: Opened, svm: Svm, before: () => Promise<unknown>): Promise<DesiredState> {
  const { store, secretBox } = fixture;
  let isDone = false;
  const slow: Store = {
    list: (prefix, signal) => store.list(prefix, signal),
    watch: (prefix, after, signal) => store.watch(prefix, after, signal),
    close: () => store.close(),
    readLog: (log, range) => store.readLog(log, range),
    logHead: (log) => store.logHead(log),
    commit: async (writes, signal) => {
      const deletes = writes.some((write) => write.kind === 'delete' && write.key === `svms/${svm.uuid}`);
      if (deletes && !isDone) {
        isDone = true;
        await before();
      }
      return store.commit(writes, signal);
    },
  };
  const other = await openDesiredState({
    store: slow,
    secretBox,
    seed: testSeed,
    auditEntry: () => 'another',
  });
  onTestFinished(() => other.close());
  return other;
}

describe('a deletion that expects a revision', () => {
  it('is a conflict at any other, and done at that one, also where it takes two commits', async () => {
    const { desired, svm, modified } = await withTenant();
    expect(await desired.deleteSvm(svm.uuid, never)).toEqual({ kind: 'conflict' });
    expect(desired.snapshot().svms.has(svm.uuid)).toBe(true);
    expect((await desired.deleteSvm(svm.uuid, modified())).kind).toBe('written');
    expect(await desired.deleteSvm(svm.uuid, never)).toEqual({ kind: 'not-found' });
  });

  it('is a conflict for policies and IPspaces too', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const policy = pskPolicy(fixture, 'a key of at least eighteen characters');
    await desired.createPolicy(policy);
    const ipspace = { uuid: randomUUID(), name: 'other' };
    await desired.createIpspace(ipspace);
    expect(await desired.deletePolicy(policy.uuid, never)).toEqual({ kind: 'conflict' });
    expect(await desired.deleteIpspace(ipspace.uuid, never)).toEqual({ kind: 'conflict' });
    const at = desired.snapshot().ipspaces.get(ipspace.uuid)?.modified;
    expect((await desired.deleteIpspace(ipspace.uuid, at)).kind).toBe('written');
  });

  it('keeps what another server changed after the deletion was announced', async () => {
    const fixture = await withTenant();
    const { desired, svm, modified } = fixture;
    const expected = modified();
    const rename = () => desired.updateSvm({ ...svm, name: 'renamed' }, modified());
    const other = await interrupted(fixture, svm, rename);
    expect(await other.deleteSvm(svm.uuid, expected)).toEqual({ kind: 'conflict' });
    expect(desired.snapshot().svms.get(svm.uuid)?.value.name).toBe('renamed');
  });

  it('keeps it also where a third one has announced its deletion anew', async () => {
    const fixture = await withTenant();
    const { desired, store, svm, modified } = fixture;
    const expected = modified();
    const other = await interrupted(fixture, svm, async () => {
      await desired.updateSvm({ ...svm, name: 'renamed' }, modified());
      const value = JSON.stringify({ name: 'renamed', ipspace: svm.ipspace.uuid, isLeaving: true });
      await store.commit([{ kind: 'put', key: `svms/${svm.uuid}`, value, expect: { kind: 'any' } }]);
    });
    expect(await other.deleteSvm(svm.uuid, expected)).toEqual({ kind: 'conflict' });
    expect(desired.snapshot().svms.get(svm.uuid)?.value.name).toBe('renamed');
  });
});

it('a revocation mode is set only over the one that was expected', async () => {
  const { desired } = await openFixture();
  const cluster = { kind: 'cluster' } as const;
  const first = await desired.setRevocationMode(cluster, 'strict', 'unset');
  if (first.kind !== 'written') throw new Error(`it was not set: ${first.kind}`);
  expect(await desired.setRevocationMode(cluster, 'relaxed', 'unset')).toEqual({ kind: 'conflict' });
  expect((await desired.setRevocationMode(cluster, 'relaxed', first.revision)).kind).toBe('written');
  expect(await desired.setRevocationMode(cluster, 'strict', first.revision)).toEqual({ kind: 'conflict' });
});
