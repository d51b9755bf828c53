import { connect, type Transport } from '@esplanade/sdk';
import { type TestServer, testPassword } from '@esplanade/server/testing';
import type { CommandEntry } from '../command.ts';
import { execute } from '../execute.ts';
import type { ExitStatus } from '../exit-status.ts';
import { type RecordingTerminalOptions, recordingTerminal } from './recording-terminal.ts';

/** What became of a line. */
export interface LineResult {
  readonly status: ExitStatus;
  /** Standard output. */
  readonly output: string;
  /** Standard error, with questions. */
  readonly notes: string;
}

/** How a line is run. */
export interface LineOptions extends RecordingTerminalOptions {
  readonly signal?: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs lines of these commands, as `admin`, against a server in this process. */
export function lineRunner(commands: readonly CommandEntry[], server: TestServer) {
  return (words: readonly string[], options: LineOptions = {}): Promise<LineResult> =>
    runLine(commands, words, options, transportTo(server));
}

/** Runs one line of these commands; those that need an API get it by this transport. */
export async function runLine(
  commands: readonly CommandEntry[],
  words: readonly string[],
  options: LineOptions = {},
  transport?: Transport,
): Promise<LineResult> {
  const { signal = new AbortController().signal, environment = {}, ...terminalOptions } = options;
  const terminal = recordingTerminal(terminalOptions);
  const status = await execute(words, {
    commands,
    terminal,
    environment,
    signal,
    connect: async () => {
      if (transport === undefined) throw new Error('this line was to be done without an API');
      return connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport, signal });
    },
  });
  return { status, output: terminal.output, notes: terminal.notes };
}

/** A transport without a network. */
export function transportTo(server: TestServer): Transport {
  return async ({ method, url, headers, body }) => {
    const answer = await server.request(method, `${url.pathname}${url.search}`, body, headers);
    return { status: answer.status, header: (name) => answer.headers[name], text: answer.text };
  };
}
