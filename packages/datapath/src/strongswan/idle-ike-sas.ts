import type { Message } from '@esplanade/vici';
import { isOurs } from './names.ts';

/** Longer than any negotiation of a first CHILD SA takes, its retransmissions included. */
export const defaultIdleSeconds = 60;

/**
 * Ids of the IKE SAs of ours that have been up for so long and carry nothing: each refused attempt of an entry for many
 * remotes leaves one, and so do two ends that begin at the same moment. None that has a CHILD SA in whatever state, or
 * anything left to do, is among them. Packets that need one bring up another.
 */
export function idleIkeSas(rows: readonly Message[], idleSeconds: number): readonly string[] {
  return rows.flatMap((row) =>
    row
      .sections()
      .flatMap(([connection, sa]) =>
        isOurs(connection) && isIdle(sa, idleSeconds) ? [sa.text('uniqueid') ?? ''] : [],
      ),
  );
}

function isIdle(sa: Message, idleSeconds: number): boolean {
  const hasChildren = (sa.section('child-sas')?.sections() ?? []).length > 0;
  const hasTasks = ['tasks-queued', 'tasks-active', 'tasks-passive'].some(
    (name) => sa.texts(name).length > 0,
  );
  const age = Number(sa.text('established') ?? 0);
  return sa.text('state') === 'ESTABLISHED' && !hasChildren && !hasTasks && age >= idleSeconds;
}
