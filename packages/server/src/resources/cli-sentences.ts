import { problemKinds as kinds } from '@esplanade/domain';
import {
  type ActionResult,
  type ApiFailure,
  type ApiProblem,
  type CreateResult,
  type DeleteResult,
  isFailure,
  type ModifyResult,
  sentenceOf,
} from '@esplanade/ontap';
import { certificateErrors } from './certificate-error-codes.ts';
import { cliActions, restFields } from './cli-columns.ts';

/** What the CLI says instead of REST's words; a subnet is one column and two fields. */
const cliWords: ReadonlyMap<string, string> = new Map([
  ...cliActions,
  ...Array.from(restFields, ([column, field]) => [field, column] as const),
  ['svm', 'vserver'],
  ['scope', 'vserver'],
  ['certificate', 'cert_name'],
  ['certificate.uuid', 'cert_name'],
  ['local_endpoint.address', 'local_ip_subnets'],
  ['local_endpoint.netmask', 'local_ip_subnets'],
  ['remote_endpoint.address', 'remote_ip_subnets'],
  ['remote_endpoint.netmask', 'remote_ip_subnets'],
]);

/** Fields of REST that are nothing else in our own sentences; what users send is never looked through for them. */
const restWords =
  /\b(?:(?:local|remote)_endpoint\.\w+|(?:svm|certificate|ppk)\.\w+|secret_key|authentication_method|offload_enabled|esp_transport)\b/g;

/** Values in sentences that are words of ours; all others are the user's or the name of some record. */
const ourWords: ReadonlySet<string> = new Set(['field', 'action', 'advice', 'expected']);

const oneSubnet = 'Send one subnet as address/length, such as 192.0.2.1/32 or 2001:db8::/64.';

/** Sentences that go by what REST has several fields for and the CLI one column. */
const cliSentences: ReadonlyMap<string, string> = new Map<string, string>([
  [kinds.emptySubnet.message, `The {side} subnet is empty. ${oneSubnet}`],
  [kinds.localAddressWithoutNetmask.message, `{column} is given without a length. ${oneSubnet}`],
  [
    kinds.severalLocalSubnets.message,
    `{value} is more than one local subnet and a policy has one. ${oneSubnet}`,
  ],
  [
    kinds.severalRemoteSubnets.message,
    `{value} is more than one remote subnet and a policy has one. ${oneSubnet}`,
  ],
  [
    kinds.pkiWithoutCertificate.message,
    'Authentication method pki needs a certificate, and none is given. Send the name of one in cert_name.',
  ],
  [
    kinds.certificateWithPsk.message,
    'A policy with a pre-shared key takes no certificate. Leave cert_name out.',
  ],
  ...[certificateErrors.notInstalled, certificateErrors.notInstalledFormerly].map(
    ({ message }) => [message, 'There is no CA certificate "{uuid}" in {owner}. Install it first.'] as const,
  ),
  [
    certificateErrors.notInstalledForIpsec.message,
    "entry doesn't exist: a certificate of that name is installed, and not for IPsec. There is nothing to remove.",
  ],
  [
    certificateErrors.notThereToRemove.message,
    "entry doesn't exist: no CA certificate has that name. There is nothing to remove from IPsec.",
  ],
  [
    kinds.postquantumIdentityAlone.message,
    'ppk_identity is given without ppk_shared_key. Send both, or ppk_identity "" for none.',
  ],
  [
    kinds.postquantumKeyAlone.message,
    'ppk_shared_key is given without ppk_identity. Send both, or ppk_identity "" for none.',
  ],
]);

/** The result of a write in the CLI's words: fields are called by their columns, in targets and sentences. */
export function inColumns<Result extends CreateResult | ModifyResult | DeleteResult | ActionResult<unknown>>(
  result: Result,
): Result | ApiFailure {
  if (!isFailure(result)) return result;
  const [first, ...others] = result.problems.map(problemInColumns);
  return first === undefined ? result : { ...result, problems: [first, ...others] };
}

function problemInColumns(problem: ApiProblem): ApiProblem {
  const { target, wording } = problem;
  const column = target === undefined ? '' : inCli(target);
  const values = Object.entries(wording?.values ?? {}).map(
    ([name, value]) => [name, ourWords.has(name) ? inCliWords(value) : value] as const,
  );
  return {
    ...problem,
    ...(target !== undefined && { target: column }),
    ...(wording !== undefined && {
      message: sentenceOf({
        template: cliTemplate(wording.template, column),
        values: { ...Object.fromEntries(values), column },
      }),
    }),
  };
}

function cliTemplate(template: string, column: string): string {
  const isSubnet = column.endsWith('_ip_subnets');
  if (isSubnet && template === kinds.invalidValue.message) return `{value} is not {expected}. ${oneSubnet}`;
  return cliSentences.get(template) ?? inCliWords(template);
}

function inCliWords(text: string): string {
  return cliWords.get(text) ?? text.replace(restWords, inCli);
}

function inCli(word: string): string {
  return cliWords.get(word) ?? word;
}
