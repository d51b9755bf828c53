import type { Principal, TableResource } from '@esplanade/ontap';
import type { ResourceParts } from './resource-parts.ts';

interface Vserver {
  readonly name: string;
  readonly uuid: string;
  /** Undefined of the cluster's, whose records may be in any. */
  readonly ipspace?: string;
  readonly comment?: string;
  readonly type: 'admin' | 'data';
}

/** ONTAP's, so that they can be asked for. */
const states = ['running', 'stopped', 'starting', 'stopping', 'initializing', 'deleting'];

/**
 * `/private/cli/vserver`: ONTAP's `vserver show`. Beside the SVMs it has the one that stands for the cluster, which owns
 * what belongs to none of them. As in ONTAP that one has no subtype and no state.
 */
export function privateCliVserver({ desired }: ResourceParts): TableResource<Vserver> {
  return {
    kind: 'table',
    path: '/private/cli/vserver',
    svmAccess: ['GET'],
    title: 'CLI: vserver',
    isCli: true,
    keys: ['vserver'],
    fields: {
      vserver: {
        type: 'string',
        description: 'Name of the SVM; that of the cluster for what belongs to none.',
        get: ({ name }) => name,
      },
      uuid: { type: 'string', description: 'Its UUID.', get: ({ uuid }) => uuid },
      type: {
        type: 'keyword',
        description: 'admin: the cluster itself; data: an SVM. Of the types node and system there are none.',
        enum: ['admin', 'data', 'node', 'system'],
        get: ({ type }) => type,
      },
      subtype: {
        type: 'keyword',
        description: 'Kind of SVM.',
        enum: ['default'],
        get: ({ type }) => (type === 'data' ? 'default' : undefined),
      },
      admin_state: {
        type: 'keyword',
        description: 'What the SVM is told to do. None can be stopped.',
        enum: states,
        get: ({ type }) => (type === 'data' ? 'running' : undefined),
      },
      operational_state: {
        type: 'keyword',
        description: 'What the SVM does.',
        enum: ['running', 'stopped'],
        get: ({ type }) => (type === 'data' ? 'running' : undefined),
      },
      ipspace: {
        type: 'string',
        description: 'IPspace the SVM is in.',
        get: ({ ipspace }) => ipspace,
      },
      comment: {
        type: 'string',
        description: 'Whatever people want to know of it.',
        get: ({ comment }) => comment,
      },
    },
    list: (principal) => ({ kind: 'rows', rows: visibleVservers(principal) }),
  };

  function visibleVservers({ svmUuid }: Principal): readonly Vserver[] {
    const { svms, cluster } = desired.snapshot();
    const ofCluster: Vserver = { ...cluster, type: 'admin' };
    const ofSvms = [...svms.values()].map(
      ({ value: { ipspace, ...svm } }): Vserver => ({ ...svm, ipspace: ipspace.name, type: 'data' }),
    );
    return svmUuid === undefined ? [ofCluster, ...ofSvms] : ofSvms.filter(({ uuid }) => uuid === svmUuid);
  }
}
