import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatapathRefusedError, DatapathUnavailableError } from '@esplanade/datapath';
import { bootBlocksDirectory } from './boot-blocks.ts';
import type { ServeConfig } from './config.ts';
import { openOfflineData, purgeCharons } from './engines.ts';
import { viciPaths } from './vici-paths.ts';

/** Time for one IPspace: charon answers one command after another. */
const purgeLimitMs = 300_000;

/** Some IPspace could not be purged; the message has a line for each. */
export class PurgeIncompleteError extends Error {
  override readonly name = 'PurgeIncompleteError';
}

/**
 * Takes everything of ours out of the charons of each IPspace: those of the data directory, which no server may hold,
 * else `Default` and those named by `--vici`. Returns what was done, a line for each; throws PurgeIncompleteError when
 * some could not be purged.
 */
export async function purgeDatapath(config: ServeConfig): Promise<string> {
  const hasData = existsSync(join(config.dataDirectory, 'store.db'));
  // Held until the end, so that no server starts and puts everything back meanwhile.
  const data = hasData ? await openOfflineData(config) : undefined;
  try {
    const known = data?.desired.snapshot();
    const kept = [...(known?.ipspaces.values() ?? [])].map(({ value }) => value.name);
    const names = new Set([...(known === undefined ? ['Default'] : kept), ...config.viciSockets.keys()]);
    if (known?.datapath.kind === 'simulated' && config.viciSockets.size === 0)
      return 'The simulator carried the policies: nothing outside the server has to be removed.';
    // First: a guard that starts from now on shall take nothing from it.
    await rm(bootBlocksDirectory(config.dataDirectory), { recursive: true, force: true });
    return await purgeEach(names, config.viciSockets);
  } finally {
    await data?.close();
  }
}

async function purgeEach(names: Iterable<string>, viciSockets: ReadonlyMap<string, string>): Promise<string> {
  const lines: string[] = [];
  let failures = 0;
  for (const name of names) {
    try {
      const done = await purgeCharons(viciPaths(name, viciSockets), AbortSignal.timeout(purgeLimitMs));
      lines.push(`${name}: ${done}`);
    } catch (error) {
      if (!(error instanceof DatapathUnavailableError || error instanceof DatapathRefusedError)) throw error;
      failures += 1;
      lines.push(`${name}: NOT purged: ${error.message}`);
    }
  }
  if (failures > 0) throw new PurgeIncompleteError(lines.join('\n'));
  return lines.join('\n');
}
