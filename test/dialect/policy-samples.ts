import type { Sample } from './world.ts';

/** A body for each field that the 9.7 page lists, nested as on the page. */
export function policySamples(svmUuid: string): Readonly<Record<string, Sample>> {
  return {
    action: {
      body: { action: 'discard' },
      shows: { action: 'discard' },
      refused: { body: { action: 'reject' }, code: '262185' },
    },
    enabled: {
      body: { enabled: false },
      shows: { enabled: false },
      refused: { body: { enabled: 'perhaps' }, code: '262197' },
    },
    name: {
      body: { name: 'by name' },
      shows: { name: 'by name' },
      refused: { body: { name: 'n'.repeat(65) }, code: '66257148' },
    },
    protocol: {
      body: { protocol: '17' },
      shows: { protocol: 'udp' },
      refused: { body: { protocol: 'pigeon' }, code: '262185' },
    },
    scope: {
      body: { scope: 'cluster', svm: undefined },
      shows: { scope: 'cluster' },
      wordBodies: { cluster: { scope: 'cluster', svm: undefined }, svm: { scope: 'svm' } },
    },
    secret_key: {
      body: { secret_key: 'another key of eighteen characters' },
      shows: { enabled: true },
      refused: { body: { secret_key: 'too short' }, code: '66257200' },
    },
    svm: { body: { svm: { name: 'svm3' } }, shows: { 'svm.name': 'svm3', scope: 'svm' } },
    'svm.name': {
      body: { svm: { name: 'svm3' } },
      shows: { 'svm.name': 'svm3' },
      refused: { body: { svm: { name: 'svm9' } }, code: '66257202' },
    },
    'svm.uuid': {
      body: { svm: { uuid: svmUuid } },
      shows: { 'svm.uuid': svmUuid },
      refused: { body: { svm: { uuid: 'nobody' } }, code: '66257203' },
    },
    'svm._links': {
      body: { svm: { _links: {} }, 'svm.name': 'svm1' },
      patch: { svm: { _links: {} } },
      shows: { 'svm.name': 'svm1' },
    },
    'svm._links.self': {
      body: { svm: { _links: { self: {} } }, 'svm.name': 'svm1' },
      patch: { svm: { _links: { self: {} } } },
      shows: { 'svm.name': 'svm1' },
    },
    'svm._links.self.href': {
      body: { svm: { _links: { self: { href: '/api/resourcelink' } } }, 'svm.name': 'svm1' },
      patch: { svm: { _links: { self: { href: '/api/resourcelink' } } } },
      shows: { 'svm.name': 'svm1' },
    },
    uuid: { body: { uuid: '1cd8a442-86d1-11e0-ae1c-123478563412' }, shows: {} },
    ...endpointSamples('local_endpoint', '66257125'),
    ...endpointSamples('remote_endpoint', '66257126'),
  };
}

function endpointSamples(side: string, withoutNetmask: string): Readonly<Record<string, Sample>> {
  const address = '10.77.1.9';
  return {
    [side]: {
      body: { [side]: { address, family: 'ipv4', netmask: '255.255.0.0', port: '23' } },
      shows: {
        [`${side}.address`]: address,
        [`${side}.family`]: 'ipv4',
        [`${side}.netmask`]: '16',
        [`${side}.port`]: '23-23',
      },
      refused: { body: { [side]: 'anywhere' }, code: '262197' },
    },
    [`${side}.address`]: {
      body: { [side]: { address: '10.77.1.10', netmask: '32' } },
      shows: { [`${side}.address`]: '10.77.1.10' },
      refused: { body: { [side]: { address: '10.77.1', netmask: '32' } }, code: '262185' },
    },
    [`${side}.family`]: {
      body: { [side]: { address, netmask: '32', family: 'ipv4' } },
      shows: { [`${side}.family`]: 'ipv4' },
      wordBodies: {
        ipv4: { [side]: { address, netmask: '32', family: 'ipv4' } },
        ipv6: {
          local_endpoint: { address: '2001:db8:77::1', netmask: '128', family: 'ipv6' },
          remote_endpoint: { address: '2001:db8:77::2', netmask: '128', family: 'ipv6' },
        },
      },
      refused: { body: { [side]: { address, netmask: '32', family: 'ipv6' } }, code: '262197' },
    },
    [`${side}.netmask`]: {
      body: { [side]: { address, netmask: '255.255.255.0' } },
      shows: { [`${side}.netmask`]: '24' },
      refused: { body: { [side]: { address: '2001:db8::9' } }, code: withoutNetmask },
    },
    [`${side}.port`]: {
      body: { [side]: { address, netmask: '32', port: '23' } },
      shows: { [`${side}.port`]: '23-23' },
      refused: { body: { [side]: { address, netmask: '32', port: '23-24' } }, code: '66257115' },
    },
  };
}
