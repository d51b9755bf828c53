import type { Provocation } from './world.ts';

/** For each code of the 9.7 page that a request can raise, the body of that request over a good one. */
export const policyProvocations: Readonly<Record<string, Provocation>> = {
  '66257099': { body: { protocol: 'tcp,udp' } },
  '66257100': { body: { local_endpoint: { address: '192.0.2.77', netmask: '32', port: '22,23' } } },
  '66257101': { body: { remote_endpoint: { address: '192.0.2.78', netmask: '32', port: '22,23' } } },
  '66257103': { body: { name: 'nfs' }, instead: { status: 409, code: '66257104' }, until: '9.8' },
  '66257107': { body: { secret_key: '0xthis is not hexadecimal' } },
  '66257109': { body: { secret_key: '0s=this is not base64=' } },
  '66257111': {
    body: { secret_key: undefined },
    instead: { status: 400, code: '66257144' },
    until: '9.15.1',
  },
  '66257112': { body: { action: 'bypass' } },
  '66257113': { body: { local_endpoint: { address: '192.0.2.77,192.0.2.78', netmask: '32' } } },
  '66257114': { body: { remote_endpoint: { address: '192.0.2.77,192.0.2.78', netmask: '32' } } },
  '66257115': { body: { remote_endpoint: { address: '192.0.2.78', netmask: '32', port: '22-23' } } },
  '66257116': { instead: { status: 404, code: '4' }, until: '9.13.1' },
  '66257120': {
    body: {
      local_endpoint: { address: '10.78.1.0', netmask: '24' },
      remote_endpoint: { address: '10.79.0.0', netmask: '16' },
    },
  },
  '66257121': { body: { svm: { name: 'svm2' } } },
  '66257125': { body: { local_endpoint: { address: '192.0.2.77' } } },
  '66257126': { body: { remote_endpoint: { address: '192.0.2.78' } } },
};
