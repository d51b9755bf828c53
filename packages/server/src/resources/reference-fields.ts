import type { Field } from '@esplanade/ontap';

interface Reference {
  readonly uuid: string;
  readonly name: string;
}

const exampleNames: Readonly<Record<string, string>> = {
  svm: 'svm1',
  owner: 'svm1',
  ipspace: 'Default',
  node: 'node1',
  certificate: 'nas',
  policy: 'nfs',
  shadowed_by: 'nfs-old',
};

/** The pair of fields `PREFIX.name`, `PREFIX.uuid` of a reference to another resource. */
export function referenceFields<Row>(
  prefix: string,
  what: string,
  get: (row: Row) => Reference | undefined,
  options: Pick<Field<Row>, 'isDefault' | 'isRequired' | 'writable' | 'since'> = {},
): Readonly<Record<string, Field<Row>>> {
  return {
    [`${prefix}.name`]: {
      ...options,
      type: 'string',
      description: `Name of ${what}.`,
      ...(exampleNames[prefix] !== undefined && { example: exampleNames[prefix] }),
      get: (row) => get(row)?.name,
    },
    [`${prefix}.uuid`]: {
      ...options,
      type: 'string',
      description: `UUID of ${what}.`,
      get: (row) => get(row)?.uuid,
    },
  };
}

/** Where the API shows an SVM, an IPspace, a node, a certificate. */
export const hrefs = {
  svm: (uuid: string) => `/api/svm/svms/${uuid}`,
  ipspace: (uuid: string) => `/api/network/ipspaces/${uuid}`,
  node: (uuid: string) => `/api/cluster/nodes/${uuid}`,
  certificate: (uuid: string) => `/api/security/certificates/${uuid}`,
} as const;
