import { addressesEqual, type IpAddress, type IpsecPolicy, parseAddress } from '@esplanade/domain';
import type { Reconciler } from '@esplanade/reconciler';

/** Whether the policy has an ESP SA with that host at this moment; `unknown` while the SAD cannot be read. */
export function installedSa(
  { uuid }: Pick<IpsecPolicy, 'uuid'>,
  remote: IpAddress,
  reconciler: Reconciler | undefined,
): 'installed' | 'none' | 'unknown' {
  const reading = reconciler?.readSad();
  if (reading?.kind !== 'current') return 'unknown';
  const isInstalled = reading.snapshot.rows.some((sa) => {
    if (sa.kind !== 'ipsec' || sa.policyUuid !== uuid || sa.state !== 'installed') return false;
    const address = parseAddress(sa.remoteAddress);
    return address !== undefined && addressesEqual(address, remote);
  });
  return isInstalled ? 'installed' : 'none';
}
