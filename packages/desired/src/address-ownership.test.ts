import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Opened, openFixture, prefix, pskPolicy, svmOf } from './desired-state.fixture.ts';
import type { IpInterface } from './model.ts';

const psk = 'the key of these tests';
const bound = { isOfSvm: true };
const refused = { kind: 'refused', problem: { code: '990002', target: 'local_endpoint.address' } };

/** Gives an address to `svm1`, or to whom `over` says. */
async function own({ desired }: Opened, address: string, over: Partial<IpInterface> = {}) {
  const { uuid, name, ipspace } = svmOf(desired.snapshot());
  const ipInterface = {
    uuid: randomUUID(),
    name: address.replaceAll(':', '_'),
    svm: { uuid, name },
    ipspace,
    address,
    netmask: 24,
    enabled: true,
    ...over,
  };
  expect((await desired.createInterface(ipInterface)).kind).toBe('written');
  const row = desired.snapshot().interfaces.get(ipInterface.uuid);
  if (row === undefined) throw new Error('the interface is not there');
  return row;
}

function on(fixture: Opened, local: string) {
  const policy = pskPolicy(fixture, psk, { name: local });
  const [family, remote] = local.includes(':')
    ? (['ipv6', '2001:db8::99/128'] as const)
    : (['ipv4', '198.51.100.1/32'] as const);
  return {
    ...policy,
    selector: { ...policy.selector, family, local: prefix(local), remote: prefix(remote) },
  };
}

describe('an account that is bound to the addresses of its SVM', () => {
  it('uses no address that is nobody’s, another SVM’s, the cluster’s, disabled, or in another IPspace', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const { ipspace } = svmOf(desired.snapshot());
    const other = { uuid: randomUUID(), name: 'svm2', ipspace };
    const aside = { uuid: randomUUID(), name: 'aside' };
    await desired.createSvm(other);
    await desired.createIpspace(aside);
    await own(fixture, '192.0.2.2', { svm: other });
    await own(fixture, '192.0.2.4', { enabled: false });
    await own(fixture, '192.0.2.5', { ipspace: aside });
    for (const last of [1, 2, 4, 5])
      expect(await desired.createPolicy(on(fixture, `192.0.2.${last}/32`), bound)).toMatchObject(refused);
    await own(fixture, '192.0.2.1');
    expect((await desired.createPolicy(on(fixture, '192.0.2.1/32'), bound)).kind).toBe('written');
    expect((await desired.createPolicy(on(fixture, '192.0.2.2/32'))).kind).toBe('written');
  });

  it.each([
    ['192.0.2.8/31', ['192.0.2.8', '192.0.2.9'], 'written'],
    ['192.0.2.9/31', ['192.0.2.8', '192.0.2.9'], 'written'],
    ['192.0.2.8/31', ['192.0.2.8', '192.0.2.10'], 'refused'],
    ['192.0.2.8/24', ['192.0.2.8', '192.0.2.9'], 'refused'],
    ['0.0.0.0/0', ['192.0.2.8'], 'refused'],
    ['::/0', ['2001:db8::1'], 'refused'],
    ['2001:db8::1/64', ['2001:db8::1'], 'refused'],
    ['2001:db8::1/128', ['2001:db8::1'], 'written'],
  ])('may use %s, of which its SVM owns %j: %s', async (local, addresses, kind) => {
    const fixture = await openFixture();
    for (const address of addresses) await own(fixture, address);
    expect((await fixture.desired.createPolicy(on(fixture, local), bound)).kind).toBe(kind);
  });

  it('keeps what it has when an address goes, and may change all but what is done to its packets', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const address = await own(fixture, '192.0.2.1');
    const policy = on(fixture, '192.0.2.1/32');
    await desired.createPolicy(policy, bound);
    const row = () => {
      const now = desired.snapshot().policies.get(policy.uuid);
      if (now === undefined) throw new Error('the policy is gone');
      return now;
    };
    const change = (over: object) => desired.updatePolicy({ ...row().value, ...over }, row().modified, bound);
    expect(desired.isOnOwnAddresses(row().value)).toBe(true);
    await desired.updateInterface({ ...address.value, enabled: false }, address.modified);
    expect(desired.isOnOwnAddresses(row().value)).toBe(false);
    const { selector } = policy;
    expect(await change({ selector: { ...selector, remotePort: 80 } })).toMatchObject(refused);
    expect(await change({ action: 'bypass' })).toMatchObject(refused);
    expect((await change({ name: 'renamed' })).kind).toBe('written');
    expect((await change({ enabled: false })).kind).toBe('written');
    expect(await change({ enabled: true })).toMatchObject(refused);
    await desired.deleteInterface(address.value.uuid);
    await own(fixture, '192.0.2.1');
    expect((await change({ enabled: true })).kind).toBe('written');
  });

  it.each(['deleted', 'disabled', 'moved'])(
    'gets no policy onto an address that is %s before it, at the same moment',
    async (how) => {
      const fixture = await openFixture();
      const { desired } = fixture;
      for (let round = 1; round <= 10; round += 1) {
        const { value, modified } = await own(fixture, `192.0.2.${round}`);
        const change = { disabled: { enabled: false }, moved: { address: `192.0.2.${round + 100}` } }[how];
        const leave = () =>
          change === undefined
            ? desired.deleteInterface(value.uuid)
            : desired.updateInterface({ ...value, ...change }, modified);
        const create = () => desired.createPolicy(on(fixture, `192.0.2.${round}/32`), bound);
        // Both are planned on what there is now; what is queued first is committed first.
        const begun = round % 2 === 0 ? [leave(), create()] : [create(), leave()];
        const [first, second] = await Promise.all(begun);
        expect(first?.kind).toBe('written');
        if (round % 2 === 0) expect(second).toMatchObject(refused);
        else expect(second?.kind).toBe('written');
      }
    },
  );

  it('is not told whose policy has its peer with another key', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const { uuid, ipspace } = svmOf(desired.snapshot());
    const other = { uuid: randomUUID(), name: 'svm2', ipspace };
    await desired.createSvm(other);
    const theirs = on(fixture, '192.0.2.1/32');
    await desired.createPolicy({ ...theirs, name: 'secret plan', scope: { kind: 'svm', svm: other } });
    const mine = {
      ...pskPolicy(fixture, 'another key of these tests'),
      selector: { ...theirs.selector, localPort: 80 },
    };
    const told = await desired.createPolicy(mine, { svmUuid: uuid });
    expect(told).toMatchObject({ kind: 'refused', problem: { code: '262186' } });
    expect(JSON.stringify(told)).not.toMatch(/secret plan|svm2/);
    expect(JSON.stringify(told)).not.toContain(theirs.uuid);
    expect(JSON.stringify(await desired.createPolicy(mine))).toContain('secret plan');
  });
});

