import type { SadReading } from '@esplanade/reconciler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';
import { esplanadeDatapaths } from './esplanade-v1-datapaths.ts';
import type { Carrier } from './resource-parts.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
});
afterAll(() => server.close());

describe('what is not ours in a datapath', () => {
  it('is nothing in the simulator', async () => {
    await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
    const ask = async () =>
      (await server.request('GET', '/api/esplanade/v1/datapaths?fields=foreign', undefined)).body.records[0]
        .foreign;
    await expect.poll(ask).toEqual({ connections: [], security_associations: 0 });
  });

  it('is shown by its names, and its SAs are counted where they can be listed', async () => {
    const [real] = [...server.parts.carriers.all()];
    if (real === undefined) throw new Error('there is no carrier of Default');
    const observed = () => {
      const reading = real.reconciler.readSad();
      return reading.kind === 'current' ? reading.snapshot : undefined;
    };
    await expect.poll(() => observed()?.rows.length).toBeGreaterThan(0);
    const snapshot = observed();
    if (snapshot === undefined) throw new Error('nothing was observed');
    const rows = snapshot.rows.map((sa) => ({ ...sa, foreignName: 'somebody-elses' }));
    const shown = (read: SadReading) => {
      const carrier: Carrier = {
        ...real,
        foreignConnections: () => ['home', 'somebody-elses'],
        reconciler: Object.create(real.reconciler, { readSad: { value: () => read } }),
      };
      const { fields } = esplanadeDatapaths(server.parts);
      return ['foreign.connections', 'foreign.security_associations'].map((name) =>
        fields[name]?.get?.(carrier),
      );
    };
    const foreign = { ...snapshot, rows: [...rows, ...snapshot.rows] };
    expect(shown({ kind: 'current', snapshot: foreign })).toEqual([['home', 'somebody-elses'], rows.length]);
    expect(shown({ kind: 'stale', snapshot: foreign, reason: 'charon is gone' })[1]).toBeUndefined();
  });
});
