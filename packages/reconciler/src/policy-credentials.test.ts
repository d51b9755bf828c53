import { randomUUID } from 'node:crypto';
import { type Certificate, checkInstallation, type PolicyScope, type PolicyUuid } from '@esplanade/domain';
import { type IssuedCertificate, issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { beforeAll, expect, test } from 'vitest';
import { DesiredEntries } from './desired-entries.ts';
import { selector, uuid } from './policy.fixture.ts';
import { create, openDesired } from './reconciler.fixture.ts';

let ca: IssuedCertificate;
let other: IssuedCertificate;
let host: IssuedCertificate;
beforeAll(() => {
  ca = issueAuthority('/CN=coast');
  other = issueAuthority('/CN=sea');
  host = issueHost({ subject: '/CN=host', issuer: ca });
});

const cluster: PolicyScope = { kind: 'cluster' };

type World = Awaited<ReturnType<typeof openDesired>>;

function certificate(from: IssuedCertificate, scope: PolicyScope, type: Certificate['type']): Certificate {
  const draft = {
    type,
    publicCertificate: from.certificate,
    ...(type === 'server' && { privateKey: from.key }),
  };
  const checked = checkInstallation(draft, { nowMs: Date.now(), fingerprint: () => 'key' });
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.problems));
  return { ...checked.value, uuid: randomUUID(), name: `${type} ${checked.value.content.commonName}`, scope };
}

async function trust(world: World, from: IssuedCertificate, scope: PolicyScope): Promise<string> {
  const one = certificate(from, scope, 'server_ca');
  await world.desired.createCertificate(one);
  await world.desired.createIpsecCaCertificates(one.uuid);
  return one.uuid;
}

/** A policy by certificate of the cluster, one of the SVM, and one by key. */
async function followed() {
  const world = await openDesired();
  const [svm] = [...world.desired.snapshot().svms.values()];
  if (svm === undefined) throw new Error('a fresh store has an SVM');
  const scopes = {
    cluster,
    svm: { kind: 'svm', svm: { uuid: svm.value.uuid, name: svm.value.name } } as const,
  };
  for (const [n, scope] of [[1, scopes.cluster] as const, [2, scopes.svm] as const]) {
    const own = certificate(host, scope, 'server');
    await world.desired.createCertificate(own);
    const shown = { uuid: own.uuid, name: own.name };
    await create(world, n, {
      scope,
      selector: selector(80 + n),
      authentication: { kind: 'pki', certificate: shown, keepsSas: false },
    });
  }
  await create(world, 3, { selector: selector(83) });
  const entries = new DesiredEntries(world.ipspace.uuid, world.desired.snapshot());
  const concerned: (readonly PolicyUuid[])[] = [];
  world.desired.subscribe((snapshot, change) => {
    const consequence = entries.follow(snapshot, change);
    concerned.push(consequence.kind === 'some' ? [...consequence.policies] : []);
  });
  const believed = (n: number) =>
    entries.entryOf(uuid(n))?.credentials?.trust.anchors.map(({ commonName }) => commonName);
  return { world, entries, concerned, believed, scopes };
}

test('an SVM believes its own CAs and the cluster its own, and a change concerns the policies of that owner alone', async () => {
  const { world, concerned, believed, scopes } = await followed();
  expect([1, 2, 3].map(believed)).toEqual([[], [], undefined]);
  await trust(world, ca, scopes.cluster);
  expect([1, 2, 3].map(believed)).toEqual([['coast'], [], undefined]);
  const ofSvm = await trust(world, other, scopes.svm);
  expect([1, 2].map(believed)).toEqual([['coast'], ['sea']]);
  await world.desired.deleteIpsecCaCertificates(ofSvm);
  expect([1, 2].map(believed)).toEqual([['coast'], []]);
  expect(concerned.filter((policies) => policies.length > 0)).toEqual([[uuid(1)], [uuid(2)], [uuid(2)]]);
});

test('an entry comes with the certificate that its policy names, and its key', async () => {
  const { entries } = await followed();
  const [first] = entries.entries();
  expect(first?.credentials?.certificate).toMatchObject({ name: 'server host', type: 'server' });
  expect(first?.credentials?.certificate.privateKey).toBeDefined();
  expect(entries.entryOf(uuid(3))?.credentials).toBeUndefined();
});

test('the policies of an owner share what they believe until it changes, whatever else does', async () => {
  const { world, entries, scopes } = await followed();
  const trustOf = () => entries.entryOf(uuid(2))?.credentials?.trust;
  await trust(world, ca, scopes.svm);
  const before = trustOf();
  await create(world, 4, { selector: selector(84) });
  expect(trustOf()).toBe(before);
  await trust(world, other, scopes.svm);
  expect(trustOf()).not.toBe(before);
});
