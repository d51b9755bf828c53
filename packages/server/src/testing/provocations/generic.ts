import { goodPolicy } from '../test-server.ts';
import { get, made, type Provocation, patch, post, remove } from './provocation.ts';

const policies = '/security/ipsec/policies';
const nobody = '00000000-0000-4000-8000-000000000000';

/** A policy that later rows find under its uuid. */
const somePolicy = (name: string): Pick<Provocation, 'given'> => ({
  given: (server) =>
    made(server, policies, {
      ...goodPolicy,
      name,
      remote_endpoint: { address: '192.0.2.77', netmask: '32' },
    }),
});

/** Requests that any resource answers with the dialect's own errors. */
export const genericProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'generic.duplicateEntry': [
    post('/network/ipspaces', { name: 'Default' }, 'name'),
    post('/svm/svms', { name: 'svm1' }, 'name'),
  ],
  'generic.methodNotAllowed': [
    { method: 'PUT', path: policies, body: goodPolicy },
    post('/cluster', {}),
    post(`${policies}/${nobody}`, {}),
    remove('/security/ipsec/security-associations?type=ike'),
    remove('/security/ipsec'),
  ],
  'generic.apiNotFound': [get('/nothing'), get('/security'), get('/')],
  'generic.entryNotFound': [
    get(`${policies}/${nobody}`, 'uuid'),
    patch(`${policies}/${nobody}`, {}, 'uuid'),
    remove(`${policies}/${nobody}`, 'uuid'),
    get(`/security/ipsec/security-associations/${nobody}`, 'uuid'),
    get(`/svm/svms/${nobody}`, 'uuid'),
    get(`/network/ipspaces/${nobody}`, 'uuid'),
    get(`/network/ip/interfaces/${nobody}`, 'uuid'),
    get(`/cluster/nodes/${nobody}`, 'uuid'),
  ],
  'generic.notAuthorized': [
    { ...patch('/security/ipsec', { enabled: true }), headers: { 'x-dot-svm-name': 'svm1' } },
    { ...post('/svm/svms', { name: 'other' }), headers: { 'x-dot-svm-name': 'svm1' } },
    { ...post('/network/ipspaces', { name: 'other' }), headers: { 'x-dot-svm-name': 'svm1' } },
  ],
  'generic.preconditionUnreadable': [
    { ...patch('/security/ipsec', {}), headers: { 'if-match': '42' } },
    { ...get('/security/ipsec'), headers: { 'if-none-match': '' } },
  ],
  'generic.preconditionOfMany': [
    { ...patch(`${policies}?name=*`, { enabled: false }), headers: { 'if-match': '*' } },
    { ...post('/svm/svms', { name: 'other' }), headers: { 'if-none-match': '*' } },
  ],
  'generic.preconditionFailed': [
    { ...patch('/security/ipsec', { replay_window: 64 }), headers: { 'if-match': '"0"' } },
    { ...get('/security/ipsec'), headers: { 'if-match': '"0", W/"0"' } },
  ],
  'generic.preconditionWeak': [
    {
      ...patch('/security/ipsec', {}),
      given: async (server) =>
        (await server.request('GET', '/api/security/ipsec')).headers['etag']?.slice(1, -1) ?? '',
      headers: { 'if-match': 'W/"MADE"' },
    },
  ],
  'generic.preconditionOfOther': [
    { ...patch('/security/ipsec', { replay_window: 64 }), headers: { 'if-none-match': '*' } },
  ],
  'generic.preconditionWithoutTag': [{ ...get('/cluster'), headers: { 'if-match': '"1"' } }],
  'generic.missingFilter': [
    patch(policies, { enabled: false }),
    remove(policies),
    remove(`${policies}?max_records=1`),
  ],
  'generic.missingKey': [
    patch(policies, { records: [{ enabled: false }] }, 'records[0].uuid'),
    remove(policies, 'records[0].uuid', { records: [{}] }),
  ],
  'generic.unexpectedArgument': [
    post(policies, { ...goodPolicy, colour: 'blue' }, 'colour'),
    post(
      policies,
      { ...goodPolicy, local_endpoint: { ...goodPolicy.local_endpoint, zone: 1 } },
      'local_endpoint.zone',
    ),
    get(`${policies}?colour=blue`, 'colour'),
    get(`${policies}?secret_key=*`, 'secret_key'),
    get(`${policies}?overlap=0`, 'overlap'),
    { ...post(`${policies}?name=nfs`, goodPolicy), target: 'name' },
  ],
  'generic.surplusPathElement': [get(`${policies}/${nobody}/more`), get('/security/ipsec/nothing')],
  'generic.notAmongValues': [
    patch('/security/ipsec', { replay_window: 63 }, 'replay_window'),
    patch('/security/ipsec', { replay_window: '2048' }, 'replay_window'),
    post(policies, { ...goodPolicy, scope: 'node' }, 'scope'),
    post('/network/ip/interfaces', { name: 'a', scope: 'node' }, 'scope'),
    patch('/private/cli/security/ipsec/policy?name=*', { cipher_suite: 'SUITEA' }, 'cipher_suite'),
  ],
  'generic.notAnObject': [post(policies, '17'), post(policies, '"text"'), patch('/security/ipsec', 'true')],
  'generic.recordsWithOthers': [post(policies, { records: [], name: 'nfs' }, 'name')],
  'generic.specifiedTwice': [
    post(policies, '{"name":"a","scope":"svm","svm":{"name":"svm1"},"svm.name":"svm2"}', 'svm.name'),
    get(`${policies}?name=a&name=b`, 'name'),
    get(`${policies}?max_records=1&max_records=2`, 'max_records'),
  ],
  'generic.missingQueryValue': [
    get(`${policies}?name=`, 'name'),
    get(`${policies}?name=a|`, 'name'),
    get(`${policies}?name=>`, 'name'),
  ],
  'generic.notWritable': [
    { ...patch(`${policies}/MADE`, { 'svm.name': 'svm1' }, 'svm.name'), ...somePolicy('not-writable-1') },
    { ...patch(`${policies}/MADE`, { scope: 'cluster' }, 'scope'), ...somePolicy('not-writable-2') },
    post(policies, { ...goodPolicy, uuid: nobody }, 'uuid'),
    patch(`/private/cli/security/ipsec/policy?name=*`, { vserver: 'svm1' }, 'vserver'),
  ],
  'generic.invalidValue': [
    get(`${policies}?fields=colour`, 'fields'),
    get(`${policies}?fields=secret_key`, 'fields'),
    get(`${policies}?fields=ppk.shared_key`, 'fields'),
    get(`${policies}?order_by=colour`, 'order_by'),
    get(`${policies}?max_records=0`, 'max_records'),
    get(`${policies}?return_timeout=121`, 'return_timeout'),
    get(`${policies}?return_records=perhaps`, 'return_records'),
    get(`${policies}?enabled=perhaps`, 'enabled'),
    get(`${policies}?query=a&query_fields=colour`, 'query_fields'),
    get('/security/ipsec/security-associations?local_address=host', 'local_address'),
    get('/security/ipsec/security-associations?type=esp', 'type'),
    patch('/security/ipsec', { enabled: 'perhaps' }, 'enabled'),
    patch('/security/ipsec', { enabled: null }, 'enabled'),
    post(`${policies}?force=perhaps`, goodPolicy, 'force'),
    post(
      policies,
      { ...goodPolicy, local_endpoint: { ...goodPolicy.local_endpoint, family: 'ipv6' } },
      'local_endpoint.family',
    ),
    { ...patch(`${policies}/MADE?overlap=5`, { enabled: true }, 'overlap'), ...somePolicy('invalid-1') },
    { ...patch(`${policies}/MADE`, { name: null }, 'name'), ...somePolicy('invalid-2') },
    post('/svm/svms', { name: 'no/slash' }, 'name'),
    post('/network/ip/interfaces', { name: 'a', ip: { address: 'host' } }, 'ip.address'),
    post('/network/ip/interfaces', { name: 'a', ip: { address: '::1', netmask: '129' } }, 'ip.netmask'),
    post('/svm/svms', { name: 'other', ipspace: { name: 'nowhere' } }, 'ipspace.name'),
  ],
  'generic.invalidSecretValue': [
    post(policies, { ...goodPolicy, secret_key: 123_456_789_012_345_680 }, 'secret_key'),
    post(policies, { ...goodPolicy, local_endpoint: '192.0.2.1' }, 'local_endpoint'),
    post(policies, { ...goodPolicy, name: {} }, 'name'),
  ],
  'generic.invalidPageToken': [get(`${policies}?start=nonsense`, 'start')],
  'generic.bodyNotAllowed': [{ method: 'GET', path: policies, body: {} }],
  'generic.invalidJsonAt': [post(policies, '{bad}'), patch('/security/ipsec', '{"enabled": true,}')],
  'generic.invalidJsonRange': [post(policies, '{"name": '), post(policies, '"open')],
  'generic.invalidJson': [post(policies, Buffer.from([0x7b, 0xff, 0x7d]))],
  'generic.invalidQuerySyntax': [
    get(`${policies}?name="open`, 'name'),
    get(`${policies}?name={open`, 'name'),
    get(`${policies}?query="open`, 'query'),
  ],
  'generic.missingAssignment': [get(`${policies}?name`, 'name'), get(`${policies}?fields`, 'fields')],
  'generic.unexpectedArray': [
    post(policies, { ...goodPolicy, name: ['a'] }, 'name'),
    post(policies, { ...goodPolicy, local_endpoint: [] }, 'local_endpoint'),
  ],
  'generic.unexpectedBodyArray': [post(policies, '[]'), patch('/security/ipsec', '[{}]')],
  'generic.svmNotFound': [
    { ...get(policies), headers: { 'x-dot-svm-name': 'nobody' } },
    { ...get(policies), headers: { 'x-dot-svm-uuid': nobody } },
  ],
  'generic.svmsDisagree': [
    {
      ...get(policies),
      given: (server) => made(server, '/svm/svms', { name: 'svm2' }),
      headers: { 'x-dot-svm-name': 'svm1', 'x-dot-svm-uuid': 'MADE' },
      isAlone: true,
    },
    {
      ...post(policies, { ...goodPolicy, svm: { name: 'svm1', uuid: 'MADE' } }, 'svm.uuid'),
      given: (server) => made(server, '/svm/svms', { name: 'svm2' }),
      isAlone: true,
    },
  ],
  'generic.unauthenticated': [
    { ...get('/cluster'), headers: { authorization: '' } },
    { ...get('/cluster'), headers: { authorization: 'Basic YWRtaW46d3Jvbmc=' } },
    { ...get('/cluster'), headers: { authorization: 'Bearer token' } },
  ],
  'generic.invalidUrl': [get(`${policies}?name=%`), get('/cluster?%zz=1')],
};
