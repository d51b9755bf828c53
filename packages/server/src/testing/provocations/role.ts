import { basic, type TestServer, testPassword } from '../test-server.ts';
import { made, type Provocation, patch, post, remove } from './provocation.ts';

const roles = '/security/roles';
const role = { name: 'keeper', privileges: [{ path: '/api/cluster', access: 'readonly' }] };

async function clusterUuid({ request }: TestServer): Promise<string> {
  return (await request('GET', '/api/cluster')).body.uuid;
}

/** Makes a role of the cluster; `UUID/NAME`. */
async function given(
  server: TestServer,
  name: string,
  privileges: object[] = role.privileges,
): Promise<string> {
  await made(server, roles, { name, privileges });
  return `${await clusterUuid(server)}/${name}`;
}

/** An account that has a role of its own, of the cluster or of an SVM, with the password of `admin`; `UUID/NAME` of the role. */
async function holder(server: TestServer, name: string, owner?: string): Promise<string> {
  const { desired } = server.parts;
  const privileges = [{ path: '/api/security', access: 'all' } as const];
  const [svm] = [...desired.snapshot().svms.values()].filter(({ value }) => value.name === owner);
  const scope =
    svm === undefined
      ? ({ kind: 'cluster' } as const)
      : ({ kind: 'svm', svm: { uuid: svm.value.uuid, name: svm.value.name } } as const);
  const [admin] = [...desired.snapshot().accounts.values()].filter(({ value }) => value.name === 'admin');
  if (admin === undefined) throw new Error('there is no admin');
  await desired.createRole({ name, scope, privileges });
  await desired.putAccount({ ...admin.value, name, scope, role: name });
  return `${svm?.value.uuid ?? (await clusterUuid(server))}/${name}`;
}

/** A role whose privileges are asked for by one of its own. */
function changed(privileges: object, target: string): Provocation {
  return post(roles, { ...role, privileges }, target);
}

/** What is wrong with roles, and who may not have them. */
export const roleProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'role.builtIn': [
    { ...remove(`${roles}/MADE/readonly`, 'name'), given: clusterUuid },
    { ...post(`${roles}/MADE/admin/privileges`, { path: '/api/svm' }, 'name'), given: clusterUuid },
    { ...patch(`${roles}/MADE/admin/privileges/%2Fapi`, { access: 'none' }, 'name'), given: clusterUuid },
    { ...remove(`${roles}/MADE/admin/privileges/%2Fapi`, 'name'), given: clusterUuid },
  ],
  'role.accessInvalid': [
    changed([{ path: '/api/svm', access: 'write' }], 'privileges.access'),
    { ...changed([{ path: '/api/svm', access: 'read_create' }], 'privileges.access'), release: '9.10.1' },
    {
      ...patch(`${roles}/MADE/privileges/%2Fapi%2Fcluster`, { access: '' }, 'access'),
      given: (server) => given(server, 'accessible'),
    },
  ],
  'role.pathInvalid': [
    changed([{ path: 'volume show' }], 'privileges.path'),
    {
      ...post(`${roles}/MADE/privileges`, { path: 'DEFAULT', access: 'none' }, 'path'),
      given: (server) => given(server, 'commanding'),
    },
  ],
  'role.pathUnknown': [
    changed([{ path: '/api/storage/volumes' }], 'privileges.path'),
    changed([{ path: '/api/security/certificates/*' }], 'privileges.path'),
    {
      ...post(`${roles}/MADE/privileges`, { path: '/api/storage' }, 'path'),
      given: (server) => given(server, 'storing'),
    },
  ],
  'role.queryRefused': [
    changed([{ path: '/api/svm', query: '-vserver svm1' }], 'privileges.query'),
    {
      ...patch(`${roles}/MADE/privileges/%2Fapi%2Fcluster`, { query: '-name x' }, 'query'),
      given: (server) => given(server, 'querying'),
    },
  ],
  'role.lastPrivilege': [
    {
      ...remove(`${roles}/MADE/privileges/%2Fapi%2Fcluster`, 'path'),
      given: (server) => given(server, 'lasting'),
    },
  ],
  'role.roleInUse': [
    { ...remove(`${roles}/MADE`, 'name'), given: (server) => holder(server, 'in-use'), isAlone: true },
  ],
  'role.beyondOwnRights': [
    {
      ...post('/security/accounts', { name: 'upstart', password: 'an old password' }, 'role.name'),
      given: (server) => holder(server, 'clerk'),
      headers: { authorization: basic('clerk', testPassword) },
      isAlone: true,
    },
    {
      ...post(roles, { ...role, privileges: [{ path: '/api' }] }, 'name'),
      given: (server) => holder(server, 'clerk'),
      headers: { authorization: basic('clerk', testPassword) },
      isAlone: true,
    },
    {
      ...post(`${roles}/MADE/privileges`, { path: '/api/svm' }, 'name'),
      given: (server) => holder(server, 'clerk'),
      headers: { authorization: basic('clerk', testPassword) },
      isAlone: true,
    },
  ],
  'role.loginCaNotYours': [
    {
      ...post('/security/certificates', { type: 'client_ca', public_certificate: 'of whomever' }, 'type'),
      given: (server) => holder(server, 'tenant-clerk', 'svm1'),
      headers: { authorization: basic('tenant-clerk', testPassword) },
      isAlone: true,
    },
  ],
};
