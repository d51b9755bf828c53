import { connect, type Transport } from '@esplanade/sdk';
import { goodPolicy, startTestServer, type TestServer, testPassword } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { execute } from './execute.ts';
import { timeText } from './output/quantities.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';

const observedAt = '2026-11-22T05:02:31.000Z';
const sentence = 'These are the last known SAs, the datapath does not answer. It is down.';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
});
afterAll(() => server.close());

/** Runs a line against the server, which says with every list that it is not current, and when it was. */
async function stale(words: readonly string[], toldAt?: string) {
  const transport: Transport = async ({ method, url, headers }) => {
    const { status, body } = await server.request(method, `${url.pathname}${url.search}`, undefined, headers);
    const told =
      'records' in Object(body)
        ? { ...body, observed_at: toldAt, error: { code: '990001', message: sentence } }
        : body;
    return { status, header: () => undefined, text: JSON.stringify(told) };
  };
  const terminal = recordingTerminal();
  const status = await execute(words, {
    commands: commandTable,
    terminal,
    environment: {},
    signal: new AbortController().signal,
    connect: async () =>
      connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport }),
  });
  return { status, output: terminal.output, notes: terminal.notes };
}

describe('what a server only last knew', () => {
  it.each([['show-ikesa'], ['show-ipsecsa'], ['show-ipsecsa', '--json'], ['show-ikesa', '-limit', '1']])(
    'is told beside the results, with since when: %s %s',
    async (...words) => {
      const { status, output, notes } = await stale(['security', 'ipsec', ...words], observedAt);
      const told = `Not current since ${timeText(observedAt)}: ${sentence}\n`;
      expect({ status, notes }).toEqual({ status: 0, notes: told });
      expect(output).not.toContain(sentence);
    },
  );

  it.each([undefined, 'a while ago'])('has no age where the server tells none: %s', async (toldAt) => {
    const { notes } = await stale(['security', 'ipsec', 'show-ipsecsa'], toldAt);
    expect(notes).toBe(`Not current: ${sentence}\n`);
  });

  it.each([['status'], ['top', '-count', '1', '-interval', '1']])('has its age in %s', async (...words) => {
    const { output, notes } = await stale(words, observedAt);
    expect((output + notes).replaceAll(/\s+/g, ' ')).toContain(
      `Not current since ${timeText(observedAt)}: ${sentence}`,
    );
  });
});
