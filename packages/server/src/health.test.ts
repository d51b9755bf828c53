import { expect, it } from 'vitest';
import { type Health, publicHealth, writeHealth } from './health.ts';

const health: Health = {
  ready: true,
  version: 'marked-version',
  node: 'marked-node',
  store: { kind: 'embedded', ready: true },
  writes: writeHealth('marked: no space left on device'),
  datapath: { ready: true, kind: 'simulated', chosen: 'marked', ipspaces: [] },
};

it('a disk that takes no more changes is told with its reason, and hinders nobody who reads', () => {
  expect(health).toMatchObject({ ready: true, writes: { ready: false } });
  expect(health.writes.reason).toMatch(/audit log: marked: no space left on device\. .* 503/);
  expect(writeHealth(undefined)).toEqual({ ready: true });
});

it('tells anybody that it is so, but neither names, reasons nor the version', () => {
  const told = publicHealth(health);
  expect(told.writes).toEqual({ ready: false, reason: expect.stringContaining('Accounts of the cluster') });
  expect(JSON.stringify(told)).not.toContain('marked');
  expect(Object.keys(told)).toEqual(['ready', 'store', 'writes', 'datapath']);
});
