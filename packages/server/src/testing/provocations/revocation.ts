import { mostListsPerSvm } from '@esplanade/desired';
import { type PublicCertificate, parseRevocationList, type RevocationList } from '@esplanade/domain';
import { type IssuedCertificate, issueCertificate } from '@esplanade/domain/testing/certificates';
import { issueRevocationList, type RevocationListRequest } from '@esplanade/domain/testing/revocation-lists';
import type { TestServer } from '../test-server.ts';
import { made, type Provocation, patch, post } from './provocation.ts';

const lists = '/esplanade/v1/certificate-revocation-lists';
const nobody = '00000000-0000-4000-8000-000000000000';
const hourMs = 3_600_000;

let issuer: IssuedCertificate | undefined;
/** The CA of all rows, made once: OpenSSL takes its time. */
function ca(): IssuedCertificate {
  issuer ??= issueCertificate({ subject: '/O=Lighthouses/CN=revoker', isCa: true });
  return issuer;
}

let renewal: IssuedCertificate | undefined;
function renewed(): IssuedCertificate {
  renewal ??= namesake('renewed');
  return renewal;
}

/** As a CA of that SVM, or of the cluster. */
function install(
  server: TestServer,
  { certificate }: IssuedCertificate,
  name: string,
  svm = 'svm1',
): Promise<string> {
  const body = { type: 'server_ca', public_certificate: certificate, name };
  return made(server, '/security/certificates', svm === 'cluster' ? body : { ...body, 'svm.name': svm });
}

/** A CA with a key of its own. */
function namesake(name: string): IssuedCertificate {
  return issueCertificate({ subject: `/O=Lighthouses/CN=${name}`, isCa: true });
}

function kept(content: PublicCertificate): RevocationList {
  const { crl } = list({})(ca());
  const parsed = parseRevocationList(crl, { ca: content, nowMs: Date.now() });
  if (parsed.kind === 'invalid') throw new Error('the list is not sound');
  return parsed.value;
}

let installed = 0;
/** A POST for a CA of its own: no two rows may have the same certificate on one server. */
function refused(
  over: Readonly<Record<string, unknown>> | ((own: IssuedCertificate) => Readonly<Record<string, unknown>>),
  target: string,
  request: Partial<Parameters<typeof issueCertificate>[0]> = {},
): Provocation {
  installed += 1;
  const name = `revoker${installed}`;
  let own: IssuedCertificate | undefined;
  return {
    ...post(
      lists,
      () => {
        if (own === undefined) throw new Error('the CA is made before the request is');
        return { 'certificate.uuid': 'MADE', ...(typeof over === 'function' ? over(own) : over) };
      },
      target,
    ),
    given: (server) => {
      own = issueCertificate({ subject: `/CN=${name}`, isCa: true, ...request });
      return install(server, own, name);
    },
  };
}

const list = (request: Partial<RevocationListRequest>) => (own: IssuedCertificate) => ({
  crl: issueRevocationList({ issuer: own, number: 1, ...request }),
});
const url = (text: string) => refused({ url: text }, 'url');

