import type { Simulator } from '@esplanade/datapath';
import type { IpsecPolicy } from '@esplanade/domain';
import { type ApiFailure, type Field, failure, isFailure, type ParsedBody } from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { missing } from './named-record.ts';
import { referenceFields } from './reference-fields.ts';
import type { Carrier, Carriers, ResourceParts } from './resource-parts.ts';
import { simulatorErrors } from './simulator-error-codes.ts';

/** An IPspace, and what can be done to its simulator. */
export interface SimulatedIpspace {
  readonly ipspace: Carrier['ipspace'];
  readonly simulator: Simulator;
}

/** Every IPspace with its simulator; a failure where strongSwan carries the policies. */
export function simulatedIpspaces(
  carriers: Carriers,
): readonly [SimulatedIpspace, ...SimulatedIpspace[]] | ApiFailure {
  const simulated = [...carriers.all()].flatMap(({ ipspace, simulator }) =>
    simulator === undefined ? [] : [{ ipspace, simulator }],
  );
  const [first, ...others] = simulated;
  return first === undefined ? failure(simulatorErrors.notSimulated, {}) : [first, ...others];
}

/** What a body names a policy by, its name or its UUID; with `isRequired` it has to. */
export function namingFields<Row>(
  get: (row: Row) => IpsecPolicy | undefined,
  isRequired = false,
): Readonly<Record<string, Field<Row>>> {
  const svm = (row: Row) => {
    const scope = get(row)?.scope;
    return scope?.kind === 'svm' ? scope.svm : undefined;
  };
  const policy = referenceFields<Row>('policy', 'the policy', get, {
    isDefault: true,
    writable: ['post'],
    ...(isRequired && { isRequired: 'object' }),
  });
  const ofSvm = 'its SVM, where several policies have that name; the cluster for one that belongs to no SVM';
  return {
    ...policy,
    ...referenceFields<Row>('svm', ofSvm, svm, { writable: ['post'] }),
  };
}

/** The policy that a body names; undefined when it names none. */
export function namedPolicy(
  { desired }: ResourceParts,
  body: ParsedBody,
): IpsecPolicy | undefined | ApiFailure {
  const uuid = textOf(body, 'policy.uuid')?.toLowerCase();
  const name = textOf(body, 'policy.name');
  if (uuid === undefined && name === undefined) return undefined;
  const svm = { name: textOf(body, 'svm.name'), uuid: textOf(body, 'svm.uuid') };
  const { policies, cluster } = desired.snapshot();
  const isOfSvm = ({ scope }: IpsecPolicy): boolean => {
    const owner = scope.kind === 'svm' ? scope.svm : cluster;
    return (svm.name ?? owner.name) === owner.name && (svm.uuid ?? owner.uuid) === owner.uuid;
  };
  const matching = [...policies.values()]
    .map(({ value }) => value)
    .filter(
      (policy) =>
        (uuid ?? policy.uuid) === policy.uuid && (name ?? policy.name) === policy.name && isOfSvm(policy),
    );
  const [policy, ...others] = matching;
  const target = uuid === undefined ? 'policy.name' : 'policy.uuid';
  if (policy === undefined)
    return failure(simulatorErrors.noSuchPolicy, { policy: `"${name ?? uuid}"` }, target);
  if (others.length > 0)
    return failure(
      simulatorErrors.unfinishedName,
      { name: policy.name, count: `${matching.length}` },
      target,
    );
  return policy;
}

/** The policy that a body names, and the simulator that has it. */
export function simulatedPolicy(
  parts: ResourceParts,
  body: ParsedBody,
): { readonly policy: IpsecPolicy; readonly simulator: Simulator } | ApiFailure {
  const all = simulatedIpspaces(parts.carriers);
  const policy = isFailure(all) ? all : (namedPolicy(parts, body) ?? missing('policy.name'));
  if (isFailure(policy)) return policy;
  const simulator = parts.carriers.of(policy.ipspace.uuid)?.simulator;
  return simulator === undefined
    ? failure(simulatorErrors.nothingToBringUp, { name: policy.name }, 'policy.name')
    : { policy, simulator };
}
