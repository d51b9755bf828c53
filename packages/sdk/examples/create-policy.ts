/** Creates a policy for NFS and waits until it has SAs. */
import { connect } from '@esplanade/sdk';

const { ESPLANADE_URL: url = '', ESPLANADE_USER: user, ESPLANADE_PASSWORD: password } = process.env;
const [local = '192.0.2.1', remote = '192.0.2.2'] = process.argv.slice(2);
const api = connect({ url, user, password });

const { name } = await api.collection('/security/ipsec/policies').create({
  name: 'nfs',
  local_endpoint: { address: local, netmask: '32' },
  remote_endpoint: { address: remote, netmask: '32', port: '2049' },
  protocol: 'tcp',
  secret_key: process.env['PRE_SHARED_KEY'] ?? '',
});
const sas = api.collection('/security/ipsec/security-associations').where('policy_name', '=', name);
const wanted = sas.where('type', '=', 'ipsec').fields('ipsec.state', 'ipsec.inbound');
const [sa] = await wanted.until(({ length }) => length > 0, { signal: AbortSignal.timeout(60_000) });
console.log(`${name} is ${sa?.ipsec?.state}, SPI ${sa?.ipsec?.inbound?.security_parameter_index}`);
