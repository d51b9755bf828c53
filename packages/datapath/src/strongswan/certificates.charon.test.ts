import { createHash } from 'node:crypto';
import { type IssuedCertificate, issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { derOfPem, issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { purgeStrongswan } from './purge.ts';
import { certificateEntry } from './testing/certificate-entries.ts';
import { openDriver } from './testing/conformance-harness.ts';
import { DriverOnCharon } from './testing/driver-on-charon.ts';
import { settings, uuid } from './testing/entries.ts';

let bed: DriverOnCharon;

beforeEach(async () => {
  bed = await DriverOnCharon.start();
});
afterEach(() => bed?.stop());

const root = issueAuthority('/O=Lighthouses/CN=Root');
const ours = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: root });
const renewed = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: root });

const keys = async (): Promise<number> => (await bed.vici.request('get-keys')).texts('keys').length;
const on = (n: number, shown: IssuedCertificate, protocol: number) =>
  certificateEntry(n, { shown, believed: [root], protocol });

describe('a private key', () => {
  it('is loaded once for all policies that show its certificate, and unloaded with the last', async () => {
    await bed.datapath.installAll([on(1, ours, 6), on(2, ours, 17)], settings);
    expect(await keys()).toBe(1);
    await bed.datapath.install(on(1, renewed, 6), settings);
    expect(await keys()).toBe(2);
    await bed.datapath.remove(uuid(2));
    expect(await keys()).toBe(1);
    await bed.datapath.remove(uuid(1));
    expect(await keys()).toBe(0);
  });

  it('appears in no log of charon, and in no name', async () => {
    await bed.datapath.install(on(1, ours, 6), settings);
    const [, line = ''] = ours.key.split('\n');
    const said = [...bed.daemons.charon.log, JSON.stringify(await bed.datapath.installed())].join('\n');
    expect(said).not.toContain(line);
    expect(said).not.toContain(Buffer.from(line, 'base64').toString('hex'));
  });

  it('goes when everything of ours is purged, and nobody else’s', async () => {
    const theirs = issueHost({ subject: '/CN=theirs', issuer: root });
    await bed.vici.request('load-cert', { type: 'X509', flag: 'NONE', data: theirs.certificate });
    await bed.vici.request('load-key', { type: 'any', data: theirs.key });
    await bed.datapath.install(on(1, ours, 6), settings);
    expect(await keys()).toBe(2);
    const sockets = { mainSocketPath: bed.daemons.charon.socket, guardSocketPath: bed.daemons.guard?.socket };
    expect(await purgeStrongswan(sockets)).toMatchObject({ secrets: 1 });
    expect(await keys()).toBe(1);
  });
});

describe('a revocation list', () => {
  const list = (issuer: IssuedCertificate, number: number) => issueRevocationList({ issuer, number });
  const held = async (pem: string): Promise<boolean> => {
    const rows = await bed.vici.list('list-certs', 'list-cert', {});
    const digests = rows.map((row) => sha256(row.bytes('data') ?? new Uint8Array()));
    return digests.includes(sha256(derOfPem(pem)));
  };
  const withLists = (n: number, ...lists: readonly string[]) =>
    certificateEntry(n, { shown: ours, believed: [root], protocol: 6, lists });

  it('that charon has taken is in force, and so is what a newer one of its CA stands for', async () => {
    const [one, two] = [list(root, 1), list(root, 2)];
    await bed.datapath.install(withLists(1, one), settings);
    expect(await held(one)).toBe(true);
    await bed.datapath.install(withLists(1, two), settings);
    expect([await held(one), await held(two)]).toEqual([false, true]);
    await bed.datapath.install(withLists(1, one, two), settings);
    expect(bed.datapath.unheldRevocationLists().size).toBe(0);
  });

  it('that charon has not taken is told of: a CA with another key and the same name has one with a higher number', async () => {
    const twin = issueAuthority('/O=Lighthouses/CN=Root');
    const theirs = list(twin, 9);
    await bed.vici.request('load-cert', { type: 'X509_CRL', flag: 'NONE', data: derOfPem(theirs) });
    const own = list(root, 3);
    await bed.datapath.install(withLists(1, own), settings);
    expect([await held(own), await held(theirs)]).toEqual([false, true]);
    expect([...bed.datapath.unheldRevocationLists()]).toEqual([sha256(derOfPem(own))]);
    const newer = list(root, 10);
    await bed.datapath.install(withLists(1, newer), settings);
    expect(await held(newer)).toBe(true);
    expect(bed.datapath.unheldRevocationLists().size).toBe(0);
  });
});

