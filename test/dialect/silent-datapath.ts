import { createApi } from '@esplanade/ontap';
import { allResources } from '@esplanade/server/resources';
import type { World } from './world.ts';

/**
 * What the world's collection answers when its datapath has fallen silent: what was known last, and why it is no more.
 */
export async function silentAnswer({ server, path }: World): Promise<unknown> {
  const carriers = [...server.parts.carriers.all()].map((carrier) => {
    const reading = carrier.reconciler.readSad();
    if (reading.kind !== 'current') throw new Error('the SAs are not current');
    const stale = () => ({ ...reading, kind: 'stale', reason: 'charon is gone' });
    return { ...carrier, reconciler: Object.create(carrier.reconciler, { readSad: { value: stale } }) };
  });
  const parts = { ...server.parts, carriers: { of: () => carriers[0], all: () => carriers } };
  const api = createApi({
    resources: allResources(parts),
    release: parts.ontapVersion,
    resolveSvm: () => undefined,
    onBug: (error) => {
      throw error;
    },
  });
  const { status, body } = await api.handle({
    method: 'GET',
    url: `/api${path}`,
    body: new Uint8Array(),
    principal: { account: 'admin', role: 'admin' },
    signal: new AbortController().signal,
  });
  if (status !== 200) throw new Error(`${status}: ${body}`);
  return JSON.parse(body);
}
