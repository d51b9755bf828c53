import type { InstalledEntry } from '../datapath.ts';
import type { CharonHoldings } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import {
  childName,
  isBlock,
  parseChildName,
  parseConnectionName,
  parseSecretName,
  withoutWindow,
} from './names.ts';

/**
 * What is installed of ours, by charon's names. A form counts once it is in force, and its block and keys as well where
 * we know that it has such. What is left over of a policy (an SA or a block without its policy) shows too, under
 * whatever digest it has, so that somebody removes it.
 */
export function installedRows(
  main: CharonHoldings,
  blocks: CharonHoldings,
  forms: ReadonlyMap<string, CompiledEntry>,
  namesOfSas: Iterable<string>,
  hasCredentials: (form: CompiledEntry) => boolean,
): readonly InstalledEntry[] {
  const rows = new Map<string, InstalledEntry>();
  const show = (name: string): void => {
    const form = parseChildName(name);
    if (form !== undefined)
      rows.set(name, { ...form, fingerprint: forms.get(name)?.fingerprint ?? form.fingerprint });
  };
  const loaded = main.children().filter(({ connectionName }) => !isBlock(connectionName));
  for (const { connectionName, childName: name } of loaded) {
    const form = forms.get(name);
    const isBlocked = form?.block === undefined || blocks.hasInForce(form.block.name);
    const hasKeys = form === undefined || (hasKeysOf(form, main) && hasCredentials(form));
    // Of a form that we do not know nothing is whole: it is to go.
    const isAsLoaded = form === undefined || !main.isDoubted(connectionName);
    if (isBlocked && hasKeys && isAsLoaded && main.isInForce(connectionName, name)) show(name);
  }
  // An SA outlives a trap that somebody took away, and keeps its anti-replay window: of a loaded child it proves nothing.
  const names = new Set(loaded.map(({ childName: name }) => withoutWindow(name)));
  for (const name of namesOfSas) if (!names.has(withoutWindow(name))) show(name);

  const shown = new Set([...rows.values()].map(({ policyUuid }) => policyUuid));
  const known = new Set(loaded.map(({ childName: name }) => parseChildName(name)?.policyUuid));
  for (const holdings of new Set([main, blocks])) {
    for (const connectionName of holdings.connectionNames()) {
      const connection = parseConnectionName(connectionName);
      if (connection?.kind !== 'block') continue;
      if (!shown.has(connection.policyUuid) && !known.has(connection.policyUuid)) show(childName(connection));
    }
  }
  return [...rows.values()];
}

function hasKeysOf({ negotiation }: CompiledEntry, main: CharonHoldings): boolean {
  if (negotiation === undefined) return true;
  const { ring, postquantum } = negotiation;
  const loaded = ring === undefined ? [] : fingerprintsOf(ring.name, main);
  // Of several with one identity charon uses the first alone.
  const used = postquantum && fingerprintsOf(postquantum.ringName, main)[0];
  return (
    (ring?.keys ?? []).every(({ fingerprint }) => loaded.includes(fingerprint)) &&
    used === postquantum?.key.fingerprint
  );
}

function fingerprintsOf(ringName: string, main: CharonHoldings): readonly (string | undefined)[] {
  return main.secretsOf(ringName).map((secret) => parseSecretName(secret)?.fingerprint);
}
