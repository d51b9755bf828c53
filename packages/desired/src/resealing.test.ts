import { randomUUID } from 'node:crypto';
import { chmod, lstat, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkInstallation, type PolicyUuid, replaceKey } from '@esplanade/domain';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { describe, expect, it } from 'vitest';
import { type Opened, openFixture, prefix, pskPolicy } from './desired-state.fixture.ts';
import { changeKeyFile } from './key-file.ts';
import { newSealingKey } from './key-file-text.ts';

const never = new AbortController().signal;

/** A policy for each of so many remotes, with a key of its own. */
async function createPolicies(fixture: Opened, count: number): Promise<readonly PolicyUuid[]> {
  const policies = Array.from({ length: count }, (_, index) =>
    pskPolicy(fixture, `the key of policy ${index}`, {
      name: `policy-${index}`,
      selector: { ...pskPolicy(fixture, 'any').selector, remote: prefix(`198.51.100.${index}/32`) },
    }),
  );
  const results = await Promise.all(policies.map((policy) => fixture.desired.createPolicy(policy)));
  for (const { kind } of results) expect(kind).toBe('written');
  return policies.map(({ uuid }) => uuid);
}

/** Everything that is ever sealed: keys of policies, replaced and post-quantum ones, and keys of certificates. */
async function createOneOfEach(fixture: Opened): Promise<void> {
  const { desired, secretBox } = fixture;
  const secret = (text: string) => secretBox.secret(new TextEncoder().encode(text));
  const postquantumKey = { identity: 'quantum', key: secret('the post-quantum key of it') };
  const policy = pskPolicy(fixture, 'the former key', {
    authentication: { kind: 'psk', psk: secret('the former key'), postquantumKey },
  });
  await desired.createPolicy(policy);
  const stored = desired.snapshot().policies.get(policy.uuid);
  if (stored === undefined) throw new Error('the policy is gone');
  const next = { kind: 'psk', psk: secret('the key of now'), postquantumKey } as const;
  const authentication = replaceKey(policy.authentication, next, {
    nowMs: Date.now(),
    overlapMs: 3_600_000,
  });
  const updated = await desired.updatePolicy({ ...stored.value, authentication }, stored.modified);
  expect(updated.kind).toBe('written');
  const { certificate, key } = issueCertificate({ subject: '/CN=keeper' });
  const checked = checkInstallation(
    { type: 'server', publicCertificate: certificate, privateKey: key },
    { nowMs: Date.now(), fingerprint: (bytes) => secretBox.fingerprint(bytes) },
  );
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.problems));
  const record = {
    ...checked.value,
    uuid: randomUUID(),
    name: 'keeper',
    scope: { kind: 'cluster' },
  } as const;
  expect((await desired.createCertificate(record)).kind).toBe('written');
}

/** Puts a new key first, in the file and in the box, as a server does when it is told. */
async function rotate({ directory, secretBox }: Opened): Promise<string> {
  const path = join(directory, 'secrets.key');
  const keys = await changeKeyFile(path, (former) => [newSealingKey(former), ...former]);
  secretBox.useSealingKeys(keys);
  return keys[0].id;
}

