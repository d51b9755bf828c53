import { afterAll, beforeAll } from 'vitest';
import { Network } from '../../../../test/support/network.ts';
import { describeDatapathConformance } from '../conformance.ts';
import { harnessOn, startDaemons } from './testing/conformance-harness.ts';

let network: Network<'ours'>;
beforeAll(async () => {
  network = await Network.create(['ours']);
});
afterAll(() => network.close());

const skips = { 'security associations': 'they need a kernel with ESP: conformance.kernel.test.ts' };

async function open(options: { readonly guarded: boolean }) {
  const daemons = await startDaemons(network.hosts.ours, options);
  return harnessOn(daemons, { stop: daemons.close });
}

describeDatapathConformance('strongSwan with a guard', () => open({ guarded: true }), { skips });
describeDatapathConformance('strongSwan without a guard', () => open({ guarded: false }), { skips });
