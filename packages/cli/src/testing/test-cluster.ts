import { type Api, connect, type Transport } from '@esplanade/sdk';
import { startTestServer, type TestServer, testPassword } from '@esplanade/server/testing';
import { commandTable } from '../command-table.ts';
import { execute } from '../execute.ts';
import type { ExitStatus } from '../exit-status.ts';
import {
  type RecordingTerminal,
  type RecordingTerminalOptions,
  recordingTerminal,
} from './recording-terminal.ts';

/** A server in this process, and the command on it: no socket, no process. */
export interface TestCluster {
  readonly server: TestServer;
  readonly api: Api;
  /** Executes one line. */
  run(words: readonly string[], options?: RecordingTerminalOptions): Promise<Ran>;
  /** The same for a command that goes on until it is told to end. */
  begin(words: readonly string[], terminal: RecordingTerminal, signal: AbortSignal): Promise<ExitStatus>;
  close(): Promise<void>;
}

/** What a line came to. */
export interface Ran {
  readonly status: ExitStatus;
  readonly output: string;
  readonly notes: string;
}

/** Starts one; the flags are those of `serve`. */
export async function startTestCluster(...flags: readonly string[]): Promise<TestCluster> {
  const server = await startTestServer(...flags);
  const transport: Transport = async ({ method, url, headers, body, signal }) => {
    signal?.throwIfAborted();
    const answer = await server.request(method, `${url.pathname}${url.search}`, body, headers);
    return { status: answer.status, header: (name) => answer.headers[name], text: answer.text };
  };
  const api = connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport });
  const begin: TestCluster['begin'] = (words, terminal, signal) =>
    execute(words, { terminal, environment: {}, commands: commandTable, signal, connect: async () => api });
  return {
    server,
    api,
    begin,
    run: async (words, options) => {
      const terminal = recordingTerminal(options);
      const status = await begin(words, terminal, new AbortController().signal);
      return { status, output: terminal.output, notes: terminal.notes };
    },
    close: () => server.close(),
  };
}
