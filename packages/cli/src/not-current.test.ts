import { connect, type Transport } from '@esplanade/sdk';
import { goodPolicy, startTestServer, type TestServer, testPassword } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { execute } from './execute.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';

const sentence = 'These are the last known SAs, the datapath does not answer. It is down.';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
});
afterAll(() => server.close());

/** Runs a line against the server, which says with every list that it is not current. */
async function stale(...words: readonly string[]) {
  const transport: Transport = async ({ method, url, headers }) => {
    const { status, body } = await server.request(method, `${url.pathname}${url.search}`, undefined, headers);
    const told = 'records' in Object(body) ? { ...body, error: { code: '990001', message: sentence } } : body;
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
    'is told beside the results: %s %s',
    async (...words) => {
      const { status, output, notes } = await stale('security', 'ipsec', ...words);
      expect({ status, notes }).toEqual({ status: 0, notes: `Not current: ${sentence}\n` });
      expect(output).not.toContain(sentence);
    },
  );
});
