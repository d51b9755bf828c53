import {
  type CertificateRequest,
  type IssuedCertificate,
  issueCertificate,
  requestCertificate,
  testKeys,
} from '@esplanade/domain/testing/certificates';
import { goodPolicy, type TestServer } from '../test-server.ts';
import { made, type Provocation, patch, post, remove } from './provocation.ts';

const certificates = '/security/certificates';
const cas = '/security/ipsec/ca-certificates';
const policies = '/security/ipsec/policies';
const nobody = '00000000-0000-4000-8000-000000000000';
const dayMs = 86_400_000;

const issuedBefore = new Map<string, IssuedCertificate>();

/** The certificate for a request, made once: OpenSSL takes its time. */
function issued(request: CertificateRequest): IssuedCertificate {
  const known = JSON.stringify(request);
  const certificate = issuedBefore.get(known) ?? issueCertificate(request);
  issuedBefore.set(known, certificate);
  return certificate;
}

/** The body that installs a certificate that OpenSSL makes when the row is tried. */
function installed(
  request: Partial<CertificateRequest>,
  over: Readonly<Record<string, unknown>> = {},
): () => Readonly<Record<string, unknown>> {
  return () => {
    const { certificate, key } = issued({ subject: '/O=Lighthouses/CN=keeper', ...request });
    const own = request.isCa === true ? { type: 'server_ca' } : { type: 'server', private_key: key };
    return { public_certificate: certificate, 'svm.name': 'svm1', ...own, ...over };
  };
}

const install = (
  request: Partial<CertificateRequest>,
  over: Readonly<Record<string, unknown>>,
  target: string,
) => post(certificates, installed(request, over), target);
const generate = (over: Readonly<Record<string, unknown>>, target: string) =>
  post(certificates, { type: 'server', 'svm.name': 'svm1', ...over }, target);

async function madeCertificate(server: TestServer, name: string, isCa = false): Promise<string> {
  return made(server, certificates, installed({ isCa, subject: `/CN=${name}` }, { name })());
}

/** A root_ca with its key. */
async function madeSigner(server: TestServer, name: string): Promise<string> {
  const request = { subject: `/CN=${name}`, isCa: true };
  const { key } = issued(request);
  return made(server, certificates, installed(request, { name, type: 'root_ca', private_key: key })());
}

/** Has the certificate that was made sign a request. */
function sign(subject: string, over: Readonly<Record<string, unknown>>, target: string): Provocation {
  const body = () => ({ signing_request: requestCertificate({ subject }).request, ...over });
  return post(`${certificates}/MADE/sign`, body, target);
}

/** A POST of a policy that is told apart by certificates. */
function pki(over: Readonly<Record<string, unknown>>, target: string): Provocation {
  const { secret_key: _, ...policy } = goodPolicy;
  const own = { authentication_method: 'pki', 'svm.name': 'svm1', remote_identity: 'CN=peer' };
  return post(policies, { ...policy, ...own, ...over }, target);
}

