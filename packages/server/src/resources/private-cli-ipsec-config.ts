import type { SingletonResource } from '@esplanade/ontap';
import { restBody } from './cli-columns.ts';
import { inColumns } from './cli-sentences.ts';
import { configWriteErrors } from './ipsec-write-errors.ts';
import { forceParameter } from './lock-out.ts';
import type { ResourceParts } from './resource-parts.ts';
import { type ConfigRow, modifyConfig } from './security-ipsec.ts';

/** `/private/cli/security/ipsec/config`: ONTAP's `security ipsec config show` and `modify`. */
export function privateCliIpsecConfig(parts: ResourceParts): SingletonResource<ConfigRow> {
  return {
    kind: 'singleton',
    path: '/private/cli/security/ipsec/config',
    svmAccess: ['GET'],
    title: 'CLI: security ipsec config',
    since: '9.8',
    isCli: true,
    fields: {
      is_enabled: {
        type: 'boolean',
        description: 'Whether policies are carried out.',
        aliases: ['enabled'],
        writable: ['patch'],
        get: ({ value }) => value.enabled,
      },
      replay_window: {
        type: 'integer',
        description: 'Anti-replay window in packets; 0 turns anti-replay off.',
        enum: ['0', '64', '128', '256', '512', '1024'],
        writable: ['patch'],
        get: ({ value }) => value.replayWindow,
      },
      is_offload_enabled: {
        type: 'boolean',
        description: 'Whether hardware may take ESP over where a driver can have it so; none does yet.',
        since: '9.16.1',
        writable: ['patch'],
        get: ({ value }) => value.offloadEnabled,
      },
    },
    examples: { patch: { is_enabled: true } },
    errors: configWriteErrors,
    parameters: [forceParameter('PATCH')],
    revision: ({ modified }) => modified,
    read: () => parts.desired.snapshot().ipsec,
    modify: async (_row, columns, context) =>
      inColumns(await modifyConfig(parts, restBody(columns), context)),
  };
}
