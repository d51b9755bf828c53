import { rm } from 'node:fs/promises';
import { DatapathRefusedError, DatapathUnavailableError } from '@esplanade/datapath';
import { bootBlocksDirectory } from './boot-blocks.ts';
import type { ServeConfig } from './config.ts';
import { openOfflineData, purgeCharons } from './engines.ts';
import { hasData } from './has-data.ts';
import { UsageError } from './settings.ts';
import { viciPaths } from './vici-paths.ts';

/** Time for one IPspace: charon answers one command after another. */
const purgeLimitMs = 300_000;

/** Some IPspace could not be purged; the message has a line for each. */
export class PurgeIncompleteError extends Error {
  override readonly name = 'PurgeIncompleteError';
}

/**
 * Takes everything of ours out of the charons of each IPspace of the data directory, and of those named by `--vici`. Returns
 * what was done, a line for each. Throws UsageError where there is no data directory, or nobody can tell, PurgeIncompleteError
 * when some IPspace could not be purged.
 */
export async function purgeDatapath(config: ServeConfig): Promise<string> {
  const { dataDirectory, viciSockets } = config;
  if (!hasData(dataDirectory))
    throw new UsageError(
      `--data-dir: there is no Esplanade data in ${dataDirectory}. It tells which IPspaces there are, and that no server runs; where it is lost, stop the server and give --without-data.`,
    );
  // Held until the end, so that no server starts and puts everything back meanwhile.
  const data = await openOfflineData(config);
  try {
    const { datapath, ipspaces } = data.desired.snapshot();
    if (datapath.kind === 'simulated' && viciSockets.size === 0)
      return 'The simulator carried the policies: nothing outside the server has to be removed.';
    // First: a guard that starts from now on shall take nothing from it.
    await rm(bootBlocksDirectory(dataDirectory), { recursive: true, force: true });
    return await purgeEach(
      [...ipspaces.values()].map(({ value }) => value.name),
      viciSockets,
    );
  } finally {
    await data.close();
  }
}

/**
 * The same where the data directory is lost: for `Default` and the IPspaces named by `--vici`. Nothing tells then whether a
 * server still runs, which would put everything back. Throws UsageError where there is a data directory, or may
 * be one.
 */
export async function purgeDatapathWithoutData({ dataDirectory, viciSockets }: ServeConfig): Promise<string> {
  if (hasData(dataDirectory))
    throw new UsageError(
      `--without-data: there is Esplanade data in ${dataDirectory}. Leave the option out.`,
    );
  return purgeEach(['Default'], viciSockets);
}

async function purgeEach(
  ipspaces: readonly string[],
  viciSockets: ReadonlyMap<string, string>,
): Promise<string> {
  const lines: string[] = [];
  let failures = 0;
  for (const name of new Set([...ipspaces, ...viciSockets.keys()])) {
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
