import { hashPassword } from '../../logins/password-hash.ts';
import { basic, goodPolicy, type TestServer, testPassword } from '../test-server.ts';
import { made, type Provocation, patch, post, remove } from './provocation.ts';

const ppk = { identity: 'quantum', shared_key: 'a key for the day after tomorrow' };
const accounts = '/security/accounts';
const account = { name: 'keeper', password: 'an old password of these tests' };

/** An account of `svm1` with the password of `admin`, hashed once. */
const tenantHash = hashPassword(testPassword);

/** Makes an account of `svm1` of that role, and gives its uuid. */
async function tenant({ parts: { desired } }: TestServer, name: string): Promise<string> {
  const [svm] = [...desired.snapshot().svms.values()].filter(({ value }) => value.name === 'svm1');
  if (svm === undefined) throw new Error('there is no svm1');
  const { uuid } = svm.value;
  await desired.putAccount({
    name,
    scope: { kind: 'svm', svm: { uuid, name: 'svm1' } },
    role: 'vsadmin',
    authenticationMethods: ['password'],
    passwordHash: await tenantHash,
    isLocked: false,
  });
  return uuid;
}

/** The path of the account `admin`, which is the last of its kind. */
async function pathOfAdmin({ request }: TestServer): Promise<string> {
  const { body } = await request('GET', `/api${accounts}?name=admin&scope=cluster`);
  return body.records[0].owner.uuid;
}

/** A policy of an account whose SVM owns 192.0.2.208 and 192.0.2.209, and the cluster 192.0.2.212. */
function identity(over: Readonly<Record<string, unknown>>, target: string): Provocation {
  const local_endpoint = { address: '192.0.2.208', netmask: '32' };
  return {
    ...post('/security/ipsec/policies', { ...goodPolicy, local_endpoint, ...over }, target),
    given: async (server) => {
      for (const last of [208, 209, 212]) {
        const address = `192.0.2.${last}`;
        const owner = last === 212 ? { 'ipspace.name': 'Default' } : { 'svm.name': 'svm1' };
        await made(server, '/network/ip/interfaces', { name: address, ...owner, ip: { address } });
      }
      return tenant(server, 'identity-tenant');
    },
    headers: { authorization: basic('identity-tenant', testPassword) },
    isAlone: true,
  };
}

/** What is wrong with accounts, and what accounts of an SVM may not do. */
export const accountProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'account.nameInvalid': [
    post(accounts, { ...account, name: 'a b c' }, 'name'),
    post(accounts, { ...account, name: 'svm1\\keeper' }, 'name'),
    post(accounts, { ...account, name: 'ab' }, 'name'),
    post(accounts, { ...account, name: '-flag' }, 'name'),
  ],
  'account.ownersDisagree': [
    {
      ...post(accounts, { ...account, owner: { name: 'svm1', uuid: 'MADE' } }, 'owner.uuid'),
      given: (server) => made(server, '/svm/svms', { name: 'other-owner' }),
      isAlone: true,
    },
  ],
  'account.roleUnknown': [
    post(accounts, { ...account, role: { name: 'vsadmin' } }, 'role.name'),
    post(accounts, { ...account, role: { name: 'admin' }, owner: { name: 'svm1' } }, 'role.name'),
    post(accounts, { ...account, role: { name: 'backup' } }, 'role.name'),
    {
      ...patch(`${accounts}/MADE/admin`, { role: { name: 'vsadmin-readonly' } }, 'role.name'),
      given: pathOfAdmin,
    },
  ],
  'account.passwordWithoutMethod': [
    post(
      accounts,
      { ...account, applications: [{ application: 'http', authentication_methods: ['certificate'] }] },
      'password',
    ),
  ],
  'account.passwordMangled': [post(accounts, { ...account, password: 'p\ufffdsswort12' }, 'password')],
  'account.passwordTooShort': [post(accounts, { ...account, password: '7 chars' }, 'password')],
  'account.passwordTooLong': [post(accounts, { ...account, password: 'x'.repeat(129) }, 'password')],
  'account.passwordAgain': [
    { ...patch(`${accounts}/MADE/admin`, { password: testPassword }, 'password'), given: pathOfAdmin },
  ],
  'account.passwordWithName': [post(accounts, { ...account, password: 'The Keeper 1' }, 'password')],
  'account.lastAdministrator': [
    { ...remove(`${accounts}/MADE/admin`, 'name'), given: pathOfAdmin },
    { ...patch(`${accounts}/MADE/admin`, { locked: true }, 'name'), given: pathOfAdmin },
    { ...patch(`${accounts}/MADE/admin`, { role: { name: 'readonly' } }, 'name'), given: pathOfAdmin },
  ],
  'refusal.addressNotOwned': [
    {
      ...post('/security/ipsec/policies', { ...goodPolicy, name: 'stray' }, 'local_endpoint.address'),
      given: (server) => tenant(server, 'stray-tenant'),
      headers: { authorization: basic('stray-tenant', testPassword) },
    },
  ],
  'refusal.identityNotOwned': [identity({ local_identity: '192.0.2.211' }, 'local_identity')],
  'refusal.identityOfAnotherInterface': [identity({ remote_identity: '192.0.2.212' }, 'remote_identity')],
  'refusal.noIdentity': [
    identity(
      {
        local_endpoint: { address: '192.0.2.208', netmask: '31' },
        remote_identity: 'ANYTHING',
      },
      'local_endpoint.address',
    ),
  ],
  'refusal.identityTakenElsewhere': [
    {
      ...post(
        '/security/ipsec/policies',
        {
          ...goodPolicy,
          name: 'second',
          protocol: 'udp',
          secret_key: 'another key than the first one',
          remote_endpoint: { address: '192.0.2.9', netmask: '32' },
          remote_identity: 'peer.example',
        },
        'remote_identity',
      ),
      given: (server) =>
        made(server, '/security/ipsec/policies', {
          ...goodPolicy,
          name: 'first',
          scope: 'cluster',
          remote_identity: 'peer.example',
        }),
      headers: { 'x-dot-svm-name': 'svm1' },
      isAlone: true,
    },
  ],
  'refusal.postquantumKeyTakenElsewhere': [
    {
      ...post(
        '/security/ipsec/policies',
        { ...goodPolicy, name: 'second', protocol: 'udp', ppk },
        'ppk.identity',
      ),
      given: (server) =>
        made(server, '/security/ipsec/policies', { ...goodPolicy, name: 'first', scope: 'cluster' }),
      headers: { 'x-dot-svm-name': 'svm1' },
      isAlone: true,
    },
  ],
  'refusal.peerTakenElsewhere': [
    {
      ...post(
        '/security/ipsec/policies',
        { ...goodPolicy, name: 'second', protocol: 'udp', secret_key: 'another key than the first one' },
        'secret_key',
      ),
      given: (server) =>
        made(server, '/security/ipsec/policies', { ...goodPolicy, name: 'first', scope: 'cluster' }),
      headers: { 'x-dot-svm-name': 'svm1' },
      isAlone: true,
    },
  ],
};
