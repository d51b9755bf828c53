import { afterEach, describe, expect, it } from 'vitest';
import { IpspaceCarriers } from './ipspace-carriers.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

describe('the carriers of IPspaces', () => {
  it('are made anew, one after another, when something has appeared that they were made without', async () => {
    server = await startTestServer();
    const { desired } = server.parts;
    const [real] = [...server.parts.carriers.all()];
    if (real === undefined) throw new Error('there is no carrier of Default');
    const story: string[] = [];
    let hasGuard = false;
    let made = 0;
    const carriers = new IpspaceCarriers(
      desired,
      (ipspace) => {
        const number = ++made;
        const guard = hasGuard ? 'present' : 'absent';
        story.push(`made ${number} of ${ipspace.name}, guard ${guard}`);
        const closing = (what: string) => async () => void story.push(`closed ${what} ${number}`);
        return {
          // Only their ends matter here: the rest is the server's own.
          datapath: Object.create(null, {
            close: { value: closing('datapath') },
            describe: { value: () => 'x' },
          }),
          reconciler: Object.create(real.reconciler, { close: { value: closing('reconciler') } }),
          guard: () => guard,
          leave: async () => void story.push(`left ${number}`),
          isOutdated: () => hasGuard && guard === 'absent',
        };
      },
      (error) => story.push(String(error)),
    );
    await carriers.renew();
    expect([...carriers.all()].map((carrier) => carrier.guard())).toEqual(['absent']);
    hasGuard = true;
    await carriers.renew();
    expect([...carriers.all()].map((carrier) => carrier.guard())).toEqual(['present']);
    await carriers.renew();
    await carriers.close();
    expect([...carriers.all()]).toEqual([]);
    expect(story).toEqual([
      'made 1 of Default, guard absent',
      'closed reconciler 1',
      'closed datapath 1',
      'made 2 of Default, guard present',
      'closed reconciler 2',
      'closed datapath 2',
    ]);
  });

  it('leave the datapath of an IPspace that was deleted before one of the same name is made', async () => {
    server = await startTestServer();
    const { desired } = server.parts;
    const [real] = [...server.parts.carriers.all()];
    if (real === undefined) throw new Error('there is no carrier of Default');
    const story: string[] = [];
    const left = Promise.withResolvers<void>();
    const carriers = new IpspaceCarriers(
      desired,
      ({ name, uuid }) => {
        const told = (what: string) => void story.push(`${what} ${name} ${uuid}`);
        told('made');
        return {
          datapath: Object.create(null, { close: { value: async () => told('closed') } }),
          reconciler: Object.create(real.reconciler, { close: { value: async () => undefined } }),
          guard: () => 'absent',
          leave: async () => {
            told('leaving');
            await left.promise;
            told('left');
          },
          isOutdated: () => false,
        };
      },
      (error) => story.push(String(error)),
    );
    const [former, next, other] = ['former', 'next', 'other'];
    await desired.createIpspace({ uuid: former, name: 'red' });
    await desired.deleteIpspace(former);
    await desired.createIpspace({ uuid: next, name: 'red' });
    await desired.createIpspace({ uuid: other, name: 'blue' });
    await expect
      .poll(() => story.slice(1))
      .toEqual(['made red former', 'closed red former', 'leaving red former', 'made blue other']);
    expect(carriers.of(next)).toBeUndefined();
    left.resolve();
    await expect.poll(() => carriers.of(next)?.ipspace.name).toBe('red');
    expect(story.slice(-2)).toEqual(['left red former', 'made red next']);
    await carriers.close();
    expect(story.filter((line) => line.startsWith('leaving'))).toHaveLength(1);
  });
});
