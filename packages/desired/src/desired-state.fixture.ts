import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PolicyUuid, type Prefix, parsePrefix } from '@esplanade/domain';
import type { Store } from '@esplanade/store';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { onTestFinished } from 'vitest';
import type { DesiredState, NewPolicy } from './desired-state.ts';
import { openSecretBox } from './key-file.ts';
import type { DesiredSnapshot, Svm, Versioned } from './model.ts';
import { openDesiredState } from './open-desired-state.ts';
import type { PolicyLimits } from './policy-places.ts';
import type { SecretBox } from './secret-box.ts';

/** A desired state in a directory of its own, and what it stands on. */
export interface Opened {
  readonly directory: string;
  readonly store: Store;
  readonly secretBox: SecretBox;
  readonly desired: DesiredState;
  close(): Promise<void>;
}

/** Opens the desired state in a directory, a fresh one where none is given; it ends with the test. */
export async function openFixture(
  given?: string,
  historyChanges?: number,
  limits?: PolicyLimits,
): Promise<Opened> {
  const directory = given ?? (await freshDirectory());
  const store = await openEmbeddedStore({
    directory,
    ...(historyChanges !== undefined && { historyChanges }),
  });
  try {
    const secretBox = await openSecretBox({ keyFile: join(directory, 'secrets.key'), store });
    const desired = await openDesiredState({
      store,
      secretBox,
      seed: testSeed,
      auditEntry: () => 'a test',
      ...(limits && { limits }),
    });
    const close = async () => {
      await desired.close();
      await store.close();
    };
    onTestFinished(close);
    return { directory, store, secretBox, desired, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

export const testSeed = {
  clusterName: 'cluster1',
  nodeName: 'node1',
  chooseDatapath: () => ({ kind: 'simulated' }) as const,
};

/** A directory that is removed with the test. */
export async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-desired-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** The one value of a map with one value. */
export function only<T>(map: ReadonlyMap<string, Versioned<T>>): T {
  const [first, ...rest] = map.values();
  if (first === undefined || rest.length > 0) throw new Error(`expected one record, found ${map.size}`);
  return first.value;
}

/** The SVM that a fresh state begins with. */
export function svmOf(snapshot: DesiredSnapshot): Svm {
  const found = [...snapshot.svms.values()].find(({ value }) => value.name === 'svm1');
  if (found === undefined) throw new Error('there is no svm1');
  return found.value;
}

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

/** A valid PSK policy of the SVM; `psk` is the key's text. */
export function pskPolicy(
  { secretBox, desired }: Opened,
  psk: string,
  changes: Partial<NewPolicy> = {},
): NewPolicy {
  const svm = svmOf(desired.snapshot());
  return {
    uuid: randomUUID() as PolicyUuid,
    name: 'nfs',
    scope: { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } },
    ipspace: svm.ipspace,
    enabled: true,
    action: 'esp_transport',
    selector: {
      family: 'ipv4',
      local: prefix('192.0.2.1/32'),
      remote: prefix('198.51.100.1/32'),
      protocol: 6,
      localPort: 2049,
      remotePort: 0,
    },
    authentication: { kind: 'psk', psk: secretBox.secret(new TextEncoder().encode(psk)) },
    cipherSuite: 'suite_aescbc',
    lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
    ...changes,
  };
}
