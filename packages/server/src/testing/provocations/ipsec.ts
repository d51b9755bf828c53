import { goodPolicy } from '../test-server.ts';
import { get, made, type Provocation, patch, post, remove } from './provocation.ts';

const config = '/security/ipsec';
const policies = '/security/ipsec/policies';
const sas = '/security/ipsec/security-associations';
const ppk = { identity: 'quantum', shared_key: 'a key for the day after tomorrow' };
const nobody = '00000000-0000-4000-8000-000000000000';

/** What the configuration, the owner of a policy and the policies beside it make of a request. */
export const ipsecProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'ipsec.duplicateName': [
    {
      ...post(policies, { ...goodPolicy, name: 'taken' }, 'name'),
      given: (server) => made(server, policies, { ...goodPolicy, name: 'taken' }),
      isAlone: true,
    },
  ],
  'ipsec.offloadWhileEnabled': [
    {
      ...patch(config, { offload_enabled: true }, 'offload_enabled'),
      given: async (server) => (await server.request('PATCH', `/api${config}`, { enabled: true })).text,
      isAlone: true,
    },
  ],
  'ipsec.offloadWithReplay': [patch(config, { offload_enabled: true, replay_window: 64 }, 'replay_window')],
  'ipsec.unknownSvmName': [post(policies, { ...goodPolicy, 'svm.name': 'nobody' }, 'svm.name')],
  'ipsec.unknownSvmUuid': [post(policies, { ...goodPolicy, 'svm.uuid': nobody }, 'svm.uuid')],
  'ipsec.ipspacesDisagree': [
    {
      ...post(policies, { ...goodPolicy, ipspace: { name: 'Default', uuid: 'MADE' } }, 'ipspace.uuid'),
      given: (server) => made(server, '/network/ipspaces', { name: 'disagreeing' }),
    },
  ],
  'ipsec.svmNotInIpspace': [
    {
      ...post(policies, { ...goodPolicy, svm: { name: 'svm1' }, ipspace: { uuid: 'MADE' } }, 'ipspace.name'),
      given: (server) => made(server, '/network/ipspaces', { name: 'elsewhere' }),
    },
  ],
  'ipsec.duplicateNameFormerly': [
    {
      ...post(policies, { ...goodPolicy, name: 'taken' }, 'name'),
      given: (server) => made(server, policies, { ...goodPolicy, name: 'taken' }),
      release: '9.8',
      isAlone: true,
    },
  ],
  'ipsec.protectionWithoutKeyFormerly': [
    { ...post(policies, { ...goodPolicy, secret_key: undefined }, 'secret_key'), release: '9.8' },
    {
      ...post(policies, { ...goodPolicy, authentication_method: 'none' }, 'authentication_method'),
      release: '9.15.1',
    },
  ],
  'ipsec.keyMissingFormerly': [
    {
      ...post(policies, { ...goodPolicy, secret_key: undefined, authentication_method: 'psk' }, 'secret_key'),
      release: '9.10.1',
    },
  ],
  'former.policy': [
    { ...get(`${policies}/${nobody}`, 'uuid'), release: '9.8' },
    { ...patch(`${policies}/${nobody}`, {}, 'uuid'), release: '9.10.1' },
    { ...remove(`${policies}/${nobody}`, 'uuid'), release: '9.13.1' },
  ],
  'former.ikeSa': [{ ...get(`${sas}/${nobody}`, 'uuid'), release: '9.12.1' }],
  'former.ipsecSa': [{ ...get(`${sas}/${nobody}`), release: '9.12.1', isBeside: true }],
  'refusal.peerWithAnotherKey': [
    {
      ...post(
        policies,
        { ...goodPolicy, name: 'other key', secret_key: 'another key of eighteen', protocol: 'udp' },
        'secret_key',
      ),
      given: (server) => made(server, policies, goodPolicy),
      isAlone: true,
    },
  ],
  'refusal.identityOfAnotherOwner': [
    {
      ...post(
        policies,
        {
          ...goodPolicy,
          name: 'other owner',
          secret_key: 'another key of eighteen',
          remote_endpoint: { address: '198.51.100.99', netmask: '32' },
          remote_identity: 'peer.example',
        },
        'remote_identity',
      ),
      given: (server) =>
        made(server, policies, { ...goodPolicy, scope: 'cluster', remote_identity: 'peer.example' }),
      isAlone: true,
    },
  ],
  'refusal.peerWithAnotherPostquantumKey': [
    {
      ...post(policies, { ...goodPolicy, name: 'other ppk', ppk, protocol: 'udp' }, 'ppk.identity'),
      given: (server) => made(server, policies, goodPolicy),
      isAlone: true,
    },
  ],
  'refusal.postquantumIdentityWithAnotherKey': [
    {
      ...post(
        policies,
        {
          ...goodPolicy,
          name: 'same ppk identity',
          ppk: { ...ppk, shared_key: 'another key for that other day' },
          remote_endpoint: { address: '198.51.100.99', netmask: '32' },
        },
        'ppk.identity',
      ),
      given: (server) => made(server, policies, { ...goodPolicy, ppk }),
      isAlone: true,
    },
  ],
  'refusal.addressTaken': [
    {
      ...post('/network/ip/interfaces', { name: 'lif2', ip: { address: '192.0.2.200' } }, 'ip.address'),
      given: (server) =>
        made(server, '/network/ip/interfaces', { name: 'lif1', ip: { address: '192.0.2.200' } }),
    },
  ],
  'refusal.stillUsed': [
    {
      ...remove('/network/ipspaces/MADE', 'uuid'),
      given: async (server) => {
        const uuid = await made(server, '/network/ipspaces', { name: 'used' });
        await made(server, '/network/ip/interfaces', {
          name: 'lif3',
          'ipspace.name': 'used',
          ip: { address: '192.0.2.201' },
        });
        return uuid;
      },
    },
  ],
  'refusal.svmFull': [
    {
      ...post(policies, { ...goodPolicy, name: 'one more' }, 'svm.name'),
      flags: ['--policies-per-svm', '1'],
      given: (server) => made(server, policies, goodPolicy),
    },
  ],
  'refusal.clusterFull': [
    {
      ...post(policies, { ...goodPolicy, name: 'one more', protocol: 'udp' }, 'name'),
      flags: ['--policies-per-cluster', '1'],
      given: (server) => made(server, policies, goodPolicy),
    },
  ],
  'record.missingField': [
    post('/svm/svms', {}, 'name'),
    post('/network/ipspaces', {}, 'name'),
    post('/network/ip/interfaces', { name: 'lif4' }, 'ip.address'),
    post('/network/ip/interfaces', { name: 'lif4', scope: 'cluster' }, 'ipspace.name'),
  ],
  'record.defaultIpspace': [
    {
      ...remove('/network/ipspaces/MADE', 'uuid'),
      given: async (server) => {
        const { body } = await server.request('GET', '/api/network/ipspaces?name=Default');
        return body.records[0].uuid;
      },
    },
  ],
  'record.clusterWithSvm': [
    post(policies, { ...goodPolicy, scope: 'cluster', 'svm.name': 'svm1' }, 'scope'),
    {
      ...post(policies, { ...goodPolicy, scope: 'cluster' }, 'scope'),
      headers: { 'x-dot-svm-name': 'svm1' },
    },
  ],
  'generic.svmMissing': [
    {
      ...post(policies, goodPolicy, 'svm.name'),
      given: (server) => made(server, '/svm/svms', { name: 'svm2' }),
      isAlone: true,
    },
  ],
};