/** What can be wrong with certificates, with those that IPsec trusts, and with what policies say of them. */
export const certificateProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'certificate.typeNotGenerated': [generate({ type: 'server_ca', common_name: 'keeper' }, 'type')],
  'certificate.commonNameMissing': [generate({}, 'common_name')],
  'certificate.commonNameInvalid': [
    generate({ common_name: '#keeper' }, 'common_name'),
    generate({ common_name: 'k'.repeat(65) }, 'common_name'),
  ],
  'certificate.keySizeUnsupported': [generate({ common_name: 'keeper', key_size: 1536 }, 'key_size')],
  'certificate.hashUnsupported': [
    generate({ common_name: 'keeper', hash_function: 'sha1' }, 'hash_function'),
    generate({ common_name: 'keeper', hash_function: 'md5' }, 'hash_function'),
  ],
  'certificate.badCertificate': [
    generate({ public_certificate: 'no PEM at all', private_key: 'x' }, 'public_certificate'),
    install({}, { intermediate_certificates: ['no PEM at all'] }, 'intermediate_certificates'),
  ],
  'certificate.notYetValid': [
    install(
      { notBefore: new Date(Date.now() + dayMs), notAfter: new Date(Date.now() + 2 * dayMs) },
      {},
      'public_certificate',
    ),
  ],
  'certificate.expired': [
    install(
      { notBefore: new Date(Date.now() - 2 * dayMs), notAfter: new Date(Date.now() - dayMs) },
      {},
      'public_certificate',
    ),
  ],
  'certificate.noCommonName': [install({ subject: '/O=Lighthouses' }, {}, 'public_certificate')],
  'certificate.notOfCa': [install({}, { type: 'server_ca', private_key: undefined }, 'public_certificate')],
  'certificate.unsupportedKey': [
    install(
      { key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'] },
      {},
      'public_certificate',
    ),
  ],
  'certificate.keySize': [install({ key: testKeys.rsa(1024) }, {}, 'public_certificate')],
  'certificate.weakHash': [
    {
      ...post(
        certificates,
        () => {
          const issuer = issued({ subject: '/CN=root', isCa: true });
          return installed({ issuer, hash: 'sha1' })();
        },
        'public_certificate',
      ),
    },
  ],
  'certificate.keyMissing': [install({}, { private_key: undefined }, 'private_key')],
  'certificate.keyOfCa': [install({ isCa: true }, { private_key: 'any' }, 'private_key')],
  'certificate.badKey': [install({}, { private_key: 'no PEM at all' }, 'private_key')],
  'certificate.keyMismatch': [
    post(
      certificates,
      () => installed({}, { private_key: issued({ subject: '/CN=root', isCa: true }).key })(),
      'private_key',
    ),
  ],
  'certificate.intermediatesOfCa': [
    install({ isCa: true }, { intermediate_certificates: ['any'] }, 'intermediate_certificates'),
  ],
  'certificate.tooManyIntermediates': [
    install({}, { intermediate_certificates: Array(11).fill('any') }, 'intermediate_certificates'),
  ],
  'certificate.strayIntermediate': [
    post(
      certificates,
      () => {
        const stray = issued({ subject: '/CN=root', isCa: true }).certificate;
        return installed({}, { intermediate_certificates: [stray] })();
      },
      'intermediate_certificates',
    ),
  ],
  'certificate.sameCertificate': [
    {
      ...post(certificates, sameTwice, 'public_certificate'),
      given: (server) => made(server, certificates, { ...sameTwice(), name: 'once' }),
    },
  ],
  'certificate.inUse': [
    {
      ...remove(`${certificates}/MADE`, 'uuid'),
      given: async (server) => {
        const uuid = await madeCertificate(server, 'trusted', true);
        await made(server, cas, { 'certificate.uuid': uuid });
        return uuid;
      },
    },
  ],
  'certificate.signerUnusable': [
    { ...sign('/CN=peer', {}, 'uuid'), given: (server) => madeCertificate(server, 'without a key', true) },
  ],
  'certificate.nameOfSigner': [
    { ...sign('/CN=signer', {}, 'signing_request'), given: (server) => madeSigner(server, 'signer') },
  ],
  'certificate.outlivesSigner': [
    {
      ...sign('/CN=peer', { expiry_time: 'P3650D' }, 'expiry_time'),
      given: (server) => madeSigner(server, 'mortal'),
    },
  ],
  'certificate.badSigningRequest': [
    {
      ...sign('/CN=peer', { signing_request: 'no PEM at all' }, 'signing_request'),
      given: (server) => madeSigner(server, 'reader'),
    },
  ],
  'certificate.notInstalled': [post(cas, { certificate: { uuid: nobody } }, 'certificate.uuid')],
  'certificate.notInstalledFormerly': [
    { ...post(cas, { certificate: { uuid: nobody } }, 'certificate.uuid'), release: '9.12.1' },
  ],
  'certificate.notInstalledForIpsec': [
    {
      ...remove(`${cas}/MADE`, 'certificate.uuid'),
      given: (server) => madeCertificate(server, 'untrusted', true),
    },
  ],
  'certificate.notThereToRemove': [remove(`${cas}/${nobody}`, 'certificate.uuid')],
  'policy.pkiWithoutCertificate': [pki({}, 'certificate.uuid')],
  'policy.certificateNotOnSvm': [pki({ certificate: { name: 'nobody' } }, 'certificate.name')],
  'policy.certificateUuidNotFound': [pki({ certificate: { uuid: nobody } }, 'certificate.uuid')],
  'policy.certificateWithPsk': [
    post(policies, { ...goodPolicy, certificate: { name: 'keeper' } }, 'certificate'),
  ],
  'policy.keyWithPki': [
    {
      ...pki({ certificate: { uuid: 'MADE' }, secret_key: goodPolicy.secret_key }, 'secret_key'),
      given: (server) => madeCertificate(server, 'with a key'),
    },
  ],
  'policy.pkiWithoutRemoteIdentity': [
    {
      ...pki({ certificate: { uuid: 'MADE' }, remote_identity: undefined }, 'remote_identity'),
      given: (server) => madeCertificate(server, 'for nobody'),
    },
  ],
  'policy.certificateType': [
    {
      ...pki({ certificate: { uuid: 'MADE' } }, 'certificate.uuid'),
      given: (server) => madeCertificate(server, 'of a CA', true),
    },
  ],
  'policy.certificatesDisagree': [
    {
      ...pki({ certificate: { uuid: 'MADE', name: 'the other' } }, 'certificate.uuid'),
      given: async (server) => {
        await madeCertificate(server, 'the other');
        return madeCertificate(server, 'the one');
      },
    },
  ],
  'policy.postquantumKeyWithPki': [
    {
      ...pki(
        {
          certificate: { uuid: 'MADE' },
          ppk: { identity: 'quantum', shared_key: 'a key of eighteen or more' },
        },
        'ppk.identity',
      ),
      given: (server) => madeCertificate(server, 'quantum'),
    },
  ],
  'ipsec.certificateWithoutPki': [
    {
      ...patch(`${policies}/MADE`, { certificate: { name: 'keeper' } }, 'certificate.name'),
      given: (server) => made(server, policies, { ...goodPolicy, name: 'open', action: 'bypass' }),
    },
  ],
};

function sameTwice(): Readonly<Record<string, unknown>> {
  return installed({ subject: '/CN=same' }, { name: 'twice' })();
}
