import { UnavailableError } from '@esplanade/store';
import { expect, it } from 'vitest';
import { readExposition } from '../testing/exposition-families.ts';
import { auditLogSize } from './audit-log-size.ts';

it('tells how many entries there were, and what is kept of them', async () => {
  const head = { first: 11, last: 30, bytes: 4_000 };
  const families = readExposition(await auditLogSize({ auditHead: async () => head }));
  expect([...families.values()].map(({ name, series }) => [name, series[0]?.value])).toEqual([
    ['esplanade_audit_entries_total', 30],
    ['esplanade_audit_entries', 20],
    ['esplanade_audit_bytes', 4_000],
  ]);
});

it('tells nothing, and hinders nobody, while the store cannot be read', async () => {
  const families = readExposition(
    await auditLogSize({ auditHead: () => Promise.reject(new UnavailableError('the disk is gone')) }),
  );
  expect([...families.values()].flatMap(({ series }) => series)).toEqual([]);
  await expect(auditLogSize({ auditHead: () => Promise.reject(new Error('a bug')) })).rejects.toThrow(
    'a bug',
  );
});
