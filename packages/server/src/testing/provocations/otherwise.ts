import { UnavailableError } from '@esplanade/store';
import { goodPolicy, type TestServer } from '../test-server.ts';
import { made, type Provocation, patch, post, remove, replaced } from './provocation.ts';

const config = '/security/ipsec';
const policies = '/security/ipsec/policies';
const certificates = '/security/certificates';
const ownCertificate = { type: 'server', common_name: 'keeper', 'svm.name': 'svm1' };

/**
 * For each entry of the error catalogue that is answered with another code, by its id: a request for each of the answers,
 * in their order. Where it is no error here, a request that succeeds.
 */
export const otherwiseProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'otherwise.invalidField': [
    post(policies, { ...goodPolicy, colour: 'blue' }, 'colour'),
    patch(config, { replay_window: 63 }, 'replay_window'),
    patch(config, { enabled: 'perhaps' }, 'enabled'),
    post('/svm/svms', {}, 'name'),
  ],
  'otherwise.notInPatch': [
    {
      ...patch(`${policies}/MADE`, { scope: 'cluster' }, 'scope'),
      given: (server) => made(server, policies, { ...goodPolicy, name: 'not in a PATCH' }),
    },
  ],
  'otherwise.invalidFieldValue': [patch(config, { enabled: 'perhaps' }, 'enabled')],
  'otherwise.invalidFieldSet': [
    post(policies, { ...goodPolicy, scope: 'cluster', 'svm.name': 'svm1' }, 'scope'),
    post('/network/ip/interfaces', { name: 'halved' }, 'ip.address'),
  ],
  'otherwise.enablingFailed': [
    { ...patch(config, { enabled: true }), fault: (server) => fail(server, 'updateIpsecConfig') },
  ],
  'otherwise.disablingFailed': [
    {
      ...patch(config, { enabled: false }),
      given: async (server) => {
        const { text } = await server.request('PATCH', `/api${config}`, { enabled: true });
        fail(server, 'updateIpsecConfig');
        return text;
      },
      isAlone: true,
    },
  ],
  'otherwise.updateFailed': [
    {
      ...patch(`${policies}/MADE`, { enabled: false }),
      given: (server) => made(server, policies, goodPolicy),
      fault: (server) => fail(server, 'updatePolicy'),
    },
  ],
  'otherwise.noProtection': [
    { ...post(policies, { ...goodPolicy, name: 'open', action: 'bypass' }), isAlone: true },
  ],
  'otherwise.noHostAddress': [
    {
      ...post(policies, {
        ...goodPolicy,
        local_endpoint: { address: '192.0.2.0', netmask: '25' },
        remote_endpoint: { address: '198.51.100.0', netmask: '24' },
      }),
      isAlone: true,
    },
  ],
  'otherwise.newerFeature': [
    {
      ...post(policies, { ...goodPolicy, ppk: { identity: 'quantum' } }, 'ppk'),
      release: '9.16.1',
    },
  ],
  'otherwise.certificateNotDeleted': [
    {
      ...remove(`${certificates}/MADE`),
      given: (server) => made(server, certificates, ownCertificate),
      fault: (server) => fail(server, 'deleteCertificate'),
    },
  ],
  'otherwise.serialNumberGiven': [
    post(certificates, { ...ownCertificate, serial_number: '17' }, 'serial_number'),
  ],
  'otherwise.certificateNotStored': [
    { ...post(certificates, ownCertificate), fault: (server) => fail(server, 'createCertificate') },
  ],
};

/** Has a write of the desired state find no room. */
function fail({ parts: { desired } }: TestServer, write: keyof TestServer['parts']['desired']): void {
  replaced(desired, write, () => Promise.reject(new UnavailableError('the disk is full')));
}
