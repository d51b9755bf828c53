import { type DatapathHarness, describeDatapathConformance } from '../conformance.ts';
import { SimulatedDatapath } from './driver.ts';

async function open(): Promise<DatapathHarness> {
  const datapath = new SimulatedDatapath({ place: { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' } });
  return {
    datapath,
    reopen: async () => datapath,
    kill: async () => void datapath.inject({ kind: 'daemon-down' }),
    restart: async () => datapath.clearFaults('daemon-down'),
    stop: () => datapath.close(),
  };
}

describeDatapathConformance('the simulator', open, {
  skips: { 'foreign configuration': 'the simulator holds nothing but our policies' },
});
