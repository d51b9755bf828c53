import { parseAuthentication, type ValidationContext } from './authentication-validation.ts';
import { type Identity, parseIdentity } from './identity.ts';
import { cipherSuites, type Lifetimes, policyActions } from './policy.ts';
import type { PolicyDraft, PolicyParts } from './policy-draft.ts';
import { combine, invalid, type Parsed, quoted, valid, valueIfValid } from './problem.ts';
import { problemKinds, refusal } from './problem-kinds.ts';
import { parseSelector } from './selector-validation.ts';

/** What a policy has where the user says nothing (ONTAP's defaults). Ports and protocol default to any. */
export const policyDefaults = {
  action: 'esp_transport',
  enabled: true,
  cipherSuite: 'suiteb_gcm256',
  lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
} as const satisfies Partial<PolicyParts>;

/**
 * Turns a draft into a policy, or says everything that is wrong with it. Looks at nothing but the draft: names already
 * taken, peers with two keys, SVMs and what the datapath can do are for others (`peerKey`, `unsupportedBy`).
 */
export function validatePolicy(draft: PolicyDraft, context: ValidationContext): Parsed<PolicyParts> {
  const action = oneOf(policyActions, draft.action, policyDefaults.action, 'action');
  const knownAction = valueIfValid(action);
  // Without a known action there is nothing to say about credentials: bypass and discard would ignore them.
  const authentication = knownAction ? parseAuthentication(knownAction, draft, context) : invalid();
  const isPki =
    (draft.authenticationMethod ?? context.current?.kind) === 'pki' ||
    valueIfValid(authentication)?.kind === 'pki';
  const parts = combine({
    name: parseName(draft.name),
    action,
    selector: parseSelector(draft, knownAction),
    localIdentity: optionalIdentity(draft.localIdentity, 'local_identity', false),
    remoteIdentity: optionalIdentity(draft.remoteIdentity, 'remote_identity', isPki),
    authentication,
    cipherSuite: oneOf(cipherSuites, draft.cipherSuite, policyDefaults.cipherSuite, 'cipher_suite'),
    lifetimes: parseLifetimes(draft.lifetimes),
  });
  if (parts.kind === 'invalid') return parts;
  const { localIdentity, remoteIdentity, ...always } = parts.value;
  return valid({
    ...always,
    enabled: draft.enabled ?? policyDefaults.enabled,
    ...(localIdentity && { localIdentity }),
    ...(remoteIdentity && { remoteIdentity }),
  });
}

function parseName(name = ''): Parsed<string> {
  if (/^[\x20-\x7e]{1,64}$/.test(name) && name === name.trim()) return valid(name);
  const what = name === '' ? 'The policy has no name' : `${quoted(name)} cannot be a policy name`;
  return refusal(problemKinds.nameRule, 'name', { what });
}

function oneOf<T extends string>(
  values: readonly T[],
  given: string | undefined,
  fallback: NoInfer<T>,
  target: string,
): Parsed<T> {
  const value = given === undefined ? fallback : values.find((one) => one === given);
  if (value !== undefined) return valid(value);
  return refusal(problemKinds.invalidValue, target, {
    value: quoted(given ?? ''),
    expected: `a value of ${target}`,
    advice: `Send one of ${values.join(', ')}.`,
  });
}

function optionalIdentity(
  text: string | undefined,
  target: 'local_identity' | 'remote_identity',
  several: boolean,
): Parsed<Identity | undefined> {
  return text === undefined ? valid(undefined) : parseIdentity(text, target, several);
}

/**
 * Our own bounds, ONTAP publishes none: below a minute, or a mebibyte, peers would do little but rekey; above 30 days
 * a key is kept longer than anyone means to.
 */
const lifetimeBounds = {
  seconds: { least: 60, most: 2_592_000 },
  bytes: { least: 1_048_576, most: Number.MAX_SAFE_INTEGER },
} as const;

function parseLifetimes(given: Partial<Lifetimes> = {}): Parsed<Lifetimes> {
  const { ikeSeconds, ipsecSeconds, ipsecBytes } = { ...policyDefaults.lifetimes, ...given };
  return combine({
    ikeSeconds: parseSeconds(ikeSeconds, 'ike_lifetime'),
    ipsecSeconds: parseSeconds(ipsecSeconds, 'ipsec_lifetime'),
    ipsecBytes: parseBytes(ipsecBytes),
  });
}

function parseSeconds(seconds: number, target: string): Parsed<number> {
  const { least, most } = lifetimeBounds.seconds;
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return valid(seconds);
  return refusal(problemKinds.invalidValue, target, {
    value: `${seconds}`,
    expected: 'a lifetime',
    advice: `Send whole seconds from ${least} to ${most}.`,
  });
}

function parseBytes(bytes: number): Parsed<number> {
  const { least, most } = lifetimeBounds.bytes;
  if (bytes === 0 || (Number.isSafeInteger(bytes) && bytes >= least && bytes <= most)) return valid(bytes);
  return refusal(problemKinds.invalidValue, 'ipsec_lifetime_bytes', {
    value: `${bytes}`,
    expected: 'a byte lifetime',
    advice: `Send 0 for no limit, or whole bytes from ${least} to ${most}.`,
  });
}
