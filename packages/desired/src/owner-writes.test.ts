import { randomUUID } from 'node:crypto';
import type { Revision, Store } from '@esplanade/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Opened, only, openFixture, pskPolicy, svmOf, testSeed } from './desired-state.fixture.ts';
import type { IpInterface, Svm, Versioned } from './model.ts';
import { openDesiredState } from './open-desired-state.ts';

const psk = 'correct horse battery staple';

function newSvm({ desired }: Opened, name: string): Svm {
  return { uuid: randomUUID(), name, ipspace: only(desired.snapshot().ipspaces) };
}

function newInterface(fixture: Opened, changes: Partial<IpInterface> = {}): IpInterface {
  const svm = svmOf(fixture.desired.snapshot());
  return {
    uuid: randomUUID(),
    name: 'lif1',
    svm,
    ipspace: svm.ipspace,
    address: '192.0.2.1',
    netmask: 24,
    enabled: true,
    ...changes,
  };
}

function revisionIn(map: ReadonlyMap<string, Versioned<unknown>>, uuid: string): Revision {
  const found = map.get(uuid);
  if (found === undefined) throw new Error(`there is no ${uuid}`);
  return found.modified;
}

describe('writing SVMs, IPspaces and interfaces', () => {
  it('keeps the names of SVMs and IPspaces unique', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    expect(await desired.createSvm(newSvm(fixture, 'svm1'))).toEqual({ kind: 'duplicate' });
    expect(await desired.createIpspace({ uuid: randomUUID(), name: 'Default' })).toEqual({
      kind: 'duplicate',
    });
    expect((await desired.createSvm(newSvm(fixture, 'a/b %ü'))).kind).toBe('written');
    expect(await desired.createSvm(newSvm(fixture, 'a/b %ü'))).toEqual({ kind: 'duplicate' });
    expect([...desired.snapshot().svms.values()].map(({ value }) => value.name).sort()).toEqual([
      'a/b %ü',
      'svm1',
    ]);
  });

  it('gives no SVM the name of the cluster', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const { name } = desired.snapshot().cluster;
    expect(await desired.createSvm(newSvm(fixture, name))).toEqual({ kind: 'duplicate' });
    const svm = newSvm(fixture, 'svm2');
    await desired.createSvm(svm);
    const revision = revisionIn(desired.snapshot().svms, svm.uuid);
    expect(await desired.updateSvm({ ...svm, name }, revision)).toEqual({ kind: 'duplicate' });
    expect((await desired.updateSvm({ ...svm, name: 'svm3' }, revision)).kind).toBe('written');
  });

  it('gives an address to one interface of an IPspace, however it is written', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    await desired.createInterface(newInterface(fixture, { address: '2001:DB8:0::1', netmask: 64 }));
    const again = newInterface(fixture, { name: 'lif2', address: '2001:db8::1', netmask: 64 });
    expect(await desired.createInterface(again)).toMatchObject({
      kind: 'refused',
      problem: { target: 'ip.address', message: expect.stringContaining('lif1') },
    });
    expect(only(desired.snapshot().interfaces).address).toBe('2001:db8::1');
    const other = { uuid: randomUUID(), name: 'tenant' };
    await desired.createIpspace(other);
    const elsewhere: IpInterface = {
      uuid: randomUUID(),
      name: 'lif1',
      ipspace: other,
      address: '2001:db8::1',
      netmask: 64,
      enabled: true,
    };
    expect((await desired.createInterface(elsewhere)).kind).toBe('written');
  });

  it('keeps interface names unique in their SVM and frees name and address on deletion', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const first = newInterface(fixture);
    expect((await desired.createInterface(first)).kind).toBe('written');
    expect(await desired.createInterface(newInterface(fixture, { address: '192.0.2.2' }))).toEqual({
      kind: 'duplicate',
    });
    expect((await desired.deleteInterface(first.uuid)).kind).toBe('written');
    expect(await desired.deleteInterface(first.uuid)).toEqual({ kind: 'not-found' });
    expect((await desired.createInterface(newInterface(fixture))).kind).toBe('written');
  });

  it('changes an interface only from the revision it was read at, with its claims', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const first = newInterface(fixture);
    await desired.createInterface(first);
    const read = () => revisionIn(desired.snapshot().interfaces, first.uuid);
    const stale = read();
    const moved = { ...first, name: 'lif2', address: '2001:DB8::2', netmask: 64 };
    expect((await desired.updateInterface(moved, stale)).kind).toBe('written');
    expect(await desired.updateInterface(first, stale)).toEqual({ kind: 'conflict' });
    expect(only(desired.snapshot().interfaces)).toMatchObject({
      name: 'lif2',
      address: '2001:db8::2',
      netmask: 64,
    });
    // What it had is free, what it has is taken.
    const heir = newInterface(fixture);
    expect((await desired.createInterface(heir)).kind).toBe('written');
    expect(await desired.updateInterface({ ...moved, name: 'lif1' }, read())).toEqual({ kind: 'duplicate' });
    const sameAddress = await desired.updateInterface({ ...moved, address: heir.address }, read());
    expect(sameAddress).toMatchObject({ kind: 'refused', problem: { target: 'ip.address' } });
    expect((await desired.deleteInterface(first.uuid)).kind).toBe('written');
    expect(await desired.updateInterface(moved, stale)).toEqual({ kind: 'not-found' });
  });

  it('keeps the comment of an SVM, through an announced deletion too', async () => {
    const fixture = await openFixture();
    const { desired, store } = fixture;
    const svm = { ...svmOf(desired.snapshot()), comment: 'ours' };
    const stale = revisionIn(desired.snapshot().svms, svm.uuid);
    expect((await desired.updateSvm(svm, stale)).kind).toBe('written');
    expect(await desired.updateSvm(svm, stale)).toEqual({ kind: 'conflict' });
    const value = JSON.stringify({
      name: svm.name,
      ipspace: svm.ipspace.uuid,
      comment: 'ours',
      isLeaving: true,
    });
    await store.commit([{ kind: 'put', key: `svms/${svm.uuid}`, value, expect: { kind: 'any' } }]);
    expect((await desired.createPolicy(pskPolicy(fixture, psk))).kind).toBe('written');
    expect(svmOf(desired.snapshot())).toEqual(svm);
  });

  it('refuses to delete what is in use and says by what', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const svm = svmOf(desired.snapshot());
    const policy = pskPolicy(fixture, psk);
    const lif = newInterface(fixture);
    const inUse = (by: string) => ({
      kind: 'refused',
      problem: { code: '8', message: expect.stringContaining(by) },
    });
    await desired.createPolicy(policy);
    expect(await desired.deleteSvm(svm.uuid)).toMatchObject(inUse('policy "nfs"'));
    await desired.deletePolicy(policy.uuid);
    await desired.createInterface(lif);
    expect(await desired.deleteSvm(svm.uuid)).toMatchObject(inUse('interface "lif1"'));
    await desired.deleteInterface(lif.uuid);
    expect(await desired.deleteIpspace(svm.ipspace.uuid)).toMatchObject(inUse('SVM "svm1"'));
    expect((await desired.deleteSvm(svm.uuid)).kind).toBe('written');
    expect(await desired.deleteSvm(svm.uuid)).toEqual({ kind: 'not-found' });
    expect((await desired.deleteIpspace(svm.ipspace.uuid)).kind).toBe('written');
    expect(desired.snapshot()).toMatchObject({ svms: { size: 0 }, ipspaces: { size: 0 } });
  });

  it('never deletes an SVM from under a policy, whatever comes at once', { timeout: 60_000 }, async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    for (let round = 0; round < 40; round += 1) {
      const svm = newSvm(fixture, `tenant ${round}`);
      await desired.createSvm(svm);
      const scope = { kind: 'svm', svm } as const;
      const policy = pskPolicy(fixture, psk, { name: 'p', scope, ipspace: svm.ipspace });
      const [first, second] = round % 2 === 0 ? ['create', 'delete'] : ['delete', 'create'];
      const steps = [first, second].map(async (step) => {
        const result = await (step === 'create' ? desired.createPolicy(policy) : desired.deleteSvm(svm.uuid));
        return `${step} ${result.kind}`;
      });
      const results = (await Promise.all(steps)).sort().join(', ');
      expect(['create refused, delete written', 'create written, delete refused']).toContain(results);
      expect(desired.snapshot().svms.has(svm.uuid)).toBe(desired.snapshot().policies.has(policy.uuid));
    }
  });

  it('looks again when a policy comes between the announcement of a deletion and the deletion', async () => {
    const fixture = await openFixture();
    const svm = svmOf(fixture.desired.snapshot());
    const policy = pskPolicy(fixture, psk);
    // Another server on the same store, whose deletion waits until the policy is written.
    const slowStore: Store = {
      list: (prefix, signal) => fixture.store.list(prefix, signal),
      watch: (prefix, after, signal) => fixture.store.watch(prefix, after, signal),
      close: () => fixture.store.close(),
      readLog: (log, range) => fixture.store.readLog(log, range),
      logHead: (log) => fixture.store.logHead(log),
      commit: async (writes, signal) => {
        const deletes = writes.some((write) => write.kind === 'delete' && write.key === `svms/${svm.uuid}`);
        if (deletes) expect((await fixture.desired.createPolicy(policy)).kind).toBe('written');
        return fixture.store.commit(writes, signal);
      },
    };
    const other = await openDesiredState({
      store: slowStore,
      secretBox: fixture.secretBox,
      seed: testSeed,
      auditEntry: () => 'another',
    });
    onTestFinished(() => other.close());
    expect(await other.deleteSvm(svm.uuid)).toMatchObject({ kind: 'refused', problem: { code: '8' } });
    expect(other.snapshot().svms.has(svm.uuid)).toBe(true);
  });

  it('accepts a policy after a deletion that was announced and never finished', async () => {
    const fixture = await openFixture();
    const { desired, store } = fixture;
    const svm = svmOf(desired.snapshot());
    const value = JSON.stringify({ name: svm.name, ipspace: svm.ipspace.uuid, isLeaving: true });
    await store.commit([{ kind: 'put', key: `svms/${svm.uuid}`, value, expect: { kind: 'any' } }]);
    expect((await desired.createPolicy(pskPolicy(fixture, psk))).kind).toBe('written');
    expect((await desired.deleteSvm(svm.uuid)).kind).toBe('refused');
  });

  it('replaces an account', async () => {
    const { desired } = await openFixture();
    const admin = {
      name: 'admin',
      scope: { kind: 'cluster' },
      role: 'admin',
      authenticationMethods: ['password'],
      isLocked: false,
    } as const;
    await desired.putAccount({ ...admin, passwordHash: 'one' });
    await desired.putAccount({ ...admin, passwordHash: 'two' });
    expect(only(desired.snapshot().accounts).passwordHash).toBe('two');
  });

  it('updates the IPsec settings only from the revision they were read at', async () => {
    const { desired } = await openFixture();
    const { value, modified } = desired.snapshot().ipsec;
    expect((await desired.updateIpsecConfig({ ...value, enabled: true }, modified)).kind).toBe('written');
    expect(await desired.updateIpsecConfig({ ...value, replayWindow: 64 }, modified)).toEqual({
      kind: 'conflict',
    });
    expect(desired.snapshot().ipsec.value).toEqual({ ...value, enabled: true });
  });
});
