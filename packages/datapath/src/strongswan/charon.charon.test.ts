import { ViciClient } from '@esplanade/vici';
import { expect, it } from 'vitest';
import { Network } from '../../../../test/support/network.ts';
import { DatapathRefusedError } from '../errors.ts';
import { Charon } from './charon.ts';
import { blockConnection } from './shunt-mapping.ts';
import { startDaemons } from './testing/conformance-harness.ts';
import { entry } from './testing/entries.ts';

it('the account of a charon is made anew when a child to put in force turns out to be gone', async () => {
  await using opened = new AsyncDisposableStack();
  const network = await Network.create(['ours']);
  opened.defer(() => network.close());
  const daemons = await startDaemons(network.hosts.ours);
  opened.defer(() => daemons.close());
  const socketPath = daemons.charon.socket;
  const charon = new Charon({ socketPath });
  opened.defer(() => charon.close());
  const { policy } = entry(1);
  const block = blockConnection(policy.uuid, policy.selector);
  const [childName = ''] = Object.keys(block.children);
  await charon.load([block]);
  const somebody = new ViciClient({ path: socketPath });
  opened.defer(() => somebody.close());
  await somebody.request('unload-conn', { name: block.name });
  expect((await charon.holdings()).connectionNames()).toContain(block.name);
  await expect(charon.enforce({ connectionName: block.name, childName })).rejects.toThrow(
    DatapathRefusedError,
  );
  expect((await charon.holdings()).connectionNames()).toEqual([]);
});
