import { cipherSuites, policyActions } from '@esplanade/domain';
import type { Capabilities } from '../datapath.ts';

/** What the driver can put in charon's words. */
export const capabilities: Capabilities = {
  actions: policyActions,
  families: ['ipv4', 'ipv6'],
  cipherSuites,
  authentications: ['none', 'psk', 'pki'],
  postquantumKeys: true,
  certificateIdentities: 'provable',
  replayWindows: [0, 64, 128, 256, 512, 1024],
};
