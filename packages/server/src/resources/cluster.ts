import type { Cluster } from '@esplanade/desired';
import type { SingletonResource } from '@esplanade/ontap';
import { releaseFields } from './release-fields.ts';
import type { ResourceParts } from './resource-parts.ts';

/** `/cluster`: what every client asks first. */
export function cluster({ desired, ontapVersion, version }: ResourceParts): SingletonResource<Cluster> {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    kind: 'singleton',
    path: '/cluster',
    svmAccess: ['GET'],
    title: 'Cluster',
    fields: {
      name: {
        type: 'string',
        description: 'Name of the cluster.',
        example: 'esplanade',
        isDefault: true,
        get: ({ name }) => name,
      },
      uuid: { type: 'string', description: 'UUID of the cluster.', isDefault: true, get: ({ uuid }) => uuid },
      ...releaseFields<Cluster>(ontapVersion, version),
      'timezone.name': {
        type: 'string',
        description: "The host's time zone.",
        example: 'Etc/UTC',
        get: () => timeZone,
      },
    },
    read: () => desired.snapshot().cluster,
  };
}
