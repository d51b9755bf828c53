import { afterAll, beforeAll } from 'vitest';
import { Network } from '../../../../test/support/network.ts';
import { describeDatapathConformance } from '../conformance.ts';
import { openHarness } from './testing/conformance-harness.ts';

let network: Network<'ours'>;
beforeAll(async () => {
  network = await Network.create(['ours']);
});
afterAll(() => network.close());

const skips = { 'security associations': 'they need a kernel with ESP: conformance.kernel.test.ts' };

describeDatapathConformance('strongSwan with a guard', () => openHarness(network.hosts.ours), { skips });
describeDatapathConformance(
  'strongSwan without a guard',
  () => openHarness(network.hosts.ours, { guarded: false }),
  { skips },
);
