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
});
