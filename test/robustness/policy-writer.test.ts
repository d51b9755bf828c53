import { describe, expect, it } from 'vitest';
import type { PolicyWish } from '../support/operator.ts';
import { type Api, type Found, PolicyWriter } from './policy-writer.ts';
import { SeededRandom } from './seeded-random.ts';

const uuid = '11111111-1111-4111-8111-111111111111';

/** A server that answers the first `answered` writes with success and is gone then; remembers the last body. */
function dying(answered: number): { readonly api: Api; readonly bodies: object[] } {
  const bodies: object[] = [];
  const call: Api['call'] = async (method, _path, what) => {
    if (typeof what === 'object' && what !== null) bodies.push(what);
    if (bodies.length > answered) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    const location = `/api/security/ipsec/policies/${uuid}`;
    return { status: method === 'POST' ? 201 : 200, headers: { location }, body: {}, text: '{}' };
  };
  return { api: { call }, bodies };
}

/** The policy of a POST's body as the API would show it. */
function shown(what: object | undefined, change: Partial<PolicyWish> = {}): Found {
  const posted = what as {
    readonly name: string;
    readonly action: 'discard';
    readonly protocol: 'tcp';
    readonly remote_endpoint: { readonly address: string; readonly port: string };
  };
  const { name, action, protocol, remote_endpoint } = posted;
  const remotePort = Number(remote_endpoint.port);
  const ends = { local: '10.9.0.1', remote: remote_endpoint.address, remotePort };
  return { uuid, wish: { name, action, protocol, ...ends, enabled: true, ...change } };
}

const listing = (...found: readonly Found[]) => new Map(found.map((one) => [one.uuid, one]));

describe("a writer's book", () => {
  it('is content with an acknowledged policy that is as it was written', async () => {
    const { api, bodies } = dying(1);
    const writer = new PolicyWriter(0, new SeededRandom(1));
    await writer.write(api, () => bodies.length > 0);
    expect(writer.acknowledged).toBe(1);
    expect(writer.check(listing(shown(bodies[0]))).faults).toEqual([]);
  });

  it.for([
    { what: 'is gone', found: () => listing() },
    {
      what: 'has another port',
      found: (written?: object) => listing(shown(written, { remotePort: 60_001 })),
    },
    { what: 'is disabled', found: (written?: object) => listing(shown(written, { enabled: false })) },
  ])('finds a fault when an acknowledged policy $what', async ({ found }) => {
    const { api, bodies } = dying(1);
    const writer = new PolicyWriter(0, new SeededRandom(1));
    await writer.write(api, () => bodies.length > 0);
    expect(writer.check(found(bodies[0])).faults).toHaveLength(1);
  });

  it('takes an unanswered creation wholly or not at all', async () => {
    for (const [found, faults] of [
      [(_: object | undefined) => listing(), 0],
      [(asked: object | undefined) => listing(shown(asked)), 0],
      [(asked: object | undefined) => listing(shown(asked, { remotePort: 60_001 })), 1],
    ] as const) {
      const { api, bodies } = dying(0);
      const writer = new PolicyWriter(0, new SeededRandom(1));
      await writer.write(api, () => false);
      expect(writer.acknowledged).toBe(0);
      expect(writer.check(found(bodies[0])).faults).toHaveLength(faults);
    }
  });

  it('finds a fault in a policy of its own that nobody asked for', () => {
    const writer = new PolicyWriter(0, new SeededRandom(1));
    const stranger = { name: 'writer-0-9', local: '10.9.0.1', remote: '10.9.1.1' };
    expect(writer.check(listing({ uuid, wish: stranger })).faults).toHaveLength(1);
  });
});
