import type { DirectoryField } from '../directory/directory.ts';
import { vserverField } from './vserver-field.ts';

const address = { kind: 'text', placeholder: 'ADDRESS' } as const;
const spi = { kind: 'text', placeholder: 'SPI' } as const;

/** Keys that IKE SAs and IPsec SAs share; ONTAP's tables do not show the node. */
export const saKeys: readonly DirectoryField[] = [
  {
    name: 'node',
    field: 'node',
    label: 'Node',
    format: 'text',
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'Node that has the SA',
    isKey: true,
    source: { path: '/cluster/nodes', field: 'name' },
  },
  {
    ...vserverField,
    field: 'vserver',
    label: 'Vserver Name',
    help: 'SVM of the SA; the name of the cluster for one of no SVM',
  },
  {
    name: 'policy-name',
    field: 'policy_name',
    label: 'Policy Name',
    heading: ['Policy', 'Name'],
    format: 'text',
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'Policy that brought the SA up',
    isKey: true,
    source: { path: '/security/ipsec/policies', field: 'name' },
  },
  {
    name: 'local-address',
    field: 'local_address',
    label: 'Local Address',
    heading: ['Local', 'Address'],
    format: 'text',
    value: address,
    help: 'Our address',
    isKey: true,
  },
  {
    name: 'remote-address',
    field: 'remote_address',
    label: 'Remote Address',
    heading: ['Remote', 'Address'],
    format: 'text',
    value: address,
    help: 'Address of the other side',
    isKey: true,
  },
];

/** A security parameter index. */
export function spiField(
  name: string,
  label: string,
  heading: readonly string[] | undefined,
  isKey: boolean,
): DirectoryField {
  return {
    name,
    field: name.replaceAll('-', '_'),
    label,
    ...(heading !== undefined && { heading }),
    format: 'text',
    value: spi,
    help: `${label.replace('SPI', 'security parameter index')}, in hexadecimal`,
    ...(isKey && { isKey }),
  };
}

/** Algorithms and lifetime, which both kinds have. */
export const saTerms: readonly DirectoryField[] = [
  {
    name: 'cipher-suite',
    field: 'cipher_suite',
    label: 'Cipher Suite',
    format: 'keyword',
    isUpperCase: true,
    value: { kind: 'choice', choices: ['SUITEB_GCM256', 'SUITEB_GMAC256', 'SUITE_AESCBC'] },
    help: 'Its algorithms',
  },
  {
    name: 'lifetime',
    field: 'lifetime',
    label: 'Lifetime',
    format: 'seconds',
    value: { kind: 'integer', placeholder: 'SECONDS' },
    help: 'Lifetime it was made with, in seconds',
  },
];
