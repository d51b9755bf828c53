import type { DatapathEntry } from '@esplanade/datapath';
import type { PolicyUuid } from '@esplanade/domain';
import type { PolicyState } from './policy-state.ts';

/** What is desired of a policy in its IPspace. */
export type Target =
  | { readonly kind: 'loaded'; readonly entry: DatapathEntry }
  | { readonly kind: 'shadowed'; readonly by: PolicyUuid }
  | { readonly kind: 'disabled'; readonly reason: string }
  | { readonly kind: 'absent' };

/** How far we are with a policy. */
export type Progress =
  | { readonly kind: 'carried-out'; readonly revision: number; readonly sinceMs: number }
  | {
      readonly kind: 'outstanding';
      readonly sinceMs: number;
      /** The revision that was carried out before. */
      readonly appliedRevision?: number;
      /** Why the last attempt came to nothing. A refusal stands until something changes. */
      readonly trouble?: { readonly isRefusal: boolean; readonly reason: string };
    };

/** Why nothing can be said of the datapath at the moment. */
export interface Doubt {
  readonly reason: string;
  readonly sinceMs: number;
}

/** All that a policy's state depends on. */
export interface StateInput {
  readonly target: Target;
  readonly progress: Progress | undefined;
  /** Whether the datapath may still hold a form of the policy. */
  readonly isHeld: boolean;
  readonly doubt: Doubt | undefined;
  readonly lastFailure: string | undefined;
}

/** The state of a policy, for people and scripts; `undefined` for one that is not desired here at all. */
export function stateOf(input: StateInput): PolicyState | undefined {
  const { target, progress, isHeld, doubt, lastFailure } = input;
  if (target.kind === 'absent') return undefined;
  if (progress?.kind === 'outstanding' && progress.trouble?.isRefusal === true)
    return { kind: 'failed', reason: progress.trouble.reason, ...timesOf(progress) };
  if (doubt !== undefined && (target.kind === 'loaded' || isHeld))
    return { kind: 'pending', ...timesOf(progress), reason: doubt.reason, sinceMs: doubt.sinceMs };
  if (progress === undefined || progress.kind === 'outstanding') {
    const waiting = target.kind === 'loaded' ? 'it is being installed' : 'it is being removed';
    return { kind: 'pending', reason: progress?.trouble?.reason ?? waiting, ...timesOf(progress) };
  }
  const { revision: appliedRevision, sinceMs } = progress;
  if (target.kind === 'shadowed') return { kind: 'shadowed', by: target.by, appliedRevision, sinceMs };
  if (target.kind === 'disabled')
    return { kind: 'disabled', reason: target.reason, appliedRevision, sinceMs };
  const failure = whyNobodyComesIn(target.entry) ?? lastFailure;
  return {
    kind: 'applied',
    appliedRevision,
    sinceMs,
    ...(failure === undefined ? {} : { lastFailure: failure }),
  };
}

/** A policy that believes no CA is carried out all the same: nothing passes that it is about. */
function whyNobodyComesIn({ policy, credentials }: DatapathEntry): string | undefined {
  if (credentials === undefined || credentials.trust.anchors.length > 0) return undefined;
  const owner = policy.scope.kind === 'svm' ? `SVM "${policy.scope.svm.name}"` : 'the cluster';
  const svm = policy.scope.kind === 'svm' ? `"svm.name": "${policy.scope.svm.name}", ` : '';
  return `No remote can prove who it is, because ${owner} trusts no CA for IPsec. Install the CA of the remotes by POST /api/security/certificates {${svm}"type": "server_ca", "public_certificate": "..."}, and then POST /api/security/ipsec/ca-certificates {${svm}"certificate.uuid": "..."}.`;
}

function timesOf(progress: Progress | undefined): {
  readonly sinceMs: number;
  readonly appliedRevision?: number;
} {
  const appliedRevision = progress?.kind === 'carried-out' ? progress.revision : progress?.appliedRevision;
  return {
    sinceMs: progress?.sinceMs ?? 0,
    ...(appliedRevision === undefined ? {} : { appliedRevision }),
  };
}
