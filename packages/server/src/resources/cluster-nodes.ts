import type { ClusterNode } from '@esplanade/desired';
import type { CollectionResource } from '@esplanade/ontap';
import { releaseFields } from './release-fields.ts';
import type { ResourceParts } from './resource-parts.ts';

/** `/cluster/nodes`: the one node this process is. */
export function clusterNodes(parts: ResourceParts): CollectionResource<ClusterNode> {
  const { desired, ontapVersion, version } = parts;
  const node = () => desired.snapshot().node;
  return {
    kind: 'collection',
    path: '/cluster/nodes',
    svmAccess: ['GET'],
    title: 'Nodes',
    key: 'uuid',
    fields: {
      uuid: { type: 'string', description: 'UUID of the node.', isDefault: true, get: ({ uuid }) => uuid },
      name: {
        type: 'string',
        description: 'Name of the node.',
        example: 'node1',
        isDefault: true,
        get: ({ name }) => name,
      },
      serial_number: {
        type: 'string',
        description: 'Made up when the data directory was born, never changes.',
        example: '8d7f6a0e-53c1-4c47-9b0f-3f5f7d1f2a11',
        get: ({ serialNumber }) => serialNumber,
      },
      model: {
        type: 'string',
        description: 'What the node is.',
        example: 'Esplanade on Linux',
        get: () => 'Esplanade on Linux',
      },
      state: { type: 'string', description: 'up: it answers you.', enum: ['up'], get: () => 'up' },
      membership: {
        type: 'string',
        description: 'Whether the node is part of the cluster.',
        enum: ['available'],
        get: () => 'available',
      },
      date: {
        type: 'datetime',
        description: "The node's clock.",
        get: () => new Date().toISOString(),
      },
      uptime: {
        type: 'integer',
        description: 'Seconds since the server began.',
        get: () => Math.floor(process.uptime()),
      },
      ...releaseFields<ClusterNode>(ontapVersion, version),
    },
    list: () => ({ kind: 'rows', rows: [node()], inKeyOrder: true }),
    find: (key) => (key === node().uuid ? node() : undefined),
  };
}