describe('sealing anew', () => {
  it('takes the new key for all that is sealed, and changes no record for anybody', async () => {
    const fixture = await openFixture();
    const { desired, store, directory, secretBox } = fixture;
    await createOneOfEach(fixture);
    const before = desired.snapshot();
    const fingerprint = secretBox.fingerprint(Buffer.from('the same'));
    const [formerId] = (await readFile(join(directory, 'secrets.key'), 'utf8')).split(' ');
    expect([...(await desired.countSealedValues())]).toEqual([[formerId, 5]]);
    const told: number[] = [];
    desired.subscribe((_, changed) => told.push(changed.kind === 'some' ? changed.policies.size : -1));
    const newId = await rotate(fixture);
    await desired.sealAnew(never, () => undefined);
    expect([...(await desired.countSealedValues())]).toEqual([[newId, 5]]);
    expect(JSON.stringify(await store.list(''))).not.toContain(`v1.${formerId}`);
    expect(told.every((policies) => policies === 0)).toBe(true);
    const after = desired.snapshot();
    expect(after.policies).toBe(before.policies);
    expect(after.certificates).toBe(before.certificates);
    expect(secretBox.fingerprint(Buffer.from('the same'))).toBe(fingerprint);
    await fixture.close();

    await changeKeyFile(join(directory, 'secrets.key'), ([first]) => [first]);
    const reopened = await openFixture(directory);
    const { policies, certificates } = reopened.desired.snapshot();
    expect([...policies.values()]).toEqual([...before.policies.values()]);
    expect([...certificates.values()]).toEqual([...before.certificates.values()]);
  });

  it('overwrites no change that is made meanwhile, and leaves none behind', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const uuids = await createPolicies(fixture, 150);
    const newId = await rotate(fixture);
    let conflicts = 0;
    const rename = async (uuid: PolicyUuid, round: number): Promise<void> => {
      const policy = desired.snapshot().policies.get(uuid);
      if (policy === undefined) throw new Error('a policy is gone');
      const result = await desired.updatePolicy(
        { ...policy.value, name: `${policy.value.name.split('/')[0]}/${round}` },
        policy.modified,
      );
      if (result.kind === 'conflict') conflicts += 1;
      else expect(result.kind).toBe('written');
    };
    const writing = (async () => {
      for (let round = 1; round <= 3; round += 1)
        for (const uuid of uuids.filter((_, index) => index % 3 === round % 3)) await rename(uuid, round);
    })();
    await Promise.all([writing, desired.sealAnew(never, () => undefined)]);
    expect(conflicts).toBe(0);
    expect([...(await desired.countSealedValues()).keys()]).toEqual([newId]);
    for (const [index, uuid] of uuids.entries()) {
      const policy = desired.snapshot().policies.get(uuid)?.value;
      expect(policy?.name).toBe(`policy-${index}/${index % 3 === 0 ? 3 : index % 3}`);
      if (policy?.authentication.kind !== 'psk') throw new Error('the key is gone');
      expect(Buffer.from(policy.authentication.psk.reveal()).toString()).toBe(`the key of policy ${index}`);
    }
  });

  it('goes on where it was cut off, also by a server that begins anew', async () => {
    const fixture = await openFixture();
    const uuids = await createPolicies(fixture, 150);
    await rotate(fixture);
    const cut = new AbortController();
    const remaining: number[] = [];
    const sealing = fixture.desired.sealAnew(cut.signal, (documents) => {
      remaining.push(documents);
      cut.abort(new Error('cut off'));
    });
    await expect(sealing).rejects.toThrow('cut off');
    expect(remaining).toEqual([151]);
    await fixture.close();

    const again = await openFixture(fixture.directory);
    expect([...(await again.desired.countSealedValues()).values()].toSorted((a, b) => a - b)).toEqual([
      51, 100,
    ]);
    await again.desired.sealAnew(never, () => undefined);
    expect([...(await again.desired.countSealedValues())]).toEqual([[again.secretBox.sealingKeyId, 151]]);
    expect(again.desired.snapshot().policies.size).toBe(uuids.length);
  });
});

describe('the key file, while it is changed', () => {
  it('keeps its mode, and is found through a link', async () => {
    const { directory } = await openFixture();
    const [path, other] = [join(directory, 'secrets.key'), join(directory, 'link.key')];
    await chmod(path, 0o640);
    await symlink(path, other);
    await changeKeyFile(other, (keys) => [newSealingKey(keys), ...keys]);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await lstat(other)).isSymbolicLink()).toBe(true);
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
  });

  it('is left alone where a draft of it lies that somebody may be writing', async () => {
    const { directory } = await openFixture();
    const path = join(directory, 'secrets.key');
    const before = await readFile(path, 'utf8');
    await writeFile(`${path}.new`, 'half a ');
    const change = changeKeyFile(path, (keys) => [newSealingKey(keys), ...keys]);
    await expect(change).rejects.toThrow(/secrets\.key\.new is there: .* If nobody is, remove it/);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('is changed by one at a time', async () => {
    const { directory } = await openFixture();
    const path = join(directory, 'secrets.key');
    const before = await readFile(path, 'utf8');
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => changeKeyFile(path, (keys) => [newSealingKey(keys), ...keys])),
    );
    const done = results.filter(({ status }) => status === 'fulfilled').length;
    expect(done).toBeGreaterThan(0);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + done);
    expect(`${lines.at(-1)}\n`).toBe(before);
    for (const result of results)
      if (result.status === 'rejected')
        expect(String(result.reason)).toMatch(/somebody is changing the key file/);
  });
});
