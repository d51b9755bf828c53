import type { CollectionResource, Field } from '@esplanade/ontap';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { Carrier, ResourceParts } from './resource-parts.ts';

/** `/esplanade/v1/datapaths`: what carries the policies of each IPspace, and why it is that (decision 12). */
export function esplanadeDatapaths({ carriers, datapath }: ResourceParts): CollectionResource<Carrier> {
  return {
    kind: 'collection',
    path: '/esplanade/v1/datapaths',
    svmAccess: [],
    title: 'Datapaths',
    key: 'ipspace.uuid',
    fields: {
      ...referenceFields<Carrier>('ipspace', 'the IPspace', ({ ipspace }) => ipspace, { isDefault: true }),
      kind: {
        type: 'string',
        description: 'strongswan, or simulated: then no packet is encrypted or blocked.',
        enum: ['strongswan', 'simulated'],
        isDefault: true,
        get: () => datapath.kind,
      },
      chosen: {
        type: 'string',
        description: 'Why it is this kind.',
        isDefault: true,
        get: () => datapath.chosen,
      },
      description: {
        type: 'string',
        description: 'Version and endpoint.',
        isDefault: true,
        get: (carrier) => carrier.describe(),
      },
      ready: {
        type: 'boolean',
        description: 'Whether it answers.',
        isDefault: true,
        get: ({ reconciler }) => reconciler.health().ready,
      },
      reason: {
        type: 'string',
        description: 'Why it does not, a sentence.',
        isDefault: true,
        get: ({ reconciler }) => reconciler.health().reason,
      },
      since: {
        type: 'datetime',
        description: 'Since when it does not.',
        get: ({ reconciler }) => {
          const { sinceMs } = reconciler.health();
          return sinceMs === undefined ? undefined : new Date(sinceMs).toISOString();
        },
      },
      guard: {
        type: 'string',
        description:
          'present: the block beneath protected selectors outlives an orderly stop of charon. absent: it does not. simulated: there are no packets.',
        enum: ['present', 'absent', 'simulated'],
        isDefault: true,
        get: (carrier) => carrier.guard(),
      },
      'foreign.connections': {
        type: 'strings',
        description: 'Names of connections in the daemon that are not ours. They are left alone.',
        get: (carrier) => carrier.foreignConnections(),
      },
      ...kernelFields,
      'foreign.security_associations': {
        type: 'integer',
        description: 'How many SAs are not ours, IKE and ESP together; unset while SAs cannot be listed.',
        get: foreignSas,
      },
    },
    links: { ipspace: ({ ipspace }) => hrefs.ipspace(ipspace.uuid) },
    list: () => ({ kind: 'rows', rows: carriers.all() }),
    find: (key) => carriers.of(key),
  };
}

/** Whether the kernel holds what it should, which only an optional reader with the right to look can tell. */
const kernelFields: Readonly<Record<string, Field<Carrier>>> = {
  'kernel.checked': {
    type: 'boolean',
    description: "Whether the kernel's own SPD and SAD are compared with what should be there.",
    isDefault: true,
    get: ({ kernelReport }) => kernelReport().kind === 'checked',
  },
  'kernel.reason': {
    type: 'string',
    description: 'Why they are not, a sentence.',
    isDefault: true,
    get: ({ kernelReport }) => {
      const report = kernelReport();
      return report.kind === 'checked' ? undefined : report.reason;
    },
  },
  'kernel.observed': {
    type: 'datetime',
    description: 'When they were last looked at.',
    isDefault: true,
    get: ({ kernelReport }) => {
      const report = kernelReport();
      return report.kind === 'checked' ? new Date(report.observedAtMs).toISOString() : undefined;
    },
  },
  'kernel.missing': {
    type: 'integer',
    description: 'How many policies and SAs the kernel lacked at that look. They are put back.',
    isDefault: true,
    get: ({ kernelReport }) => {
      const report = kernelReport();
      return report.kind === 'checked' ? report.missing : undefined;
    },
  },
};

function foreignSas({ reconciler }: Carrier): number | undefined {
  const reading = reconciler.readSad();
  if (reading.kind !== 'current') return undefined;
  return reading.snapshot.rows.filter(({ foreignName }) => foreignName !== undefined).length;
}
