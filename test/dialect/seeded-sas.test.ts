import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { below, flatten } from './flat-record.ts';
import { startSaWorld } from './sa-world.ts';
import { seededSas } from './seeded-sas.ts';
import { ask, listed, pathTo, recordsOf, type World } from './world.ts';

describe('the seeded SAD', () => {
  const sas = seededSas(200);

  it('has every value that a field can have', () => {
    const valuesOf = (name: string) => new Set(sas.flatMap((sa) => flatten(sa).get(name) ?? []));
    expect(valuesOf('type')).toEqual(new Set(['ike', 'ipsec']));
    expect(valuesOf('scope')).toEqual(new Set(['svm', 'cluster']));
    expect(valuesOf('cipher_suite')).toEqual(new Set(['suite_aescbc', 'suiteb_gcm256', 'suiteb_gmac256']));
    expect(valuesOf('ike.state')).toEqual(new Set(['none', 'connecting', 'established', 'dead_peer_probe']));
    expect(valuesOf('ike.authentication')).toEqual(new Set(['none', 'psk', 'cert']));
    expect(valuesOf('ike.is_initiator')).toEqual(new Set([true, false]));
    expect(valuesOf('ipsec.action')).toEqual(new Set(['bypass', 'discard', 'esp_transport']));
    expect(valuesOf('node.name').size).toBe(4);
    expect([...valuesOf('local_address')].join()).toMatch(/^(?=.*:)(?=.*\.)/);
    expect(Math.max(...[...valuesOf('ipsec.outbound.offload_bytes')].map(Number))).toBeGreaterThan(2 ** 32);
  });

  it('is the same for the same count, and has no SPI twice', () => {
    expect(seededSas(200)).toEqual(sas);
    const spis = sas.flatMap((sa) =>
      [...flatten(sa)].filter(([name, spi]) => name.endsWith('_index') && !/^0+$/.test(String(spi))),
    );
    expect(new Set(spis.map(([, spi]) => spi)).size).toBe(spis.length);
  });
});

describe('200 seeded SAs', { timeout: 30_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await startSaWorld('9.18.1', () => Promise.reject(new Error('no other release is needed')));
  }, 30_000);
  afterAll(() => world.server.close());

  it('are each the same in the collection and under their own path, and as they were seeded', async () => {
    const { body } = await ask(world, 'GET', `${world.path}?fields=*`);
    for (const [index, record] of recordsOf(body).entries()) {
      const seeded = world.records[index];
      if (seeded === undefined) throw new Error('there are more records than were seeded');
      const own = (await ask(world, 'GET', pathTo(world, seeded))).body;
      expect(own).toEqual(record);
      const { _links: links, ...members } = own;
      expect(links).toEqual({ self: { href: `/api${pathTo(world, seeded)}` } });
      expect(flatten(members)).toEqual(new Map(seeded));
    }
    expect(body.num_records).toBe(200);
  });

  it('show ike and ipsec in records of their own', async () => {
    for (const record of await listed(world, 'fields=ike,ipsec')) {
      const [own, other] = record.get('type') === 'ike' ? ['ike', 'ipsec'] : ['ipsec', 'ike'];
      expect(below(record, own).size).toBeGreaterThan(5);
      expect(below(record, other).size).toBe(0);
    }
  });

  it.each(['inbound', 'outbound'].flatMap((side) => ['bytes', 'packets'].map((unit) => [side, unit])))(
    'take ipsec.%s.offload_%s under both spellings in filters, fields and order_by, and print the first',
    async (side, unit) => {
      const name = `ipsec.${side}.offload_${unit}`;
      const other = `ipsec.${side}.offloaded_${unit}`;
      const having = world.records.filter((record) => Number(record.get(name) ?? 0) > 1_000);
      expect(having.length).toBeGreaterThan(10);
      for (const spelling of [name, other]) {
        const query = `${spelling}=>1000&fields=${spelling}&order_by=${spelling}%20desc`;
        const found = await listed(world, query);
        const values = found.map((record) => Number(record.get(name)));
        expect(values).toEqual(having.map((record) => Number(record.get(name))).sort((a, b) => b - a));
        expect(found.filter((record) => record.has(other))).toEqual([]);
      }
    },
  );
});
