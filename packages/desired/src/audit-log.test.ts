import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreOpenError, UnavailableError } from '@esplanade/store';
import { openEmbeddedReader, openEmbeddedStore } from '@esplanade/store/embedded';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditSource } from './audit-log.ts';
import { freshDirectory, only, openFixture, pskPolicy, svmOf, testSeed } from './desired-state.fixture.ts';
import type { DesiredState } from './desired-state.ts';
import { openSecretBox } from './key-file.ts';
import { openDesiredState } from './open-desired-state.ts';
import { SecretBox } from './secret-box.ts';
import { verifyAudit } from './verify-audit.ts';

const psk = 'canary-7f3a91c5d2e8-canary';

/** A desired state whose entries are of this source. */
async function openAudited(source: AuditSource) {
  const fixture = await openFixture();
  await fixture.desired.close();
  const { store, secretBox } = fixture;
  const desired = await openDesiredState({ store, secretBox, seed: testSeed, ...source });
  onTestFinished(() => desired.close());
  return { ...fixture, desired };
}

async function entriesOf(desired: DesiredState): Promise<readonly string[]> {
  const entries = await desired.readAudit({ limit: 10_000 });
  return entries.map(({ entry }) => entry);
}

describe('the audit log', () => {
  it('has an entry of every commit, asked for where the write was, and tells there that it is on disk', async () => {
    const request = new AsyncLocalStorage<{ name: string; audited: number }>();
    const { desired, ...fixture } = await openAudited({
      auditEntry: () => request.getStore()?.name ?? 'nobody',
      onAudited: () => {
        const asking = request.getStore();
        if (asking !== undefined) asking.audited += 1;
      },
    });
    const requests = Array.from({ length: 20 }, (_, index) => ({ name: `request ${index}`, audited: 0 }));
    await Promise.all(
      requests.map((asking, index) =>
        request.run(asking, () =>
          desired.createPolicy(pskPolicy({ ...fixture, desired }, psk, { name: `policy ${index % 10}` })),
        ),
      ),
    );
    const written = requests.filter(({ audited }) => audited > 0);
    expect(written).toHaveLength(10);
    const [seed, ...entries] = await entriesOf(desired);
    expect(seed).toBe('a test');
    expect(entries.toSorted()).toEqual(written.map(({ name }) => name).toSorted());
  });

  it('has as many entries as there were changes, however many of them were in each other’s way', async () => {
    const fixture = await openFixture();
    const { desired, store, secretBox } = fixture;
    const policy = pskPolicy(fixture, psk);
    await Promise.all([
      ...Array.from({ length: 40 }, () => desired.createPolicy(policy)),
      ...Array.from({ length: 20 }, () => desired.deletePolicy(policy.uuid)),
      desired.deleteSvm(svmOf(desired.snapshot()).uuid),
    ]);
    // Every commit of these changes something, and so has a revision of its own.
    expect((await desired.auditHead()).last).toBe(desired.snapshot().revision);
    expect(await verifyAudit({ store, secretBox })).toMatchObject({ kind: 'whole' });
  });

  it('is told to be broken when it is opened, by what is wrong at its ends, and hinders nobody', async () => {
    const { directory, desired, store } = await openFixture();
    await desired.audit('the last');
    await desired.close();
    await store.close();
    const database = new DatabaseSync(join(directory, 'store.db'));
    database.exec('DELETE FROM log_entries WHERE position = 2');
    database.close();
    const reopened = await openEmbeddedStore({ directory });
    onTestFinished(() => reopened.close());
    const secretBox = await openSecretBox({ keyFile: join(directory, 'secrets.key'), store: reopened });
    const told: string[] = [];
    const open = () =>
      openDesiredState({
        store: reopened,
        secretBox,
        seed: testSeed,
        auditEntry: () => 'entry',
        onBroken: (sentence) => told.push(sentence),
      });
    const broken = await open();
    onTestFinished(() => broken.close());
    expect(told).toEqual([expect.stringMatching(/altered the audit log, at entry 2 or elsewhere/)]);
    const { ipsec } = broken.snapshot();
    expect(await broken.updateIpsecConfig({ ...ipsec.value, enabled: true }, ipsec.modified)).toMatchObject({
      kind: 'written',
    });
    expect(await verifyAudit({ store: reopened, secretBox })).toMatchObject({ kind: 'broken', index: 2 });
  });

  it('lets nothing be changed that it cannot have an entry of', async () => {
    let fails = false;
    const fixture = await openAudited({
      auditEntry: () => {
        if (fails) throw new UnavailableError('no entry');
        return 'entry';
      },
    });
    const { desired } = fixture;
    fails = true;
    await expect(desired.createPolicy(pskPolicy(fixture, psk))).rejects.toBeInstanceOf(UnavailableError);
    expect(desired.snapshot().policies.size).toBe(0);
  });

  it('takes entries without a change, which are on disk when it says so, and none after the end', async () => {
    const { desired, directory, store } = await openFixture();
    const { revision } = desired.snapshot();
    await desired.audit('refused');
    const read = await openEmbeddedReader(directory).readLog('audit', { limit: 10, after: 1 });
    expect(read.map(({ entry }) => entry)).toEqual(['refused']);
    expect((await store.list('')).revision).toBe(revision);
    await desired.close();
    await store.close();
    await expect(desired.audit('late')).rejects.toBeInstanceOf(UnavailableError);
  });

  it('is trimmed with an entry that says so', async () => {
    const { desired, store, secretBox } = await openFixture();
    for (const entry of ['a', 'b', 'c']) await desired.audit(entry);
    await desired.trimAudit(3, 'trimmed');
    expect(await entriesOf(desired)).toEqual(['b', 'c', 'trimmed']);
    expect(await verifyAudit({ store, secretBox })).toMatchObject({ kind: 'whole', head: { first: 3 } });
  });
});

