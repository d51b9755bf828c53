import type { ValueSource } from '../command.ts';
import type { DirectoryField } from '../directory/directory.ts';

/** Where names of SVMs are found. */
export const vservers: ValueSource = { path: '/svm/svms', field: 'name' };

/** The SVM that a record belongs to, a key as in ONTAP; in the private CLI those of the cluster have its name there. */
export const vserverField = {
  name: 'vserver',
  field: 'svm.name',
  label: 'Vserver',
  heading: ['Vserver'],
  format: 'text',
  value: { kind: 'text', placeholder: 'vserver name' },
  help: 'SVM that it belongs to, or the name of the cluster',
  isKey: true,
  source: vservers,
} as const satisfies DirectoryField;

/** The same in the API, where records of the cluster have none. */
export const ownerField = { ...vserverField, isOwner: true } as const satisfies DirectoryField;
