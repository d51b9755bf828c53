import type { CaRevocationList, Versioned } from '@esplanade/desired';
import { type Certificate, isCaType, parseRevocationList, type RevocationList } from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  exampleUuid,
  failure,
  failureOf,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { urlSentences } from '../fetching/guarded-fetch.ts';
import { textOf, withoutNulls } from './body-reader.ts';
import { missing, recordReaders, writeErrors } from './named-record.ts';
import { deleteRecord, modifyRecord, unchanged } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { revocationErrors } from './revocation-error-codes.ts';
import { roleErrors } from './role-error-codes.ts';
import type { RoleGrants } from './role-grants.ts';
import { isVisible } from './security-certificates.ts';
import { namedSvm } from './svm-reference.ts';
import { attemptWrite, joinedFailure, writeFailure } from './write-failure.ts';

/** What is kept for a CA, and the CA's certificate. */
interface Row extends Versioned<CaRevocationList> {
  readonly certificate: Certificate;
}

const key = 'certificate.uuid';
const longestUrl = 2_048;

const { caUnknown, urlRefused, urlTooLong, nothingToKeep, ...ofLists } = revocationErrors;
const ofContent = [...Object.values(ofLists), urlRefused, urlTooLong, nothingToKeep];

/** `/esplanade/v1/certificate-revocation-lists`: which certificates CAs have revoked. ONTAP has no shape for it. */
export function esplanadeRevocationLists(parts: ResourceParts, grants: RoleGrants): CollectionResource<Row> {
  const { desired, fetchGuard, revocationRefresh, turns } = parts;
  return {
    kind: 'collection',
    path: '/esplanade/v1/certificate-revocation-lists',
    title: 'Certificate revocation lists',
    key,
    svmAccess: ['GET', 'POST', 'PATCH', 'DELETE'],
    fields: {
      [key]: {
        type: 'string',
        description: 'UUID of the certificate of the CA that issues the list, one in /security/certificates.',
        isDefault: true,
        writable: ['post'],
        isRequired: true,
        get: ({ certificate }) => certificate.uuid,
      },
      'certificate.name': {
        type: 'string',
        description: 'Name of that certificate.',
        isDefault: true,
        example: 'coast',
        get: ({ certificate }) => certificate.name,
      },
      scope: {
        type: 'string',
        description:
          'svm, or cluster for a certificate of no SVM. The list is for policies of the same owner.',
        enum: ['svm', 'cluster'],
        isDefault: true,
        get: ({ certificate }) => certificate.scope.kind,
      },
      ...referenceFields<Row>('svm', 'the SVM the certificate belongs to', svmOf, {
        isDefault: true,
        writable: ['post'],
      }),
      url: {
        type: 'string',
        description:
          'Where the list is fetched from, http or https: at once, also when it is sent again as it is, and well before the next one is due. null ends that.',
        writable: ['post', 'patch'],
        example: 'http://pki.lighthouses.example/coast.crl',
        get: ({ value }) => value.url,
      },
      crl: {
        type: 'string',
        description: 'The list in PEM; base64 of its DER is taken too, up to 65535 bytes in DER.',
        writable: ['post', 'patch'],
        isOpaque: true,
        get: ({ value }) => value.list && pemOf(value.list),
      },
      state: {
        type: 'string',
        description:
          'current, outdated (a newer list was due, and what the old one revokes stays revoked), or missing (none was fetched yet).',
        enum: ['current', 'outdated', 'missing'],
        isDefault: true,
        get: ({ value }) => stateOf(value),
      },
      number: {
        type: 'string',
        description:
          'CRL number of the list, decimal: up to 48 digits, so a text, which cannot be compared in a query.',
        notFilterable: true,
        example: '4096',
        get: ({ value }) => value.list && String(value.list.number),
      },
      this_update: {
        type: 'datetime',
        description: 'When the list was issued.',
        get: ({ value }) => value.list && time(value.list.thisUpdateMs),
      },
      next_update: {
        type: 'datetime',
        description: 'When the next one is due at the latest.',
        get: ({ value }) => value.list && time(value.list.nextUpdateMs),
      },
      entries: {
        type: 'integer',
        description: 'How many certificates the list revokes.',
        get: ({ value }) => value.list?.revoked.size,
      },
      'last_fetch.time': {
        type: 'datetime',
        description: 'When it was last tried to fetch a list, since the server began.',
        get: ({ certificate: { uuid } }) => {
          const fetched = revocationRefresh.lastFetch(uuid);
          return fetched && new Date(fetched.atMs).toISOString();
        },
      },
      'last_fetch.error': {
        type: 'string',
        description: 'Why nothing came of it, a sentence; the list of before stays. It is tried again.',
        get: ({ certificate: { uuid } }) => revocationRefresh.lastFetch(uuid)?.error,
      },
    },
    links: {
      certificate: ({ certificate }) => hrefs.certificate(certificate.uuid),
      svm: (row) => {
        const svm = svmOf(row);
        return svm && hrefs.svm(svm.uuid);
      },
    },
    examples: {
      // The UUID stands for that of a CA certificate that is there.
      post: { certificate: { uuid: exampleUuid }, url: 'http://pki.lighthouses.example/coast.crl' },
      patch: { url: 'https://pki.lighthouses.example/coast.crl' },
      record: { scope: 'svm', 'svm.name': 'svm1', state: 'missing' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        genericErrors.svmNotFound,
        genericErrors.svmsDisagree,
        caUnknown,
        ...ofContent,
        genericErrors.duplicateEntry,
        ...writeErrors,
      ],
      PATCH: [
        ...ofContent.filter((error) => error !== revocationErrors.tooManyLists),
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      DELETE: [roleErrors.loginCaNotYours, recordErrors.changedMeanwhile, ...writeErrors],
    },
    ...recordReaders(rows, ({ certificate }, principal) => isVisible({ value: certificate }, principal)),
    create: (body, { principal }) => createList(withoutNulls(body), principal),
    revision: ({ modified }) => modified,
    modify: modifyList,
    remove: async ({ certificate: { uuid, type, scope } }, context) =>
      grants.refuseLoginCa(desired.snapshot(), context.principal, { type, scope }) ??
      deleteRecord(
        context,
        () => desired.snapshot().revocationLists.get(uuid),
        (expected) => desired.deleteRevocationList(uuid, expected),
      ),
  };

  function rows(): ReadonlyMap<string, Row> {
    const { revocationLists, certificates } = desired.snapshot();
    const pairs = [...revocationLists].flatMap(([uuid, row]): readonly (readonly [string, Row])[] => {
      const certificate = certificates.get(uuid)?.value;
      return certificate === undefined ? [] : [[uuid, { ...row, certificate }]];
    });
    return new Map(pairs);
  }

  async function createList(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const certificate = caOf(body, principal);
    if (isFailure(certificate)) return certificate;
    const content = changedContent({}, certificate, body);
    if (isFailure(content)) return content;
    const record = { certificateUuid: certificate.uuid, ...content };
    const result = await attemptWrite(() => desired.createRevocationList(record));
    if (isFailure(result)) return result;
    if (result.kind === 'written')
      return { kind: 'created', key: certificate.uuid, revision: result.revision };
    return writeFailure(result, failure(genericErrors.duplicateEntry, {}, key));
  }

  async function modifyList(row: Row, body: ParsedBody, context: WriteContext): Promise<ModifyResult> {
    if (body.size === 0) return unchanged(row);
    const { certificate } = row;
    const certificateUuid = certificate.uuid;
    const result = await modifyRecord(context, {
      turns,
      key: `revocation-list ${certificateUuid}`,
      find: () => desired.snapshot().revocationLists.get(certificateUuid),
      write: ({ value, modified }) => {
        const content = changedContent(value, certificate, body);
        if (isFailure(content)) return content;
        return desired.updateRevocationList({ certificateUuid, ...content }, modified);
      },
    });
    // Whoever sends the place of a list, be it the one it has, wants it fetched.
    if (!isFailure(result) && body.has('url')) revocationRefresh.fetchNow(certificateUuid);
    return result;
  }

  /** The certificate that the body names, if it is one of a CA and the principal may know of it. */
  function caOf(body: ParsedBody, principal: Principal): Certificate | ApiFailure {
    const uuid = textOf(body, key)?.toLowerCase();
    if (uuid === undefined) return missing(key);
    const snapshot = desired.snapshot();
    const svm = namedSvm(body, principal, snapshot, (given, target) =>
      failure(genericErrors.svmNotFound, { svm: given }, target),
    );
    if (isFailure(svm)) return svm;
    const certificate = snapshot.certificates.get(uuid)?.value;
    const isOwners =
      svm === undefined || (certificate?.scope.kind === 'svm' && certificate.scope.svm.uuid === svm.uuid);
    if (certificate !== undefined && isCaType(certificate.type) && isOwners) return certificate;
    const owner = svm === undefined ? 'the cluster or any SVM' : `SVM "${svm.name}"`;
    return failure(caUnknown, { uuid, owner }, key);
  }

  /** What is not sent stays. */
  function changedContent(
    before: Pick<CaRevocationList, 'url' | 'list'>,
    { content }: Certificate,
    body: ParsedBody,
  ): Pick<CaRevocationList, 'url' | 'list'> | ApiFailure {
    const url = body.has('url') ? readUrl(textOf(body, 'url')) : before.url;
    const list = body.has('crl') ? readList(textOf(body, 'crl'), content, before.list) : before.list;
    if (isFailure(url) || isFailure(list)) return joinedFailure(url, list);
    if (url === undefined && list === undefined) return failure(nothingToKeep, {}, 'url');
    return { ...(url !== undefined && { url }), ...(list !== undefined && { list }) };
  }

  function readUrl(text: string | undefined): string | undefined | ApiFailure {
    if (text === undefined) return undefined;
    if (text.length > longestUrl) {
      const sizes = { characters: String(text.length), most: String(longestUrl) };
      return failure(urlTooLong, sizes, 'url');
    }
    const url = fetchGuard.readUrl(text);
    return url instanceof URL ? url.href : failure(urlRefused, { why: urlSentences[url] }, 'url');
  }
}

function readList(
  text: string | undefined,
  ca: Certificate['content'],
  before: RevocationList | undefined,
): RevocationList | undefined | ApiFailure {
  if (text === undefined) return undefined;
  const parsed = parseRevocationList(text, { ca, nowMs: Date.now(), ...(before && { before }) });
  if (parsed.kind === 'valid') return parsed.value;
  const failed = failureOf(parsed.problems);
  if (failed === undefined) throw new Error('a revocation list was found invalid without saying why');
  return failed;
}

function svmOf({ certificate: { scope } }: Row) {
  return scope.kind === 'svm' ? scope.svm : undefined;
}

function stateOf({ list }: CaRevocationList): 'current' | 'outdated' | 'missing' {
  if (list === undefined) return 'missing';
  return list.nextUpdateMs > Date.now() ? 'current' : 'outdated';
}

function pemOf({ der }: RevocationList): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
