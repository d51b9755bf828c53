import { setTimeout as sleep } from 'node:timers/promises';
import { Message, ViciClient } from '@esplanade/vici';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Network } from '../../../../test/support/network.ts';
import { DatapathRefusedError } from '../errors.ts';
import { Charon } from './charon.ts';
import { blockConnection } from './shunt-mapping.ts';
import { Tampering } from './tampering.ts';
import { startDaemons } from './testing/conformance-harness.ts';
import { entry } from './testing/entries.ts';

let charon: Charon;
let somebody: ViciClient;

beforeEach(async () => {
  const opened = new AsyncDisposableStack();
  onTestFinished(() => opened.disposeAsync());
  const network = await Network.create(['ours']);
  opened.defer(() => network.close());
  const daemons = await startDaemons(network.hosts.ours);
  opened.defer(() => daemons.close());
  const socketPath = daemons.charon.socket;
  charon = new Charon({ socketPath });
  opened.defer(() => charon.close());
  somebody = new ViciClient({ path: socketPath });
  opened.defer(() => somebody.close());
});

const block = () => {
  const { policy } = entry(1);
  return blockConnection(policy.uuid, policy.selector);
};

it('the account of a charon is made anew when a child to put in force turns out to be gone', async () => {
  const { name, ...others } = block();
  const [childName = ''] = Object.keys(others.children);
  await charon.load([{ name, ...others }]);
  await somebody.request('unload-conn', { name });
  expect((await charon.holdings()).connectionNames()).toContain(name);
  await expect(charon.enforce({ connectionName: name, childName })).rejects.toThrow(DatapathRefusedError);
  expect((await charon.holdings()).connectionNames()).toEqual([]);
});

it("what a charon says of a time before we changed it is nobody's tampering, what it says of later is", async () => {
  let found = 0;
  const tampering = new Tampering({
    inTurn: (look) => look(),
    onFound: () => {
      found += 1;
    },
    onKeysInDoubt: () => undefined,
  });
  const nothing = Message.from({ conns: [] });
  const askedMs = performance.now();
  await charon.load([block()]);
  tampering.lookAt(charon, nothing, askedMs);
  await sleep(400);
  expect(found).toBe(0);
  tampering.lookAt(charon, nothing, performance.now());
  await expect.poll(() => found).toBe(1);
});
