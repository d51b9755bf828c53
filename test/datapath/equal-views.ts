import { isDeepStrictEqual } from 'node:util';
import type { Message } from '@esplanade/vici';
import { eventually } from '../support/eventually.ts';
import { type SaView, seenFromTheOtherEnd, viewOfCharon } from './sa-view.ts';

/**
 * Resolves to our view of the SAs once the peer's charon shows the same from its end: SPIs and counters swapped, state
 * and suite alike. Throws with both views if they stay apart.
 */
export async function equalViews(
  ours: () => Promise<SaView | undefined>,
  listPeer: () => Promise<readonly Message[]>,
): Promise<SaView> {
  let last: readonly (SaView | undefined)[] = [];
  try {
    return await eventually('both ends show the same SAs', async () => {
      const theirs = viewOfCharon(await listPeer());
      const own = await ours();
      last = [own, theirs];
      return own && theirs && isDeepStrictEqual(own, seenFromTheOtherEnd(theirs)) && own;
    });
  } catch (error) {
    throw new Error(`ours and the peer's SAs differ: ${JSON.stringify(last)}`, { cause: error });
  }
}
