import { readFileSync } from 'node:fs';
import { compareReleases } from '@esplanade/ontap';
import { startTestServer, type TestServer } from '@esplanade/server/testing';
import { type Provocation, type Sample, type WorldStart, withLinks } from './world.ts';

const path = '/security/ipsec/ca-certificates';

/** Whose trusted and whose other certificates there are; `undefined` is the cluster. */
const trustedOwners = ['svm1', 'svm1', 'svm1', 'svm2', 'svm2', undefined] as const;
const spareOwners = ['svm1', 'svm1', 'svm2', undefined] as const;

/** Ten CAs that were made once, to save the time; they are valid for a century, and their keys are gone. */
const certificates = readFileSync(new URL('ca-certificates.pem', import.meta.url), 'utf8').match(
  /-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g,
);

/** A server whose IPsec trusts six CAs, of two SVMs and the cluster; others are installed and not trusted yet. */
export const startCaWorld: WorldStart = async (release, at) => {
  const server = await startTestServer('--ontap-version', release);
  // Before 9.10.1 there is nothing that could hold a CA.
  const isKnown = compareReleases(release, '9.10.1') >= 0;
  const made = isKnown ? await install(server) : { trusted: [], spare: [], svm2: '' };
  const [first, second, ofSvm2 = '', ofCluster = ''] = made.spare;
  let count = 0;
  return {
    server,
    path,
    key: 'certificate.uuid',
    records: made.trusted.map((each) =>
      withLinks(each, { certificate: '/security/certificates', svm: '/svm/svms' }),
    ),
    sortField: 'scope',
    newBody: () => {
      count += 1;
      return { certificate: { uuid: count % 2 === 0 ? first : second }, svm: { name: 'svm1' } };
    },
    patchBody: {},
    samples: samplesOf(made.svm2, ofSvm2, ofCluster),
    exampleOver: { certificate: { uuid: first }, svm: { name: 'svm1' } },
    provocations: provocationsOf(ofSvm2),
    at,
  };
};

async function install(server: TestServer) {
  await server.request('POST', '/api/svm/svms', { name: 'svm2' });
  const { body } = await server.request('GET', '/api/svm/svms?fields=name');
  const uuids = new Map<string, string>(
    body.records.map(({ name, uuid }: { name: string; uuid: string }) => [name, uuid]),
  );
  const trusted = [];
  for (const [index, owner] of trustedOwners.entries()) {
    const uuid = await installed(server, index, owner);
    const record = {
      certificate: { uuid },
      scope: owner === undefined ? 'cluster' : 'svm',
      ...(owner !== undefined && { svm: { name: owner, uuid: uuids.get(owner) ?? '' } }),
    };
    const svm = owner === undefined ? {} : { svm: { name: owner } };
    const { status, text } = await server.request('POST', `/api${path}`, { certificate: { uuid }, ...svm });
    if (status !== 201) throw new Error(text);
    trusted.push(record);
  }
  const spare = [];
  for (const [index, owner] of spareOwners.entries())
    spare.push(await installed(server, trustedOwners.length + index, owner));
  return { trusted, spare, svm2: uuids.get('svm2') ?? '' };
}

/** Installs one of the certificates; resolves to its uuid. */
async function installed(server: TestServer, index: number, owner: string | undefined): Promise<string> {
  const { status, headers, text } = await server.request('POST', '/api/security/certificates', {
    type: 'server_ca',
    name: `CA ${index}`,
    public_certificate: certificates?.[index],
    ...(owner !== undefined && { svm: { name: owner } }),
  });
  const uuid = headers['location']?.split('/').at(-1);
  if (status !== 201 || uuid === undefined) throw new Error(text);
  return uuid;
}

function samplesOf(svm2: string, ofSvm2: string, ofCluster: string): Readonly<Record<string, Sample>> {
  const body = { certificate: { uuid: ofSvm2 }, svm: { name: 'svm2' } };
  const shows = { 'svm.name': 'svm2', 'svm.uuid': svm2, scope: 'svm', 'certificate.uuid': ofSvm2 };
  const nobody = '00000000-0000-4000-8000-00000000dead';
  return {
    certificate: {
      body: { certificate: { uuid: ofCluster }, svm: undefined },
      shows: { 'certificate.uuid': ofCluster, scope: 'cluster' },
      refused: { body: { certificate: 'a CA' }, code: '262197' },
    },
    'certificate.uuid': {
      body,
      shows,
      refused: { body: { certificate: { uuid: nobody } }, code: '66257304' },
    },
    svm: { body, shows },
    'svm.name': { body, shows, refused: { body: { svm: { name: 'svm9' } }, code: '66257202' } },
    'svm.uuid': {
      body: { ...body, svm: { uuid: svm2 } },
      shows,
      refused: { body: { svm: { uuid: nobody } }, code: '66257203' },
    },
  };
}

function provocationsOf(untrusted: string): Readonly<Record<string, Provocation>> {
  return {
    '66257304': { body: { certificate: { uuid: '00000000-0000-4000-8000-00000000dead' } } },
    '66257298': { key: untrusted, status: 404 },
    '66257303': { status: 404 },
  };
}
