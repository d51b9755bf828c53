import type { PeerFault, Simulator } from '@esplanade/datapath';
import { formatAddress, type IpsecPolicy, parseAddress } from '@esplanade/domain';
import { type ActionResource, type ApiFailure, type Field, failure, isFailure } from '@esplanade/ontap';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing } from './named-record.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { namingFields, simulatedPolicy } from './simulated-ipspaces.ts';
import { simulatorErrors } from './simulator-error-codes.ts';

/** A policy, and how many SAs it has now. */
interface Row {
  readonly policy: IpsecPolicy;
  readonly simulator: Simulator;
}

type Doing = (row: Row, remoteAddress: string | undefined) => ApiFailure | undefined;

const faultWords: Readonly<Record<PeerFault, string>> = {
  unreachable: 'the peer does not answer',
  'authentication-failed': 'the peer refused our authentication (AUTHENTICATION_FAILED)',
  'no-proposal': 'the peer accepts none of our proposals (NO_PROPOSAL_CHOSEN)',
};

const { nothingToBringUp, nothingToRekey, notNegotiated, ...ofAll } = simulatorErrors;
const usualErrors = [ofAll.notSimulated, ofAll.noSuchPolicy, ofAll.unfinishedName, nothingToBringUp];

/** `/esplanade/v1/simulator/up`: one more SA. */
export function esplanadeSimulatorUp(parts: ResourceParts): ActionResource<Row> {
  const up: Doing = ({ policy, simulator }, remoteAddress) => {
    const { name } = policy;
    const outcome = simulator.up(policy.uuid, remoteAddress);
    if (outcome === undefined) return undefined;
    if (outcome === 'no-address') return missing('remote_address');
    return outcome === 'not-installed'
      ? failure(nothingToBringUp, { name }, 'policy.name')
      : failure(notNegotiated, { name, why: faultWords[outcome] }, 'policy.name');
  };
  return {
    ...actionOn(parts, 'up', 'Bring up one more SA of a policy', up),
    errors: { POST: [...usualErrors, recordErrors.missingField, notNegotiated] },
  };
}

/** `/esplanade/v1/simulator/down`: no SA any more. */
export function esplanadeSimulatorDown(parts: ResourceParts): ActionResource<Row> {
  const down: Doing = ({ policy, simulator }) => {
    simulator.down(policy.uuid);
    return undefined;
  };
  return {
    ...actionOn(parts, 'down', 'End the SAs of a policy, which stays in force', down),
    errors: { POST: [...usualErrors, recordErrors.missingField] },
  };
}

/** `/esplanade/v1/simulator/rekey`: other SPIs. */
export function esplanadeSimulatorRekey(parts: ResourceParts): ActionResource<Row> {
  const rekey: Doing = ({ policy, simulator }) => {
    const { name } = policy;
    const outcome = simulator.rekey(policy.uuid);
    if (outcome === undefined) return undefined;
    return outcome === 'not-up'
      ? failure(nothingToRekey, { name }, 'policy.name')
      : failure(notNegotiated, { name, why: faultWords[outcome] }, 'policy.name');
  };
  return {
    ...actionOn(parts, 'rekey', 'Rekey the SAs of a policy: other SPIs, counters from zero', rekey),
    errors: { POST: [...usualErrors, recordErrors.missingField, nothingToRekey, notNegotiated] },
  };
}

function actionOn(parts: ResourceParts, verb: string, title: string, doing: Doing): ActionResource<Row> {
  return {
    kind: 'action',
    path: `/esplanade/v1/simulator/${verb}`,
    title,
    svmAccess: [],
    fields: {
      ...namingFields<Row>(({ policy }) => policy, true),
      ...(verb === 'up' && remoteField),
      'security_associations.count': {
        type: 'integer',
        description: 'How many CHILD SAs the policy has now.',
        example: 1,
        get: ({ policy, simulator }) => simulator.childSas(policy.uuid),
      },
    },
    examples: { post: { policy: { name: 'nfs' } } },
    run: async (_key, given) => {
      const body = withoutNulls(given);
      const row = simulatedPolicy(parts, body);
      if (isFailure(row)) return row;
      const address = parseAddress(textOf(body, 'remote_address') ?? '');
      return doing(row, address && formatAddress(address)) ?? { kind: 'done', row };
    },
  };
}

const remoteField: Readonly<Record<string, Field<Row>>> = {
  remote_address: {
    type: 'address',
    description: 'With which host, for a policy that is about many.',
    writable: ['post'],
  },
};
