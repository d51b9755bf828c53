import {
  expiryWarnings,
  isProtecting,
  priorityOf,
  type Reference,
  type RevocationList,
} from '@esplanade/domain';
import { type CollectionResource, type Field, filterHref, type Principal } from '@esplanade/ontap';
import type { PolicyState, PolicyTraffic } from '@esplanade/reconciler';
import { credentialsOf } from '../pki-in-use.ts';
import { sasWithFormerWindow } from './former-windows.ts';
import type { PolicyRow } from './policy-fields.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { findPolicy, isVisible, visiblePolicies } from './visible-policies.ts';

/** A policy and what became of it in the datapath, for one who asks. */
interface Row {
  readonly policy: PolicyRow;
  readonly state: PolicyState;
  readonly principal: Principal;
}

/** `/esplanade/v1/policies`: what became of each policy, and why (decision 4). ONTAP has no shape for it. */
export function esplanadePolicies(parts: ResourceParts): CollectionResource<Row> {
  const { desired } = parts;
  const rowOf = (policy: PolicyRow, principal: Principal): Row => ({
    policy,
    state: stateOf(parts, policy),
    principal,
  });
  return {
    kind: 'collection',
    path: '/esplanade/v1/policies',
    svmAccess: ['GET'],
    title: 'State of IPsec policies',
    key: 'uuid',
    fields: {
      uuid: {
        type: 'string',
        description: 'UUID of the policy.',
        isDefault: true,
        get: ({ policy }) => policy.value.uuid,
      },
      name: {
        type: 'string',
        description: 'Name of the policy.',
        isDefault: true,
        example: 'nfs',
        get: ({ policy }) => policy.value.name,
      },
      ...referenceFields<Row>('svm', 'its SVM', ({ policy: { value } }) =>
        value.scope.kind === 'svm' ? value.scope.svm : undefined,
      ),
      ...referenceFields<Row>('ipspace', 'its IPspace', ({ policy }) => policy.value.ipspace),
      state: {
        type: 'string',
        description:
          'applied: the datapath holds it. pending: not yet, retried. failed: refused, retried. shadowed: an older policy has the same selector. disabled.',
        enum: ['applied', 'pending', 'failed', 'shadowed', 'disabled'],
        isDefault: true,
        get: ({ state }) => state.kind,
      },
      reason: {
        type: 'string',
        description: 'Why it is in this state, a sentence.',
        isDefault: true,
        get: (row) => reasonOf(parts, row),
      },
      since: {
        type: 'datetime',
        description: 'Since when it is in this state.',
        get: ({ state }) => new Date(state.sinceMs).toISOString(),
      },
      last_failure: {
        type: 'string',
        description:
          'Why an SA of it last failed to come up, of each of the last eight remotes for which one failed, the latest first, until one with that remote comes up. That others are up does not clear it.',
        get: ({ state }) => (state.kind === 'applied' ? state.lastFailure : undefined),
      },
      last_drift: {
        type: 'datetime',
        description: 'When the datapath was last found to differ from it, and was put right.',
        get: ({ policy }) => lastDrift(parts, policy),
      },
      warnings: {
        type: 'strings',
        description:
          'What in the daemon is not ours and gets in the way of the policy (it is left alone), and which certificates it rests on expire within 30 days, have expired or lack a trusted root, a sentence each.',
        get: (row) => warningsOf(parts, row),
      },
      'shadowed_by.uuid': {
        type: 'string',
        description: 'The policy that is loaded instead.',
        get: (row) => shadowing(parts, row)?.uuid,
      },
      'shadowed_by.name': {
        type: 'string',
        description: 'Its name.',
        get: (row) => shadowing(parts, row)?.name,
      },
      local_address_owned: {
        type: 'boolean',
        description:
          'Whether all its local addresses are those of enabled interfaces of its SVM; false for one of no SVM. It is carried out all the same: only accounts of the SVM are bound to its addresses, and only when they write.',
        get: ({ policy }) => desired.isOnOwnAddresses(policy.value),
      },
      desired_revision: {
        type: 'integer',
        description: 'Revision of the last change of the policy.',
        get: ({ policy }) => policy.modified,
      },
      applied_revision: {
        type: 'integer',
        description: 'Revision the datapath carries out.',
        get: ({ state }) => state.appliedRevision,
      },
      former_key_until: {
        type: 'datetime',
        description:
          'Until when a former pre-shared key is accepted beside the present one (PATCH with overlap).',
        get: ({ policy }) => formerKeyEnd(policy),
      },
      sas_with_former_replay_window: {
        type: 'integer',
        description:
          'How many of its ESP SAs have another anti-replay window than is set now: they keep the one they came up with until they are rekeyed.',
        get: ({ policy }) => formerWindows(parts, policy),
      },
      ...trafficFields(parts),
      priority: {
        type: 'integer',
        description:
          "Its place in the SPD, as the kernel's number: the lowest that matches a packet decides.",
        get: ({ policy }) => priorityOf(policy.value.selector),
      },
    },
    links: {
      ipspace: ({ policy }) => hrefs.ipspace(policy.value.ipspace.uuid),
      traffic: ({ policy }) => sasHref(policy),
    },
    list: (principal) => ({
      kind: 'rows',
      rows: Iterator.from(visiblePolicies(desired.snapshot(), principal)).map((policy) =>
        rowOf(policy, principal),
      ),
      inKeyOrder: true,
    }),
    find: (key, principal) => {
      const policy = findPolicy(desired.snapshot(), key);
      return policy !== undefined && isVisible(policy, principal) ? rowOf(policy, principal) : undefined;
    },
  };
}

