import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { EventLoopDelay } from './metrics/event-loop-delay.ts';
import { ReconcilingMeter } from './metrics/reconciling-meter.ts';
import { RequestMeter } from './metrics/request-meter.ts';
import { renderMetrics } from './metrics.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'esplanade-metrics-'));
let server: TestServer;
beforeAll(async () => {
  const records = Array.from({ length: 20_000 }, (_, index) => ({
    uuid: `${index}`,
    type: index % 4 === 0 ? 'ike' : 'ipsec',
  }));
  const file = join(directory, 'seed.json');
  writeFileSync(file, JSON.stringify({ security_associations: records }));
  server = await startTestServer('--simulator-seed', file);
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

it('lets others run while it counts very many SAs', async () => {
  const health = JSON.parse((await server.request('GET', '/readyz')).text);
  const eventLoop = new EventLoopDelay();
  onTestFinished(() => eventLoop.close());
  const [carrier] = server.parts.carriers.all();
  await expect.poll(() => carrier?.reconciler.readSad().kind === 'current').toBe(true);
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  });
  const text = await renderMetrics(server.parts, health, {
    requests: new RequestMeter(),
    commits: { families: () => '', trouble: undefined },
    reconciling: new ReconcilingMeter(),
    eventLoop,
    tlsNotAfterMs: () => undefined,
    toSealAnew: () => 0,
    isPerPolicy: false,
  });
  clearInterval(ticking);
  expect(text).toContain('esplanade_security_associations{ipspace="Default",type="ike",state="none"} 5000\n');
  expect(text).toContain(
    'esplanade_security_associations{ipspace="Default",type="ipsec",state="unknown"} 15000\n',
  );
  expect(turns).toBeGreaterThan(0);
});
