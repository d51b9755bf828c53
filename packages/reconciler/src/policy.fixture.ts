import type { IpsecPolicy, SpdEntry, TrafficSelector } from '@esplanade/domain';
import * as domain from '@esplanade/domain/testing';

/** The n-th policy uuid. */
export const { uuid } = domain;

/** TCP from one host of ours to a port at the remote. */
export function selector(remotePort: number, remote = '10.9.0.2/32'): TrafficSelector {
  return domain.selector('10.9.0.1/32', remote, { protocol: 6, remotePort });
}

/** The n-th policy, n its age and remote port, with what the test cares about put over it. */
export function policy(n: number, over: Partial<IpsecPolicy> = {}): IpsecPolicy {
  return domain.policy(n, { selector: selector(n), ...over });
}

/** The SPD entry of `policy(n, over)`. */
export function entry(n: number, over: Partial<IpsecPolicy> = {}): SpdEntry {
  return domain.entry(n, { selector: selector(n), ...over });
}
