import type { IpsecConfig, Versioned } from '@esplanade/desired';
import {
  type ApiFailure,
  failure,
  failureOf,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  problem,
  type SingletonResource,
  type WriteContext,
} from '@esplanade/ontap';
import { booleanOf, numberOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import { configWriteErrors } from './ipsec-write-errors.ts';
import { forceParameter, lockOutFailure } from './lock-out.ts';
import { modifyRecord } from './record-changes.ts';
import { type ResourceParts, settleBoundMs } from './resource-parts.ts';

/** The configuration with its revision. */
export type ConfigRow = Versioned<IpsecConfig>;

/** `/security/ipsec`: the cluster-wide switch and settings. */
export function securityIpsec(parts: ResourceParts): SingletonResource<ConfigRow> {
  return {
    kind: 'singleton',
    path: '/security/ipsec',
    svmAccess: ['GET'],
    title: 'IPsec configuration',
    since: '9.8',
    fields: {
      enabled: {
        type: 'boolean',
        description:
          'Whether policies are carried out. Disabling takes every policy and SA down, discard policies too.',
        isDefault: true,
        writable: ['patch'],
        get: ({ value }) => value.enabled,
      },
      replay_window: {
        type: 'integer',
        description: 'Anti-replay window in packets; 0 (default, as in ONTAP) turns anti-replay off.',
        enum: ['0', '64', '128', '256', '512', '1024'],
        isDefault: true,
        writable: ['patch'],
        get: ({ value }) => value.replayWindow,
      },
      offload_enabled: {
        type: 'boolean',
        description:
          'Whether hardware may take ESP over where a driver can have it so; none does yet, so offload counters stay 0.',
        since: '9.16.1',
        isDefault: true,
        writable: ['patch'],
        get: ({ value }) => value.offloadEnabled,
      },
    },
    examples: { patch: { enabled: true, replay_window: 64 } },
    errors: configWriteErrors,
    parameters: [forceParameter('PATCH')],
    revision: ({ modified }) => modified,
    read: () => parts.desired.snapshot().ipsec,
    modify: (_row, body, context) => modifyConfig(parts, body, context),
  };
}

/** Writes a body of `/security/ipsec` over the configuration. Resolves when carried out, or after two seconds. */
export async function modifyConfig(
  parts: ResourceParts,
  body: ParsedBody,
  context: WriteContext,
): Promise<ModifyResult> {
  if (context.principal.svmUuid !== undefined) return failure(genericErrors.notAuthorized, {});
  const written = await modifyRecord(context, {
    turns: parts.turns,
    key: 'ipsec',
    find: () => parts.desired.snapshot().ipsec,
    write: ({ value: before, modified }) => {
      const after: IpsecConfig = {
        enabled: booleanOf(body, 'enabled') ?? before.enabled,
        replayWindow: numberOf(body, 'replay_window') ?? before.replayWindow,
        offloadEnabled: booleanOf(body, 'offload_enabled') ?? before.offloadEnabled,
      };
      const refused = configFailure(parts, body, before, after) ?? lockOut(parts, after, context);
      return refused ?? parts.desired.updateIpsecConfig(after, modified);
    },
  });
  if (isFailure(written)) return written;
  await Promise.all(
    [...parts.carriers.all()].map(({ reconciler }) => reconciler.allSettled(written.revision, settleBoundMs)),
  );
  return written;
}

function configFailure(
  { capabilities }: ResourceParts,
  body: ParsedBody,
  before: IpsecConfig,
  after: IpsecConfig,
): ApiFailure | undefined {
  const unset = [...body].filter(([, value]) => value === null);
  const windows = capabilities.replayWindows;
  return failureOf([
    ...unset.map(([name]) =>
      problem(genericErrors.invalidValue, { value: 'null', field: name, expected: 'a value' }, name),
    ),
    ...(before.enabled && after.offloadEnabled !== before.offloadEnabled
      ? [problem(ipsecErrors.offloadWhileEnabled, {}, 'offload_enabled')]
      : []),
    ...(after.offloadEnabled && after.replayWindow !== 0
      ? [
          problem(
            ipsecErrors.offloadWithReplay,
            {},
            body.has('replay_window') ? 'replay_window' : 'offload_enabled',
          ),
        ]
      : []),
    ...(windows.includes(after.replayWindow)
      ? []
      : [
          problem(
            ipsecErrors.replayWindowUnsupported,
            { window: String(after.replayWindow), windows: windows.join(', ') },
            'replay_window',
          ),
        ]),
  ]);
}

function lockOut(parts: ResourceParts, after: IpsecConfig, context: WriteContext): ApiFailure | undefined {
  const snapshot = parts.desired.snapshot();
  if (!after.enabled || snapshot.ipsec.value.enabled) return undefined;
  const policies = [...snapshot.policies.values()].map(({ value }) => value);
  return lockOutFailure({ policies, ipsecEnabled: true }, snapshot, context, parts.carriers);
}
