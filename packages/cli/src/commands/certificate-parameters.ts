import type { Arguments, Parameter } from '../command.ts';
import type { Context } from '../context.ts';
import { clusterName } from '../directory/cluster-name.ts';
import type { Column } from '../output/column.ts';
import { misused } from '../parse.ts';
import { vservers } from './vserver-field.ts';

/** Types of certificates in the API, and in ONTAP's commands. */
export const certificateTypeWords = {
  client: 'client',
  server: 'server',
  client_ca: 'client-ca',
  server_ca: 'server-ca',
  root_ca: 'root-ca',
} as const satisfies Readonly<Record<string, string>>;

/** Whose a new certificate is to be, and what it is to be called. */
export const ownerParameters: readonly Parameter[] = [
  {
    name: 'vserver',
    target: 'svm.name',
    value: { kind: 'text', placeholder: 'vserver name' },
    help: 'SVM that it is to belong to, or the name of the cluster',
    fallback: 'the cluster',
    source: vservers,
  },
  {
    name: 'cert-name',
    target: 'name',
    aliases: ['name'],
    value: { kind: 'text', placeholder: 'text' },
    help: 'Name that it is to have',
    fallback: 'made of the common name and the serial number',
  },
];

const mostDays = 3652;

/** How long a certificate is to last, and what it is signed over. */
export const termParameters: readonly Parameter[] = [
  {
    name: 'expire-days',
    target: 'expiry_time',
    value: { kind: 'integer', placeholder: 'days' },
    help: `Days until it expires, 1 to ${mostDays}`,
    fallback: '365',
  },
  {
    name: 'hash-function',
    target: 'hash_function',
    value: { kind: 'choice', choices: ['sha256', 'sha384', 'sha512'] },
    help: 'What it is signed over',
    fallback: 'sha256',
  },
];

/** What a type of certificate, as {@link certificateTypeWords} spell it, is called in the API. */
export function wireType(given: Arguments): string | undefined {
  const typed = given.text('type');
  return Object.entries(certificateTypeWords).find(([, word]) => word === typed)?.[0];
}

/** What of a body the {@link ownerParameters} say; those of the cluster have no SVM. */
export async function ownerBody(
  given: Arguments,
  { api, signal }: Context,
): Promise<Readonly<Record<string, unknown>>> {
  const vserver = given.text('vserver');
  const name = given.text('cert-name');
  const isOfSvm = vserver !== undefined && vserver !== (await clusterName(await api(), signal));
  return { ...(isOfSvm && { svm: { name: vserver } }), ...(name !== undefined && { name }) };
}

/** What of a body the {@link termParameters} say. */
export function termBody(given: Arguments): Readonly<Record<string, unknown>> {
  const days = given.text('expire-days');
  const hash = given.text('hash-function');
  if (days !== undefined && !(Number(days) >= 1 && Number(days) <= mostDays))
    throw misused(`-expire-days is 1 to ${mostDays}.`);
  return {
    ...(days !== undefined && { expiry_time: `P${days}DT` }),
    ...(hash !== undefined && { hash_function: hash }),
  };
}

/** The body is put together of parameters, so its type is not known. */
const path: string = '/security/certificates';

/** Sends a new certificate, and tells what it is called: ONTAP does, as the name may have been made up. */
export async function createCertificate(
  { api, output, signal }: Context,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const created = await (await api()).collection(path).create(body, { signal });
  if (created === undefined) return;
  if (output.isExact) await output.list({ columns: createdColumns, records: [created], isSingle: true });
  output.say(`The certificate's name for reference: ${String(created['name'])}`);
}

const createdColumns: readonly Column[] = [
  { name: 'vserver', field: 'svm.name', label: 'Vserver', format: 'text' },
  { name: 'cert-name', field: 'name', label: 'Certificate Name', format: 'text' },
  { name: 'uuid', field: 'uuid', label: 'UUID', format: 'text' },
];
