import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SaCrowd } from './sa-crowd.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const windowMs = 120_000;
const pollerMs = 3_000;
const mostShare = 1 / 3;

it.runIf(isFull)(
  '1,000 idle SAs cost a third of what a poller asks, or less',
  { timeout: 600_000 },
  async () => {
    await using crowd = await SaCrowd.start({ peers: 50, ports: 20, withoutSa: 0 });
    await crowd.untilQuiet(5_000);
    const before = crowd.asked;
    await sleep(windowMs);
    const asked = [...crowd.asked].flatMap(([name, count]) => {
      const grown = count - (before.get(name) ?? 0);
      return grown > 0 ? [{ name, count: grown }] : [];
    });
    const total = asked.reduce((sum, { count }) => sum + count, 0);
    const polled = windowMs / pollerMs;
    console.info(
      `in ${windowMs / 1_000} s of 1,000 idle SAs ${total} VICI commands (${asked.map(({ name, count }) => `${name} ${count}`).join(', ')}); ` +
        `a listing every ${pollerMs / 1_000} s would be ${polled}`,
    );
    // Silence would be no watch at all.
    expect(total).toBeGreaterThan(0);
    expect(total / polled).toBeLessThanOrEqual(mostShare);
  },
);
