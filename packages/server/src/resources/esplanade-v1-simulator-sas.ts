import { faultReasons, type NegotiationFault, type Simulator } from '@esplanade/datapath';
import {
  formatAddress,
  formatPrefix,
  type IpAddress,
  type IpsecPolicy,
  parseAddress,
} from '@esplanade/domain';
import {
  type ActionResource,
  type ApiFailure,
  type Field,
  failure,
  genericErrors,
  isFailure,
} from '@esplanade/ontap';
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

type Doing = (row: Row, remoteAddress: IpAddress | undefined) => ApiFailure | undefined;

const { nothingToBringUp, nothingToRekey, notNegotiated, ...ofAll } = simulatorErrors;
const usualErrors = [
  ...[ofAll.notSimulated, ofAll.noSuchPolicy, ofAll.unfinishedName, nothingToBringUp, notNegotiated],
  recordErrors.missingField,
];

/** `/esplanade/v1/simulator/up`: one more SA. */
export function esplanadeSimulatorUp(parts: ResourceParts): ActionResource<Row> {
  const up: Doing = ({ policy, simulator }, remoteAddress) => {
    const outcome = simulator.up(policy.uuid, remoteAddress);
    switch (outcome) {
      case 'no-address':
        return missing('remote_address');
      case 'not-installed':
        return failure(nothingToBringUp, { name: policy.name }, 'policy.name');
      case 'other-address':
        return otherAddress(policy, remoteAddress);
      default:
        return negotiated(policy, outcome);
    }
  };
  return {
    ...actionOn(parts, 'up', 'Bring up one more SA of a policy', up),
    errors: { POST: usualErrors },
  };
}

/** `/esplanade/v1/simulator/down`: no SA any more. */
export function esplanadeSimulatorDown(parts: ResourceParts): ActionResource<Row> {
  const down: Doing = ({ policy, simulator }) => negotiated(policy, simulator.down(policy.uuid));
  return {
    ...actionOn(parts, 'down', 'End the SAs of a policy, which stays in force', down),
    errors: { POST: usualErrors },
  };
}

/** `/esplanade/v1/simulator/rekey`: other SPIs. */
export function esplanadeSimulatorRekey(parts: ResourceParts): ActionResource<Row> {
  const rekey: Doing = ({ policy, simulator }) => {
    const outcome = simulator.rekey(policy.uuid);
    return outcome === 'not-up'
      ? failure(nothingToRekey, { name: policy.name }, 'policy.name')
      : negotiated(policy, outcome);
  };
  return {
    ...actionOn(parts, 'rekey', 'Rekey the SAs of a policy: other SPIs, counters from zero', rekey),
    errors: { POST: [...usualErrors, nothingToRekey] },
  };
}

function negotiated({ name }: IpsecPolicy, fault: NegotiationFault | undefined): ApiFailure | undefined {
  return fault && failure(notNegotiated, { name, why: faultReasons[fault] }, 'policy.name');
}

function otherAddress({ selector }: IpsecPolicy, given: IpAddress | undefined): ApiFailure {
  const value = given ? formatAddress(given) : '';
  const expected = `a host that the policy is about: ${formatPrefix(selector.remote)}`;
  return failure(genericErrors.invalidValue, { value, field: 'remote_address', expected }, 'remote_address');
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
      return doing(row, parseAddress(textOf(body, 'remote_address') ?? '')) ?? { kind: 'done', row };
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
