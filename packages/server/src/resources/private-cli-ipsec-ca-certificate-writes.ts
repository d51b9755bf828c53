import type { DesiredSnapshot } from '@esplanade/desired';
import { type Certificate, isCaType, type PolicyScope } from '@esplanade/domain';
import {
  type ActionResource,
  type ActionResult,
  type ApiFailure,
  failure,
  genericErrors,
  isFailure,
  isKnownIn,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import { textOf, textsOf, withoutNulls } from './body-reader.ts';
import { certificateErrors } from './certificate-error-codes.ts';
import { inColumns } from './cli-sentences.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import { missing, writeErrors } from './named-record.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { revocationErrors } from './revocation-error-codes.ts';
import { ambiguousOwner, namedSvm, onlySvm } from './svm-reference.ts';
import { attemptWrite, joinedFailure, writeFailure } from './write-failure.ts';

/** Whose CA certificates, and which. */
interface Named {
  readonly vserver: string;
  readonly names: readonly string[];
}

const path = '/private/cli/security/ipsec/ca-certificate';
const column = 'ca_certs';

/** `/private/cli/security/ipsec/ca-certificate/add`: IPsec trusts these CA certificates too, all of them or none. */
export function privateCliIpsecCaCertificateAdd(parts: ResourceParts): ActionResource<Named> {
  const { notInstalled, notInstalledFormerly } = certificateErrors;
  const absent = isKnownIn(parts.ontapVersion, notInstalled) ? notInstalled : notInstalledFormerly;
  return {
    ...command('add', 'CA certificates that IPsec is to trust from now on'),
    errors: {
      POST: [
        ...always,
        notInstalled,
        notInstalledFormerly,
        revocationErrors.namesakeElsewhere,
        genericErrors.duplicateEntry,
        ...writeErrors,
      ],
    },
    run: (_, body, { principal }) =>
      carryOut(parts, body, principal, {
        problemOf: (certificate, name, { owner, isTrusted }) => {
          if (certificate === undefined) return failure(absent, { uuid: name, owner }, column);
          return isTrusted(certificate) ? failure(genericErrors.duplicateEntry, {}, column) : undefined;
        },
        write: (uuids) => parts.desired.createIpsecCaCertificates(...uuids),
      }),
  };
}

/**
 * `/private/cli/security/ipsec/ca-certificate/remove`: IPsec trusts these CA certificates no longer, all of them or
 * none.
 */
export function privateCliIpsecCaCertificateRemove(parts: ResourceParts): ActionResource<Named> {
  const { notInstalledForIpsec, notThereToRemove } = certificateErrors;
  return {
    ...command('remove', 'CA certificates that IPsec is to trust no longer'),
    errors: { POST: [...always, notInstalledForIpsec, notThereToRemove, ...writeErrors] },
    run: (_, body, { principal }) =>
      carryOut(parts, body, principal, {
        problemOf: (certificate, _name, { isTrusted }) => {
          if (certificate === undefined) return failure(notThereToRemove, {}, column);
          return isTrusted(certificate) ? undefined : failure(notInstalledForIpsec, {}, column);
        },
        write: (uuids) => parts.desired.deleteIpsecCaCertificates(...uuids),
      }),
  };
}

const always = [
  recordErrors.missingField,
  genericErrors.svmMissing,
  ipsecErrors.unknownSvmName,
  recordErrors.changedMeanwhile,
];

function command(verb: 'add' | 'remove', description: string) {
  return {
    kind: 'action',
    path: `${path}/${verb}`,
    svmAccess: ['POST'],
    title: `CLI: security ipsec ca-certificate ${verb}`,
    since: '9.10.1',
    isCli: true,
    fields: {
      vserver: {
        type: 'string',
        description: 'SVM the certificates belong to; the name of the cluster for those of no SVM.',
        writable: ['post'],
        example: 'svm1',
        get: ({ vserver }) => vserver,
      },
      [column]: {
        type: 'strings',
        description: `${description}, by name: a list, or one text with commas between.`,
        writable: ['post'],
        isRequired: true,
        example: 'coast',
        get: ({ names }) => names,
      },
    },
    examples: {
      post: { vserver: 'svm1', [column]: ['coast'] },
      record: { vserver: 'svm1', [column]: ['coast'] },
    },
  } as const satisfies Omit<ActionResource<Named>, 'run'>;
}

/** What the owner of certificates is called, and which of them IPsec trusts. */
interface Owned {
  readonly owner: string;
  readonly isTrusted: (certificate: Certificate) => boolean;
}

interface Work {
  readonly problemOf: (
    certificate: Certificate | undefined,
    name: string,
    owned: Owned,
  ) => ApiFailure | undefined;
  readonly write: (
    uuids: readonly string[],
  ) => ReturnType<ResourceParts['desired']['createIpsecCaCertificates']>;
}

async function carryOut(
  { desired }: ResourceParts,
  columns: ParsedBody,
  principal: Principal,
  { problemOf, write }: Work,
): Promise<ActionResult<Named>> {
  const body = withoutNulls(columns);
  const snapshot = desired.snapshot();
  const scope = scopeOf(body, principal, snapshot);
  if (isFailure(scope)) return inColumns(scope);
  const names = namesIn(body, (text) => caOf(snapshot, scope, text) !== undefined);
  if (names === undefined) return missing(column);
  const owned: Owned = {
    owner: scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster',
    isTrusted: ({ uuid }) => snapshot.ipsecCaCertificates.has(uuid),
  };
  const certificates = names.map((name) => caOf(snapshot, scope, name));
  const problems = certificates
    .map((one, index) => problemOf(one, names[index] ?? '', owned))
    .filter(isFailure);
  if (problems.length > 0) return inColumns(joinedFailure(...problems));
  const result = await attemptWrite(() => write(certificates.flatMap((one) => one?.uuid ?? [])));
  if (isFailure(result)) return result;
  if (result.kind === 'written') {
    const vserver = scope.kind === 'svm' ? scope.svm.name : snapshot.cluster.name;
    return { kind: 'done', row: { vserver, names } };
  }
  if (result.kind === 'refused')
    return { kind: 'failure', problems: [{ ...result.problem, target: column }] };
  // What was so a moment ago is not any more.
  const changed = failure(recordErrors.changedMeanwhile, {});
  return result.kind === 'not-found' ? changed : writeFailure(result, changed);
}

/** The CLI takes names with commas between; a name that has one itself is still that name. */
function namesIn(body: ParsedBody, isName: (text: string) => boolean): readonly string[] | undefined {
  const given = textsOf(body, column) ?? [];
  const texts = given.flatMap((text) => (isName(text) ? text : text.split(',').map((name) => name.trim())));
  const names = new Set(texts.filter((name) => name !== ''));
  return names.size === 0 ? undefined : [...names];
}

function scopeOf(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): PolicyScope | ApiFailure {
  const vserver = textOf(body, 'vserver');
  const ambiguous = principal.svmUuid === undefined && ambiguousOwner(vserver, 'svm.name', snapshot);
  if (ambiguous) return ambiguous;
  const isOfCluster = vserver === snapshot.cluster.name && principal.svmUuid === undefined;
  const named = new Map(vserver === undefined ? [] : [['svm.name', vserver] as const]);
  const svm = isOfCluster ? undefined : namedSvm(named, principal, snapshot);
  if (isFailure(svm)) return svm;
  if (isOfCluster) return { kind: 'cluster' };
  const owner = svm ?? onlySvm(snapshot);
  return isFailure(owner) ? owner : { kind: 'svm', svm: owner };
}

function caOf({ certificates }: DesiredSnapshot, scope: PolicyScope, name: string): Certificate | undefined {
  for (const { value } of certificates.values()) {
    const isOwners =
      scope.kind === 'svm'
        ? value.scope.kind === 'svm' && value.scope.svm.uuid === scope.svm.uuid
        : value.scope.kind === 'cluster';
    if (isOwners && value.name === name && isCaType(value.type)) return value;
  }
  return undefined;
}
