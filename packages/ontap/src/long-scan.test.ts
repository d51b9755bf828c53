import { describe, expect, test } from 'vitest';
import { type Coast, coast, type Lighthouse, lighthouseFields, send } from './lighthouses.fixture.ts';
import type { CollectionResource } from './resource.ts';

const lighthouse: Lighthouse = { uuid: 'u', name: 'n', svmUuid: 's', svmName: 's' };

/** A collection that shows rows until somebody asks for the lighthouse `enough`; a scan that lets nobody ask gives up. */
function endlessCoast(): { readonly shore: Coast; readonly read: () => number } {
  let isEnough = false;
  let read = 0;
  function* rows() {
    while (!isEnough && read < 5_000_000) {
      read += 1;
      yield lighthouse;
    }
  }
  const endless: CollectionResource<Lighthouse> = {
    kind: 'collection',
    path: '/endless',
    title: 'Endless',
    key: 'uuid',
    fields: lighthouseFields,
    list: () => ({ kind: 'rows', rows: rows() }),
    find: (key) => {
      isEnough = key === 'enough';
      return lighthouse;
    },
  };
  return { shore: coast([], { resources: [endless] }), read: () => read };
}

describe('a long scan', () => {
  test.each(['name=x', 'order_by=name&max_records=1', 'return_records=false'])(
    'with %s lets others be answered meanwhile',
    async (query) => {
      const { shore, read } = endlessCoast();
      const scan = send(shore, 'GET', `/api/endless?${query}`);
      const other = await send(shore, 'GET', '/api/endless/enough');
      expect(other.status).toBe(200);
      expect((await scan).status).toBe(200);
      expect(read()).toBeLessThan(5_000_000);
    },
  );

  test('ends when its client is gone, and is no bug', async () => {
    const { shore, read } = endlessCoast();
    const client = new AbortController();
    const scan = send(shore, 'GET', '/api/endless?name=x', { signal: client.signal });
    client.abort();
    expect((await scan).status).toBe(500);
    expect(read()).toBeLessThan(5_000_000);
    expect(shore.station.bugs).toEqual([]);
  });
});
