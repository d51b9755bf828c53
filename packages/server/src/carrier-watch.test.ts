import { expect, it } from 'vitest';
import { CarrierWatch } from './carrier-watch.ts';
import type { Carrier } from './resources/resource-parts.ts';
import { startTestServer } from './testing/test-server.ts';

it('the log tells once when a datapath falls silent, and once when it is back', async () => {
  const server = await startTestServer();
  try {
    const [real] = [...server.parts.carriers.all()];
    if (real === undefined) throw new Error('there is no carrier of Default');
    let reason: string | undefined;
    const health = () => (reason === undefined ? { ready: true } : { ready: false, reason });
    const carrier: Carrier = {
      ...real,
      describe: () => 'charon 5.9.8',
      reconciler: Object.create(real.reconciler, { health: { value: health } }),
    };
    const told: string[] = [];
    const tell = (level: string) => (message: object | string) => void told.push(`${level}: ${message}`);
    const log = { error: tell('error'), warn: tell('warn'), info: tell('info') };
    const watch = new CarrierWatch({ of: () => carrier, all: () => [carrier] }, log);
    watch.look();
    reason = 'charon is gone';
    watch.look();
    watch.look();
    reason = undefined;
    watch.look();
    watch.look();
    expect(told).toEqual([
      'warn: IPspace Default is not ready: charon is gone',
      'info: IPspace Default is ready again: charon 5.9.8',
    ]);
  } finally {
    await server.close();
  }
});

it('the log tells once that an IPspace has no guard, and what that means', async () => {
  const server = await startTestServer();
  try {
    const [real] = [...server.parts.carriers.all()];
    if (real === undefined) throw new Error('there is no carrier of Default');
    let guard: 'absent' | 'present' = 'absent';
    const reconciler = Object.create(real.reconciler, { health: { value: () => ({ ready: true }) } });
    const carrier: Carrier = { ...real, reconciler, guard: () => guard };
    const told: unknown[] = [];
    const log = {
      error: () => undefined,
      warn: (line: object | string) => told.push(line),
      info: () => undefined,
    };
    const watch = new CarrierWatch({ of: () => carrier, all: () => [carrier] }, log);
    watch.look();
    watch.look();
    guard = 'present';
    watch.look();
    expect(told).toEqual([expect.stringContaining('in clear while charon is stopped')]);
  } finally {
    await server.close();
  }
});
