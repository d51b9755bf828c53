import type { ValidationContext } from './authentication-validation.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { validatePolicy } from './policy-validation.ts';

/** A key that is long enough. */
export const key = 'a-key-of-eighteen-or-more';
/** The certificate that a policy can show; beside it there is one of a CA, and another of ours. */
export const hostCertificate = { uuid: '5d1a0c4e-0001', name: 'host' };
/** What validation needs beside a draft. */
export const context: ValidationContext = {
  fingerprint: (bytes) => `${bytes.length} bytes`,
  certificates: {
    owner: 'SVM "svm1"',
    certificates: () => [
      { ...hostCertificate, type: 'server' },
      { uuid: '5d1a0c4e-0002', name: 'ca', type: 'server_ca' },
      { uuid: '5d1a0c4e-0003', name: 'laptop', type: 'client' },
    ],
  },
};

/** The least that a policy which protects by a key must say. */
export const good = {
  name: 'nfs',
  secretKey: key,
  localEndpoint: { address: '10.0.0.1', netmask: '32' },
  remoteEndpoint: { address: '10.0.0.2', netmask: '32' },
} as const satisfies PolicyDraft;

/** The endpoints of such a policy over IPv6. */
export const ipv6 = {
  localEndpoint: { address: 'fd00::1', netmask: '128' },
  remoteEndpoint: { address: 'fd00::2', netmask: '128' },
} as const;

/** The codes and fields of what is wrong with the good draft, changed so; none when nothing is. */
export function problems(over: PolicyDraft, without: readonly (keyof PolicyDraft)[] = []) {
  const kept = Object.fromEntries(
    Object.entries(good).filter(([field]) => !without.some((one) => one === field)),
  );
  const result = validatePolicy({ ...kept, ...over }, context);
  return result.kind === 'invalid' ? result.problems.map(({ code, target }) => `${code} ${target}`) : [];
}

/** The policy that the good draft, changed so, is taken for. Throws when it is refused. */
export function accepted(over: PolicyDraft = {}) {
  const result = validatePolicy({ ...good, ...over }, context);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.value;
}

/** A change of the good local endpoint. */
export const local = (over: PolicyDraft['localEndpoint']) => ({
  localEndpoint: { ...good.localEndpoint, ...over },
});
/** A change of the good remote endpoint. */
export const remote = (over: PolicyDraft['remoteEndpoint']) => ({
  remoteEndpoint: { ...good.remoteEndpoint, ...over },
});
