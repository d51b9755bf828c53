import type { Spi } from '@esplanade/domain';
import { expect, test } from 'vitest';
import { saUuid } from './sa-uuid.ts';

const place = { nodeUuid: 'node', ipspaceUuid: 'ipspace' };
const spi = 'c1234567' as Spi;

test('an SA keeps its uuid and it is a version 8 uuid', () => {
  const uuid = saUuid(place, 'ipsec', '10.9.0.1', spi);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(saUuid({ ...place }, 'ipsec', '10.9.0.1', spi)).toBe(uuid);
});

test('node, IPspace, kind, address and SPI each make another uuid', () => {
  const uuids = new Set([
    saUuid(place, 'ipsec', '10.9.0.1', spi),
    saUuid({ ...place, nodeUuid: 'other' }, 'ipsec', '10.9.0.1', spi),
    saUuid({ ...place, ipspaceUuid: 'other' }, 'ipsec', '10.9.0.1', spi),
    saUuid(place, 'ike', '10.9.0.1', spi),
    saUuid(place, 'ipsec', '10.9.0.2', spi),
    saUuid(place, 'ipsec', '10.9.0.1', 'c1234568' as Spi),
  ]);
  expect(uuids.size).toBe(6);
});
