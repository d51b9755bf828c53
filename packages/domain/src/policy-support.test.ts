import { expect, test } from 'vitest';
import { type PolicySupport, unsupportedBy } from './policy-support.ts';
import { Secret } from './secret.ts';
import { policy, selector } from './testing/policies.ts';

const everything: PolicySupport = {
  actions: ['bypass', 'discard', 'esp_transport', 'esp_udp'],
  families: ['ipv4', 'ipv6'],
  cipherSuites: ['suite_aescbc', 'suiteb_gcm256', 'suiteb_gmac256'],
  authentications: ['none', 'psk', 'pki'],
  postquantumKeys: true,
  certificateIdentities: 'any',
};
const nothing: PolicySupport = {
  actions: [],
  families: [],
  cipherSuites: [],
  authentications: [],
  postquantumKeys: false,
  certificateIdentities: 'provable',
};

test('a datapath that can do everything refuses nothing', () => {
  expect(unsupportedBy(everything, policy(1))).toEqual([]);
});

test('everything that a datapath lacks is named at once, with what it can do', () => {
  const problems = unsupportedBy(nothing, policy(1));
  expect(problems.map(({ target }) => target)).toEqual([
    'action',
    'local_endpoint.address',
    'cipher_suite',
    'authentication_method',
  ]);
  const [problem] = unsupportedBy({ ...everything, actions: ['bypass', 'discard'] }, policy(1));
  expect(problem).toMatchObject({
    code: '262197',
    target: 'action',
    message:
      'The datapath of this node does not carry out action esp_transport. It carries out bypass, discard.',
  });
});

test('a policy that protects nothing asks for no cipher suite and no authentication', () => {
  const discard = policy(1, { action: 'discard', authentication: { kind: 'none' } });
  expect(unsupportedBy({ ...everything, cipherSuites: [], authentications: [] }, discard)).toEqual([]);
});

test('certificates and post-quantum keys are asked for by those policies only that have them', () => {
  const support: PolicySupport = { ...everything, authentications: ['none', 'psk'], postquantumKeys: false };
  expect(unsupportedBy(support, policy(1))).toEqual([]);
  const certificate = { uuid: 'c', name: 'host' };
  const pki = policy(1, { authentication: { kind: 'pki', certificate, keepsSas: false } });
  expect(unsupportedBy(support, pki)).toMatchObject([{ code: '262197', target: 'authentication_method' }]);
  expect(unsupportedBy(everything, pki)).toEqual([]);
  const psk = new Secret(new Uint8Array(20), 'k');
  const postquantumKey = { identity: 'quantum', key: psk };
  const quantum = policy(1, { authentication: { kind: 'psk', psk, postquantumKey } });
  expect(unsupportedBy(support, quantum)).toMatchObject([{ code: '262197', target: 'ppk.identity' }]);
  expect(unsupportedBy(everything, quantum)).toEqual([]);
});

test('IPv6 is asked for by IPv6 selectors only', () => {
  const support: PolicySupport = { ...everything, families: ['ipv4'] };
  expect(unsupportedBy(support, policy(1))).toEqual([]);
  expect(unsupportedBy(support, policy(1, { selector: selector('::1/128', '::2/128') }))).toHaveLength(1);
});