function lastDrift({ carriers }: ResourceParts, { value }: PolicyRow): string | undefined {
  const atMs = carriers.of(value.ipspace.uuid)?.reconciler.lastDriftMs(value.uuid);
  return atMs === undefined ? undefined : new Date(atMs).toISOString();
}

const counted = [
  ['inbound', 'bytes'],
  ['inbound', 'packets'],
  ['outbound', 'bytes'],
  ['outbound', 'packets'],
] as const;

/** Where the API shows the ESP SAs of the policy: their counters are what its traffic is made of. */
function sasHref({ value: { name, scope } }: PolicyRow): string {
  const owner = scope.kind === 'svm' ? { 'svm.uuid': scope.svm.uuid } : { scope: 'cluster' };
  return filterHref('/security/ipsec/security-associations', { type: 'ipsec', policy_name: name, ...owner });
}

/** Totals of policies that protect; for the others nobody counts. */
function trafficFields({ carriers }: ResourceParts): Readonly<Record<string, Field<Row>>> {
  const trafficOf = ({ policy: { value } }: Row): PolicyTraffic | undefined =>
    isProtecting(value.action)
      ? carriers.of(value.ipspace.uuid)?.reconciler.policyTraffic(value.uuid)
      : undefined;
  const counters = counted.map(([direction, unit]): readonly [string, Field<Row>] => [
    `traffic.${direction}.${unit}`,
    {
      type: 'counter',
      description: `${direction} ${unit} of all its ESP SAs, those that were rekeyed or ended included; never falls while the server runs.`,
      get: (row) => trafficOf(row)?.[direction][unit],
    },
  ]);
  return {
    ...Object.fromEntries(counters),
    'traffic.since': {
      type: 'datetime',
      description:
        'When counting began, with the start of the server. What the SAs of then had carried is counted.',
      get: (row) => {
        const traffic = trafficOf(row);
        return traffic && new Date(traffic.sinceMs).toISOString();
      },
    },
  };
}

function formerWindows({ carriers, desired }: ResourceParts, { value }: PolicyRow): number | undefined {
  const reading = carriers.of(value.ipspace.uuid)?.reconciler.readSad();
  if (!isProtecting(value.action) || reading === undefined || reading.kind === 'unavailable')
    return undefined;
  return sasWithFormerWindow(reading.snapshot, value.uuid, desired.snapshot().ipsec.value.replayWindow);
}

function formerKeyEnd({ value: { authentication } }: PolicyRow): string | undefined {
  if (authentication.kind !== 'psk' || authentication.replaced === undefined) return undefined;
  const endMs = Math.max(...authentication.replaced.map(({ untilMs }) => untilMs));
  return new Date(endMs).toISOString();
}

/** A policy nobody has looked at yet is pending since it was written. */
function stateOf({ carriers, startedAtMs }: ResourceParts, { value }: PolicyRow): PolicyState {
  const known = carriers.of(value.ipspace.uuid)?.reconciler.policyState(value.uuid);
  return known ?? { kind: 'pending', reason: 'It is about to be applied.', sinceMs: startedAtMs };
}

function reasonOf(parts: ResourceParts, row: Row): string | undefined {
  const { state } = row;
  if (state.kind === 'applied') return undefined;
  if (state.kind !== 'shadowed') return state.reason;
  const name = shadowing(parts, row)?.name;
  const other = name === undefined ? 'Another policy' : `Policy "${name}"`;
  return `${other} is older and has the same selector. This one takes over when that one goes.`;
}

/** The policy that is loaded instead, if there is one and who asks may know of it. */
function shadowing({ desired }: ResourceParts, { state, principal }: Row): Reference | undefined {
  const by = state.kind === 'shadowed' ? findPolicy(desired.snapshot(), state.by) : undefined;
  return by !== undefined && isVisible(by, principal) ? by.value : undefined;
}

/** Unset where there is none, as ONTAP leaves fields out: `warnings=!null` asks for the policies that have some. */
function warningsOf(parts: ResourceParts, row: Row): readonly string[] | undefined {
  const warnings = [...clashesOf(parts, row), ...credentialWarnings(parts, row)];
  return warnings.length === 0 ? undefined : warnings;
}

function credentialWarnings(parts: ResourceParts, row: Row): readonly string[] {
  const credentials = credentialsOf(parts.desired.snapshot(), row.policy.value);
  if (credentials === undefined) return [];
  const unheld = unheldLists(parts, row, credentials.trust.revocationLists);
  return [...unheld, ...expiryWarnings(credentials, Date.now())];
}

function unheldLists(
  { carriers }: ResourceParts,
  { policy }: Row,
  lists: readonly RevocationList[],
): readonly string[] {
  const unheld = carriers.of(policy.value.ipspace.uuid)?.reconciler.unheldRevocationLists();
  return lists
    .filter(({ sha256 }) => unheld?.has(sha256) === true)
    .map(
      ({ number }) =>
        `Revocation list number ${number} is not in force: strongSwan has kept another one of that CA. Send a list with a higher number.`,
    );
}

/** What is in the daemon and not ours is told to administrators alone. */
function clashesOf({ carriers }: ResourceParts, { policy, principal }: Row): readonly string[] {
  const { uuid, ipspace } = policy.value;
  const clashes = carriers.of(ipspace.uuid)?.reconciler.clashes(uuid) ?? [];
  return clashes.length === 0 || principal.svmUuid === undefined
    ? clashes
    : ['Something in the daemon that is not ours gets in its way. Ask an administrator.'];
}
