import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditSettings } from './audit-settings.ts';
import { type Opened, openFixture } from './desired-state.fixture.ts';

const settings: AuditSettings = {
  auditsReads: true,
  destinations: [
    {
      address: '192.0.2.9',
      port: 514,
      protocol: 'udp_unencrypted',
      facility: 'local7',
      verifyServer: false,
      after: 7,
    },
  ],
};

describe('the settings of the audit log', () => {
  let fixture: Opened;
  beforeEach(async () => {
    fixture = await openFixture();
  });
  afterEach(() => fixture.close());

  it('are those of ONTAP until somebody sets them', () => {
    const { value, modified } = fixture.desired.snapshot().auditSettings;
    expect(value).toEqual({ auditsReads: false, destinations: [] });
    expect(modified).toBe(0);
  });

  it('are replaced by whoever has read the newest, and by nobody else', async () => {
    const { desired } = fixture;
    const unset = desired.snapshot().auditSettings.modified;
    const written = await Promise.all([
      desired.updateAuditSettings(settings, unset),
      desired.updateAuditSettings({ ...settings, auditsReads: false }, unset),
    ]);
    expect(written.map(({ kind }) => kind)).toEqual(['written', 'conflict']);
    const { value, modified } = desired.snapshot().auditSettings;
    expect(value).toEqual(settings);
    expect(await desired.updateAuditSettings({ ...settings, destinations: [] }, modified)).toMatchObject({
      kind: 'written',
    });
    expect(desired.snapshot().auditSettings.value.destinations).toEqual([]);
  });
});
