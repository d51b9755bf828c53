import type { Resource } from '@esplanade/ontap';

/** The verbs that roles tell apart. */
export const verbs = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/**
 * What accounts of an SVM may do, written by hand, and whether there are records that belong to SVMs: a resource
 * without a row here fails.
 */
export const ofSvms: Readonly<Record<string, { readonly may: string; readonly shows: 'own' | 'none' }>> = {
  '/cluster': { may: 'GET', shows: 'none' },
  '/cluster/jobs': { may: 'GET', shows: 'none' },
  '/cluster/nodes': { may: 'GET', shows: 'none' },
  '/svm/svms': { may: 'GET', shows: 'own' },
  '/network/ipspaces': { may: 'GET', shows: 'own' },
  '/network/ip/interfaces': { may: 'GET', shows: 'own' },
  '/security/accounts': { may: 'GET', shows: 'own' },
  '/security/roles': { may: 'GET', shows: 'own' },
  '/security/roles/{owner.uuid}/{name}/privileges': { may: 'GET', shows: 'none' },
  '/security/audit': { may: '', shows: 'none' },
  '/security/audit/destinations': { may: '', shows: 'none' },
  '/security/audit/messages': { may: 'GET', shows: 'own' },
  '/security/certificates': { may: 'GET POST DELETE', shows: 'own' },
  '/security/certificates/{uuid}/sign': { may: 'POST', shows: 'none' },
  '/security/ipsec': { may: 'GET', shows: 'none' },
  '/security/ipsec/ca-certificates': { may: 'GET POST DELETE', shows: 'own' },
  '/security/ipsec/policies': { may: 'GET POST PATCH DELETE', shows: 'own' },
  '/security/ipsec/security-associations': { may: 'GET', shows: 'own' },
  '/private/cli/vserver': { may: 'GET', shows: 'own' },
  '/private/cli/security/ipsec/config': { may: 'GET', shows: 'none' },
  '/private/cli/security/ipsec/policy': { may: 'GET POST PATCH DELETE', shows: 'own' },
  '/private/cli/security/ipsec/ca-certificate': { may: 'GET', shows: 'own' },
  '/private/cli/security/ipsec/ca-certificate/add': { may: 'POST', shows: 'none' },
  '/private/cli/security/ipsec/ca-certificate/remove': { may: 'POST', shows: 'none' },
  '/private/cli/security/ipsec/ikesa': { may: 'GET', shows: 'own' },
  '/private/cli/security/ipsec/ipsecsa': { may: 'GET', shows: 'own' },
  '/esplanade/v1/policies': { may: 'GET', shows: 'own' },
  '/esplanade/v1/datapaths': { may: '', shows: 'none' },
  '/esplanade/v1/decisions': { may: 'GET', shows: 'none' },
  '/esplanade/v1/certificate-revocation-lists': { may: 'GET POST PATCH DELETE', shows: 'own' },
  '/esplanade/v1/revocation-modes': { may: 'GET PATCH', shows: 'own' },
  '/esplanade/v1/simulator': { may: '', shows: 'none' },
  '/esplanade/v1/simulator/reset': { may: '', shows: 'none' },
  '/esplanade/v1/simulator/up': { may: '', shows: 'none' },
  '/esplanade/v1/simulator/down': { may: '', shows: 'none' },
  '/esplanade/v1/simulator/rekey': { may: '', shows: 'none' },
  '/esplanade/v1/simulator/faults': { may: '', shows: 'none' },
  '/esplanade/v1/simulator/peers': { may: '', shows: 'none' },
};

/** Whose something is that a request of an account of another SVM is about. */
export interface Foreign {
  readonly svm: { readonly uuid: string; readonly name: string };
  readonly certificate: { readonly uuid: string; readonly name: string };
}

/** How what is another SVM's is named where there are no records to be listed: an action, or a path with braces, without a row here fails. */
export const foreignUses: Readonly<
  Record<string, (foreign: Foreign) => { readonly path: string; readonly body: object }>
> = {
  '/security/certificates/{uuid}/sign': ({ certificate }) => ({
    path: `/security/certificates/${certificate.uuid}/sign`,
    body: { signing_request: 'none' },
  }),
  '/security/roles/{owner.uuid}/{name}/privileges': ({ svm }) => ({
    path: `/security/roles/${svm.uuid}/vsadmin/privileges`,
    body: { path: '/api', access: 'all' },
  }),
  '/private/cli/security/ipsec/ca-certificate/add': ({ svm, certificate }) => ({
    path: '/private/cli/security/ipsec/ca-certificate/add',
    body: { vserver: svm.name, ca_certs: [certificate.name] },
  }),
  ...Object.fromEntries(
    ['reset', 'up', 'down', 'rekey'].map((verb) => [
      `/esplanade/v1/simulator/${verb}`,
      ({ svm }: Foreign) => ({
        path: `/esplanade/v1/simulator/${verb}`,
        body: { policy: { name: svm.name } },
      }),
    ]),
  ),
  '/private/cli/security/ipsec/ca-certificate/remove': ({ svm, certificate }) => ({
    path: '/private/cli/security/ipsec/ca-certificate/remove',
    body: { vserver: svm.name, ca_certs: [certificate.name] },
  }),
};

/** What accounts of any role may do to themselves. */
export const ofOneself: Readonly<Record<string, string>> = { '/security/accounts': 'PATCH' };

/** The verbs that a resource answers. */
export function served({ kind, ...resource }: Resource<unknown>): readonly (typeof verbs)[number][] {
  if (kind === 'action') return ['POST'];
  return verbs.filter(
    (verb) =>
      verb === 'GET' ||
      (verb === 'POST' && 'create' in resource && resource.create !== undefined) ||
      (verb === 'PATCH' && resource.modify !== undefined) ||
      (verb === 'DELETE' && 'remove' in resource && resource.remove !== undefined),
  );
}

/** A URL of the resource, or of a record of it, that names nobody. */
export function urlOf(resource: Resource<unknown>, scope: 'all' | 'one' = 'all'): string {
  const behind =
    resource.kind === 'collection'
      ? [resource.key].flat().filter((key) => !resource.path.includes(`{${key}}`)).length
      : 0;
  const path = resource.path.replaceAll(/\{[^}]+\}/g, 'nobody');
  return `/api${path}${scope === 'one' ? '/x'.repeat(behind) : ''}`;
}
