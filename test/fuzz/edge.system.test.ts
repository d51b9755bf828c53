import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedOf } from '../robustness/rounds.ts';
import { corpusOf } from './guided/corpus.ts';
import { guidedText, tryTarget } from './guided/guided-campaign.ts';
import { ambiguous } from './targets/edge-shapes.ts';
import { startEdgeTargets } from './targets/edge-targets.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const limits = isFull
  ? { executions: 200_000, seconds: 300, mutated: 0 }
  : { executions: 1_000, seconds: 1.5, mutated: 20 };

describe('the edge of a running server', { retry: 0 }, () => {
  const seed = seedOf();
  let edge: Awaited<ReturnType<typeof startEdgeTargets>>;

  beforeAll(async () => {
    edge = await startEdgeTargets();
  });

  afterAll(async () => edge.close());

  it.for(Object.entries(ambiguous))('refuses %s, and reads nothing behind it', async ([, shape]) => {
    const outcome = await edge.targets[0]?.run(Buffer.from(shape, 'latin1'));
    expect(outcome).toBe('400');
    expect((await edge.server.call('GET', '/api/svm/svms?name=smuggled')).body).toMatchObject({
      num_records: 0,
    });
  });

  it('answers a change before it refuses the nonsense behind it', async () => {
    const body = '{"enabled":true}';
    const head = `PATCH /api/security/ipsec HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${edge.authorization}`;
    const change = `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const first = await edge.wire.exchange(Buffer.from(`${change}nonsense\r\n\r\n`), false);
    edge.wire.close();
    // Both answers at once are more than one, and shown as they came.
    expect(first.kind === 'answer' ? first.answer.status : first.detail).toSatisfy(
      (shown: number | string) => shown === 200 || /^"HTTP\/1\.1 200 .*HTTP\/1\.1 400 /.test(`${shown}`),
    );
  });

  it.for([0, 1])(
    'answers or refuses whatever comes over a connection (%i)',
    {
      timeout: limits.seconds * 10_000 + 60_000,
    },
    async (index) => {
      const target = edge.targets[index];
      if (target === undefined) throw new Error('no such target');
      const report = await tryTarget(target, { seed, limits });
      console.info(guidedText(report, seed));
      expect(report.faults.map(({ why }) => why)).toEqual([]);
      const kept = corpusOf(target.name).length;
      expect(kept).toBeGreaterThan(0);
      expect(report.executions).toBeGreaterThanOrEqual(kept + target.seeds.length);
      expect((await edge.server.call('GET', '/healthz')).status).toBe(200);
      expect(edge.server.log.filter((line) => /Z (ERROR|FATAL) /.test(line))).toEqual([]);
    },
  );
});
