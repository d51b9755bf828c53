import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDesiredState, openSecretBox, verifyAudit } from '@esplanade/desired';
import type { Clock } from '@esplanade/reconciler';
import { UnavailableError } from '@esplanade/store';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { expect, it, onTestFinished, vi } from 'vitest';
import { auditText, readAuditText } from './audit-entry.ts';
import { AuditRetention, type AuditRetentionOptions } from './audit-retention.ts';

const mebibyte = 1_048_576;

/** A desired state whose audit log has that many entries of a kibibyte and more. */
async function openLog(entries: number) {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-retention-'));
  const store = await openEmbeddedStore({ directory });
  const secretBox = await openSecretBox({ keyFile: join(directory, 'secrets.key'), store });
  const seed = {
    clusterName: 'cluster1',
    nodeName: 'node1',
    chooseDatapath: () => ({ kind: 'simulated' }) as const,
  };
  const desired = await openDesiredState({ store, secretBox, seed, auditEntry: () => textOf('seed') });
  onTestFinished(async () => {
    await desired.close();
    await store.close();
    await rm(directory, { recursive: true });
  });
  const input = 'x'.repeat(1_024);
  await Promise.all(Array.from({ length: entries - 1 }, () => desired.audit(textOf(input))));
  return { desired, verify: () => verifyAudit({ store, secretBox }) };
}

function textOf(input: string, timestamp = new Date().toISOString()): string {
  return auditText({ timestamp, application: 'internal', state: 'success', input });
}

/** Looks when it is told to, and tells when it has. */
function startRetention(given: Pick<AuditRetentionOptions, 'desired' | 'keep'>, nowMs = Date.now) {
  let look: () => void = () => undefined;
  const onUnexpected = vi.fn();
  let ready = Promise.withResolvers<void>();
  const clock: Clock = {
    nowMs,
    after: (_, action) => {
      look = action;
      ready.resolve();
      return () => undefined;
    },
  };
  const entryText: AuditRetentionOptions['entryText'] = (parts) =>
    auditText({ ...parts, timestamp: new Date().toISOString() });
  const retention = new AuditRetention({ ...given, clock, entryText, onUnexpected });
  const lookOnce = async () => {
    ready = Promise.withResolvers();
    look();
    await ready.promise;
  };
  return { retention, lookOnce, onUnexpected };
}

it('trims a log that is too large, in steps that each say so, and leaves it whole', {
  timeout: 30_000,
}, async () => {
  const { desired, verify } = await openLog(2_500);
  const { lookOnce, onUnexpected } = startRetention({ desired, keep: { days: 10, mebibytes: 1 } });
  await lookOnce();
  const head = await desired.auditHead();
  expect(head.bytes).toBeLessThanOrEqual(mebibyte);
  expect(head.bytes).toBeGreaterThan(mebibyte * 0.9);
  expect(await verify()).toMatchObject({ kind: 'whole', head: { first: head.first } });
  const newest = await desired.readAudit({ limit: 2, order: 'newest-first' });
  expect(newest.map(({ entry }) => readAuditText(entry).message)).toEqual([
    `entries 1001 to ${head.first - 1} were removed: more than 1 MiB`,
    'entries 1 to 1000 were removed: more than 1 MiB',
  ]);
  await lookOnce();
  expect((await desired.auditHead()).last).toBe(head.last);
  expect(onUnexpected).not.toHaveBeenCalled();
});

it('tries again when the store could not be written', async () => {
  const { desired } = await openLog(1_100);
  let failures = 1;
  const { lookOnce, retention, onUnexpected } = startRetention({
    desired: {
      auditHead: () => desired.auditHead(),
      readAudit: (range) => desired.readAudit(range),
      trimAudit: (before, entry) => {
        failures -= 1;
        if (failures >= 0) return Promise.reject(new UnavailableError('disk full'));
        return desired.trimAudit(before, entry);
      },
    },
    keep: { days: 10, mebibytes: 1 },
  });
  await lookOnce();
  expect((await desired.auditHead()).first).toBe(1);
  await lookOnce();
  expect((await desired.auditHead()).first).toBeGreaterThan(1);
  expect(onUnexpected).not.toHaveBeenCalled();
  await retention.close();
});

it('removes a thousand entries a minute of those that are only old, as all are by a clock that is wrong', async () => {
  const { desired } = await openLog(2_200);
  const aYearAhead = () => Date.now() + 370 * 86_400_000;
  const { lookOnce } = startRetention({ desired, keep: { days: 366, mebibytes: 100 } }, aYearAhead);
  await lookOnce();
  expect((await desired.auditHead()).first).toBe(1_001);
  await lookOnce();
  expect((await desired.auditHead()).first).toBe(2_001);
});
