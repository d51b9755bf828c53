import { type Datapath, DatapathRefusedError, DatapathUnavailableError } from '@esplanade/datapath';
import type { ServeConfig } from './config.ts';
import { openOfflineData, strongswanEngine } from './engines.ts';

/** Time for one IPspace: charon answers one command after another. */
const purgeLimitMs = 120_000;

/**
 * Takes everything of ours out of the datapath of each IPspace, while no server holds the data directory. Returns what
 * was done, one line for each IPspace; throws PurgeIncompleteError when some could not be.
 */
export async function purgeDatapath(config: ServeConfig): Promise<string> {
  const data = await openOfflineData(config);
  try {
    const { datapath, ipspaces, node } = data.desired.snapshot();
    if (datapath.kind === 'simulated')
      return 'The simulator carried the policies: nothing outside the server has to be removed.';
    const engine = strongswanEngine(config.viciSockets);
    const lines: string[] = [];
    let failures = 0;
    for (const { value: ipspace } of ipspaces.values()) {
      const { datapath: opened } = engine.open(node.uuid, ipspace);
      try {
        lines.push(`${ipspace.name}: ${await purgeOne(opened)}`);
      } catch (error) {
        if (!(error instanceof DatapathUnavailableError || error instanceof DatapathRefusedError))
          throw error;
        failures += 1;
        lines.push(`${ipspace.name}: NOT purged: ${error.message}`);
      } finally {
        await opened.close();
      }
    }
    if (failures > 0) throw new PurgeIncompleteError(lines.join('\n'));
    return lines.join('\n');
  } finally {
    await data.close();
  }
}

/** Some IPspace could not be purged; the message has a line for each. */
export class PurgeIncompleteError extends Error {
  override readonly name = 'PurgeIncompleteError';
}

async function purgeOne(datapath: Datapath): Promise<string> {
  const signal = AbortSignal.timeout(purgeLimitMs);
  for await (const event of datapath.events(signal)) {
    if (event.kind === 'lost') throw new DatapathUnavailableError(event.reason);
    if (event.kind === 'connected') break;
  }
  const uuids = new Set((await datapath.installed(signal)).map(({ policyUuid }) => policyUuid));
  for (const uuid of uuids) await datapath.remove(uuid, signal);
  return `${uuids.size} policies taken out of ${datapath.describe()}.`;
}