/** What can be wrong with certificate revocation lists, and with where they are fetched from. */
export const revocationProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'revocation.unreadable': [
    refused({ crl: 'no list at all' }, 'crl'),
    refused(({ certificate }) => ({ crl: certificate }), 'crl'),
  ],
  'revocation.severalBlocks': [
    refused((own) => ({ crl: own.certificate + issueRevocationList({ issuer: own, number: 1 }) }), 'crl'),
  ],
  'revocation.tooLarge': [
    refused(
      list({ revoked: Array.from({ length: 2_000 }, (_, n) => (2n ** 126n + BigInt(n)).toString(16)) }),
      'crl',
    ),
  ],
  'revocation.notOfCa': [refused(() => list({})(ca()), 'crl')],
  'revocation.caMayNotSign': [
    refused(list({ extensions: ['issuerAltName=email:a@example.org'] }), 'crl', {
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
    }),
  ],
  'revocation.unsupportedSignature': [refused(list({ hash: 'sha1' }), 'crl')],
  'revocation.unusable': [
    refused((own) => ({ crl: issueRevocationList({ issuer: own }) }), 'crl'),
    refused(list({ extensions: ['2.5.29.27=critical,DER:020100'] }), 'crl'),
    refused(list({ extensions: ['issuingDistributionPoint=critical,indirectCRL:TRUE'] }), 'crl'),
    refused(list({ extensions: ['1.2.3.4=critical,DER:0500'] }), 'crl'),
  ],
  'revocation.notYetValid': [refused(list({ thisUpdate: new Date(Date.now() + hourMs) }), 'crl')],
  'revocation.outdated': [
    refused(
      list({ thisUpdate: new Date(Date.now() - 2 * hourMs), nextUpdate: new Date(Date.now() - hourMs) }),
      'crl',
    ),
  ],
  'revocation.notNewer': [
    {
      ...patch(`${lists}/MADE`, () => list({ number: 1, revoked: ['0A'] })(ca()), 'crl'),
      given: async (server) => {
        const uuid = await install(server, ca(), 'revoker');
        return made(server, lists, { 'certificate.uuid': uuid, ...list({ number: 1 })(ca()) });
      },
    },
  ],
  'revocation.namesakeElsewhere': [
    {
      ...post(lists, { 'certificate.uuid': 'MADE', url: 'http://a.example/' }, 'certificate.uuid'),
      given: async (server) => {
        const other = await install(server, namesake('elsewhere'), 'elsewhere', 'cluster');
        await made(server, '/security/ipsec/ca-certificates', { 'certificate.uuid': other });
        return install(server, namesake('ELSEWHERE'), 'here');
      },
    },
  ],
  'revocation.namesakeWithList': [
    {
      ...post(lists, () => ({ 'certificate.uuid': 'MADE', ...list({})(renewed()) }), 'crl'),
      given: async (server) => {
        const first = namesake('renewed');
        const former = await install(server, first, 'before renewal');
        await made(server, lists, { 'certificate.uuid': former, ...list({})(first) });
        return install(server, renewed(), 'renewed');
      },
    },
  ],
  'revocation.tooManyLists': [
    {
      ...post(lists, { 'certificate.uuid': 'MADE', url: 'http://a.example/' }, 'certificate.uuid'),
      given: async (server) => {
        const svm = await made(server, '/svm/svms', { name: 'crowded' });
        const uuid = await install(server, ca(), 'crowded', 'crowded');
        const { desired } = server.parts;
        const certificate = desired.snapshot().certificates.get(uuid)?.value;
        if (certificate === undefined) throw new Error(`the certificate in SVM ${svm} is not there`);
        const one = kept(certificate.content);
        for (let n = 0; n < mostListsPerSvm; n += 1) {
          const content = { ...certificate.content, sha256: String(n) };
          await desired.createCertificate({ ...certificate, uuid: `${n}`, name: `${n}`, content });
          await desired.createRevocationList({ certificateUuid: `${n}`, list: one });
        }
        return uuid;
      },
      isAlone: true,
    },
  ],
  'revocation.caUnknown': [
    post(lists, { 'certificate.uuid': nobody, url: 'http://a.example/' }, 'certificate.uuid'),
  ],
  'revocation.urlRefused': [
    url('ldap://pki.lighthouses.example/cn=root'),
    url('http://keeper:secret@pki.lighthouses.example/'),
    url('http://pki.lighthouses.example:6379/'),
    url('http://169.254.169.254/latest/meta-data/'),
    url('http://[::ffff:127.0.0.1]/'),
    url('root.crl'),
  ],
  'revocation.urlTooLong': [url(`http://pki.lighthouses.example/${'a'.repeat(2_048)}`)],
  'revocation.nothingToKeep': [refused({}, 'url')],
};
