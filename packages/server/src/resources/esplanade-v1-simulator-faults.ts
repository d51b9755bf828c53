import { type Fault, type FaultInForce, faultKinds, type PeerFault, peerFaults } from '@esplanade/datapath';
import { formatAddress, type PolicyUuid, parseAddress } from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
} from '@esplanade/ontap';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing } from './named-record.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { faultWord } from './simulated-faults.ts';
import { namedPolicy, namingFields, type SimulatedIpspace, simulatedIpspaces } from './simulated-ipspaces.ts';
import { simulatorErrors } from './simulator-error-codes.ts';
import { defaultIpspace, namedIpspace } from './svm-reference.ts';
import { findPolicy } from './visible-policies.ts';

/** Each peer that an SA comes up with is held against all of them. */
const mostFaults = 1_000;

type Named = SimulatedIpspace['ipspace'];

/** A fault, and where it is. */
interface Row extends FaultInForce, SimulatedIpspace {}

/** `/esplanade/v1/simulator/faults`: what goes wrong on purpose, until it is deleted. */
export function esplanadeSimulatorFaults(parts: ResourceParts): CollectionResource<Row> {
  const { desired, carriers } = parts;
  const policyOf = ({ fault }: Row) =>
    fault.kind === 'refuse' && fault.policyUuid !== undefined
      ? findPolicy(desired.snapshot(), fault.policyUuid)?.value
      : undefined;
  return {
    kind: 'collection',
    path: '/esplanade/v1/simulator/faults',
    title: 'Faults of the simulator',
    key: 'uuid',
    svmAccess: [],
    fields: {
      uuid: { type: 'string', description: 'UUID of the fault.', isDefault: true, get: ({ uuid }) => uuid },
      kind: {
        type: 'keyword',
        description:
          'unreachable, authentication_failed or no_proposal: of a peer, or of all; SAs that are up stay. daemon_down: the daemon is gone with all it held. hang: it never answers. refuse: it installs no policy, or not that one.',
        enum: faultKinds.map(faultWord),
        isDefault: true,
        isRequired: true,
        writable: ['post'],
        get: ({ fault }) => faultWord(fault.kind),
      },
      ...referenceFields<Row>(
        'ipspace',
        'the IPspace, Default unless it is named',
        ({ ipspace }) => ipspace,
        {
          isDefault: true,
          writable: ['post'],
        },
      ),
      remote_address: {
        type: 'address',
        description: 'Of which peer; without it every one is concerned.',
        isDefault: true,
        writable: ['post'],
        example: '192.0.2.2',
        get: ({ fault }) => ('remoteAddress' in fault ? fault.remoteAddress : undefined),
      },
      ...namingFields<Row>(policyOf),
    },
    links: { ipspace: ({ ipspace }) => hrefs.ipspace(ipspace.uuid) },
    examples: {
      post: { kind: 'no_proposal', remote_address: '198.51.100.7' },
      record: { kind: 'no_proposal', 'ipspace.name': 'Default', remote_address: '198.51.100.7' },
    },
    errors: {
      GET: [simulatorErrors.notSimulated],
      POST: [
        simulatorErrors.notSimulated,
        simulatorErrors.notFaulty,
        simulatorErrors.noSuchPolicy,
        simulatorErrors.unfinishedName,
        simulatorErrors.tooManyFaults,
        recordErrors.missingField,
      ],
    },
    list: () => {
      const rows = allFaults();
      return isFailure(rows) ? rows : { kind: 'rows', rows };
    },
    find: (key) => {
      const rows = allFaults();
      return isFailure(rows) ? rows : rows.find(({ uuid }) => uuid === key);
    },
    create: async (body) => inject(withoutNulls(body)),
    remove: async ({ uuid, simulator }) => {
      simulator.clearFault(uuid);
      return { kind: 'deleted' };
    },
  };

  function allFaults(): readonly Row[] | ApiFailure {
    const all = simulatedIpspaces(carriers);
    if (isFailure(all)) return all;
    return all.flatMap((one) => one.simulator.faults().map((inForce) => ({ ...inForce, ...one })));
  }

  function inject(body: ParsedBody): CreateResult {
    const all = simulatedIpspaces(carriers);
    if (isFailure(all)) return all;
    const fault = faultOf(body);
    if (isFailure(fault)) return fault;
    const ipspace = namedIpspace(body, desired.snapshot()) ?? ipspaceOf(fault);
    if (isFailure(ipspace)) return ipspace;
    const faults = all.reduce((sum, { simulator }) => sum + simulator.faults().length, 0);
    if (faults >= mostFaults) return failure(simulatorErrors.tooManyFaults, { most: `${mostFaults}` });
    const simulator = carriers.of(ipspace.uuid)?.simulator;
    return simulator === undefined ? notThere(ipspace) : { kind: 'created', key: simulator.inject(fault) };
  }

  /** Of the policy that it is about, or Default. */
  function ipspaceOf(fault: Fault): Named {
    const snapshot = desired.snapshot();
    const uuid = fault.kind === 'refuse' ? fault.policyUuid : undefined;
    const policy = uuid === undefined ? undefined : findPolicy(snapshot, uuid);
    return policy?.value.ipspace ?? defaultIpspace(snapshot);
  }

  function faultOf(body: ParsedBody): Fault | ApiFailure {
    const text = textOf(body, 'kind');
    if (text === undefined) return missing('kind');
    const kind = faultKinds.find((each) => faultWord(each) === text);
    if (kind === undefined) {
      const expected = faultKinds.map(faultWord).join(', ');
      return failure(genericErrors.invalidValue, { value: text, field: 'kind', expected }, 'kind');
    }
    const policy = namedPolicy(parts, body);
    if (isFailure(policy)) return policy;
    const superfluous = foreignField(body, kind);
    if (superfluous !== undefined)
      return failure(simulatorErrors.notFaulty, { field: superfluous, kind: faultWord(kind) }, superfluous);
    const address = parseAddress(textOf(body, 'remote_address') ?? '');
    return made(kind, address && formatAddress(address), policy?.uuid);
  }
}

/** An IPspace that another one had the name of waits until that one has left the datapath. */
function notThere({ name }: Named): ApiFailure {
  const expected = 'an IPspace whose datapath is there by now';
  return failure(
    genericErrors.invalidValue,
    { value: name, field: 'ipspace.name', expected },
    'ipspace.name',
  );
}

const policyNames = ['policy.name', 'policy.uuid'];
const svmNames = ['svm.name', 'svm.uuid'];

/** A field that says something of another kind of fault, or of a policy where none is named. */
function foreignField(body: ParsedBody, kind: Fault['kind']): string | undefined {
  const isOfPolicy = kind === 'refuse' && policyNames.some((name) => body.has(name));
  const allowed = [
    ...(isOfPeer(kind) ? ['remote_address'] : []),
    ...(isOfPolicy ? [...policyNames, ...svmNames] : []),
  ];
  return ['remote_address', ...policyNames, ...svmNames].find(
    (name) => body.has(name) && !allowed.includes(name),
  );
}

function isOfPeer(kind: Fault['kind']): kind is PeerFault {
  return peerFaults.some((each) => each === kind);
}

function made(
  kind: Fault['kind'],
  remoteAddress: string | undefined,
  policyUuid: PolicyUuid | undefined,
): Fault {
  if (isOfPeer(kind)) return { kind, ...(remoteAddress !== undefined && { remoteAddress }) };
  return kind === 'refuse' ? { kind, ...(policyUuid !== undefined && { policyUuid }) } : { kind };
}
