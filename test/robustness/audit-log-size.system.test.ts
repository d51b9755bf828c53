import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { basic, startTestServer, type TestServer, testPassword } from '@esplanade/server/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { isFullCampaign } from './rounds.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const messages = '/api/security/audit/messages';
const entries = isFullCampaign() ? 1_000_000 : 20_000;
/** What a walk over the log may take beside what it answers. */
const mostMemoryBytes = 64 * 1_048_576;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const { desired } = server.parts;
  const batch = 10_000;
  for (let done = 0; done < entries; done += batch)
    await Promise.all(Array.from({ length: batch }, (_, at) => desired.audit(entry(done + at))));
});
afterAll(() => server.close());

function entry(number: number): string {
  return JSON.stringify({
    timestamp: new Date(1_700_000_000_000 + number * 1_000).toISOString(),
    application: 'http',
    user: `user${number % 97}`,
    role: 'admin',
    location: '192.0.2.7',
    session: `5f0c2a9d-${number}`,
    command: 1,
    state: number % 10 === 0 ? 'error' : 'success',
    input: `POST /api/security/ipsec/policies : {"name":"policy${number}","secret_key":"***"}`,
  });
}

it.each([
  ['the newest page', 'max_records=20&order_by=index desc', 20],
  ['a page in another order', 'max_records=20&order_by=timestamp desc', 20],
  ['a page of few that match', 'max_records=20&user=user7&state=error', 20],
  ['the number of all that match', 'return_records=false&state=error', undefined],
])('gives %s of a large log in little memory, and serves others meanwhile', async (what, query, count) => {
  const others = { answered: 0, isOver: false };
  const ask = async (): Promise<void> => {
    while (!others.isOver) {
      await server.request('GET', '/api/cluster', undefined, { authorization: basic('admin', testPassword) });
      others.answered += 1;
      // Nothing of it goes over a socket, so nothing else would have its turn.
      await nextTurn();
    }
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = process.memoryUsage.rss();
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  delay.enable();
  const asking = ask();
  const startMs = performance.now();
  const { status, body } = await server.request('GET', `${messages}?${query}`);
  const seconds = (performance.now() - startMs) / 1_000;
  others.isOver = true;
  await asking;
  delay.disable();
  clearInterval(looking);
  console.log(
    `${what} of ${entries}: ${seconds.toFixed(2)} s, ${others.answered} others answered meanwhile, ` +
      `loop held ${(delay.max / 1e6).toFixed(0)} ms at most, ${((most - before) / 1_048_576).toFixed(0)} MiB more`,
  );
  expect(status).toBe(200);
  if (count !== undefined) expect(body.num_records).toBe(count);
  else expect(body.num_records).toBeGreaterThanOrEqual(entries / 10);
  expect(others.answered).toBeGreaterThan(0);
  expect(most - before).toBeLessThan(mostMemoryBytes);
});
