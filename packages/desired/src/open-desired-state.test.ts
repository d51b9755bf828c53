import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreOpenError } from '@esplanade/store';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freshDirectory, only, openFixture, pskPolicy, svmOf, testSeed } from './desired-state.fixture.ts';
import type { DesiredChange } from './desired-state.ts';
import type { DesiredSnapshot } from './model.ts';
import { openDesiredState } from './open-desired-state.ts';
import { SecretBox } from './secret-box.ts';

const psk = 'canary-7f3a91c5d2e8-canary';

describe('opening the desired state', () => {
  it('seeds a fresh store in one commit', async () => {
    const { desired } = await openFixture();
    const snapshot = desired.snapshot();
    expect(snapshot.revision).toBe(1);
    expect(snapshot.cluster.name).toBe('cluster1');
    expect(snapshot.node.name).toBe('node1');
    expect(snapshot.datapath).toEqual({ kind: 'simulated' });
    expect(snapshot.ipsec.value).toEqual({ enabled: false, replayWindow: 0, offloadEnabled: false });
    expect(only(snapshot.ipspaces).name).toBe('Default');
    expect(only(snapshot.svms)).toMatchObject({ name: 'svm1', ipspace: { name: 'Default' } });
    expect(snapshot.policies.size + snapshot.interfaces.size + snapshot.accounts.size).toBe(0);
  });

  it('shows the same state after reopening, and asks for no datapath again', async () => {
    const fixture = await openFixture();
    await fixture.desired.createPolicy(pskPolicy(fixture, psk));
    const before = fixture.desired.snapshot();
    await fixture.close();
    const store = await openEmbeddedStore({ directory: fixture.directory });
    onTestFinished(() => store.close());
    const chooseDatapath = () => {
      throw new Error('the datapath was chosen already');
    };
    const seed = { clusterName: 'another', nodeName: 'another', chooseDatapath };
    const desired = await openDesiredState({
      store,
      secretBox: fixture.secretBox,
      seed,
      auditEntry: () => 'a test',
    });
    onTestFinished(() => desired.close());
    expect(plain(desired.snapshot())).toEqual(plain(before));
  });

  it('seeds once when two open the same store at once', async () => {
    const store = await openEmbeddedStore({ directory: await freshDirectory() });
    onTestFinished(() => store.close());
    const secretBox = new SecretBox([{ id: '00000001', key: new Uint8Array(32) }]);
    const opened = await Promise.all(
      [1, 2, 3].map(() => openDesiredState({ store, secretBox, seed: testSeed, auditEntry: () => 'a test' })),
    );
    for (const desired of opened) {
      onTestFinished(() => desired.close());
      expect(plain(desired.snapshot())).toEqual(plain(opened[0]?.snapshot() ?? desired.snapshot()));
      expect(desired.snapshot().revision).toBe(1);
    }
  });

  it.each([
    ['not JSON', (value: string) => value.slice(1)],
    ['an unknown field', (value: string) => value.replace('{', '{"future":1,')],
    ['a missing field', (value: string) => value.replace(/"enabled":(true|false),?/, '')],
    ['a wrong type', (value: string) => value.replace(/"enabled":(true|false)/, '"enabled":"yes"')],
    ['a value out of range', (value: string) => value.replace(/"protocol":6/, '"protocol":-6')],
    ['an SVM that does not exist', (value: string) => value.replace(/"svm":"[0-9a-f]{4}/, '"svm":"zzzz')],
    ['a secret sealed elsewhere', (value: string) => value.replace(/"psk":"v1/, '"psk":"v2')],
  ])('refuses a policy document with %s, naming it but no secret', async (_, damage) => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    await fixture.desired.close();
    const key = `policies/${policy.uuid}`;
    const value = (await fixture.store.list(key)).documents[0]?.value ?? '';
    expect(damage(value)).not.toBe(value);
    await fixture.store.commit([{ kind: 'put', key, value: damage(value), expect: { kind: 'any' } }]);
    await fixture.close();
    const error: unknown = await openFixture(fixture.directory).catch((reason) => reason);
    expect(error).toBeInstanceOf(StoreOpenError);
    expect(String(error)).not.toContain(psk);
    expect(String(error)).toMatch(/policies\/|svms\//);
  });

  it('leaves no trace of a key in any file, in clear, hex or base64', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.desired.createPolicy(policy);
    const { value, modified } = fixture.desired.snapshot().policies.get(policy.uuid) ?? { value: policy };
    if (modified !== undefined)
      await fixture.desired.updatePolicy({ ...value, createdRevision: 0, name: 'again' }, modified);
    // Copied by another process: were these files opened and closed here, POSIX would drop SQLite's locks on them.
    const copy = join(await freshDirectory(), 'copy');
    execFileSync('cp', ['-r', fixture.directory, copy]);
    const files = await contentOf(copy);
    await fixture.close();
    const all = [...files, ...(await contentOf(fixture.directory))];
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['store.db', 'store.db-wal', 'secrets.key']),
    );
    expect(all.some(({ bytes }) => bytes.includes(`policies/${policy.uuid}`))).toBe(true);
    const spellings = [psk, Buffer.from(psk).toString('hex'), ...base64Cores(psk)];
    for (const { name, bytes } of all) {
      for (const spelling of spellings)
        expect(bytes.includes(spelling), `${spelling} in ${name}`).toBe(false);
    }
  });
});

describe('following the store', () => {
  it('tells subscribers which policies changed, until they unsubscribe', async () => {
    const fixture = await openFixture();
    const { desired } = fixture;
    const heard: DesiredChange[] = [];
    const unsubscribe = desired.subscribe((snapshot, change) => {
      expect(snapshot).toBe(desired.snapshot());
      heard.push(change);
    });
    const policy = pskPolicy(fixture, psk);
    await desired.createPolicy(policy);
    const { value, modified } = desired.snapshot().ipsec;
    await desired.updateIpsecConfig({ ...value, enabled: true }, modified);
    await desired.deletePolicy(policy.uuid);
    unsubscribe();
    await desired.createPolicy(policy);
    expect(heard).toEqual([
      { kind: 'some', policies: new Set([policy.uuid]), ipsec: false },
      { kind: 'some', policies: new Set(), ipsec: true },
      { kind: 'some', policies: new Set([policy.uuid]), ipsec: false },
    ]);
  });

  it('leaves a snapshot as it was', async () => {
    const fixture = await openFixture();
    const before = fixture.desired.snapshot();
    await fixture.desired.createPolicy(pskPolicy(fixture, psk));
    expect(before.policies.size).toBe(0);
    expect(fixture.desired.snapshot().policies.size).toBe(1);
    expect(fixture.desired.snapshot().svms).toBe(before.svms);
  });

  it('lists again when it fell too far behind, and says that everything may have changed', async () => {
    const fixture = await openFixture(undefined, 10);
    const { desired, store } = fixture;
    const heard = Promise.withResolvers<DesiredSnapshot>();
    desired.subscribe((snapshot, change) => {
      if (change.kind === 'everything') heard.resolve(snapshot);
    });
    // All in one turn of the event loop, so that the follower sees none of it before it is forgotten.
    const account = (index: number) => JSON.stringify({ name: `a${index}`, role: 'admin', passwordHash: '' });
    const commits = Array.from({ length: 400 }, (_, index) =>
      store.commit([
        { kind: 'put', key: `accounts/a${index}`, value: account(index), expect: { kind: 'any' } },
      ]),
    );
    await Promise.all(commits);
    const snapshot = await heard.promise;
    expect(snapshot.accounts.size).toBeGreaterThan(0);
    await desired.createPolicy(pskPolicy(fixture, psk));
    expect(desired.snapshot()).toMatchObject({ accounts: { size: 400 }, policies: { size: 1 } });
    expect(svmOf(desired.snapshot()).name).toBe('svm1');
  });

  it('refuses writes after it is closed', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, psk);
    await fixture.close();
    await expect(fixture.desired.createPolicy(policy)).rejects.toThrow(/closed/);
  });
});

function plain(snapshot: DesiredSnapshot) {
  return Object.fromEntries(
    Object.entries(snapshot).map(([name, value]) => [
      name,
      Symbol.iterator in Object(value) ? [...value] : value,
    ]),
  );
}

async function contentOf(directory: string) {
  const names = await readdir(directory);
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(directory, name)) })));
}

/** What a base64 text contains of these bytes wherever they begin in it: the middle, free of its neighbours. */
function base64Cores(text: string): readonly string[] {
  return [0, 1, 2].map((offset) =>
    Buffer.from(`${'_'.repeat(offset)}${text}`)
      .toString('base64')
      .slice(4, -4),
  );
}
