import type { Certificate } from '@esplanade/domain';
import type { Principal, TableResource } from '@esplanade/ontap';
import type { ResourceParts } from './resource-parts.ts';

/** The CA certificates that IPsec trusts in one SVM, or in the cluster. */
interface TrustedCas {
  readonly vserver: string;
  readonly names: readonly string[];
}

/**
 * `/private/cli/security/ipsec/ca-certificate`: ONTAP's `security ipsec ca-certificate show`, one record for each SVM.
 */
export function privateCliIpsecCaCertificate({ desired }: ResourceParts): TableResource<TrustedCas> {
  return {
    kind: 'table',
    path: '/private/cli/security/ipsec/ca-certificate',
    svmAccess: ['GET'],
    title: 'CLI: security ipsec ca-certificate',
    since: '9.10.1',
    isCli: true,
    keys: ['vserver'],
    fields: {
      vserver: {
        type: 'string',
        description: 'SVM the certificates belong to; the name of the cluster for those of no SVM.',
        get: ({ vserver }) => vserver,
      },
      ca_certs: {
        type: 'strings',
        description: 'Names of the CA certificates that IPsec trusts there.',
        get: ({ names }) => names,
      },
    },
    list: (principal) => ({ kind: 'rows', rows: trustedCas(principal) }),
  };

  function trustedCas({ svmUuid }: Principal): readonly TrustedCas[] {
    const { ipsecCaCertificates, cluster } = desired.snapshot();
    const byOwner = new Map<string, { readonly vserver: string; readonly names: string[] }>();
    for (const { value } of ipsecCaCertificates.values()) {
      const { scope, name }: Certificate = value.certificate;
      const owner = scope.kind === 'svm' ? scope.svm : cluster;
      if (svmUuid !== undefined && svmUuid !== owner.uuid) continue;
      const known = byOwner.get(owner.uuid);
      if (known === undefined) byOwner.set(owner.uuid, { vserver: owner.name, names: [name] });
      else known.names.push(name);
    }
    return [...byOwner.values()].map(({ vserver, names }) => ({ vserver, names: names.sort() }));
  }
}
