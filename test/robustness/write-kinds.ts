import { issueAuthority } from '@esplanade/domain/testing/certificates';
import type { HttpsClient, RawRequest } from '../support/https-client.ts';
import { body, type PolicyWish } from '../support/operator.ts';

/** One write that a server may be killed in. */
export interface PreparedWrite {
  readonly request: RawRequest;
  /** What the stored state says: one of `before`, `after` and what lies between. */
  readonly look: (server: HttpsClient) => Promise<string>;
  readonly before: string;
  readonly after: string;
  /** Where a request is several commits, it may end between two. */
  readonly between?: readonly string[];
  /** Throws if the names and places that the write takes or frees are not as the looked-at state says. */
  readonly tryAgain?: (server: HttpsClient, state: string) => Promise<void>;
}

/** A kind of write. `prepare` makes what it needs; no two numbers have anything in common. */
export interface WriteKind {
  readonly name: string;
  readonly prepare: (server: HttpsClient, number: number) => Promise<PreparedWrite>;
}

const policies = '/api/security/ipsec/policies';
const certificates = '/api/security/certificates';
const accounts = '/api/security/accounts';
const roles = '/api/security/roles';
const svms = '/api/svm/svms';

/** Writes of every kind that differs in what it commits. */
export const writeKinds: readonly [WriteKind, ...WriteKind[]] = [
  {
    name: 'a policy is created',
    prepare: async (_server, number) => {
      const created = policyBody(wish(number));
      return {
        request: { method: 'POST', path: policies, body: JSON.stringify(created) },
        look: async (server) => stateOf(await ports(server, number), { absent: '', there: '1' }),
        before: 'absent',
        after: 'there',
        tryAgain: async (server, state) => {
          await expectStatus(server, state === 'there' ? 409 : 201, 'POST', policies, created);
        },
      };
    },
  },
  {
    name: 'a policy is changed',
    prepare: async (server, number) => {
      await expectStatus(server, 201, 'POST', policies, policyBody(wish(number)));
      const change = { remote_endpoint: { port: '2' }, secret_key: 'another key of this campaign' };
      return {
        request: changing('PATCH', number, change),
        look: async (looking) => stateOf(await ports(looking, number), { old: '1', new: '2' }),
        before: 'old',
        after: 'new',
      };
    },
  },
  {
    name: 'a policy is renamed',
    prepare: async (server, number) => {
      await expectStatus(server, 201, 'POST', policies, policyBody(wish(number)));
      const renamed = `${nameOf(number)}-renamed`;
      return {
        request: changing('PATCH', number, { name: renamed }),
        look: async (looking) => stateOf(await names(looking, number), { old: nameOf(number), new: renamed }),
        before: 'old',
        after: 'new',
        // The name that is free must be free, and the other taken.
        tryAgain: async (looking, state) => {
          const second = { ...wish(number), remotePort: 9 };
          await expectStatus(looking, state === 'new' ? 201 : 409, 'POST', policies, policyBody(second));
          const other = { ...second, remotePort: 10, name: renamed };
          await expectStatus(looking, state === 'new' ? 409 : 201, 'POST', policies, policyBody(other));
        },
      };
    },
  },
  {
    name: 'three policies are deleted together',
    prepare: async (server, number) => {
      for (const part of [1, 2, 3])
        await expectStatus(server, 201, 'POST', policies, policyBody(wish(number, part)));
      return {
        request: changing('DELETE', number),
        look: async (looking) => await ports(looking, number),
        before: '1,2,3',
        after: '',
        // One after another, in the order of their uuids, which nobody knows.
        between: ['1', '2', '3', '1,2', '1,3', '2,3'],
        tryAgain: async (looking, state) => {
          for (const part of [1, 2, 3]) {
            const status = state.includes(String(part)) ? 409 : 201;
            await expectStatus(looking, status, 'POST', policies, policyBody(wish(number, part)));
          }
        },
      };
    },
  },
  {
    name: 'a certificate is installed',
    prepare: async (_server, number) => {
      const name = nameOf(number);
      const { certificate } = issueAuthority(`/O=Lighthouses/CN=${name}`);
      const installed = { svm: { name: 'svm1' }, type: 'server_ca', name, public_certificate: certificate };
      return {
        request: { method: 'POST', path: certificates, body: JSON.stringify(installed) },
        look: async (server) => String(await countOf(server, `${certificates}?name=${name}`)),
        before: '0',
        after: '1',
        tryAgain: async (server, state) => {
          await expectStatus(server, state === '1' ? 409 : 201, 'POST', certificates, installed);
        },
      };
    },
  },
  {
    name: 'an account is created',
    prepare: async (_server, number) => {
      const created = accountBody(number, firstPassword);
      return {
        request: { method: 'POST', path: accounts, body: JSON.stringify(created) },
        look: async (server) => String(await countOf(server, `${accounts}?name=${nameOf(number)}`)),
        before: '0',
        after: '1',
        tryAgain: async (server, state) => {
          await expectStatus(server, state === '1' ? 409 : 201, 'POST', accounts, created);
        },
      };
    },
  },
  {
    name: 'a password is changed',
    prepare: async (server, number) => {
      await expectStatus(server, 201, 'POST', accounts, accountBody(number, firstPassword));
      return {
        request: {
          method: 'PATCH',
          path: `${accounts}?name=${nameOf(number)}`,
          body: JSON.stringify({ password: secondPassword }),
        },
        look: async (looking) => {
          const first = await login(looking, number, firstPassword);
          const second = await login(looking, number, secondPassword);
          return `${first ? 'the old one counts' : ''}${second ? 'the new one counts' : ''}`;
        },
        before: 'the old one counts',
        after: 'the new one counts',
      };
    },
  },
  {
    name: 'an SVM is deleted',
    prepare: async (server, number) => {
      const svm = { name: nameOf(number) };
      await expectStatus(server, 201, 'POST', svms, svm);
      return {
        request: { method: 'DELETE', path: `${svms}?name=${nameOf(number)}` },
        // Announced is not yet deleted: until then the name is taken, and the SVM takes what it took.
        look: async (looking) => String(await countOf(looking, `${svms}?name=${nameOf(number)}`)),
        before: '1',
        after: '0',
        tryAgain: async (looking, state) => {
          await expectStatus(looking, state === '1' ? 409 : 201, 'POST', svms, svm);
          await expectStatus(looking, 201, 'POST', accounts, {
            ...accountBody(number, firstPassword, 'vsadmin'),
            owner: svm,
          });
        },
      };
    },
  },
  {
    name: 'a role is created with its privileges',
    prepare: async (_server, number) => {
      const privileges = [
        { path: '/api/svm/svms', access: 'readonly' },
        { path: '/api/cluster', access: 'all' },
      ];
      const created = { name: nameOf(number), privileges };
      return {
        request: { method: 'POST', path: roles, body: JSON.stringify(created) },
        look: async (looking) => {
          const found = await records(looking, `${roles}?name=${nameOf(number)}&fields=privileges`);
          return found.map((role) => String(role.privileges?.length)).join();
        },
        before: '',
        after: '2',
        tryAgain: async (looking, state) => {
          await expectStatus(looking, state === '' ? 201 : 409, 'POST', roles, created);
        },
      };
    },
  },
];

