import { describe, expect, it } from 'vitest';
import { Pool, Turns } from './turns.ts';

describe('turns', () => {
  it('come in order for one key, while other keys do not wait', async () => {
    const turns = new Turns<string>();
    const first = Promise.withResolvers<void>();
    const said: string[] = [];
    const a = turns.run('a', () => first.promise.then(() => said.push('a1')));
    const b = turns.run('a', async () => said.push('a2'));
    await turns.run('b', async () => said.push('b1'));
    first.resolve();
    await Promise.all([a, b]);
    expect(said).toEqual(['b1', 'a1', 'a2']);
  });

  it('go on after one has failed', async () => {
    const turns = new Turns<string>();
    const failed = turns.run('a', () => Promise.reject(new Error('no')));
    const next = turns.run('a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('pass by who has given up', async () => {
    const turns = new Turns<string>();
    const first = Promise.withResolvers<void>();
    const stop = new AbortController();
    const a = turns.run('a', () => first.promise);
    const b = turns.run('a', async () => 'never', stop.signal);
    const c = turns.run('a', async () => 'next');
    stop.abort(new Error('given up'));
    first.resolve();
    await a;
    await expect(b).rejects.toThrow('given up');
    expect(await c).toBe('next');
  });
});

describe('a pool', () => {
  it('makes no more things than it may, and makes the rest wait', async () => {
    let made = 0;
    const pool = new Pool(2, () => {
      made += 1;
      return made;
    });
    const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const used: number[] = [];
    const uses = gates.map((gate) =>
      pool.use(async (thing) => {
        used.push(thing);
        await gate.promise;
      }),
    );
    gates[1]?.resolve();
    await uses[1];
    for (const gate of gates) gate.resolve();
    await Promise.all(uses);
    expect(used).toEqual([1, 2, 2]);
    expect(pool.all).toEqual([1, 2]);
  });

  it('takes a thing back also when the task fails', async () => {
    const pool = new Pool(1, () => 'thing');
    await expect(pool.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await pool.use(async (thing) => thing)).toBe('thing');
  });
});
