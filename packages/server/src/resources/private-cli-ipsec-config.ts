import type { SingletonResource } from '@esplanade/ontap';
import { forceParameter } from './lock-out.ts';
import type { ResourceParts } from './resource-parts.ts';
import { type ConfigRow, modifyConfig } from './security-ipsec.ts';

/** `/private/cli/security/ipsec/config`: ONTAP's `security ipsec config show` and `modify`. */
export function privateCliIpsecConfig(parts: ResourceParts): SingletonResource<ConfigRow> {
  return {
    kind: 'singleton',
    path: '/private/cli/security/ipsec/config',
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
    },
    parameters: [forceParameter('PATCH')],
    read: () => parts.desired.snapshot().ipsec,
    modify: (_row, body, context) =>
      modifyConfig(
        parts,
        new Map([...body].map(([column, value]) => [column === 'is_enabled' ? 'enabled' : column, value])),
        context,
      ),
  };
}
