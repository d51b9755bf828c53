import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer } from '@esplanade/server/testing';
import { expect, vi } from 'vitest';
import { seededSas } from './seeded-sas.ts';
import { type Provocation, type WorldStart, withLinks } from './world.ts';

const path = '/security/ipsec/security-associations';

/** A server that shows 200 seeded SAs; what it shows is held against the seed itself. */
export const startSaWorld: WorldStart = async (release, at) => {
  const sas = seededSas(200);
  const directory = mkdtempSync(join(tmpdir(), 'esplanade-seed-'));
  const file = join(directory, 'seed.json');
  writeFileSync(file, JSON.stringify({ security_associations: sas }));
  const server = await startTestServer('--simulator-seed', file, '--ontap-version', release);
  rmSync(directory, { recursive: true });
  await vi.waitFor(
    async () => {
      // The first listing may still be under way.
      const { status, body } = await server.request('GET', `/api${path}?return_records=false`);
      expect({ status, ...body }).toMatchObject({ status: 200, num_records: sas.length });
      expect(body).not.toHaveProperty('error');
    },
    { timeout: 20_000 },
  );
  return {
    server,
    path,
    key: 'uuid',
    records: sas.map((sa) => withLinks(sa, { svm: '/svm/svms', node: '/cluster/nodes' })),
    sortField: 'lifetime',
    newBody: () => ({}),
    patchBody: {},
    samples: {},
    exampleOver: {},
    provocations: { '66257118': missing, '66257119': missing },
    at,
  };
};

/** Of an SA that is not there. */
const missing: Provocation = { instead: { status: 404, code: '4' }, until: '9.12.1' };
