import { acceptedKeys, type PolicyUuid, replaceKey } from '@esplanade/domain';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Opened, openFixture, pskPolicy } from './desired-state.fixture.ts';
import type { WriteResult } from './desired-state.ts';

const patience = { timeout: 10_000, interval: 10 };

function keysOf({ desired }: Opened, uuid: PolicyUuid): number {
  const policy = desired.snapshot().policies.get(uuid);
  if (policy === undefined) throw new Error('there is no such policy');
  return acceptedKeys(policy.value.authentication).length;
}

/** Writes a new key over the policy's, as a PATCH would. */
async function rotate(
  { desired, secretBox }: Opened,
  uuid: PolicyUuid,
  key: string,
  overlapMs: number,
): Promise<WriteResult> {
  const policy = desired.snapshot().policies.get(uuid);
  if (policy === undefined) throw new Error('there is no such policy');
  const { value, modified } = policy;
  const psk = { kind: 'psk', psk: secretBox.secret(new TextEncoder().encode(key)) } as const;
  const authentication = replaceKey(value.authentication, psk, { nowMs: Date.now(), overlapMs });
  return desired.updatePolicy({ ...value, authentication }, modified);
}

async function createTwo(fixture: Opened): Promise<[PolicyUuid, PolicyUuid]> {
  const nfs = pskPolicy(fixture, 'the old key');
  const smb = pskPolicy(fixture, 'the old key', { name: 'smb' });
  for (const policy of [nfs, smb]) expect((await fixture.desired.createPolicy(policy)).kind).toBe('written');
  return [nfs.uuid, smb.uuid];
}

const hourMs = 3_600_000;

describe('the policies of one peer', () => {
  it('can change their key one after the other, with an overlap', async () => {
    const fixture = await openFixture();
    const [nfs, smb] = await createTwo(fixture);
    expect((await rotate(fixture, nfs, 'the new key', hourMs)).kind).toBe('written');
    expect((await rotate(fixture, smb, 'the new key', hourMs)).kind).toBe('written');
    const newcomer = pskPolicy(fixture, 'the new key', { name: 'newcomer' });
    expect((await fixture.desired.createPolicy(newcomer)).kind).toBe('written');
  });

  it('cannot without one, nor to a key that the other does not accept', async () => {
    const fixture = await openFixture();
    const [nfs, smb] = await createTwo(fixture);
    expect((await rotate(fixture, nfs, 'the new key', 0)).kind).toBe('refused');
    expect((await rotate(fixture, nfs, 'the new key', hourMs)).kind).toBe('written');
    expect((await rotate(fixture, smb, 'a third key', 0)).kind).toBe('refused');
    const stranger = pskPolicy(fixture, 'the new key', { name: 'too early' });
    expect(await fixture.desired.createPolicy(stranger)).toMatchObject({
      kind: 'refused',
      problem: { message: expect.stringContaining('Policy "smb"') },
    });
  });
});

describe('a replaced key', () => {
  it('ends by itself when its time has come', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, 'the old key');
    await fixture.desired.createPolicy(policy);
    await rotate(fixture, policy.uuid, 'the new key', 500);
    expect(keysOf(fixture, policy.uuid)).toBe(2);
    const stored = async () => JSON.stringify(await fixture.store.list(''));
    expect(await stored()).toContain('replaced');
    await vi.waitUntil(() => keysOf(fixture, policy.uuid) === 1, patience);
    expect(await stored()).not.toContain('replaced');
  });

  it('ends within a minute when somebody sets the clock forward past its end', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, 'the old key');
    await fixture.desired.createPolicy(policy);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await rotate(fixture, policy.uuid, 'the new key', 48 * hourMs);
    vi.setSystemTime(Date.now() + 72 * hourMs);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    await vi.waitUntil(() => keysOf(fixture, policy.uuid) === 1, patience);
  });

  it('whose time came while nobody was there is gone before anybody looks', async () => {
    const before = await openFixture();
    const policy = pskPolicy(before, 'the old key');
    await before.desired.createPolicy(policy);
    await rotate(before, policy.uuid, 'the new key', 300);
    await before.close();
    const endMs = Date.now() + 300;
    await vi.waitUntil(() => Date.now() > endMs, patience);
    const after = await openFixture(before.directory);
    expect(keysOf(after, policy.uuid)).toBe(1);
  });

  it('survives a restart within its time', async () => {
    const before = await openFixture();
    const policy = pskPolicy(before, 'the old key');
    await before.desired.createPolicy(policy);
    await rotate(before, policy.uuid, 'the new key', hourMs);
    await before.close();
    expect(keysOf(await openFixture(before.directory), policy.uuid)).toBe(2);
  });

  it('stays while another policy of the peer has no other, and goes when that one has followed', async () => {
    const fixture = await openFixture();
    const [nfs, smb] = await createTwo(fixture);
    await rotate(fixture, nfs, 'the new key', 1);
    // Its end is refused before this is written: writes are planned in the order they come.
    await rotate(fixture, smb, 'the old key', 0);
    expect(keysOf(fixture, nfs)).toBe(2);
    await rotate(fixture, smb, 'the new key', hourMs);
    await vi.waitUntil(() => keysOf(fixture, nfs) === 1, patience);
    expect(keysOf(fixture, smb)).toBe(2);
  });
});
