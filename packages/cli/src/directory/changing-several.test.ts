import { startTestServer, type TestServer } from '@esplanade/server/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { lineRunner, runLine, transportTo } from '../testing/run-line.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const names = Array.from({ length: 12 }, (_, index) => `p-${String(index).padStart(2, '0')}`);
const remove = 'security ipsec policy delete -policy-name p-*'.split(' ');

beforeEach(async () => {
  const line = lineRunner(commandTable, server);
  for (const [index, name] of names.entries())
    await line(
      `security ipsec policy create svm1 ${name} -action BYPASS -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 198.51.100.${index}/32`.split(
        ' ',
      ),
    );
});

describe('a change of several records', () => {
  it('names ten of them before it asks, and how many more', async () => {
    const { notes } = await lineRunner(commandTable, server)(remove, { columns: 80, answers: ['n'] });
    expect(notes).toMatch(/^12 policies match:\n {2}svm1 p-00\n {2}svm1 p-01\n/);
    expect(notes).toContain('  svm1 p-09\n  … and 2 more\nDo you want to delete all of them? {y|n}: ');
  });

  it('that is cut off in the middle of a request tells what is sure, and of how many nobody knows', async () => {
    const interruption = new AbortController();
    const transport = transportTo(server);
    const options = { signal: interruption.signal };
    const { status, notes } = await runLine(commandTable, [...remove, '-force'], options, async (request) => {
      const answer = await transport(request);
      if (request.method !== 'DELETE') return answer;
      interruption.abort();
      throw interruption.signal.reason;
    });
    expect(status).toBe(130);
    expect(notes).toBe('Interrupted: At least 0 of 12 policies were deleted, 12 may have been.\n');
  });
});
