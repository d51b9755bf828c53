import { setImmediate as nextTurn } from 'node:timers/promises';
import { isProtecting } from '@esplanade/domain';
import type { ResourceParts } from '../resources/resource-parts.ts';
import { header, labelsOf, line } from './exposition.ts';

/** What is read before others have their turn. */
const policiesPerTurn = 250;

/** The totals of each policy that protects: four series for each, which go on over rekeys and end with the policy. */
export async function policyTraffic({ desired, carriers }: ResourceParts): Promise<string> {
  const name = { bytes: 'esplanade_policy_bytes_total', packets: 'esplanade_policy_packets_total' };
  const text = { bytes: '', packets: '' };
  let read = 0;
  for (const { value } of desired.snapshot().policies.values()) {
    read += 1;
    if (read % policiesPerTurn === 0) await nextTurn();
    const traffic = carriers.of(value.ipspace.uuid)?.reconciler.policyTraffic(value.uuid);
    if (traffic === undefined || !isProtecting(value.action)) continue;
    const svm = value.scope.kind === 'svm' ? value.scope.svm.name : '';
    for (const direction of ['inbound', 'outbound'] as const) {
      const labels = labelsOf({ svm, policy: value.name, uuid: value.uuid, direction });
      for (const unit of ['bytes', 'packets'] as const)
        text[unit] += line(name[unit], labels, traffic[direction][unit]);
    }
  }
  return [
    header(
      name.bytes,
      'counter',
      'Bytes carried by the ESP SAs of a policy, rekeyed and ended ones included.',
    ),
    text.bytes,
    header(
      name.packets,
      'counter',
      'Packets carried by the ESP SAs of a policy, rekeyed and ended ones included.',
    ),
    text.packets,
  ].join('');
}
