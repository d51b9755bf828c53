import { peerFaults, type SimulatedPeer } from '@esplanade/datapath';
import { isFailure, type TableResource } from '@esplanade/ontap';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { Carrier, ResourceParts } from './resource-parts.ts';
import { faultWord } from './simulated-faults.ts';
import { simulatedIpspaces } from './simulated-ipspaces.ts';
import { simulatorErrors } from './simulator-error-codes.ts';

interface Row extends SimulatedPeer {
  readonly ipspace: Carrier['ipspace'];
}

/** `/esplanade/v1/simulator/peers`: the hosts that policies are about, one by one, and those with SAs. */
export function esplanadeSimulatorPeers({ carriers }: ResourceParts): TableResource<Row> {
  return {
    kind: 'table',
    path: '/esplanade/v1/simulator/peers',
    title: 'Peers of the simulator',
    keys: ['ipspace.name', 'remote_address'],
    svmAccess: [],
    fields: {
      ...referenceFields<Row>('ipspace', 'the IPspace', ({ ipspace }) => ipspace, { isDefault: true }),
      remote_address: {
        type: 'address',
        description: 'Address of the peer.',
        isDefault: true,
        example: '192.0.2.2',
        get: ({ remoteAddress }) => remoteAddress,
      },
      'ike_sas.count': {
        type: 'integer',
        description: 'How many IKE SAs there are with it.',
        isDefault: true,
        get: ({ ikeSas }) => ikeSas,
      },
      'child_sas.count': {
        type: 'integer',
        description: 'How many CHILD SAs there are with it.',
        isDefault: true,
        get: ({ childSas }) => childSas,
      },
      fault: {
        type: 'keyword',
        description: 'What is wrong with it on purpose; unset where it answers.',
        enum: peerFaults.map(faultWord),
        isDefault: true,
        get: ({ fault }) => fault && faultWord(fault),
      },
    },
    links: { ipspace: ({ ipspace }) => hrefs.ipspace(ipspace.uuid) },
    errors: { GET: [simulatorErrors.notSimulated] },
    list: () => {
      const all = simulatedIpspaces(carriers);
      if (isFailure(all)) return all;
      const rows = all.flatMap(({ ipspace, simulator }) =>
        simulator.peers().map((peer): Row => ({ ...peer, ipspace })),
      );
      return { kind: 'rows', rows };
    },
  };
}
