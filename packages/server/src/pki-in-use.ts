import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DesiredSnapshot } from '@esplanade/desired';
import {
  type Certificate,
  expiryWarnings,
  type IpsecPolicy,
  type PkiCredentials,
  type PolicyScope,
} from '@esplanade/domain';
import { PolicyCredentials } from '@esplanade/reconciler';

/** Of the snapshot that was asked about last. */
let latest: { readonly snapshot: DesiredSnapshot; readonly credentials: PolicyCredentials } | undefined;

/** What a policy shows and whom it believes; `undefined` where it does not authenticate by certificates. */
export function credentialsOf(snapshot: DesiredSnapshot, policy: IpsecPolicy): PkiCredentials | undefined {
  if (latest?.snapshot !== snapshot)
    latest = { snapshot, credentials: new PolicyCredentials(snapshot, latest?.credentials) };
  return latest.credentials.of(policy);
}

/** Whose it is, for people. */
function ownerName(scope: PolicyScope): string {
  return scope.kind === 'svm' ? `SVM ${JSON.stringify(scope.svm.name)}` : 'the cluster';
}

/** What is looked at before others have their turn. */
const policiesPerTurn = 500;

/** Policies that authenticate by certificates, with those, in short turns. */
async function* policiesByCertificate(
  snapshot: DesiredSnapshot,
): AsyncGenerator<readonly [IpsecPolicy, PkiCredentials]> {
  let looked = 0;
  for (const { value } of snapshot.policies.values()) {
    looked += 1;
    if (looked % policiesPerTurn === 0) await nextTurn();
    const credentials = credentialsOf(snapshot, value);
    if (credentials !== undefined) yield [value, credentials];
  }
}

/**
 * What expires of what enabled policies rest on, a sentence for each owner and cause, whatever the number of policies.
 */
export async function ownersWarnings(snapshot: DesiredSnapshot, nowMs: number): Promise<ReadonlySet<string>> {
  const warnings = new Set<string>();
  for await (const [{ enabled, scope }, credentials] of policiesByCertificate(snapshot)) {
    if (!enabled) continue;
    for (const warning of expiryWarnings(credentials, nowMs))
      warnings.add(`of policies of ${ownerName(scope)}: ${warning}`);
  }
  return warnings;
}

/** A certificate that IPsec uses, and until when it or one on its way to the root is valid. */
export interface UsedCertificate {
  readonly use: 'own' | 'ca';
  readonly certificate: Certificate;
  readonly notAfterMs: number;
}

/** Certificates that policies show, and those of CAs that IPsec trusts; what expires first comes first. */
export async function certificatesInUse(snapshot: DesiredSnapshot): Promise<readonly UsedCertificate[]> {
  const used = new Map<string, UsedCertificate>();
  for (const { value } of snapshot.ipsecCaCertificates.values())
    used.set(value.certificate.uuid, usedAs('ca', value.certificate));
  for await (const [, { certificate }] of policiesByCertificate(snapshot))
    if (!used.has(certificate.uuid)) used.set(certificate.uuid, usedAs('own', certificate));
  return [...used.values()].sort((a, b) => a.notAfterMs - b.notAfterMs);
}

function usedAs(use: UsedCertificate['use'], certificate: Certificate): UsedCertificate {
  const chain = [certificate.content, ...certificate.intermediates];
  return { use, certificate, notAfterMs: Math.min(...chain.map(({ notAfterMs }) => notAfterMs)) };
}
