import {
  draftOf,
  type EndpointDraft,
  type IpsecPolicy,
  isProtecting,
  type Lifetimes,
  type PolicyDraft,
  parseAddress,
} from '@esplanade/domain';
import { type ApiProblem, genericErrors, type ParsedBody, problem } from '@esplanade/ontap';
import { booleanOf, numberOf, textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';

/** A new policy's body as a draft for validation. */
export function newPolicyDraft(body: ParsedBody): PolicyDraft {
  return writtenOver({}, body);
}

/** What a policy would be after a PATCH, as a draft: its own fields with those of the body written over them. */
export function patchedPolicyDraft(policy: IpsecPolicy, body: ParsedBody): PolicyDraft {
  return writtenOver(draftOf(policy), body);
}

/** What is wrong with a body beyond the policy it describes. */
export function policyBodyProblems(body: ParsedBody): readonly ApiProblem[] {
  return [...familyProblems(body, 'local'), ...familyProblems(body, 'remote')];
}

/** Fields that a PATCH cannot unset, because a policy is nothing without them. */
export function unsetProblems(body: ParsedBody): readonly ApiProblem[] {
  const must = ['name', 'action', 'enabled', 'secret_key', 'cipher_suite', ...Object.values(lifetimeFields)];
  return [...must, ...endpointMust('local'), ...endpointMust('remote')]
    .filter((name) => body.get(name) === null)
    .map((name) =>
      problem(genericErrors.invalidValue, { value: 'null', field: name, expected: 'a value' }, name),
    );
}

/**
 * A certificate for a policy that protects nothing before and after: POST ignores credentials there, but ONTAP restarted
 * when PATCH set one (na_ontap_security_ipsec_policy), so we say no.
 */
export function certificatePatchProblems(
  { action }: IpsecPolicy,
  { action: next }: PolicyDraft,
  body: ParsedBody,
): readonly ApiProblem[] {
  const isProtected = isProtecting(action) || (next !== 'bypass' && next !== 'discard');
  if (isProtected) return [];
  return ['certificate.name', 'certificate.uuid']
    .filter((name) => typeof body.get(name) === 'string')
    .map((name) => problem(ipsecErrors.certificateWithoutPki, {}, name));
}

function writtenOver(before: PolicyDraft, body: ParsedBody): PolicyDraft {
  const name = textOf(body, 'name') ?? before.name;
  const action = textOf(body, 'action') ?? before.action;
  const enabled = booleanOf(body, 'enabled') ?? before.enabled;
  const protocol = body.has('protocol') ? textOf(body, 'protocol') : before.protocol;
  const localIdentity = body.has('local_identity') ? textOf(body, 'local_identity') : before.localIdentity;
  const remoteIdentity = body.has('remote_identity')
    ? textOf(body, 'remote_identity')
    : before.remoteIdentity;
  const authenticationMethod = textOf(body, 'authentication_method');
  const secretKey = textOf(body, 'secret_key');
  const certificate = certificateOf(body);
  const keepsSas = keepsSasOf(body);
  const postquantumKey = postquantumKeyOf(body);
  const cipherSuite = textOf(body, 'cipher_suite') ?? before.cipherSuite;
  return {
    localEndpoint: endpointOver(before.localEndpoint, body, 'local'),
    remoteEndpoint: endpointOver(before.remoteEndpoint, body, 'remote'),
    ...(name !== undefined && { name }),
    ...(action !== undefined && { action }),
    ...(enabled !== undefined && { enabled }),
    ...(protocol !== undefined && { protocol }),
    ...(localIdentity !== undefined && { localIdentity }),
    ...(remoteIdentity !== undefined && { remoteIdentity }),
    ...(authenticationMethod !== undefined && { authenticationMethod }),
    ...(secretKey !== undefined && { secretKey }),
    ...(certificate !== undefined && { certificate }),
    ...(keepsSas !== undefined && { keepsSas }),
    ...(postquantumKey !== undefined && { postquantumKey }),
    ...(cipherSuite !== undefined && { cipherSuite }),
    lifetimes: lifetimesOver(before.lifetimes, body),
  };
}

/** REST has no fields for lifetimes and cipher suite: these are in bodies that came through the private CLI. */
const lifetimeFields = {
  ikeSeconds: 'ike_lifetime',
  ipsecSeconds: 'ipsec_lifetime',
  ipsecBytes: 'ipsec_lifetime_bytes',
} as const satisfies Record<keyof Lifetimes, string>;

function lifetimesOver(before: Partial<Lifetimes> = {}, body: ParsedBody): Partial<Lifetimes> {
  const ikeSeconds = numberOf(body, lifetimeFields.ikeSeconds);
  const ipsecSeconds = numberOf(body, lifetimeFields.ipsecSeconds);
  const ipsecBytes = numberOf(body, lifetimeFields.ipsecBytes);
  return {
    ...before,
    ...(ikeSeconds !== undefined && { ikeSeconds }),
    ...(ipsecSeconds !== undefined && { ipsecSeconds }),
    ...(ipsecBytes !== undefined && { ipsecBytes }),
  };
}

/** An address brings its own netmask or none: the netmask of another address would be a guess (66257125, 66257126). */
function endpointOver(before: EndpointDraft = {}, body: ParsedBody, side: 'local' | 'remote'): EndpointDraft {
  const given = (field: string) => textOf(body, `${side}_endpoint.${field}`);
  const address = given('address') ?? before.address;
  const netmask = given('netmask') ?? (given('address') === undefined ? before.netmask : undefined);
  const port = body.has(`${side}_endpoint.port`) ? given('port') : before.port;
  return {
    ...(address !== undefined && { address }),
    ...(netmask !== undefined && { netmask }),
    ...(port !== undefined && { port }),
  };
}

function certificateOf(body: ParsedBody): PolicyDraft['certificate'] {
  const name = textOf(body, 'certificate.name');
  const uuid = textOf(body, 'certificate.uuid');
  if (name === undefined && uuid === undefined) {
    return body.has('certificate.name') || body.has('certificate.uuid') ? null : undefined;
  }
  return { ...(name !== undefined && { name }), ...(uuid !== undefined && { uuid }) };
}

/** `null` is the default. */
function keepsSasOf(body: ParsedBody): boolean | undefined {
  const name = 'certificate_modify_keepsa';
  return body.get(name) === null ? false : booleanOf(body, name);
}

function postquantumKeyOf(body: ParsedBody): PolicyDraft['postquantumKey'] {
  const identity = textOf(body, 'ppk.identity');
  const sharedKey = textOf(body, 'ppk.shared_key');
  if (identity === undefined && sharedKey === undefined) {
    return body.has('ppk.identity') || body.has('ppk.shared_key') ? null : undefined;
  }
  return { ...(identity !== undefined && { identity }), ...(sharedKey !== undefined && { sharedKey }) };
}

function endpointMust(side: 'local' | 'remote'): readonly string[] {
  return [`${side}_endpoint.address`, `${side}_endpoint.netmask`];
}

function familyProblems(body: ParsedBody, side: 'local' | 'remote'): readonly ApiProblem[] {
  const target = `${side}_endpoint.family`;
  const family = textOf(body, target);
  const address = parseAddress(textOf(body, `${side}_endpoint.address`) ?? '');
  if (family === undefined || address?.family === family) return [];
  const expected = `the family of ${side}_endpoint.address; leave it out, it follows from the address`;
  return [problem(genericErrors.invalidValue, { value: family, field: target, expected }, target)];
}
