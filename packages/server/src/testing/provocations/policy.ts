import { goodPolicy } from '../test-server.ts';
import { get, made, type Provocation, patch, post } from './provocation.ts';

const policies = '/security/ipsec/policies';

/** A POST of the good policy with some fields otherwise; `undefined` leaves a field out. */
function policy(over: Readonly<Record<string, unknown>>, target: string): Provocation {
  return post(policies, { ...goodPolicy, ...over }, target);
}

let patched = 0;

/** The same in a POST and in a PATCH of a policy that was good. */
function both(over: Readonly<Record<string, unknown>>, target: string): readonly Provocation[] {
  return [
    policy(over, target),
    {
      ...patch(`${policies}/MADE`, over, target),
      given: (server) => made(server, policies, { ...goodPolicy, name: `patched ${++patched}` }),
    },
  ];
}

const local = (over: object) => ({ local_endpoint: { ...goodPolicy.local_endpoint, ...over } });
const remote = (over: object) => ({ remote_endpoint: { ...goodPolicy.remote_endpoint, ...over } });
const ipv6 = {
  local_endpoint: { address: '2001:db8::1', netmask: '128' },
  remote_endpoint: { address: '2001:db8::2', netmask: '128' },
};
const anyRemote = { remote_endpoint: { address: '0.0.0.0', netmask: '0' } };

