import { randomUUID } from 'node:crypto';
import type { DocumentWrite } from '@esplanade/store';
import { clusterDocument, datapathDocument, ipsecDocument, nodeDocument } from './documents.ts';
import { type DurableKeys, durableKeysWrite } from './durable-keys.ts';
import { keys } from './keys.ts';
import type { DatapathChoice } from './model.ts';
import { absent } from './plan.ts';
import { writesForIpspace, writesForSvm } from './plan-owner.ts';
import type { SecretBox } from './secret-box.ts';

/** What a fresh data directory begins with. Used once; a seeded store ignores it. */
export interface Seed {
  readonly clusterName: string;
  readonly nodeName: string;
  /** Asked only when the store is fresh: the answer is recorded for good (decision 12). */
  chooseDatapath(): Promise<DatapathChoice> | DatapathChoice;
}

/**
 * The one commit that makes a fresh store: cluster, node, IPspace `Default`, SVM `svm1`, IPsec disabled without
 * anti-replay as ONTAP ships it, the datapath, durable keys. It holds that none of it exists, so two servers cannot both seed.
 */
export function seedWrites(
  seed: Seed,
  datapath: DatapathChoice,
  durable: DurableKeys,
  box: SecretBox,
): readonly DocumentWrite[] {
  const put = (key: string, value: string): DocumentWrite => ({ kind: 'put', key, value, expect: absent });
  const ipspace = { uuid: randomUUID(), name: 'Default' };
  const cluster = { kind: 'cluster', uuid: randomUUID(), name: seed.clusterName } as const;
  const node = { uuid: randomUUID(), name: seed.nodeName, serialNumber: randomUUID() };
  const ipsec = { enabled: false, replayWindow: 0, offloadEnabled: false };
  return [
    put(keys.cluster, clusterDocument.write(cluster)),
    put(keys.node, nodeDocument.write(node)),
    put(keys.datapath, datapathDocument.write(datapath)),
    put(keys.ipsec, ipsecDocument.write(ipsec)),
    durableKeysWrite(durable, box, absent),
    ...writesForIpspace(ipspace),
    ...writesForSvm({ uuid: randomUUID(), name: 'svm1', ipspace }),
  ];
}