describe('keys that outlive the sealing keys', () => {
  const keyOf = (byte: number) => ({ id: `0000000${byte}`, key: new Uint8Array(32).fill(byte) });
  const [first, second] = [keyOf(1), keyOf(2)];

  /** A directory with one policy, as the release before left it: no durable keys, no log. */
  async function makeFormerDirectory() {
    const fixture = await openFixture();
    await fixture.desired.createPolicy(pskPolicy(fixture, psk));
    const fingerprint = fingerprintIn(fixture.desired);
    await fixture.desired.close();
    const value = fixture.secretBox.seal(new TextEncoder().encode('esplanade'), 'seal-check');
    await fixture.store.commit([{ kind: 'put', key: 'seal-check', value, expect: { kind: 'any' } }]);
    await fixture.store.close();
    const database = new DatabaseSync(join(fixture.directory, 'store.db'));
    database.exec('DROP TABLE logs; DROP TABLE log_entries; PRAGMA user_version = 1');
    database.close();
    return { ...fixture, fingerprint };
  }

  function fingerprintIn(desired: DesiredState): string {
    const { authentication } = only(desired.snapshot().policies);
    if (authentication.kind !== 'psk') throw new Error('the policy has a pre-shared key');
    return authentication.psk.fingerprint;
  }

  it('keep every fingerprint of a former release, and begin its log with what they are', async () => {
    const { directory, fingerprint } = await makeFormerDirectory();
    const { desired, store, secretBox } = await openFixture(directory);
    expect(fingerprintIn(desired)).toBe(fingerprint);
    expect(await entriesOf(desired)).toEqual(['a test']);
    expect(await verifyAudit({ store, secretBox })).toMatchObject({ kind: 'whole' });
  });

  it('are the same after the sealing key was replaced', async () => {
    const directory = await freshDirectory();
    const store = await openEmbeddedStore({ directory });
    onTestFinished(() => store.close());
    const open = (secretBox: SecretBox) =>
      openDesiredState({ store, secretBox, seed: testSeed, auditEntry: () => 'entry' });
    const former = new SecretBox([first]);
    await (await open(former)).close();
    const rotated = new SecretBox([second, first]);
    const desired = await open(rotated);
    onTestFinished(() => desired.close());
    const bytes = new TextEncoder().encode(psk);
    expect(rotated.fingerprint(bytes)).toBe(former.fingerprint(bytes));
    expect(new SecretBox([second, first]).fingerprint(bytes)).not.toBe(former.fingerprint(bytes));
    await desired.audit('after');
    expect(await verifyAudit({ store, secretBox: rotated })).toMatchObject({
      kind: 'whole',
      head: { last: 2 },
    });
  });

  it('are not made anew where they were taken away', async () => {
    const { directory, store, desired } = await openFixture();
    await desired.close();
    await store.commit([{ kind: 'delete', key: 'seal-check', expect: { kind: 'any' } }]);
    await store.close();
    await expect(openFixture(directory)).rejects.toBeInstanceOf(StoreOpenError);
  });

  it('are needed to verify the log', async () => {
    const { store, secretBox } = await openFixture();
    const marks = await store.readLog('audit', { limit: 1 });
    expect(await verifyAudit({ store, secretBox, marks })).toMatchObject({ kind: 'whole' });
    const stranger = new SecretBox([first]);
    await expect(verifyAudit({ store, secretBox: stranger })).rejects.toThrow(/does not belong to this data/);
    await store.close();
    const former = await makeFormerDirectory();
    const reopened = await openEmbeddedStore({ directory: former.directory });
    onTestFinished(() => reopened.close());
    const box = await openSecretBox({ keyFile: join(former.directory, 'secrets.key'), store: reopened });
    await expect(verifyAudit({ store: reopened, secretBox: box })).rejects.toThrow(/older Esplanade/);
  });
});