describe('what somebody clears away of certificates', () => {
  it.each(['clear-creds', 'unload-key'])(
    'by %s shows in the listing, and installing repairs it',
    async (command) => {
      const entry = on(1, ours, 6);
      await bed.datapath.install(entry, settings);
      const [before] = await bed.datapath.installed();
      const [id = ''] = (await bed.vici.request('get-keys')).texts('keys');
      await bed.vici.request(command, command === 'unload-key' ? { id } : {});
      expect(await bed.datapath.installed()).toEqual([]);
      await bed.datapath.install(entry, settings);
      expect(await bed.datapath.installed()).toEqual([before]);
      expect((await bed.vici.request('get-keys')).texts('keys')).toEqual([id]);
    },
  );
});

describe('another driver', () => {
  it('unloads the key of a form that it does not know with the form, and no other', async () => {
    await bed.datapath.installAll([on(1, ours, 6), on(2, renewed, 17)], settings);
    expect(await keys()).toBe(2);
    const other = openDriver(bed.daemons);
    try {
      await other.installAll([on(1, renewed, 6), on(2, renewed, 17)], settings);
      expect(await keys()).toBe(1);
      const [found] = await other.installed();
      expect(found).toBeDefined();
      await other.remove(uuid(1));
      expect(await keys()).toBe(1);
      await other.remove(uuid(2));
      expect(await keys()).toBe(0);
    } finally {
      await other.close();
    }
  });

  it('unloads the key of a policy that is desired no more', async () => {
    await bed.datapath.installAll([on(1, ours, 6), on(2, renewed, 17)], settings);
    const other = openDriver(bed.daemons);
    try {
      await other.installAll([on(2, renewed, 17)], settings);
      await other.installed();
      await other.remove(uuid(1));
      expect(await keys()).toBe(1);
    } finally {
      await other.close();
    }
  });

  it('takes what it finds for what it is to install, and changes nothing', async () => {
    const entry = on(1, ours, 6);
    await bed.datapath.install(entry, settings);
    const before = await bed.datapath.installed();
    const other = openDriver(bed.daemons);
    try {
      expect(await other.installAll([entry], settings)).toEqual(new Map());
      expect(await other.installed()).toEqual(before);
      expect(await keys()).toBe(1);
    } finally {
      await other.close();
    }
  });
});

it('an entry that lacks what it takes keeps back its own traffic, and no other policy', async () => {
  const { credentials: _, ...incomplete } = on(1, ours, 6);
  const failures = await bed.datapath.installAll([incomplete, on(2, ours, 17)], settings);
  expect([...failures.keys()]).toEqual([uuid(1)]);
  const rows = await bed.datapath.installed();
  expect(rows.map(({ policyUuid }) => policyUuid).sort()).toEqual([uuid(1), uuid(2)]);
  expect((await bed.policies()).filter(({ isProtect }) => isProtect)).toHaveLength(1);
  await expect(bed.datapath.install(incomplete, settings)).rejects.toThrow(/protects without authentication/);
  expect(await bed.datapath.installAll([on(1, ours, 6), on(2, ours, 17)], settings)).toEqual(new Map());
  expect((await bed.policies()).filter(({ isProtect }) => isProtect)).toHaveLength(2);
});

it('believes nobody where no CA is trusted: a drop stands where the trap would be', async () => {
  await bed.datapath.install(certificateEntry(1, { shown: ours, believed: [] }), settings);
  expect((await bed.policies()).map(({ isProtect, action }) => isProtect || action)).toEqual([
    'block',
    'block',
  ]);
  expect((await bed.datapath.installed()).map(({ policyUuid }) => policyUuid)).toEqual([uuid(1)]);
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
