import { type Certificate, checkCertificate, pemBlocks, type Secret } from '@esplanade/domain';
import {
  type ActionResource,
  type ActionResult,
  type ApiFailure,
  failure,
  failureOf,
  genericErrors,
  isFailure,
  type ParsedBody,
} from '@esplanade/ontap';
import { issueCertificate, readSigningRequest, type SigningRequest } from '../issued-certificate.ts';
import { textOf, withoutNulls } from './body-reader.ts';
import { certificateErrors, certificateProblems } from './certificate-error-codes.ts';
import { type CertificateTerms, certificateTerms } from './certificate-terms.ts';
import { missing } from './named-record.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { roleErrors } from './role-error-codes.ts';
import type { RoleGrants } from './role-grants.ts';
import { isVisible } from './security-certificates.ts';
import { exampleSigningRequest } from './signing-request-example.ts';
import { joinedFailure } from './write-failure.ts';

/** A certificate that was signed, in PEM. */
interface Signed {
  readonly pem: string;
}

const { unsupportedKey, keySize, noCommonName, badCertificate } = certificateProblems;
const request = 'signing_request';

/**
 * `/security/certificates/{uuid}/sign`: certificates by a CA of our own, for the other ends to show. Keeps none of
 * them.
 */
export function securityCertificatesSign(
  { desired }: ResourceParts,
  grants: RoleGrants,
): ActionResource<Signed> {
  return {
    kind: 'action',
    path: '/security/certificates/{uuid}/sign',
    svmAccess: ['POST'],
    title: 'Sign a certificate with a root_ca that has its key',
    fields: {
      [request]: {
        type: 'string',
        description:
          'The signing request in PEM (PKCS #10): its subject, key and alternative names are taken.',
        writable: ['post'],
        isRequired: true,
      },
      expiry_time: {
        type: 'datetime',
        description:
          'When the certificate is to expire: a date, or a duration from now, 1 day to 10 years. Without it P365DT, or when the CA does.',
        writable: ['post'],
        isReadByResource: true,
      },
      hash_function: {
        type: 'string',
        description: 'What it is signed over: sha256 (default), sha384 or sha512.',
        writable: ['post'],
        isReadByResource: true,
      },
      public_certificate: {
        type: 'string',
        description: 'The certificate that was signed, in PEM.',
        isOpaque: true,
        get: ({ pem }) => pem,
      },
    },
    examples: {
      post: { [request]: exampleSigningRequest, hash_function: 'sha384' },
      record: { public_certificate: '-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        certificateErrors.signerUnusable,
        certificateErrors.nameOfSigner,
        certificateErrors.outlivesSigner,
        certificateErrors.badSigningRequest,
        certificateErrors.hashUnsupported,
        badCertificate,
        noCommonName,
        unsupportedKey,
        keySize,
        roleErrors.loginCaNotYours,
      ],
    },
    run: async (uuid, body, { principal }) => {
      const snapshot = desired.snapshot();
      const row = snapshot.certificates.get(uuid.toLowerCase());
      if (row === undefined || !isVisible(row, principal))
        return failure(genericErrors.entryNotFound, {}, 'uuid');
      return grants.refuseSigner(snapshot, principal, row.value) ?? sign(row.value, withoutNulls(body));
    },
  };
}

async function sign(ca: Certificate, body: ParsedBody): Promise<ActionResult<Signed>> {
  const nowMs = Date.now();
  const key = signingKey(ca, nowMs);
  const asked = await signingRequest(body);
  const terms = termsWithin(ca, body, nowMs);
  if (isFailure(key) || isFailure(asked) || isFailure(terms)) return joinedFailure(key, asked, terms);
  const issuer = { certificate: ca.content, key: key.reveal() };
  const pem = await issueCertificate(asked, issuer, terms);
  if (pem === undefined) return unusable(ca, 'no signatures are made with a key of its kind');
  const what = 'The certificate that was requested';
  const checked = checkCertificate(pem, { what, target: request, nowMs: Date.now(), isNamed: true });
  if (checked.kind === 'valid') {
    const { commonName = '' } = checked.value;
    return commonName === ca.content.commonName
      ? failure(certificateErrors.nameOfSigner, { name: commonName }, request)
      : { kind: 'done', row: { pem: checked.value.pem } };
  }
  const failed = failureOf(checked.problems);
  if (failed === undefined) throw new Error('a certificate was found invalid without saying why');
  return failed;
}

function signingKey(ca: Certificate, nowMs: number): Secret | ApiFailure {
  if (ca.type !== 'root_ca') return unusable(ca, `it is of type ${ca.type}`);
  if (ca.privateKey === undefined) return unusable(ca, 'it was installed without its key');
  return ca.content.notAfterMs < nowMs ? unusable(ca, 'it has expired') : ca.privateKey;
}

function unusable({ name }: Certificate, why: string): ApiFailure {
  return failure(certificateErrors.signerUnusable, { name, why }, 'uuid');
}

async function signingRequest(body: ParsedBody): Promise<SigningRequest | ApiFailure> {
  const text = textOf(body, request);
  if (text === undefined) return missing(request);
  const [block, ...others] = pemBlocks(text);
  const isOne = block !== undefined && others.length === 0 && block.label.endsWith('CERTIFICATE REQUEST');
  const der = Buffer.from(block?.text.split('\n').slice(1, -2).join('') ?? '', 'base64');
  const read = isOne ? await readSigningRequest(der) : undefined;
  return read ?? failure(certificateErrors.badSigningRequest, {}, request);
}

/** The terms asked for, if the CA lasts as long; without an `expiry_time` they end with it. */
function termsWithin(
  { content: { notAfterMs } }: Certificate,
  body: ParsedBody,
  nowMs: number,
): CertificateTerms | ApiFailure {
  const terms = certificateTerms(body, nowMs);
  if (isFailure(terms) || terms.notAfter.getTime() <= notAfterMs) return terms;
  const notAfter = new Date(notAfterMs);
  return body.has('expiry_time')
    ? failure(certificateErrors.outlivesSigner, { date: notAfter.toISOString() }, 'expiry_time')
    : { ...terms, notAfter };
}
