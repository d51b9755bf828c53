import type { Field, Release } from '@esplanade/ontap';

/** `version.*` of the cluster and its nodes: the release we emulate, and truthfully who we are. */
export function releaseFields<Row>(
  ontapVersion: Release,
  version: string,
): Readonly<Record<string, Field<Row>>> {
  const [generation, major, minor] = ontapVersion.split('.').map(Number);
  return {
    'version.full': {
      type: 'string',
      description: 'What answers, and the ONTAP release it emulates.',
      example: `Esplanade ${version}, emulates NetApp Release ${ontapVersion}`,
      get: () => `Esplanade ${version}, emulates NetApp Release ${ontapVersion}`,
    },
    'version.generation': {
      type: 'integer',
      description: 'First number of the release.',
      get: () => generation,
    },
    'version.major': { type: 'integer', description: 'Second number of the release.', get: () => major },
    'version.minor': { type: 'integer', description: 'Third number of the release.', get: () => minor ?? 0 },
  };
}
