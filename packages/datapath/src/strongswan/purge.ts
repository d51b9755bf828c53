import { Charon } from './charon.ts';
import { isBlock, isOurs } from './names.ts';
import { SaControl } from './sa-control.ts';

/** What a purge took away. */
export interface Purged {
  readonly connections: number;
  readonly secrets: number;
  /** IKE SAs, with all their CHILD SAs. */
  readonly ikeSas: number;
}

/**
 * Takes everything of ours, and nothing else, out of the charons of an IPspace: policies, SAs, secrets and private
 * keys, and the blocks last. Certificates cannot be taken out one by one; without their keys they prove nothing. Needs
 * no other state, so it also cleans up after a lost data directory. From then on nothing protects.
 */
export async function purgeStrongswan(
  sockets: { readonly mainSocketPath: string; readonly guardSocketPath?: string | undefined },
  signal?: AbortSignal,
): Promise<Purged> {
  const main = new Charon({ socketPath: sockets.mainSocketPath });
  const sas = new SaControl({ socketPath: sockets.mainSocketPath });
  const guard =
    sockets.guardSocketPath === undefined ? undefined : new Charon({ socketPath: sockets.guardSocketPath });
  try {
    const holdings = await main.survey(signal);
    const guardHoldings = await guard?.survey(signal);
    const blocks = holdings.connectionNames().filter(isBlock);
    const policies = holdings.connectionNames().filter((name) => !isBlock(name));
    const secrets = holdings.secretNames();
    const subjects = new Set(policies.flatMap((name) => holdings.listed(name)?.subjects ?? []));
    const keys = await main.keysOf(subjects, signal);
    for (const name of policies) await main.unload(name, signal);
    const ikeSas = (await sas.connectionNames(signal)).filter(isOurs);
    for (const ike of new Set(ikeSas)) await sas.takeDown({ ike }, false, signal);
    for (const secret of secrets) await main.unloadSecret(secret, signal);
    for (const key of keys) await main.unloadPrivateKey(key, signal);
    for (const name of blocks) await main.unload(name, signal);
    const guarded = guardHoldings?.connectionNames() ?? [];
    for (const name of guarded) await guard?.unload(name, signal);
    return {
      connections: blocks.length + policies.length + guarded.length,
      secrets: secrets.length + keys.length,
      ikeSas: ikeSas.length,
    };
  } finally {
    for (const closable of [main, sas, guard]) closable?.close();
  }
}