describe('an SVM that is renamed', () => {
  it('is shown by its new name wherever it is referred to, now and after a restart', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const svm = svmOf(desired.snapshot());
    const revision = desired.snapshot().svms.get(svm.uuid)?.modified;
    if (revision === undefined) throw new Error('svm1 is not there');
    const other = { uuid: randomUUID(), name: 'svm2', ipspace: svm.ipspace };
    await desired.createSvm(other);
    await own(fixture, '192.0.2.1');
    await own(fixture, '192.0.2.2', { svm: other });
    const policy = on(fixture, '192.0.2.1/32');
    const theirs = { ...on(fixture, '192.0.2.2/32'), scope: { kind: 'svm' as const, svm: other } };
    await desired.createPolicy(policy);
    await desired.createPolicy(theirs);
    for (const owner of [svm, other])
      await desired.createAccount({
        name: 'keeper',
        scope: { kind: 'svm', svm: { uuid: owner.uuid, name: owner.name } },
        role: 'vsadmin',
        authenticationMethods: ['password'],
        passwordHash: 'x',
        isLocked: false,
      });
    const before = desired.snapshot();
    expect((await desired.updateSvm({ ...svm, name: 'svm2' }, revision)).kind).toBe('duplicate');
    expect((await desired.updateSvm({ ...svm, name: 'harbour' }, revision)).kind).toBe('written');
    const { policies, interfaces, accounts } = desired.snapshot();
    for (const rows of [policies, interfaces, accounts]) {
      const text = inspect([...rows.values()], { depth: 5 });
      expect(text).toContain("'harbour'");
      expect(text).not.toContain("'svm1'");
      expect(text).toContain("'svm2'");
    }
    expect(desired.snapshot().policies.get(theirs.uuid)).toBe(before.policies.get(theirs.uuid));
    expect(before.policies.get(policy.uuid)?.value.scope).toMatchObject({ svm: { name: 'svm1' } });
    expect((await desired.createSvm({ ...svm, uuid: randomUUID() })).kind).toBe('written');
    await fixture.close();
    const again = await openFixture(fixture.directory);
    expect(again.desired.snapshot().policies.get(policy.uuid)?.value.scope).toMatchObject({
      svm: { name: 'harbour' },
    });
  });
});