const firstPassword = 'the first password 1';
const secondPassword = 'the second password 2';

function nameOf(number: number): string {
  return `killed-${number}`;
}

/** The parts of one number differ in the remote port, which is theirs until it is changed. */
function wish(number: number, part = 1): PolicyWish {
  return {
    name: part === 1 ? nameOf(number) : `${nameOf(number)}-${part}`,
    action: 'esp_transport',
    local: '10.9.0.1',
    remote: `10.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`,
    protocol: 'tcp',
    remotePort: part,
    secretKey: 'the key of this campaign',
  };
}

/** Of an SVM that is named, because others come and go. */
function policyBody(policy: PolicyWish): object {
  return { ...body(policy), svm: { name: 'svm1' } };
}

function accountBody(number: number, password: string, role = 'admin'): object {
  const application = { application: 'http', authentication_methods: ['password'] };
  return { name: nameOf(number), role: { name: role }, applications: [application], password };
}

function changing(method: string, number: number, change?: object): RawRequest {
  const path = `${policies}?name=${nameOf(number)}%7C${nameOf(number)}-*`;
  return { method, path, ...(change && { body: JSON.stringify(change) }) };
}

async function ports(server: HttpsClient, number: number): Promise<string> {
  const found = await records(
    server,
    `${policies}?name=${nameOf(number)}%7C${nameOf(number)}-*&fields=remote_endpoint.port`,
  );
  return found
    .map(({ remote_endpoint: remote }) => String(remote?.port).split('-', 1)[0])
    .sort()
    .join(',');
}

async function names(server: HttpsClient, number: number): Promise<string> {
  const found = await records(server, `${policies}?name=${nameOf(number)}%7C${nameOf(number)}-*`);
  return found.map(({ name }) => name).join(',');
}

async function countOf(server: HttpsClient, path: string): Promise<number> {
  return (await records(server, path)).length;
}

interface AnyRecord {
  readonly name?: string;
  readonly remote_endpoint?: { readonly port: string };
  readonly privileges?: readonly object[];
}

async function records(server: HttpsClient, path: string): Promise<readonly AnyRecord[]> {
  const { status, body: answer } = await server.call('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(answer)}`);
  return (answer as { readonly records: readonly AnyRecord[] }).records;
}

async function login(server: HttpsClient, number: number, password: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${nameOf(number)}:${password}`).toString('base64')}`;
  const { status } = await server.send({ method: 'GET', path: '/api/cluster', headers: { authorization } });
  if (status !== 200 && status !== 401) throw new Error(`a login was answered ${status}`);
  return status === 200;
}

function stateOf(found: string, states: Readonly<Record<string, string>>): string {
  return Object.keys(states).find((state) => states[state] === found) ?? `neither: ${found}`;
}

async function expectStatus(
  server: HttpsClient,
  status: number,
  method: string,
  path: string,
  what: object,
): Promise<void> {
  const answer = await server.call(method, path, what);
  if (answer.status !== status)
    throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${answer.text}`);
}