/** What can be wrong with a policy by itself. */
export const policyProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'policy.severalProtocols': [
    ...both({ protocol: 'tcp,udp' }, 'protocol'),
    ...both({ protocol: '6-17' }, 'protocol'),
  ],
  'policy.severalLocalPorts': [...both(local({ port: '1,2' }), 'local_endpoint.port')],
  'policy.severalRemotePorts': [...both(remote({ port: '111 2049' }), 'remote_endpoint.port')],
  'policy.keyNotHex': [...both({ secret_key: `0x${'0g'.repeat(10)}` }, 'secret_key')],
  'policy.keyNotBase64': [...both({ secret_key: '0snot base64 at all!' }, 'secret_key')],
  'policy.severalLocalSubnets': [
    ...both(local({ address: '192.0.2.1,192.0.2.3' }), 'local_endpoint.address'),
  ],
  'policy.severalRemoteSubnets': [
    ...both(remote({ address: '192.0.2.2-192.0.2.9' }), 'remote_endpoint.address'),
  ],
  'policy.portRange': [
    ...both(local({ port: '10-20' }), 'local_endpoint.port'),
    ...both(remote({ port: '2049-2050' }), 'remote_endpoint.port'),
  ],
  'policy.localAddressWithoutNetmask': [
    ...both({ local_endpoint: { address: '192.0.2.1' } }, 'local_endpoint.netmask'),
    ...both({ ...ipv6, local_endpoint: { address: '2001:db8::1' } }, 'local_endpoint.netmask'),
    policy({ local_endpoint: { netmask: '32' } }, 'local_endpoint.address'),
  ],
  'policy.remoteAddressWithoutNetmask': [
    ...both({ remote_endpoint: { address: '192.0.2.2' } }, 'remote_endpoint.netmask'),
    policy({ remote_endpoint: { netmask: '32' } }, 'remote_endpoint.address'),
  ],
  'policy.localZeroSubnet': [
    ...both(local({ address: '0.0.0.0', netmask: '0' }), 'local_endpoint.address'),
    ...both({ ...ipv6, ...local({ address: '::', netmask: '0' }) }, 'local_endpoint.address'),
  ],
  'policy.zeroAddressWithLength': [
    ...both(remote({ address: '0.0.0.0', netmask: '8' }), 'remote_endpoint.netmask'),
    ...both(local({ address: '0.0.0.0', netmask: '32' }), 'local_endpoint.netmask'),
  ],
  'policy.addressWithZeroLength': [
    ...both(remote({ address: '192.0.2.2', netmask: '0' }), 'remote_endpoint.address'),
  ],
  'policy.wildcardWithoutPort': [policy(anyRemote, 'remote_endpoint.address')],
  'policy.espUdpOverIpv6': [...both({ ...ipv6, action: 'esp_udp' }, 'action')],
  'policy.portOutOfRange': [
    ...both(remote({ port: '65536' }), 'remote_endpoint.port'),
    ...both(local({ port: -1 }), 'local_endpoint.port'),
  ],
  'policy.pskWithoutKey': [policy({ secret_key: undefined, authentication_method: 'psk' }, 'secret_key')],
  'policy.emptySubnet': [
    policy({ local_endpoint: undefined }, 'local_endpoint.address'),
    policy({ remote_endpoint: {} }, 'remote_endpoint.address'),
    ...both(remote({ address: '' }), 'remote_endpoint.address'),
  ],
  'policy.protectionWithoutAuthentication': [
    policy({ secret_key: undefined }, 'secret_key'),
    policy({ authentication_method: 'none' }, 'authentication_method'),
  ],
  'policy.nameRule': [
    policy({ name: undefined }, 'name'),
    ...both({ name: '' }, 'name'),
    ...both({ name: 'n'.repeat(65) }, 'name'),
    ...both({ name: 'Überlandleitung' }, 'name'),
  ],
  'policy.keyRule': [
    ...both({ secret_key: 'seventeen letters' }, 'secret_key'),
    ...both({ secret_key: 'k'.repeat(129) }, 'secret_key'),
    ...both({ secret_key: 'a key that is not ASCII: é' }, 'secret_key'),
  ],
  'policy.postquantumIdentityAlone': [...both({ ppk: { identity: 'identity' } }, 'ppk.identity')],
  'policy.postquantumKeyAlone': [
    ...both({ ppk: { shared_key: 'a key of eighteen or more' } }, 'ppk.shared_key'),
  ],
  'policy.invalidValue': [
    ...both({ action: 'esp_tunnel' }, 'action'),
    policy({ authentication_method: 'rsa' }, 'authentication_method'),
    ...both({ protocol: 'carrier pigeon'.replace(' ', '_') }, 'protocol'),
    ...both({ protocol: '256' }, 'protocol'),
    ...both(local({ address: 'host.example.com' }), 'local_endpoint.address'),
    ...both(remote({ address: '192.0.2.0/24' }), 'remote_endpoint.address'),
    ...both(remote({ netmask: '33' }), 'remote_endpoint.netmask'),
    ...both(remote({ netmask: '255.0.255.0' }), 'remote_endpoint.netmask'),
    ...both(remote({ port: 'nfs' }), 'remote_endpoint.port'),
    get('/esplanade/v1/decisions?local_address=here&remote_address=192.0.2.2&protocol=47', 'local_address'),
  ],
  'policy.missingValue': [get('/esplanade/v1/decisions', 'local_address')],
  'policy.anythingAsLocalIdentity': [...both({ local_identity: 'ANYTHING' }, 'local_identity')],
  'policy.identityLength': [
    ...both({ local_identity: '' }, 'local_identity'),
    ...both({ remote_identity: 'i'.repeat(256) }, 'remote_identity'),
  ],
  'policy.identityForm': [
    ...both({ remote_identity: ' filer' }, 'remote_identity'),
    ...both({ remote_identity: '192.0.2.0/24' }, 'remote_identity'),
  ],
  'policy.unusableValue': [
    ...both(remote({ address: '2001:db8::2', netmask: '128' }), 'remote_endpoint.address'),
    ...both(remote({ address: '::ffff:192.0.2.2', netmask: '128' }), 'remote_endpoint.address'),
    ...both(remote({ address: '224.0.0.1' }), 'remote_endpoint.address'),
    ...both(local({ address: '224.0.0.1' }), 'local_endpoint.address'),
    ...both({ ...ipv6, protocol: 'icmp' }, 'protocol'),
    ...both({ protocol: '47' }, 'remote_endpoint.port'),
  ],
  'policy.keepsSasWithoutPki': [...both({ certificate_modify_keepsa: true }, 'certificate_modify_keepsa')],
};
